# SPDX-License-Identifier: GPL-2.0-or-later
#
# /etc/config/network with the names that cards have now. Reads `MAC NAME` of the cards, then the file twice: its own
# `list card 'MAC NAME'` tell what the names were. All change at once, so that two may swap.

FNR == 1 { pass++ }

pass == 1 {
	line[++cards] = $0
	now[$1] = name[cards] = $2
	there[$2]
	next
}

pass == 2 {
	if ($1 $2 == "listcard") {
		gsub(/'/, "")
		mac[++known] = $3
		name[-known] = $4
	}
	next
}

FNR == 1 { plan() }

# A card that is gone keeps its name, unless another has it now: then what is said of it goes to a name that nobody has, a new
# card's first. Nothing may be said of two cards at once.
function plan(   i, k) {
	for (i = 1; i <= known; i++) if (mac[i] in now) move(name[-i], now[mac[i]])
	for (i = 1; i <= known; i++) if (!(name[-i] in to) && !(name[-i] in taken)) move(name[-i], name[-i])
	for (i = 1; i <= known; i++) if (!(name[-i] in to)) {
		for (k = cards; k >= -known && (!name[k] || name[k] in taken); k--);
		move(name[-i], name[k])
	}
}

function move(old, new) {
	to[old] = new
	taken[new]
}

$1 $2 == "listcard" {
	if (written++) next
	for (i = 1; i <= known; i++) if (!(mac[i] in now) && !(to[name[-i]] in there)) line[++cards] = mac[i] " " to[name[-i]]
	for (i = 1; i <= cards; i++) print "\tlist card '" line[i] "'"
	next
}

# names stand alone, in eth0.5 or in eth0:t
/^[ \t]*(option|list)[ \t]+["']?(device|name|ports|ifname)["']?[ \t]/ {
	out = ""
	rest = $0
	while (match(rest, /[^ \t'"]+/)) {
		word = substr(rest, RSTART, RLENGTH)
		out = out substr(rest, 1, RSTART - 1)
		rest = substr(rest, RSTART + RLENGTH)
		head = word
		sub(/[.:].*/, "", head)
		out = out "" (head in to ? to[head] substr(word, length(head) + 1) : word)
	}
	$0 = out rest
}

{ print }
