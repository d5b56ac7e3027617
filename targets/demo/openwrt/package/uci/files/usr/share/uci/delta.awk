# SPDX-License-Identifier: GPL-2.0-or-later
# The files of changes not yet committed: one a package in each folder of Deltas, the last of which takes new ones.
#
# A line is `package.section[.option]='value'`, with a sign before it: none sets, + adds an unnamed section,
# - removes, @ renames, ^ moves, | adds to a list, ~ removes from one.

# Reads the flags -p, -P and -t: folders to read, in order, the last of them to write to.
function delta_folders(   flag, n, i, j, folder) {
	Deltas = 1
	Delta[1] = "/tmp/.uci"
	n = split(ENVIRON["UCI_DELTAS"], flag, "\n")
	for (i = 1; i < n; i++) {
		folder = substr(flag[i], 2)
		for (j = 1; j <= Deltas && Delta[j] != folder; j++) ;
		if (flag[i] ~ /^p/) {
			if (j <= Deltas) continue
			Delta[j] = Delta[Deltas]
			Delta[Deltas++] = folder
		} else {
			if (j > Deltas) Deltas = j
			for (; j < Deltas; j++) Delta[j] = Delta[j + 1]
			Delta[Deltas] = folder
		}
	}
	Savedir = Delta[Deltas]
}

# Applies the changes of every folder to the package in memory; Changes counts those that could be.
function read_deltas(name,   i) {
	Changes = Log = 0
	for (i = 1; i <= Deltas; i++) {
		text_open(Delta[i] "/" name)
		for (Line = ""; next_line(0); Line = "") if (delta_line(name) && delta_apply()) Changes++
		text_close()
		DeltaLines = LineNumber
	}
	Broken = ""
}

# Reads the line into a reference and Sign. Returns whether it makes sense, and is about the package if one is given.
function delta_line(name,   text) {
	At = 1
	Broken = ""
	text = argument(0)
	if (Broken != "" || At <= length(Line)) return 0
	Sign = substr(text, 1, 1)
	if (Sign ~ /[-+@^|~]/) text = substr(text, 2)
	else Sign = ""
	if (!split_reference(text) || name != "" && RPackage != name || RDepth < 2 || RExtended) return 0
	if (Sign != "-" && !RHasValue || Sign == "@" && !valid_name(RValue)) return 0
	return !(Sign == "^" && RDepth > 2 || Sign ~ /[|~]/ && RDepth < 3)
}

function delta_apply(   ok) {
	LogSign[++Log] = Sign
	LogPlace[Log] = RPackage "." RSection (RDepth > 2 ? "." ROption : "")
	LogValue[Log] = RValue
	if (!find()) return 0
	if (Sign == "-") ok = remove()
	else if (Sign == "@") ok = rename()
	else if (Sign == "^") ok = RComplete && reorder()
	else if (Sign == "|") ok = add_to_list()
	else if (Sign == "~") ok = remove_from_list()
	else ok = set()
	if (ok && Sign == "+" && RDepth == 2 && RSec) Unnamed[RSec] = 1
	return ok
}

function print_changes(   i, sign) {
	for (i = 1; i <= Log; i++) {
		sign = LogSign[i]
		if (sign == "-") print "-" LogPlace[i]
		else print LogPlace[i] (sign == "|" ? "+=" : sign == "~" ? "-=" : "=") quoted(LogValue[i])
	}
}

function save(   path) {
	if (Pending == "") return 1
	path = Savedir "/" PackageName
	printf "%s", Pending >>path
	close(path)
	Pending = ""
	return 1
}

# Takes back the changes to the package, the section or the option that the reference names.
function revert(   name, section, option, depth, path, kept) {
	name = RPackage; section = RSection; option = ROption; depth = RDepth
	path = Savedir "/" name
	text_open(path)
	for (Line = ""; next_line(0); Line = "") {
		if (!delta_line("")) { text_close(); return 1 } # what cannot be read is left alone
		if (depth > 1 && RSection != section || depth > 2 && (RDepth < 3 || ROption != option)) kept = kept Line
	}
	text_close()
	Loaded = ""
	if (LineNumber == 0) return 1
	printf "%s", kept >path
	close(path)
	return 1
}
