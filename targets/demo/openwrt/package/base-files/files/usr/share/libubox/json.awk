# SPDX-License-Identifier: GPL-2.0-or-later
# Reads a JSON text from the input and prints it as calls of jshn.sh. Exits with 1 at what is no JSON.

function fail() { Failed = 1; Text = ""; return "" }
function skip(length_) { Text = substr(Text, length_ + 1); sub(/^[ \t\r\n]+/, "", Text) }
function next_is(c) { return substr(Text, 1, 1) == c }
function quoted(text) { gsub(/'/, "'\\''", text); return "'" text "'" }

function hex(digits,   i, n) {
	for (i = 1; i <= length(digits); i++) n = n * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
	return n
}

function utf8(code) {
	if (code < 128) return sprintf("%c", code)
	if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
	if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
	return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}

function string(   out, c, code) {
	if (!match(Text, /^"([^"\\]|\\.)*"/)) return fail()
	c = substr(Text, 2, RLENGTH - 2)
	skip(RLENGTH)
	while (match(c, /\\./)) {
		out = out substr(c, 1, RSTART - 1)
		code = substr(c, RSTART + 1, 1)
		c = substr(c, RSTART + 2)
		if (code != "u") { out = out (code in Escape ? Escape[code] : code); continue }
		if (c !~ /^[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]/) return fail()
		code = hex(substr(c, 1, 4))
		c = substr(c, 5)
		if (code >= 55296 && code < 56320 && c ~ /^\\u[dD][c-fC-F]/) { # the first of a pair
			code = 65536 + (code - 55296) * 1024 + hex(substr(c, 3, 4)) - 56320
			c = substr(c, 7)
		}
		out = out utf8(code)
	}
	return out c
}

function members(close_,   name, first) {
	skip(1)
	for (first = 1; !Failed && !next_is(close_); first = 0) {
		if (!first) { if (!next_is(",")) return fail(); skip(1) }
		name = ""
		if (close_ == "}") {
			name = string()
			if (!next_is(":")) return fail()
			skip(1)
		}
		value(name)
	}
	skip(1)
}

function value(name) {
	if (next_is("{")) { print "json_add_object " quoted(name); members("}"); print "json_close_object" }
	else if (next_is("[")) { print "json_add_array " quoted(name); members("]"); print "json_close_array" }
	else if (next_is("\"")) print "json_add_string " quoted(name) " " quoted(string())
	else if (match(Text, /^(true|false)/)) { print "json_add_boolean " quoted(name) " " (next_is("t") ? 1 : 0); skip(RLENGTH) }
	else if (match(Text, /^null/)) { print "json_add_null " quoted(name); skip(4) }
	else if (match(Text, /^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?/)) {
		print "json_add_" (substr(Text, 1, RLENGTH) ~ /[.eE]/ ? "double " : "int ") quoted(name) " " substr(Text, 1, RLENGTH)
		skip(RLENGTH)
	} else fail()
}

BEGIN {
	Escape["n"] = "\n"; Escape["t"] = "\t"; Escape["r"] = "\r"; Escape["b"] = "\b"; Escape["f"] = "\f"
	while ((getline line) > 0) Text = Text line "\n"
	skip(0)
	if (next_is("{")) members("}")
	else if (next_is("[")) members("]")
	else fail()
	exit Failed || Text != ""
}
