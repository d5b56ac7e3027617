# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -f parse.awk [FILE]: the flat lines (see base.sh) of a YAML or JSON document. Where it is not valid, or uses what is not taken here, it
# ends with 1 and `line N: reason` on stderr.
#
# Taken is what cloud-config is made of: maps and lists in blocks and in flow, and so all of JSON; plain, quoted and block scalars. Of a
# key that is there twice the last one counts. Not taken: anchors, aliases, merge keys, tags, `? key`, maps as keys, `[key: value]`, a
# second document, NUL. An empty document is null.
#
# What a plain scalar means is decided as YAML 1.2 does, and yes, no, on, off are booleans, as cloud-init's YAML has it; since the TEXT
# stays as it was written, a reader that wants the text of 0644, 007, 1e3 or yes has it.
#
# A parser by recursive descent. The cursor: row, and `s`, the text before it up to the end of the line, or its first thousand characters, so
# that a long line costs no more than its length; col, the column; last, the character behind. Each block reader ends at the
# first character of the next line that says something, with col its indentation, or -1 at the end of the document. Strings are
# kept as TEXT, with its escapes. `min` is the least indentation of the further lines of a scalar or flow collection.

# No text has this byte, so that the document is one record. For busybox a NUL ends one too: then there are two. Only one NUL, and
# that the last byte of all, is not seen.
BEGIN {
	RS = "\377"
	BOM = "\357\273\277"
}
NR == 1 { document = $0 }
NR == 2 {
	row = split(document, lines, "\n")
	fail("a NUL, or no UTF-8")
}
END {
	if (failed) exit 1
	load(document)
	parse()
	for (i = 1; i <= size; i++) if (out[i] != "") print out[i]
}

function fail(reason) {
	print "line " (row > rows && rows ? rows : row) ": " reason | "cat >&2"
	failed = 1
	exit 1
}

function parse(   own_line) {
	split("7 8 9 10 11 12 13 27 133 160 8232 8233 32 34 47 92 9", codes, " ")
	advance()
	if (s ~ /^%YAML[ \t]+1\.[0-9]+([ \t]+#.*)?$/ && col == 0) {
		advance()
		if (s !~ /^---/ || col == 0) fail("--- is missing")
	}
	own_line = 1
	if (s ~ /^---/ && col < 0) {
		take(3)
		if (own_line = done()) advance()
	}
	if (own_line && col < 0) put("", "n", "null")
	else value("", own_line ? col - 1 : -1, 0, own_line)
	if (s ~ /^\.\.\./ && col < 0) {
		take(3)
		line_end()
	}
	if (row <= rows) fail("unexpected " substr(s, 1, 20))
}

# The lines, without BOM and CR; nothing that YAML does not allow in a text.
function load(text,   i) {
	if (index(text, BOM) == 1) text = substr(text, length(BOM) + 1)
	for (i = 1; i < 160; i++) {
		if (i == 32) i = 127
		if (i !~ /^(9|10|13|133)$/) forbid(text, (i < 128 ? "" : "\302") sprintf("%c", i))
	}
	forbid(text, "\357\277\276")
	forbid(text, "\357\277\277")
	forbid(text, BOM)
	rows = split(text, lines, "\n")
	# what follows the last line feed is a line only if there is something
	if (lines[rows] == "") rows--
	else unended = 1
	for (row = 1; row <= rows; row++) {
		sub(/\r$/, "", lines[row])
		if (index(lines[row], "\r")) fail("a carriage return within a line")
	}
	row = 0
}

function forbid(text, what) {
	if (!(what = index(text, what))) return
	row = split(substr(text, 1, what), lines, "\n")
	fail("a control character")
}

# --- the cursor

function go(to) {
	row = to
	line = lines[row]
	# without blanks at its end, but for one that may be escaped
	if (line ~ /[ \t]$/) line = trim(line) (line ~ /\\[ \t]+$/ ? " " : "")
	width = length(line)
	s = substr(line, 1, 1024)
	far = 1025
	col = 0
	last = " "
}

function take(n) {
	if (!n) return
	last = substr(s, n, 1)
	s = substr(s, n + 1)
	col += n
	if (length(s) < 256 && far <= width) {
		s = s substr(line, far, 1024)
		far += 1024
	}
}

# All that is left of the line, taken.
function rest(   text) {
	text = s substr(line, far)
	s = ""
	far = width + 1
	return text
}

function blanks() {
	match(s, /^[ \t]*/)
	take(RLENGTH)
}

# Whether nothing but a comment is left of the line.
function done() {
	blanks()
	return s == "" || s ~ /^#/ && last ~ /[ \t]/
}

function trim(text) {
	match(text, /^.*[^ \t]/)
	return substr(text, 1, RLENGTH)
}

function marker(text) {
	return text ~ /^(---|\.\.\.)([ \t]|$)/
}

# To the next line that says something.
function advance() {
	while (row < rows) {
		go(row + 1)
		if (marker(s)) {
			col = -1
			return
		}
		match(s, /^ */)
		take(RLENGTH)
		no_tab()
		if (!done()) return
	}
	row = rows + 1
	s = ""
	col = -1
}

function no_tab() {
	if (s ~ /^ *\t/ && !done()) fail("a tab where only spaces may be")
}

function line_end() {
	if (!done()) fail("unexpected " substr(s, 1, 20))
	advance()
}

# To the next line within a quoted scalar or a flow collection: what the breaks up to there stand for.
function fold(min, comments,   text, indent) {
	for (text = " "; ; text = (text == " " ? "" : text) "\\n") {
		if (row < rows) go(row + 1)
		else row = rows + 1
		if (row > rows || marker(s)) fail("a quote or a bracket is not closed")
		match(s, /^ */)
		indent = RLENGTH
		blanks()
		if (s != "" && !(comments && s ~ /^#/)) break
	}
	if (indent < min) fail("less indented than what it belongs to, or a quote or a bracket is not closed")
	return text
}

# --- what is written

function put(path, kind, text) {
	if ((written += length(path)) > 4000000) fail("too many long keys")
	out[++size] = path "=" kind ":" text
}

# A map or a list, whose line is known at its end.
function open() {
	if (++depth > 64) fail("nested too deep")
	return ++size
}

function close_at(head, path, kind) {
	out[head] = path "=" kind ":" count[head] + 0
	depth--
}

# Begins an entry of a map: its path. What the key stood for before is gone.
function entry(head, path, key,   i) {
	if ((head, key) in from) for (i = from[head, key]; i <= upto[head, key]; i++) out[i] = ""
	else count[head]++
	from[head, key] = size + 1
	if (key == "") key = "%"
	else if (key ~ /[%\/=\\]/) {
		gsub(/%/, "%25", key)
		gsub(/\//, "%2F", key)
		gsub(/=/, "%3D", key)
		gsub(/\\\\/, "%5C", key)
		gsub(/\\n/, "%0A", key)
		gsub(/\\t/, "%09", key)
		gsub(/\\r/, "%0D", key)
	}
	return below(path, key)
}

function below(path, step) {
	return path == "" ? step : path "/" step
}

function leaf(path) {
	put(path, KIND, KIND == "n" ? "null" : TEXT)
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

function breaks(n) {
	while (n-- > 0) add("\\n")
}

function escape(text) {
	if (text ~ /[\\\t\r]/) {
		gsub(/\\/, "&&", text)
		gsub(/\t/, "\\t", text)
		gsub(/\r/, "\\r", text)
	}
	return text == "\n" ? "\\n" : text
}

function kind_of(text) {
	if (text ~ /^(~|null|Null|NULL)?$/) return "n"
	if (text ~ /^([Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$/) return "b"
	if (text ~ /^([-+]?[0-9]+|0o[0-7]+|0x[0-9A-Fa-f]+)$/) return "i"
	if (text ~ /^([-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([Ee][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/) return "f"
	return "s"
}

# --- scalars

# The quoted or plain scalar that stands here in a block, into TEXT and KIND. Whether it is a key, where it may be one: then its colon is taken.
function word(min, keyed,   start, colon) {
	if (s ~ /^["']/) {
		start = row
		quoted(min)
		blanks()
		if (!keyed || row != start || s !~ /^:([ \t]|$)/) return 0
		take(1)
		return 1
	}
	opens("")
	colon = match(s, /:([ \t]|$)|[ \t]#/)
	if (keyed && substr(s, colon, 1) == ":" && (far > width || colon < length(s))) {
		TEXT = escape(trim(substr(s, 1, colon - 1)))
		take(colon)
		if (TEXT == "" || TEXT == "<<") fail("no key, or a merge key")
		return 1
	}
	plain(min)
	return 0
}

# Whether a plain scalar may begin as this one does.
function opens(in_flow) {
	if (s ~ /^[&*!]/) fail("an anchor, alias or tag: not taken here")
	if (s ~ /^[][{},#|>'"%@`]/ || s ~ /^[-?]([ \t]|$)/ || in_flow && s ~ /^[-?][],[{}]/) fail("unexpected " substr(s, 1, 20))
}

function plain(min,   text, comment, gap, i) {
	begin()
	for (;;) {
		text = rest()
		comment = match(text, /[ \t]#/)
		if (comment) text = substr(text, 1, comment)
		if (text ~ /:([ \t]|$)/) fail("a colon that begins no value; such a text stands in quotes")
		add(escape(trim(text)))
		if (comment) break
		gap = " "
		for (i = row + 1; i <= rows && lines[i] ~ /^[ \t]*$/; i++) gap = (gap == " " ? "" : gap) "\\n"
		if (i > rows || marker(lines[i])) break
		match(lines[i], /^ */)
		if (RLENGTH < min) break
		go(i)
		if (done()) break
		add(gap)
	}
	TEXT = whole part
	KIND = kind_of(TEXT)
}

function flow_plain(min,   gap, n, c) {
	opens("flow")
	begin()
	for (;;) {
		c = substr(s, 1, 1)
		if (match(s, /^[^] \t,:#[{}]+/)) n = RLENGTH
		else n = c == ":" && s !~ /^:([] \t,[{}]|$)/ || c == "#" && last !~ /[ \t]/
		if (n) {
			add(gap escape(substr(s, 1, n)))
			gap = ""
			take(n)
		} else if (c == "") gap = fold(min, 0)
		else if (c ~ /[ \t]/) {
			match(s, /^[ \t]+/)
			gap = escape(substr(s, 1, RLENGTH))
			take(RLENGTH)
		} else break
	}
	TEXT = whole part
	if (TEXT == "" || TEXT == "<<") fail("no text, or a merge key")
	KIND = kind_of(TEXT)
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
		if (s == "") sub(/[ \t]+$/, "", run)
		add(escape(run))
		c = substr(s, 1, 1)
		take(1)
		if (c == "") add(fold(min, 0))
		else if (c == "\\") {
			if (s != "") add(escaped())
			else if (fold(min, 0) != " ") fail("an empty line behind a \\")
		} else if (quote == "'" && s ~ /^'/) {
			add(c)
			take(1)
		} else break
	}
	TEXT = whole part
	KIND = "s"
}

# What the escape behind a backslash stands for.
function escaped(   c, code, low) {
	c = substr(s, 1, 1)
	take(1)
	if (c ~ /[xuU]/) {
		code = hex(c == "x" ? 2 : c == "u" ? 4 : 8)
		if (code >= 55296 && code < 56320 && s ~ /^\\u/) {
			take(2)
			low = hex(4)
			if (low < 56320 || low > 57343) code = 0
			else code = (code - 55296) * 1024 + low - 56320 + 65536
		}
	} else code = codes[index("abtnvfreN_LP \"/\\\t", c)]
	if (c == "" || code < 1 || code > 1114111 || code >= 55296 && code < 57344) fail("no character: \\" c)
	if (!(code in characters)) characters[code] = escape(utf8(code))
	return characters[code]
}

function hex(digits,   code, at) {
	for (; digits > 0; digits--) {
		at = index("0123456789abcdef", tolower(substr(s, 1, 1)))
		if (!at || s == "") fail("no hexadecimal digit")
		code = code * 16 + at - 1
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
	head = rest()
	if (head !~ /^[|>]([-+]?[1-9]?|[1-9][-+])([ \t]+#.*)?$/) fail("unexpected " substr(head, 1, 20))
	folded = head ~ /^>/
	sub(/[ \t].*/, "", head)
	if (match(head, /[1-9]/)) deep = min - 1 + substr(head, RSTART, 1)
	else deep = -1
	begin()
	for (; row < rows; row++) {
		text = lines[row + 1]
		match(text, /^ */)
		indent = RLENGTH
		if (indent == length(text) && (deep < 0 || indent <= deep)) {
			if (indent > lead) lead = indent
			# the last line, without a line feed, is none
			if (deep < 0 || row + 1 < rows || !unended) empty++
			continue
		}
		if (indent < (deep < 0 ? min : deep) || marker(text)) break
		if (deep < 0) {
			if (indent < lead) fail("an empty line before it is indented more")
			deep = indent
		}
		text = substr(text, deep + 1)
		if (!folded || more || text ~ /^[ \t]/) breaks(empty + some)
		else if (empty) breaks(empty)
		else if (some) add(" ")
		more = text ~ /^[ \t]/
		add(escape(text))
		some = 1
		empty = 0
	}
	if (head ~ /\+/) breaks(empty + some)
	else if (head !~ /-/) breaks(some)
	put(path, "s", whole part)
	s = ""
	advance()
}

# --- collections

# What stands behind `key:` or `-`, or the whole document. A list may be at the indentation of its key (loose); maps and lists may begin
# on the line (compact) behind a dash.
function value(path, parent, loose, compact,   at) {
	no_tab()
	if (done()) {
		advance()
		compact = 1
		if (col < parent || col == parent && !(loose && item())) {
			put(path, "n", "null")
			return
		}
	}
	at = col
	if (compact && item()) list(path, at)
	else if (s ~ /^[|>]/) block(path, parent + 1)
	else if (s ~ /^[[{]/) {
		flow(path, parent + 1)
		line_end()
	} else if (word(parent + 1, compact)) map(path, at)
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
	while (col == indent && item()) {
		take(1)
		value(below(path, count[head]++), indent, 0, 1)
	}
	if (col > indent) fail("indented more than the items before")
	close_at(head, path, "l")
}

# Its first key has been read.
function map(path, indent,   head, key) {
	head = open()
	for (;;) {
		key = TEXT
		value(entry(head, path, key), indent, 1, 0)
		upto[head, key] = size
		if (col < indent) break
		if (col > indent) fail("indented more than the keys before")
		if (!word(indent + 1, 1)) fail("a key without a colon")
	}
	close_at(head, path, "m")
}

function flow(path, min,   head, end, key, at) {
	head = open()
	end = s ~ /^[{]/ ? "}" : "]"
	take(1)
	for (;;) {
		if (next_of(min) == end) break
		if (end == "]") flow_value(below(path, count[head]++), min)
		else {
			flow_word(min)
			key = TEXT
			at = entry(head, path, key)
			TEXT = ""
			KIND = "n"
			if (next_of(min) == ":") {
				take(1)
				if (next_of(min) ~ /[,}]/) leaf(at)
				else flow_value(at, min)
			} else leaf(at)
			upto[head, key] = size
		}
		if (next_of(min) == ",") take(1)
		else if (s !~ /^[]}]/) fail("a comma is missing")
	}
	take(1)
	close_at(head, path, end == "}" ? "m" : "l")
}

function flow_value(path, min) {
	if (s ~ /^[[{]/) flow(path, min)
	else {
		flow_word(min)
		leaf(path)
	}
}

function flow_word(min) {
	if (s ~ /^["']/) quoted(min)
	else flow_plain(min)
}

# The next character within a flow collection.
function next_of(min) {
	if (min) no_tab()
	if (done()) {
		s = ""
		fold(min, 1)
	}
	return substr(s, 1, 1)
}

