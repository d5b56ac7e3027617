# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where things are in a MIME entity: headers, an empty line, a body. The first line out is where the body starts, its type and its
# encoding; then one for each part of a multipart body, where it starts and how long it is: entities again. In bytes, from 1.
#
# Bodies may hold any byte, so nothing of them goes through here. A NUL would end a line, other control characters upset
# a log: the input has others in their place.

# The word, or the quoted text, behind what matches
function field(pattern,   rest) {
	if (!match(tolower(head), "\n" pattern "[ \t]*")) return ""
	rest = substr(head, RSTART + RLENGTH)
	if (sub(/^"/, "", rest)) sub(/["\n].*/, "", rest)
	else sub(/[; \t\n].*/, "", rest)
	return rest
}

{
	start = at + 1
	at += length($0) + 1
	newline = /\r$/ + 1
	sub(/[ \t\r]+$/, "")
}

!body {
	head = head "" (/^[ \t]/ ? "" : "\n") $0
	if (/^[ \t]|^[!-9;-~]+:|^From /) next
	# where the empty line is missing, what is no header starts the body
	body = $0 == "" ? at + 1 : start
	print body "," tolower(field("content-type:") "," field("content-transfer-encoding:"))
	delimiter = "--" field("content-type:[^\n]*;[ \t]*boundary[ \t]*=")
}

delimiter != "--" && ($0 == delimiter || $0 == delimiter "--") {
	# the newline before a delimiter belongs to it
	size = start - before - from
	if (from && size > 0) print from, size
	from = $0 == delimiter ? at + 1 : 0
	if (!from) exit
}

{ before = newline }

END {
	if (from) print from, at
}
