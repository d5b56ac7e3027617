# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -f parse.awk [FILE]: the flat lines (see base.sh) of a YAML or JSON document. Where it is not valid, or uses what is not taken here, it
# ends with 1 and `line N: reason` on stderr.
#
# Taken is what cloud-config is made of: maps and lists in blocks and in flow, and so all of JSON; plain, quoted and block scalars. Of a
# key that is there twice the last one counts. Not taken: anchors, aliases, merge keys, tags, directives, `? key`, maps as keys,
# `[key: value]`, a tab between tokens (but in JSON), anything behind `---` on its line, a second document, NUL. An empty document is null.
#
# What a plain scalar means is decided as YAML 1.2 does, but in any case of letters, and yes, no, on, off are booleans too, as cloud-init has
# it; since the TEXT stays as it was written, a reader that wants the text of 0644, 007, 1e3 or yes has it.
#
# A parser by recursive descent. The cursor is row and col, and `s`, the next thousand characters of the line, so that a long one costs no
# more than its length. Each reader of a block ends at the first character of the next line that says something, with col its
# indentation; or -1, at the end of the document. `parent` is the indentation that all lines of what is read must exceed; -1 for the root.
# Strings are kept with the escapes of TEXT.

BEGIN {
	# No text has this byte, so that the document is one record. For busybox a NUL ends one too: then there are two. Only one NUL, and
	# that the last byte of all, is not seen.
	RS = "\377"
}
NR == 1 {
	sub(/\n\.\.\.\r?\n*$/, "\n")
	rows = split($0, lines, "\n")
}
END {
	row = rows
	if (NR > 1) fail("no UTF-8 text")
	load()
	advance()
	node(below("", ""), col - 1, 1)
	if (row <= rows) fail()
	for (i = 1; i <= size; i++) if (i in out) print out[i]
}

# Where the cursor is, with the text there unless there is a better reason.
function fail(reason) {
	print "line " row ": " (reason ? reason : "unexpected " substr(s, 1, 20)) | "cat >&2"
	exit 1
}

# Makes the lines free of BOM, CR and the marker before a document, and sure that they have nothing else of the kind.
function load(   begun) {
	sub(/^\357\273\277/, "", lines[1])
	closed = lines[rows] == ""
	rows -= closed
	for (row = 1; row <= rows; row++) {
		s = lines[row]
		sub(/\r$/, "", s)
		if (s ~ /[\001-\010\013-\037\177]|\302[\200-\204\206-\237]|\357(\273\277|\277[\276\277])/) fail("a control character")
		if (s ~ /^(---|\.\.\.)([ \t]|$)/ && (begun++ || !sub(/^---[ \t]*([ \t]#.*)?$/, "", s))) fail()
		if (s !~ /^[ \t]*(#|$)/) begun = 1
		lines[row] = s
	}
	row = 0
}

# --- the cursor

function go(n) {
	row += n
	line = trim(lines[row])
	s = ""
	col = 0
	take(0)
	return n
}

# The next n characters, which are then behind the cursor.
function take(n,   text) {
	text = substr(s, 1, n)
	col += n
	s = length(s) - n < 256 ? substr(line, col + 1, 1024) : substr(s, n + 1)
	return text
}

function trim(text) {
	match(text, /^.*[^ \t]/)
	return substr(text, 1, RLENGTH)
}

# Skips blanks. Whether nothing but a comment is left of the line.
function done(   gap) {
	while (match(s, /^[ \t]+/)) gap = gap take(RLENGTH)
	if (s == "" || s ~ /^#/ && substr(" " line, col + 1, 1) ~ /[ \t]/) return 1
	if (gap ~ /\t/ && !loose) fail("a tab")
}

# To the next line that says something.
function advance() {
	do go(1)
	while (row <= rows && done())
	if (row > rows) col = -1
}

# To the next line of a scalar: how many line breaks are before it. 0, and nowhere, when the next text is not deeper than parent.
function fold(parent,   i) {
	for (i = row + 1; i <= rows && lines[i] ~ /^[ \t]*$/; i++);
	match(lines[i], /^ */)
	if (i > rows || RLENGTH <= parent) return 0
	i = go(i - row)
	done()
	return i
}

# --- what is written

# The path of what comes next, which is null unless more is said. Its length ends depth: busybox 1.38 ends at 1000 calls.
function below(path, step) {
	path = path == "" ? step : path "/" step
	if (length(path) > 399 || (written += length(path)) > 4000000) fail("nested too deep")
	out[++size] = path "=n:"
	return path
}

# --- texts, put together from pieces so that a long one is not copied for each

function add(piece) {
	part = part piece
	if (length(part) > 4000) {
		whole = whole part
		part = ""
	}
}

function breaks(n) {
	while (n-- > 0) add("\\n")
}

# n line breaks within a folded text.
function folded(n) {
	if (n == 1) add(" ")
	breaks(n - 1)
}

function escape(text) {
	# the only way to write a backslash that means the same before busybox 1.37 and since
	gsub(/[\\\t\r\n]/, "\\\\&", text)
	gsub(/\t/, "t", text)
	gsub(/\r/, "r", text)
	gsub(/\n/, "n", text)
	return text
}

# --- scalars

# The quoted or plain scalar that stands here, into TEXT. Whether it is a key.
function key(parent,   start) {
	start = row
	whole = part = ""
	quoted = s ~ /^["']/
	if (quoted) quote(parent)
	else plain(parent)
	TEXT = whole part
	done()
	return row == start && s ~ /^:([ \t]|$)/
}

function plain(parent,   text, n) {
	if (s ~ /^([][{},#|>%@`&*!]|[-?:]([ \t]|$))/ || brackets && s ~ /^[-?:][],[{}]/) fail()
	do {
		text = brackets && s ~ /[],}]/ ? s : substr(line, col + 1)
		if (brackets) {
			match(text, /^[^][,{}]*/)
			text = substr(text, 1, RLENGTH)
		}
		if (match(text, /:([ \t]|$)|[ \t]#/)) text = substr(text, 1, RSTART - 1)
		take(length(text))
		text = trim(text)
		if (text != "") {
			folded(n)
			add(escape(text))
		}
	} while (s == "" && (n = fold(parent)) && !done())
}

function quote(parent,   mark, c, n) {
	mark = take(1)
	for (;;) {
		match(s, /^[^"'\\]*/)
		add(escape(take(RLENGTH)))
		c = take(1)
		if (c == "") {
			n = fold(parent)
			if (!n) fail("an open quote")
			folded(n)
		} else if (c == mark) {
			if (c == "\"" || s !~ /^'/) break
			add(take(1))
		} else if (c == "\\" && mark == "\"") add(escaped(parent))
		else add(escape(c))
	}
}

# What the escape behind a backslash stands for.
function escaped(parent,   c, code, low, room) {
	c = take(1)
	if (c == "") {
		# a blank at the end is not in line any more
		if (line != lines[row] || fold(parent) != 1) fail()
		return
	}
	if (c ~ /[ "\/\\]/) return escape(c)
	code = index("abtnvfr", c)
	code = code ? code + 6 : hex(index(" x u   U", c))
	if (int(code / 1024) == 54 && take(2) == "\\u" && int((low = hex(4)) / 1024) == 55) code = code * 1024 + low - 56613888
	if (code < 1 || code > 1114111 || int(code / 2048) == 27) fail("a bad escape")
	c = ""
	for (room = 128; code >= room; room = room > 32 ? 32 : room / 2) {
		c = sprintf("%c", 128 + code % 64) c
		code = int(code / 64)
	}
	return escape(sprintf("%c", 256 - 2 * room + code) c)
}

function hex(digits,   code) {
	while (digits--) {
		if (s !~ /^[0-9A-Fa-f]/) return 0
		code = code * 16 + index("123456789abcdef", tolower(take(1)))
	}
	return code
}

# KIND:TEXT of a scalar.
function leaf(   low) {
	low = tolower(TEXT)
	return (quoted ? "s" : low ~ /^(~|null)?$/ ? "n" : low ~ /^(true|false|yes|no|on|off)$/ ? "b" : low ~ /^(0o[0-7]+|0x[0-9a-f]+|[-+]?(([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?|\.inf)|\.nan)$/ ? "i" : "s") ":" TEXT
}

# The lines of | and >, as they are and folded.
function block(parent,   head, deep, lead, text, i, n, more, now) {
	if (brackets || s !~ /^[|>]([-+]?[1-9]?|[1-9][-+])([ \t]+#.*)?$/) fail()
	head = substr(s, 1, 3)
	for (i = row + 1; i <= rows && lines[i] ~ /^ *$/; i++) if (length(lines[i]) > lead) lead = length(lines[i])
	match(lines[i], /^ */)
	deep = RLENGTH > parent ? RLENGTH : parent + 1 + lead
	if (match(head, /[1-9]/)) deep = parent + substr(head, RSTART, 1)
	else if (lead > deep) fail()
	whole = part = ""
	more = 1
	for (; row < rows; row++) {
		text = lines[row + 1]
		match(text, /^ */)
		if (RLENGTH < deep && RLENGTH < length(text)) break
		text = substr(text, deep + 1)
		if (text == "") {
			# at the end of the document only a line feed makes it a line
			n += row + 1 < rows || closed
			continue
		}
		now = head !~ />/ || text ~ /^[ \t]/
		if (now || more) breaks(n)
		else folded(n)
		more = now
		add(escape(text))
		n = 1
	}
	if (head !~ /\+/) n = head !~ /-/ && whole part != ""
	breaks(n)
	advance()
	return "s:" whole part
}

# --- collections

# What stands here. A block collection only where it may (compact): on a line of its own or behind a dash.
function node(path, parent, compact,   head, indent, is) {
	head = size
	indent = col
	if (s ~ /^[|>]/) is = block(parent)
	else if (s ~ /^[[{]/) is = flow(head, path, parent)
	else if (compact && item() || key(parent) && compact) is = entries(head, path, indent)
	else {
		is = leaf()
		skip(parent)
	}
	out[head] = path "=" is
}

function item() {
	return s ~ /^-([ \t]|$)/
}

# The items of a list, or the entries of a map, of which the first key has been read.
function entries(head, path, indent,   dash) {
	dash = item()
	do {
		if (dash) value(below(path, count[head]++), indent, 1)
		else entry(head, path, indent)
	} while (col == indent && (dash ? item() : key(indent) || fail("no colon")))
	if (col > indent) fail()
	return (dash ? "l:" : "m:") count[head]
}

# What stands behind the `-` of an item (dash) or the `:` of a key.
function value(path, parent, dash) {
	take(1)
	if (done()) {
		advance()
		# a list may be indented as its key is
		if (col <= parent && (dash || col < parent || !item())) return
		dash = 1
	}
	node(path, parent, dash)
}

# An entry of a map, whose key is TEXT. What the key stood for before is gone.
function entry(head, path, parent,   id, i) {
	if (TEXT == "<<") fail()
	id = head " " TEXT
	if (id in from) for (i = from[id]; i <= upto[id]; i++) delete out[i]
	else count[head]++
	from[id] = size + 1
	gsub(/%/, "%25", TEXT)
	gsub(/\//, "%2F", TEXT)
	gsub(/=/, "%3D", TEXT)
	path = below(path, TEXT == "" ? "%" : TEXT)
	if (!brackets) value(path, parent)
	else if (skip(parent) == ":" && take(1) && skip(parent) !~ /[,}]/) node(path, parent)
	upto[id] = size
}

function flow(head, path, parent,   end) {
	end = take(1) == "[" ? "]" : "}"
	# in JSON a tab is as good as a space
	loose = parent < 0
	brackets++
	while (skip(parent) != end) {
		if (end == "]") node(below(path, count[head]++), parent)
		else {
			key(parent)
			entry(head, path, parent)
		}
		if (skip(parent) == ",") take(1)
		else if (s !~ /^[]}]/) fail()
	}
	take(1)
	brackets--
	skip(parent)
	return (end == "]" ? "l:" : "m:") count[head] + 0
}

# To the next line when this one is at its end, as it must be outside of brackets: the character there. A bracket that closes is often
# indented as its key is, which strict parsers refuse.
function skip(parent) {
	if (done()) {
		advance()
		if (brackets && col <= parent && s !~ /^[]}]/) fail("an open bracket")
	} else if (!brackets) fail()
	return substr(s, 1, 1)
}
