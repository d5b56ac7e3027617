# SPDX-License-Identifier: GPL-2.0-or-later
# One package in memory: sections in order, each with options in order, each a string or a list.
#
# Section:   Sections[1..Count] = id;  Name[id] Type[id] Unnamed[id]  Options[id] (how many)
# Option:    Option[id, 1..Options[id]] = oid;  Key[oid] IsList[oid] Text[oid]  Items[oid] (how many) Item[oid, n]
# Made:      sections made since the package was read; the id of an unnamed section is made of it and of its type.

function model_clear() {
	split("", Sections); split("", Name); split("", Type); split("", Unnamed); split("", Options)
	split("", Option); split("", Key); split("", IsList); split("", Text); split("", Items); split("", Item)
	Count = Made = LastSection = LastOption = 0
}

function section_named(name,   i) {
	for (i = 1; i <= Count; i++) if (Name[Sections[i]] == name) return Sections[i]
	return 0
}

# The n-th section (from 0; below 0 from the end) of a type, or of any type when it is empty.
function section_nth(type, n,   i, total) {
	for (i = 1; i <= Count; i++) if (type == "" || Type[Sections[i]] == type) total++
	if (n < 0) n += total
	for (i = 1; i <= Count; i++) if ((type == "" || Type[Sections[i]] == type) && n-- == 0) return Sections[i]
	return 0
}

function section_new(type, name,   id) {
	id = ++LastSection
	Sections[++Count] = id
	Made++
	Unnamed[id] = name == ""
	Name[id] = name == "" ? section_id(type) : name
	Type[id] = type
	Options[id] = 0
	return id
}

# "cfg", the count of sections made, and the low 16 bits of Bernstein's hash of the type.
function section_id(type,   i, hash) {
	if (!("a" in Code)) for (i = 1; i < 256; i++) Code[sprintf("%c", i)] = i
	hash = 5381
	for (i = 1; i <= length(type); i++) hash = (hash * 33 + Code[substr(type, i, 1)]) % 65536
	return sprintf("cfg%02x%04x", Made, hash)
}

function section_place(id,   i) {
	for (i = 1; i <= Count; i++) if (Sections[i] == id) return i
	return 0
}

function section_remove(id,   i) {
	for (i = section_place(id); i < Count; i++) Sections[i] = Sections[i + 1]
	delete Sections[Count--]
}

# Moves a section to a position (from 0). Returns whether anything changed.
function section_move(id, to,   from, i) {
	from = section_place(id)
	if (to < 0) to = 0
	if (++to > Count) to = Count
	for (i = from; i < to; i++) Sections[i] = Sections[i + 1]
	for (i = from; i > to; i--) Sections[i] = Sections[i - 1]
	Sections[to] = id
	return from != to
}

function option_named(id, key,   i) {
	for (i = 1; i <= Options[id]; i++) if (Key[Option[id, i]] == key) return Option[id, i]
	return 0
}

function option_new(id, key,   oid) {
	oid = ++LastOption
	Option[id, ++Options[id]] = oid
	Key[oid] = key
	IsList[oid] = Items[oid] = 0
	Text[oid] = ""
	return oid
}

function option_remove(id, oid,   i) {
	for (i = 1; Option[id, i] != oid;) i++
	for (; i < Options[id]; i++) Option[id, i] = Option[id, i + 1]
	delete Option[id, Options[id]--]
}

function option_set(oid, text) {
	IsList[oid] = Items[oid] = 0
	Text[oid] = text
}

# Adds an item; a string becomes the first item of a new list.
function list_add(oid, text) {
	if (!IsList[oid] && Text[oid] != "") Item[oid, ++Items[oid]] = Text[oid]
	IsList[oid] = 1
	Item[oid, ++Items[oid]] = text
}

# Removes the items equal to a text, or with a number (from 0) just that one.
function list_remove(oid, text, number,   i, kept) {
	for (i = 1; i <= Items[oid]; i++)
		if (number == "" ? Item[oid, i] != text : i - 1 != number) Item[oid, ++kept] = Item[oid, i]
	Items[oid] = kept + 0
}

function valid_name(text) { return text ~ /^[A-Za-z0-9_]+$/ }
function valid_type(text) { return text ~ /^[!-~]+$/ }
function valid_package(text) { return valid_type(text) && text !~ /^\// }
function valid_value(text) { return text !~ /[\001-\010\013\014\016-\037]/ }
