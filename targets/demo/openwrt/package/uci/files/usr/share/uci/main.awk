# SPDX-License-Identifier: GPL-2.0-or-later
# The commands. Each returns an exit code; 255 asks for the usage.

function complain(prefix, reason) {
	if (!Quiet && reason != "") print prefix reason >"/dev/stderr"
}

function failed() {
	complain("uci: ", Failure)
	return 1
}

function show_value(oid, quote,   i, text) {
	if (!IsList[oid]) { print quote ? quoted(Text[oid]) : Text[oid]; return }
	for (i = 1; i <= Items[oid]; i++)
		text = text (i > 1 ? Delimiter : "") (quote || Item[oid, i] ~ /[ \t\r\n]/ ? quoted(Item[oid, i]) : Item[oid, i])
	print text
}

function show_option(section, oid) {
	printf "%s.%s.%s=", PackageName, section, Key[oid]
	show_value(oid, 1)
}

function show_section(id, label,   i) {
	print PackageName "." label "=" Type[id]
	for (i = 1; i <= Options[id]; i++) show_option(label, Option[id, i])
}

function show_package(   i, id, nth, label) {
	for (i = 1; i <= Count; i++) {
		id = Sections[i]
		label = Unnamed[id] && !ENVIRON["UCI_IDS"] ? "@" Type[id] "[" (nth[Type[id]] + 0) "]" : Name[id]
		nth[Type[id]]++
		show_section(id, label)
	}
}

function package_command(command, text) {
	Failure = ""
	if (command == "changes") Loaded = ""
	if (!refer(text)) return failed()
	if (command == "changes") print_changes()
	else if (command == "export") printf "%s", package_text(PackageName, 1)
	else if (command == "commit") return commit() ? 0 : failed()
	else if (!RComplete) { missing(); return failed() }
	else if (ROpt) show_option(RSection, ROpt)
	else if (RSec) show_section(RSec, RSection)
	else show_package()
	return 0
}

function every_package(command,   list, name, n, i, names) {
	list = "ls -1p " quoted(ENVIRON["UCI_CONFDIR"]) " 2>/dev/null"
	while ((list | getline name) > 0) names[++n] = name ""
	close(list)
	if (!n) { missing(); return failed() }
	for (i = 1; i <= n; i++) if (valid_package(names[i]) && names[i] !~ /[.\/]/) package_command(command, names[i])
	return 0
}

function section_command(command, text) {
	if (!refer(text)) return failed()
	if (RHasValue && (command == "get" || command == "revert")) return 1
	if (command == "get") {
		if (!RComplete) { missing(); return failed() }
		if (ROpt) show_value(ROpt, 0)
		else if (RSec) print Type[RSec]
		return 0
	}
	if (command == "revert") return revert() ? 0 : failed()
	if (command ~ /^del(ete)?$/ && RValue !~ /^[ \t\n\v\f\r]*([-+]?[0-9]|$)/) return 1
	Recording = 1
	if (command == "set" ? set() : command == "add_list" ? add_to_list() : command == "del_list" ? remove_from_list() : \
		command ~ /^ren/ ? rename() : command == "reorder" ? reorder() : remove()) return save() ? 0 : failed()
	return failed()
}

function add_command(package, type,   code) {
	RPackage = package
	if (!load(package)) code = Failure ~ /^Parse/ ? 5 : 3
	if (code) { failed(); return code }
	Recording = 1
	RPackage = package
	add(type)
	save()
	print RSection
	return 0
}

function import_command(n, name) {
	if (n > 2 || n < 2 && Merging) return 255
	if (n == 2 && !valid_package(name)) { invalid(); return failed() }
	return (Merging ? import_into(name) : import(name, n < 2)) ? 0 : failed()
}

function run(n, first, second, third,   command) {
	command = tolower(first)
	Failure = Pending = ""
	Recording = 0
	if (command == "batch" && !Batch) return batch()
	if (command ~ /^(get|set|add_list|del_list|del|delete|ren|rename|revert|reorder)$/)
		return n == 2 ? section_command(command, second) : 255
	if (command ~ /^(show|export|commit|changes)$/) {
		if (n > 2) return 255
		return n == 2 ? package_command(command, second) : every_package(command)
	}
	if (command == "add") return n == 3 ? add_command(second, third) : 255
	if (command == "import") return import_command(n, second)
	return 255
}

# Lines of the input as commands. The package stays in memory from one to the next; each change is written at once.
function batch(   n, arg, text) {
	Batch = 1
	text_open("")
	for (Line = ""; next_line(0); Line = "") {
		At = 1
		Broken = ""
		for (n = 0; n < 4 && (text = argument(0)) != "" && Broken == ""; ) arg[++n] = text
		if (Broken != "") { complain("uci: ", broken_text()); continue }
		if (n == 4) { complain("", "Too many arguments"); continue }
		if (!n) continue
		if (tolower(arg[1]) == "exit") break
		BatchLine = LineNumber
		if (run(n, arg[1], arg[2], arg[3]) == 255) complain("", "Unknown command")
		text_open("")
		LineNumber = BatchLine
	}
	return 0
}

BEGIN {
	Quiet = ENVIRON["UCI_QUIET"] != ""
	Merging = ENVIRON["UCI_MERGE"] != ""
	Lenient = ENVIRON["UCI_LENIENT"] != ""
	WithNames = ENVIRON["UCI_NAMES"] != ""
	Delimiter = ENVIRON["UCI_DELIMITER"] ""
	delta_folders()
	arguments = ARGC - 1
	ARGC = 1 # or getline would read them as files
	status = run(arguments, ARGV[1] "", ARGV[2] "", ARGV[3] "")
	if (status == 255) while ((getline line <ENVIRON["UCI_USAGE"]) > 0) print line >"/dev/stderr"
	exit status
}
