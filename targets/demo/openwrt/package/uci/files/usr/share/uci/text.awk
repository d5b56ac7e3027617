# SPDX-License-Identifier: GPL-2.0-or-later
# The language of the files: words, quotes, comments; lines of `config`, `option`, `list`, `package`.
#
# Line is the line being read (quotes and a \ at the end draw the next one in), At the position in it, from 1.
# Source is the file, or "" for stdin. Broken holds the reason when a line makes no sense.

function text_open(source) {
	Source = source
	LineNumber = 0
	Broken = ""
	AtEnd = 0
}

function text_close() { if (Source != "") close(Source) }

# Puts the next line of the source behind the first `keep` characters of Line.
function next_line(keep,   text, got) {
	if (AtEnd) got = 0
	else if (Source == "") got = getline text
	else got = (getline text < Source)
	Line = substr(Line, 1, keep)
	if (got <= 0) { AtEnd = 1; return 0 }
	LineNumber++
	Line = Line text "\n"
	return 1
}

function broken(reason) {
	if (Broken == "") { Broken = reason; BrokenAt = At - 1 }
	return 0
}

function broken_text() { return "Parse error (" Broken ") at line " LineNumber ", byte " BrokenAt }

function skip_blanks() { if (match(substr(Line, At), /^[ \t\n\v\f\r]+/)) At += RLENGTH }

# At a \: returns whether the character behind it counts, or is the end of the line, which is then drawn on.
function after_backslash() {
	At++
	if (substr(Line, At) ~ /^\r?\n?$/) { next_line(At - 1); return 0 }
	return 1
}

function single_quoted(   text, end) {
	for (At++; !(end = index(substr(Line, At), "'")); ) {
		text = text substr(Line, At)
		At = length(Line) + 1
		if (!next_line(At - 1)) { broken("EOF with unterminated '"); return text }
	}
	text = text substr(Line, At, end - 1)
	At += end
	return text
}

function double_quoted(   text, c) {
	for (At++; Broken == "";) {
		if (match(substr(Line, At), /^[^"\\]+/)) { text = text substr(Line, At, RLENGTH); At += RLENGTH }
		c = substr(Line, At, 1)
		if (c == "\"") { At++; return text }
		if (c == "\\") { if (after_backslash()) text = text substr(Line, At++, 1) }
		else if (!next_line(At - 1)) broken("EOF with unterminated \"")
	}
	return text
}

# One word: pieces quoted and not, up to a blank, a ; or a #. A ; right behind a plain word takes the rest of
# the line with it, as it does in the program that this one stands for.
function word(   text, c, stop, start) {
	start = At
	do {
		c = substr(Line, At, 1)
		if (c == "'") text = text single_quoted()
		else if (c == "\"") text = text double_quoted()
		else if (c == "\\") { if (after_backslash()) text = text substr(Line, At++, 1) }
		else if (c == "#") Line = substr(Line, 1, At - 1)
		else if (c == ";") stop = 1
		else if (match(substr(Line, At), /^[^'"\\#; \t\n\v\f\r]+/)) { text = text substr(Line, At, RLENGTH); At += RLENGTH }
		c = substr(Line, At, 1)
	} while (!stop && c != "" && c !~ /[ \t\n\v\f\r]/)
	if (stop && length(text) == At - start) Line = substr(Line, 1, At - 1)
	else if (c != "" && !stop) At++
	return text
}

# The next argument of a line; "" when there is none.
function argument(required, kind,   text) {
	skip_blanks()
	if (substr(Line, At, 1) == ";") At++
	else text = word()
	if (Broken != "") return ""
	if (text == "") { if (required) broken("insufficient arguments"); return "" }
	if (kind == "name" && !valid_name(text) || kind == "package" && text !~ /^[A-Za-z0-9_-]+$/) broken("invalid character in name field")
	return text
}

function end_of_command() {
	if (argument(0) != "" && !Lenient && Broken == "") broken("too many arguments")
}

# Reads the whole source into the model. With `several`, `package` lines begin a new one, handed to package_end().
function read_text(source, several,   ok) {
	text_open(source)
	ok = 1
	Section = 0
	for (Line = ""; next_line(0); Line = "") {
		At = 1
		skip_blanks()
		while (Broken == "" && read_command(several)) ;
		if (Broken == "") continue
		if (!Lenient) { ok = 0; break }
		complain("", broken_text())
		Broken = ""
	}
	text_close()
	return ok
}

function read_command(several,   verb) {
	if (!match(substr(Line, At), /^[ \t]*[^ \t]+/)) return 0
	verb = substr(Line, At, RLENGTH)
	sub(/^[ \t]+/, "", verb)
	if (verb ~ /^#/) return 0
	if (verb !~ /^(p|package|c|config|o|option|l|list)$/) return broken("invalid command")
	if (verb ~ /^c/ && PackageName == "") return broken("attempting to import a file without a package name")
	if (verb ~ /^[ol]/ && !Section) return broken("option/list command found before the first section")
	if (At + RLENGTH > length(Line)) return broken((verb ~ /^p/ ? "package" : verb ~ /^c/ ? "config" : "option") " without name")
	At += RLENGTH + 1
	if (verb ~ /^p/) return read_package(several)
	if (verb ~ /^c/) return read_section()
	return read_option(verb ~ /^l/)
}

function read_package(several,   name) {
	name = argument(1, "package")
	end_of_command()
	if (Broken != "" || !several) return Broken == ""
	package_end()
	PackageName = name
	return 1
}

function read_section(   type, name, id) {
	type = argument(1)
	if (Broken == "" && !valid_type(type)) broken("invalid character in type field")
	if (Broken == "") name = argument(0, "name")
	if (Broken == "") end_of_command()
	if (Broken != "") return 0
	id = name == "" ? 0 : section_named(name)
	if (id && !Lenient && Type[id] != type) return broken("section of different type overwrites prior section with same name")
	Section = merge_section(id, type, name)
	return 1
}

function read_option(list,   key, value) {
	key = argument(1, "name")
	if (Broken == "") value = argument(0)
	if (Broken == "") end_of_command()
	if (Broken != "") return 0
	merge_option(Section, key, value, list)
	return 1
}

function escaped(text) {
	gsub(/'/, "'\\''", text)
	return text
}

function quoted(text) { return "'" escaped(text) "'" }

# The package as text: what goes to a file, or with a header what `export` prints.
function package_text(name, header,   text, i, j, k, id, oid) {
	if (header) text = "package " name "\n"
	for (i = 1; i <= Count; i++) {
		id = Sections[i]
		text = text "\nconfig " escaped(Type[id]) (Unnamed[id] && !WithNames ? "" : " " quoted(Name[id])) "\n"
		for (j = 1; j <= Options[id]; j++) {
			oid = Option[id, j]
			if (!IsList[oid]) text = text "\toption " Key[oid] " " quoted(Text[oid]) "\n"
			else for (k = 1; k <= Items[oid]; k++) text = text "\tlist " Key[oid] " " quoted(Item[oid, k]) "\n"
		}
	}
	return text "\n"
}
