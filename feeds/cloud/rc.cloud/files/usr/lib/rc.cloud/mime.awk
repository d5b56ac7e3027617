# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where things are in a MIME entity: headers, an empty line, a body. The first line out says where the body starts, its encoding and its
# type; then one for each part of a multipart body, where it starts and how long it is: entities again. In bytes, from 1.
#
# Bodies may hold any byte, so nothing of them goes through here. A NUL would end a line: the input must come without.

{
	start = at + 1
	at += length($0) + 1
	newline = /\r$/ + 1
	sub(/[ \t\r]+$/, "")
}

!body {
	head = head (/^[ \t]/ ? "" : "\n") $0
	if (/^[ \t]|^[!-9;-~]+:|^From /) next
	# where the empty line is missing, what is no header starts the body
	body = $0 == "" ? at + 1 : start
	lower = tolower(head)
	type = "text/plain"
	encoding = "8bit"
	if (match(lower, /\ncontent-type:[ \t]*[!-:<-~]+/)) type = substr(lower, RSTART + 14, RLENGTH - 14)
	if (match(lower, /\ncontent-transfer-encoding:[ \t]*[!-~]+/)) encoding = substr(lower, RSTART + 27, RLENGTH - 27)
	print body, encoding, type
	if (match(lower, /\ncontent-type:[ \t]*multipart[^\n]*;[ \t]*boundary[ \t]*=[ \t]*/)) {
		delimiter = substr(head, RSTART + RLENGTH)
		match(delimiter, /^"[^"\n]*|^[^; \t\n]*/)
		delimiter = "--" substr(delimiter, 1, RLENGTH)
		gsub(/"/, "", delimiter)
	}
}

delimiter && ($0 == delimiter || $0 == delimiter "--") {
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
