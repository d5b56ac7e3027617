# SPDX-License-Identifier: GPL-2.0-or-later
# What a reference (`package.section.option=value`) means, and the changes that can be made there.
#
# RPackage RSection ROption RValue: its parts; RDepth: how many of the first three; RHasValue.
# RSec, ROpt: the section and option they name, 0 when there is none; RComplete: everything named is there.

function fail(reason) { Failure = reason; return 0 }
function invalid() { return fail("Invalid argument") }
function missing() { return fail("Entry not found") }

function split_reference(text,   at, part) {
	at = index(text, "=")
	RHasValue = at > 0
	RValue = RHasValue ? substr(text, at + 1) : ""
	if (at) text = substr(text, 1, at - 1)
	RDepth = split(text, part, "[.]")
	RPackage = part[1] ""
	RSection = part[2] ""
	ROption = part[3] ""
	RExtended = RDepth > 1 && !valid_name(RSection)
	if (RDepth > 3 || !valid_package(RPackage) || RDepth == 3 && !valid_name(ROption) || !valid_value(RValue))
		return fail("Parse error")
	return 1
}

# Finds what the reference names. Fails only where it makes no sense; look at RComplete for the rest.
function find() {
	RSec = ROpt = RComplete = 0
	if (RDepth > 1) {
		if (!RExtended) RSec = section_named(RSection)
		else if (!find_nth()) return 0
		if (!RSec) return 1
		RSection = Name[RSec]
	}
	if (RDepth > 2 && !(ROpt = option_named(RSec, ROption))) return 1
	return RComplete = 1
}

# @type[n], @[n]
function find_nth(   open, type, n) {
	open = index(RSection, "[")
	if (RSection !~ /^@[^[]*\[[^]]*\]$/) return invalid()
	type = substr(RSection, 2, open - 2)
	n = substr(RSection, open + 1, length(RSection) - open - 1)
	if (n !~ /^([ \t\n\v\f\r]*[-+]?[0-9]+)?$/ || type != "" && !valid_type(type)) return invalid()
	RSec = section_nth(type, n + 0)
	return 1
}

function refer(text) { return split_reference(text) && load(RPackage) && find() }

# Notes a change for the file of changes, unless it comes from there.
function record(command, value, has_value) {
	if (!Recording) return
	Pending = Pending command RPackage "." RSection (RDepth > 2 ? "." ROption : "") (has_value ? "=" quoted(value) : "") "\n"
}

function set() {
	if (!RHasValue || !RSec && RDepth != 2 || RDepth == 2 && RValue != "" && !valid_type(RValue)) return invalid()
	if (RValue == "") return RComplete ? remove() : 1
	if (RDepth > 2) {
		if (ROpt && !IsList[ROpt] && Text[ROpt] == RValue) return 1
		if (!ROpt) ROpt = option_new(RSec, ROption)
		option_set(ROpt, RValue)
	} else if (!RSec) {
		RSec = section_new(RValue, RSection)
		if (RExtended) Loaded = "" # noted, but never found again
	} else {
		if (Type[RSec] == RValue) return 1
		# An unnamed section keeps that state only by the accident that both types are of one length.
		if (length(Type[RSec]) != length(RValue)) Unnamed[RSec] = 0
		Type[RSec] = RValue
	}
	record("", RValue, 1)
	return 1
}

function add(type) {
	RSec = section_new(type, "")
	RSection = Name[RSec]
	RDepth = 2
	record("+", type, 1)
	if (!valid_type(type)) Loaded = ""
	return 1
}

function remove() {
	if (!RComplete) return missing()
	if (!RSec) return invalid()
	if (ROpt && IsList[ROpt] && RHasValue && RValue != "") {
		if (RValue + 0 < 0 || int(RValue) >= Items[ROpt]) return 1
		record("-", RValue, 1)
		list_remove(ROpt, "", int(RValue))
		return 1
	}
	record("-")
	if (ROpt) option_remove(RSec, ROpt)
	else section_remove(RSec)
	return 1
}

function add_to_list() {
	if (!RSec || RDepth < 3 || !RHasValue) return invalid()
	if (!ROpt) ROpt = option_new(RSec, ROption)
	list_add(ROpt, RValue)
	record("|", RValue, 1)
	return 1
}

function remove_from_list() {
	if (!RSec || !RHasValue) return invalid()
	if (!ROpt || !IsList[ROpt]) return 1
	record("~", RValue, 1)
	list_remove(ROpt, RValue, "")
	return 1
}

function rename() {
	if (!RComplete) return missing()
	if (!RSec || !RHasValue) return invalid()
	record("@", RValue, 1)
	if (ROpt) Key[ROpt] = RValue
	else { Name[RSec] = RValue; Unnamed[RSec] = 0 }
	if (!valid_name(RValue)) Loaded = "" # noted, but refused when read again
	return 1
}

function reorder() {
	if (!RSec || !RHasValue) return missing()
	RDepth = 2
	if (section_move(RSec, int(RValue))) record("^", int(RValue), 1)
	return 1
}

# A section or an option from a file that is being read.
function merge_section(id, type, name) {
	RPackage = PackageName
	RHasValue = 1
	if (name == "") { add(type); return RSec }
	RSec = id; RSection = name; RDepth = 2; RValue = type; RComplete = id > 0; RExtended = 0
	set()
	return RSec
}

function merge_option(id, key, value, list) {
	RPackage = PackageName
	RSec = id; RSection = Name[id]; ROption = key; ROpt = option_named(id, key)
	RDepth = 3; RHasValue = 1; RValue = value; RComplete = 0
	if (list) add_to_list()
	else set()
}
