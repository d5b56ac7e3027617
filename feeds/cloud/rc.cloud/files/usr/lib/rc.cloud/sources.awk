# SPDX-License-Identifier: GPL-2.0-or-later
#
# What clouds call things -> what we call them. Reads flat lines of all that a source said, writes the files meta, texts (documents that
# stood in others) and network. No two clouds mean different things by one path, so nobody has to know which cloud it is.

sub(/^network-config\//, "") {
	print > "network"
	next
}

# A `_` counts as -, and some wrappings as none.
{
	i = index($0, "=")
	path = substr($0, 1, i - 1)
	gsub(/_/, "-", path)
	sub(/^(compute\/(osProfile\/)?|metadata\/|network\/?)/, "", path)
	sub(/^(attributes\/user-data|userData)$/, "user-data", path)
	sub(/\/(cloud-init)?$/, "", path)
	text = substr($0, i + 3)
}

text == "" || substr($0, i + 1, 1) !~ /[sifb]/ { next }

path ~ /^(instance-id|local-hostname|admin-pass|random-seed|user-data|vendor-data2?|files\/[0-9]+\/path)$/ { give(path) }
path ~ /^(id|uuid|vmId|instance-v2-id|droplet-id)$/ { give("instance-id") }
path ~ /^(hostname|computerName)$/ { give("local-hostname") }
path ~ /^files\// && sub(/content-path$/, "from", path) && sub(/^\/content\//, "", text) { give(path) }
path ~ /^(public-keys.*|publicKeys.*keyData|ssh-authorized-keys)$/ { give("public-keys/" keys++) }

# Google has a user in front of each key, and keys that end: these would have to be taken away again.
path == "attributes/block-project-ssh-keys" { blocked = tolower(text) != "false" }
path == "attributes/ssh-keys" || path == "project/ssh-keys" && !blocked {
	gsub(/(^|\\n)[^\\]*expireOn[^\\]*/, "", text)
	gsub(/(^|\\n)[^\\ :]*:/, "\\n", text)
	give("public-keys/" keys++)
}

# The first of two stays.
function give(key) {
	if (!given[key]++) print key "=s:" text > (key ~ /data/ ? "texts" : "meta")
}

# Cards, as network-config of version 2. The first has DHCP, which knows its first addresses, and so has each that nothing is told of. Only
# where networks are `public` and `private` no address is left to DHCP. A mask may be 24, 255.255.255.0 or that of a network with it.
match(path, /^[iI]nterfaces\/([a-z]+\/)?[^\/]+\//) {
	card = substr(path, 1, RLENGTH)
	if (!(card in number)) number[card] = cards++
	card = number[card]
	if (path ~ /^interfaces\/p/) first = -1
	leaf = group = path
	sub(/.*\//, "", leaf)
	sub(/[^\/]*$/, "", group)
	if (leaf ~ /^mac/) set("match/macaddress", text)
	if (leaf == "mtu") set(leaf, text)
	if (path ~ /public\/[0-9]+\/ipv[46]\/gateway$/) set("gateway" (text ~ /:/ ? 6 : 4), text)
	if (leaf text == "device-number0") first = card
	if (leaf ~ /^((ip-)?address|privateIp|local-ipv4s|ipv6s)$/) {
		address[++addresses] = text
		of[addresses] = leaf == "ipv6s" ? leaf : group
		at[addresses] = card
		has[card] = 1
	}
	if (leaf ~ /^(netmask|cidr|prefix|subnet.*)$/) {
		sub(/.*\//, "", text)
		mask[group] = "/" text
	}
}

path ~ /^dns\/nameservers/ {
	card = 0
	set("nameservers/addresses/" names++, text)
}

function set(key, text) { print "ethernets/" card "/" key "=s:" text > "network" }

END {
	for (card = 0; card < cards; card++) if (dhcp[card] = card == first || !has[card]) for (i = 4; i < 7; i += 2) set("dhcp" i, "true")
	for (i = 1; i <= addresses; i++) {
		card = at[i]
		text = address[i]
		if (!dhcp[card] || of[i] ~ /additional/ || told[card, text ~ /:/]++) set("addresses/" i, text mask[of[i]])
	}
}
