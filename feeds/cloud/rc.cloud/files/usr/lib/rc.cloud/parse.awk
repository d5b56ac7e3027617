# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -f parse.awk [FILE]: the flat lines (see base.sh) of a YAML or JSON document. Where it is not valid, or uses what is not taken here, it
# ends with 1 and `line N: reason` on stderr.
#
# Taken is what cloud-config is made of: maps and lists in blocks and in flow, and so all of JSON; plain, quoted and block scalars. Of a
# key that is there twice the last one counts. Not taken: anchors, aliases, merge keys, tags, `? key`, maps as keys, `[key: value]`, a
# second document, NUL. An empty document is null.
#
# What a plain scalar means is decided as YAML 1.2 does, and yes, no, on, off are booleans too, as cloud-init has it; since the TEXT
# stays as it was written, a reader that wants the text of 0644, 007, 1e3 or yes has it.
#
# A parser by recursive descent. The cursor is row and col, and `s`, the next thousand characters of the line, so that a long one costs no
# more than its length. Each reader of a block ends at the first character of the next line that says something, with col its
# indentation; or -1, at the end of the document. `min` is the least indentation of further lines of a scalar or of brackets.
# Strings are kept with the escapes of TEXT.

BEGIN {
	# No text has this byte, so that the document is one record. For busybox a NUL ends one too: then there are two. Only one NUL, and
	# that the last byte of all, is not seen.
	RS = "\377"
	i = split("a|\a|b|\b|t|\\t|n|\\n|v|\v|f|\f|r|\\r|e|\033|N|\302\205|_|\302\240|L|\342\200\250|P|\342\200\251| | |\"|\"|/|/|\\|\\\\|\t|\\t", pairs, "|")
	for (; i; i -= 2) escapes[pairs[i - 1]] = pairs[i]
}
NR > 1 {
	row = split(document, lines, "\n")
	fail("a NUL, or no UTF-8")
}
{ document = $0 }
END {
	if (failed) exit 1
	load(document)
	parse()
	for (i = 1; i <= size; i++) if (out[i] != "") print out[i]
}

function fail(reason) {
	print "line " row ": " reason | "cat >&2"
	failed = 1
	exit 1
}

function unexpected(text) {
	fail("unexpected " substr(text, 1, 20))
}

# The lines, without BOM and CR, and free of what YAML has in no text.
function load(text,   i, bad) {
	gsub(/\r\n/, "\n", text)
	i = split("\357\273\277 \357\277\276 \357\277\277", bad, " ")
	if (index(text, bad[1]) == 1) text = substr(text, length(bad[1]) + 1)
	for (; i; i--) forbid(text, bad[i])
	for (i = 1; i < 160; i++) {
		if (i == 32) i = 127
		if (i !~ /^(9|10|133)$/) forbid(text, (i < 128 ? "" : "\302") sprintf("%c", i))
	}
	rows = split(text, lines, "\n")
	if (lines[rows] == "") rows--
}

function forbid(text, what) {
	if (!(what = index(text, what))) return
	row = split(substr(text, 1, what), lines, "\n")
	fail("a control character")
}

function parse(   fresh) {
	advance()
	if (!col && s ~ /^%YAML[ \t]+1\.[0-9]+([ \t]+#.*)?$/) {
		advance()
		if (!at_marker("---")) unexpected(s)
	}
	fresh = 1
	if (at_marker("---")) {
		move(3)
		if (fresh = done()) advance()
	}
	if (fresh && col < 0) put("", "n", "null")
	else node("", fresh ? col - 1 : -1, fresh)
	if (at_marker("...")) {
		move(3)
		line_end()
	}
	if (row <= rows) unexpected(s)
}

function at_marker(text) {
	return col < 0 && index(s, text) == 1
}

# --- the cursor

function go(to) {
	row = to
	line = lines[row]
	# without blanks at its end, but for one that may be escaped
	if (line ~ /[ \t]$/) {
		match(line, /^.*[^ \t]/)
		line = substr(line, 1, RLENGTH + (line ~ /\\[ \t]+$/))
	}
	move(0)
}

function move(to) {
	col = to
	s = substr(line, col + 1, 1024)
}

function take(n) {
	if (length(s) - n < 256) move(col + n)
	else {
		s = substr(s, n + 1)
		col += n
	}
}

function blanks() {
	if (match(s, /^[ \t]+/)) take(RLENGTH)
}

# Whether nothing but a comment is left of the line.
function done() {
	blanks()
	return s == "" || s ~ /^#/ && (!col || substr(line, col, 1) ~ /[ \t]/)
}

function no_tab() {
	if (s ~ /^ *\t/ && !done()) fail("a tab where only spaces may be")
}

function trim(text) {
	match(text, /^.*[^ \t]/)
	return substr(text, 1, RLENGTH)
}

function marker(text) {
	return text ~ /^(---|\.\.\.)([ \t]|$)/
}

# To the text of the next line; 0 where the document ends.
function next_line() {
	s = ""
	if (++row <= rows) go(row)
	if (row > rows || marker(s)) {
		col = -1
		return 0
	}
	match(s, /^ */)
	take(RLENGTH)
	return 1
}

# To the next line that says something.
function advance() {
	while (next_line()) {
		no_tab()
		if (!done()) return
	}
}

function line_end() {
	if (!done()) unexpected(s)
	advance()
}

# To the next line within quotes or brackets: how many empty ones are before it.
function fold(min, comments,   empty, indent) {
	for (; next_line(); empty++) {
		indent = col
		blanks()
		if (s == "" || comments && s ~ /^#/) continue
		# a closing bracket is often at the indentation of its key, which strict parsers refuse
		if (indent < min && !(comments && s ~ /^[]}]/)) break
		return empty
	}
	fail("a quote or bracket is not closed")
}

# --- what is written

function put(path, kind, text) {
	if ((written += length(path)) > 4000000) fail("too many long keys")
	out[++size] = path "=" kind ":" text
}

function leaf(path) {
	put(path, KIND, KIND == "n" ? "null" : TEXT)
}

# A map or a list: its line, which is written at its end.
function open() {
	if (++depth > 64) fail("nested too deep")
	return ++size
}

function shut(head, path, kind) {
	out[head] = path "=" kind ":" count[head] + 0
	depth--
}

# Begins an entry of a map, whose key is TEXT: its path. What the key stood for before is gone.
function entry(head, path,   key, i) {
	key = TEXT
	if (key == "<<") fail("a merge key is not taken")
	if ((head, key) in from) for (i = from[head, key]; i <= upto[head, key]; i++) out[i] = ""
	else count[head]++
	from[head, key] = size + 1
	gsub(/%/, "%25", key)
	gsub(/\//, "%2F", key)
	gsub(/=/, "%3D", key)
	return below(path, key == "" ? "%" : key)
}

function below(path, step) {
	return path == "" ? step : path "/" step
}

# --- texts, put together from pieces so that a long one is not copied for each

function begin() {
	whole = part = ""
}

function add(piece) {
	part = part piece
	if (length(part) > 4000) {
		whole = whole part
		part = ""
	}
}

# The break between two lines of a folded scalar, with so many empty ones between them.
function add_fold(empty) {
	if (!empty) add(" ")
	else breaks(empty)
}

function breaks(n) {
	while (n-- > 0) add("\\n")
}

function escape(text) {
	if (text ~ /[\\\t\r\n]/) {
		# the only way to write a backslash that means the same before busybox 1.37 and since
		gsub(/[\\\t\r\n]/, "\\\\&", text)
		gsub(/\t/, "t", text)
		gsub(/\r/, "r", text)
		gsub(/\n/, "n", text)
	}
	return text
}

function kind_of(text) {
	if (text ~ /^(~|null|Null|NULL)?$/) return "n"
	if (text ~ /^([Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$/) return "b"
	if (text ~ /^([-+]?[0-9]+|0o[0-7]+|0x[0-9A-Fa-f]+)$/) return "i"
	if (text ~ /^([-+]?(([0-9]+\.?[0-9]*|\.[0-9]+)([Ee][-+]?[0-9]+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN))$/) return "f"
	return "s"
}

# --- scalars

# The quoted or plain scalar that stands here, into TEXT and KIND. Whether it is the key of a block, where it may be one.
function scalar(min, keyed, in_flow,   start) {
	if (s !~ /^["']/) return plain(min, keyed, in_flow)
	start = row
	quoted(min)
	blanks()
	return keyed && row == start && s ~ /^:([ \t]|$)/
}

function plain(min, keyed, in_flow,   text, stop, colon, some, i, empty) {
	if (s ~ /^[&*!]/) fail("an anchor, alias or tag is not taken")
	if (s ~ /^([][{},#|>'"%@`]|[-?]([ \t]|$))/ || in_flow && s ~ /^[-?][],[{}]/) unexpected(s)
	begin()
	for (;; keyed = 0) {
		text = in_flow && s ~ /[],}]/ ? s : substr(line, col + 1)
		if (in_flow) stop = match(text, /[],[{}]|:([] \t,[{}]|$)|[ \t]#/)
		else stop = match(text, /:([ \t]|$)|[ \t]#/)
		colon = !in_flow && stop && substr(text, stop, 1) == ":"
		if (colon && !keyed) fail("a colon behind no key: quote the text")
		if (stop) {
			move(col + stop - 1)
			text = substr(text, 1, stop - 1)
		} else s = ""
		text = trim(text)
		if (text == "") break
		if (some) add_fold(empty)
		add(escape(text))
		some = 1
		if (stop) break
		for (i = row + 1; i <= rows && lines[i] ~ /^[ \t]*$/; i++);
		if (i > rows || marker(lines[i])) break
		match(lines[i], /^ */)
		if (RLENGTH < min) break
		empty = i - row - 1
		go(i)
		if (done()) break
	}
	TEXT = whole part
	if (TEXT == "") unexpected(s)
	if (!colon) KIND = kind_of(TEXT)
	return colon
}

function quoted(min,   quote, run, c) {
	begin()
	quote = substr(s, 1, 1)
	take(1)
	for (;;) {
		if (quote == "'") match(s, /^[^']*/)
		else match(s, /^[^"\\]*/)
		run = substr(s, 1, RLENGTH)
		take(RLENGTH)
		c = substr(s, 1, 1)
		if (c == "") sub(/[ \t]+$/, "", run)
		add(escape(run))
		if (c == "") add_fold(fold(min))
		else if (c == quote) {
			take(1)
			if (c == "\"" || s !~ /^'/) break
			take(1)
			add(c)
		} else if (c == "\\" && quote != "'") {
			take(1)
			if (s != "") add(escaped())
			else if (fold(min)) unexpected(s)
		}
	}
	TEXT = whole part
	KIND = "s"
}

# What the escape behind a backslash stands for.
function escaped(   c, code, low) {
	c = substr(s, 1, 1)
	take(1)
	if (c in escapes) return escapes[c]
	code = hex(index(" x u   U", c))
	if (int(code / 1024) == 54 && s ~ /^\\u/) {
		take(2)
		low = hex(4)
		code = int(low / 1024) == 55 ? code * 1024 + low - 56613888 : 0
	}
	if (code < 1 || code > 1114111 || int(code / 2048) == 27) fail("an escape that is no character")
	return escape(utf8(code))
}

function hex(digits,   code) {
	for (; digits; digits--) {
		if (s !~ /^[0-9A-Fa-f]/) return 0
		code = code * 16 + index("123456789abcdef", tolower(substr(s, 1, 1)))
		take(1)
	}
	return code
}

function utf8(code,   tail, room) {
	if (code < 128) return sprintf("%c", code)
	for (room = 32; ; room /= 2) {
		tail = sprintf("%c", 128 + code % 64) tail
		code = int(code / 64)
		if (code < room) return sprintf("%c", 256 - 2 * room + code) tail
	}
}

# The lines of | and >, as they are and folded.
function block(path, min,   head, folded, deep, text, indent, lead, empty, some, more) {
	head = substr(line, col + 1)
	if (head !~ /^[|>]([-+]?[1-9]?|[1-9][-+])([ \t]+#.*)?$/) unexpected(head)
	head = substr(head, 1, 3)
	folded = head ~ />/
	deep = match(head, /[1-9]/) ? min - 1 + substr(head, RSTART, 1) : -1
	begin()
	for (; row < rows; row++) {
		text = lines[row + 1]
		match(text, /^ */)
		indent = RLENGTH
		if (indent == length(text) && (deep < 0 || indent <= deep)) {
			if (indent > lead) lead = indent
			# at the end of the document only a line feed makes it a line
			if (deep < 0 || row + 1 < rows || (rows + 1) in lines) empty++
			continue
		}
		if (indent < (deep < 0 ? min : deep) || marker(text)) break
		if (deep < 0) {
			if (indent < lead) fail("wrong indentation")
			deep = indent
		}
		text = substr(text, deep + 1)
		if (!folded || more || text ~ /^[ \t]/) breaks(empty + some)
		else if (some || empty) add_fold(empty)
		more = text ~ /^[ \t]/
		add(escape(text))
		some = 1
		empty = 0
	}
	if (head ~ /\+/) breaks(empty + some)
	else if (head !~ /-/) breaks(some)
	put(path, "s", whole part)
	advance()
}

# --- collections

# What stands behind the `-` of an item (dash) or the `:` of a key.
function value(path, parent, dash) {
	take(1)
	no_tab()
	if (!done()) {
		node(path, parent, dash)
		return
	}
	advance()
	# a list may be indented as its key is
	if (col > parent || !dash && col == parent && item()) node(path, parent, 1)
	else put(path, "n", "null")
}

# What stands here. A block collection only where it may (compact): on a line of its own or behind a dash.
function node(path, parent, compact,   indent) {
	indent = col
	if (compact && item()) list(path, indent)
	else if (s ~ /^[|>]/) block(path, parent + 1)
	else if (s ~ /^[[{]/) {
		flow(path, parent + 1)
		line_end()
	} else if (scalar(parent + 1, compact)) map(path, indent)
	else {
		leaf(path)
		line_end()
	}
}

function item() {
	return s ~ /^-([ \t]|$)/
}

function list(path, indent,   head) {
	head = open()
	while (col == indent && item()) value(below(path, count[head]++), indent, 1)
	if (col > indent) fail("wrong indentation")
	shut(head, path, "l")
}

# The first key has been read.
function map(path, indent,   head, key) {
	head = open()
	for (;;) {
		key = TEXT
		value(entry(head, path), indent, 0)
		upto[head, key] = size
		if (col < indent) break
		if (col > indent) fail("wrong indentation")
		if (!scalar(indent + 1, 1)) fail("a key without a colon")
	}
	shut(head, path, "m")
}

function flow(path, min,   head, end, key, at, colon) {
	head = open()
	end = s ~ /^\[/ ? "]" : "}"
	take(1)
	while (next_of(min) != end) {
		if (end == "]") flow_node(below(path, count[head]++), min)
		else {
			scalar(min, 0, 1)
			key = TEXT
			at = entry(head, path)
			colon = next_of(min) == ":"
			take(colon)
			if (!colon || next_of(min) ~ /[,}]/) put(at, "n", "null")
			else flow_node(at, min)
			upto[head, key] = size
		}
		if (next_of(min) == ",") take(1)
		else if (s !~ /^[]}]/) fail("a comma is missing")
	}
	take(1)
	shut(head, path, end == "]" ? "l" : "m")
}

function flow_node(path, min) {
	if (s ~ /^[[{]/) flow(path, min)
	else {
		scalar(min, 0, 1)
		leaf(path)
	}
}

# The next character within brackets.
function next_of(min) {
	if (min) no_tab()
	if (done()) fold(min, 1)
	return substr(s, 1, 1)
}
