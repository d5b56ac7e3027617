# SPDX-License-Identifier: GPL-2.0-or-later
# Packages from and to the files.

function readable(path,   text, got) {
	got = (getline text <path)
	close(path)
	return got >= 0
}

# Brings a package into memory, with the changes not yet committed.
function load(name) {
	if (Loaded == name) return 1
	if (!valid_package(name)) return missing()
	model_clear()
	Loaded = ""
	PackageName = name
	PackagePath = ENVIRON["UCI_CONF2DIR"] "/" name
	if (ENVIRON["UCI_CONF2DIR"] == "" || !readable(PackagePath)) PackagePath = ENVIRON["UCI_CONFDIR"] "/" name
	if (!readable(PackagePath)) return missing()
	return read_package_file() ? 1 : fail(broken_text())
}

# The reference that is being looked up must outlive the reading, which uses the same words.
function read_package_file(   package, section, option, value, has_value, depth, extended, recording, ok) {
	package = RPackage; section = RSection; option = ROption; value = RValue
	has_value = RHasValue; depth = RDepth; extended = RExtended; recording = Recording
	Recording = 0
	ok = read_text(PackagePath)
	if (ok) { read_deltas(PackageName); Loaded = PackageName }
	RPackage = package; RSection = section; ROption = option; RValue = value
	RHasValue = has_value; RDepth = depth; RExtended = extended; Recording = recording
	return ok
}

# Puts a text in the place of a file in one step, keeping its mode.
function write_file(path, text, after,   command) {
	command = "p=$(readlink -f " quoted(path) ") && t=$(mktemp \"${p%/*}/.uci-XXXXXX\") && " \
		"{ [ ! -e \"$p\" ] || cp -p \"$p\" \"$t\"; } && cat >\"$t\" && sync \"$t\" && mv \"$t\" \"$p\"" after
	printf "%s", text | command
	return close(command) == 0 ? 1 : fail("I/O error")
}

function commit(   delta) {
	if (ENVIRON["UCI_NOCOMMIT"]) return 1
	if (Batch) { # as a process of its own, one at a time
		Loaded = ""
		if (system(quoted(ENVIRON["UCI_SELF"]) " -c " quoted(ENVIRON["UCI_CONFDIR"]) " -C " quoted(ENVIRON["UCI_CONF2DIR"]) \
			" -t " quoted(Savedir) (Quiet ? " -q" : "") (WithNames ? " -n" : "") (Lenient ? " -S" : "") " commit " quoted(PackageName))) return fail("")
		return 1
	}
	if (!Changes) return 1
	# What another process has added to the changes since we read them stays.
	delta = quoted(Savedir "/" PackageName)
	Loaded = ""
	return write_file(PackagePath, package_text(PackageName, 0),
		" && [ ! -s " delta " ] || sed -i 1," DeltaLines "d " delta)
}

# Packages read from the input take the place of the files, all of them or none.
function import(name, several) {
	model_clear()
	Imported = 0
	PackageName = name
	if (!read_text("", several)) return fail(broken_text())
	package_end()
	if (Failure != "") return 0
	for (several = 1; several <= Imported; several++)
		if (!write_file(ENVIRON["UCI_CONFDIR"] "/" ImportName[several], ImportText[several])) return 0
	return 1
}

function package_end(   i) {
	if (PackageName == "") return
	for (i = 1; i <= Imported; i++) if (ImportName[i] == PackageName) fail("Duplicate entry")
	ImportName[++Imported] = PackageName
	ImportText[Imported] = package_text(PackageName, 0)
	model_clear()
	Section = 0
}

function import_into(name) {
	if (!load(name)) { Failure = ""; return import(name) }
	Recording = 1
	if (!read_text("")) { Pending = ""; Loaded = ""; return fail(broken_text()) }
	return save()
}
