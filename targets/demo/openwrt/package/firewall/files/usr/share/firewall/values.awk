# SPDX-License-Identifier: GPL-2.0-or-later
# Options of a section as values. What is no value of its kind makes the section Bad, with the reason.

function bad(reason) { if (Bad == "") Bad = reason; return 0 }

# The words of an option, whether it is a string or a list.
function option(id, key, default_,   oid, i, text) {
	oid = option_named(id, key)
	if (!oid) return default_ ""
	if (!IsList[oid]) return Text[oid]
	for (i = 1; i <= Items[oid]; i++) text = text (i > 1 ? " " : "") Item[oid, i]
	return text
}

function bool(id, key, default_,   value) {
	value = option(id, key, default_)
	if (value ~ /^(1|on|true|yes|enabled)$/) return 1
	if (value ~ /^(0|off|false|no|disabled)?$/) return 0
	return bad(key " '" value "' is neither 1 nor 0")
}

# 4, 6, or 0 for both.
function family_of(id,   value) {
	value = tolower(option(id, "family"))
	if (value ~ /^(ipv4|inet|inet4|4)$/) return 4
	if (value ~ /^(ipv6|inet6|6)$/) return 6
	if (value ~ /^(any|\*|0)?$/) return 0
	return bad("family '" value "' is not known")
}

function policy(id, key, default_,   value) {
	value = tolower(option(id, key, default_))
	if (value ~ /^(accept|reject|drop)$/) return value
	bad(key " '" value "' is no policy")
	return "drop"
}

# "10/second" as nft writes it.
function limit(id, key,   value, part, unit) {
	value = option(id, key)
	if (value == "") return ""
	split(value, part, "/")
	unit = part[2] == "" ? "second" : part[2]
	unit = unit ~ /^s/ ? "second" : unit ~ /^m/ ? "minute" : unit ~ /^h/ ? "hour" : unit ~ /^d/ ? "day" : ""
	if (part[1] !~ /^[0-9]+$/ || unit == "") { bad(key " '" value "' is no limit"); return "" }
	return "limit rate " part[1] "/" unit
}

# Numbers of protocols that nft does not know by name.
function protocol(name) {
	name = tolower(name)
	if (name ~ /^(tcp|udp|udplite|esp|ah|sctp|dccp|icmp)$/) return name
	if (name ~ /^(icmpv6|ipv6-icmp|58)$/) return "ipv6-icmp"
	if (name == "igmp") return 2
	if (name == "ipip") return 4
	if (name == "gre") return 47
	if (name == "ospf") return 89
	if (name == "pim") return 103
	if (name == "vrrp") return 112
	if (name == "l2tp") return 115
	if (name ~ /^[0-9]+$/ && name < 256) return name
	return bad("protocol '" name "' is not known")
}

# Fills `list` with the protocols of a section; "any" for all of them. Returns how many.
function protocols(id, list,   value, word, n, i, count) {
	value = tolower(option(id, "proto", "tcpudp"))
	gsub(/,/, " ", value)
	n = split(value, word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] ~ /^(all|any|\*|0)$/) { list[1] = "any"; return 1 }
		if (word[i] == "tcpudp") { list[++count] = "tcp"; list[++count] = "udp" }
		else list[++count] = protocol(word[i])
	}
	return count
}

# An address as nft takes it: 1.2.3.4, with a prefix, or from-to. A netmask becomes a prefix.
function address(text,   part, bits, i, octet) {
	if (text ~ /:/) return text ~ /^[0-9a-fA-F:.]+(\/[0-9]+)?(-[0-9a-fA-F:.]+)?$/ ? tolower(text) : bad("'" text "' is no address")
	if (text !~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(\/[0-9.]+|-[0-9.]+)?$/) return bad("'" text "' is no address")
	if (text !~ /\/.*\./) return text
	split(text, part, "/")
	split(part[2], octet, ".")
	for (i = 1; i <= 4; i++) for (; octet[i] >= 128; octet[i] = (octet[i] - 128) * 2) bits++
	return part[1] "/" (bits + 0)
}

function port(text) {
	sub(/:/, "-", text)
	return text ~ /^[0-9]+(-[0-9]+)?$/ ? text : bad("'" text "' is no port")
}

function mac(text) { return tolower(text) ~ /^[0-9a-f][0-9a-f](:[0-9a-f][0-9a-f])+$/ ? tolower(text) : bad("'" text "' is no MAC address") }

# One value as it is, several in braces.
function set_of(text,   n, word, i, out) {
	n = split(text, word, " ")
	if (n == 1) return word[1]
	for (i = 1; i <= n; i++) out = out (i > 1 ? ", " : "") word[i]
	return "{ " out " }"
}

# The words of an option as a match: KEY { those } KEY != { those with a ! before them }.
# kind: address4, address6, port, mac. Words of the other family count in Others.
function match_of(id, key, kind, expression,   n, word, i, text, not, yes, no, value) {
	Others = 0
	n = split(option(id, key), word, " ")
	for (i = 1; i <= n; i++) {
		text = word[i]
		not = sub(/^!/, "", text)
		if (text == "" && i < n) { word[i + 1] = "!" word[i + 1]; continue } # a ! that stands alone
		if (kind ~ /^address/) {
			value = address(text)
			if ((text ~ /:/) != (kind == "address6")) { Others++; continue }
		} else value = kind == "port" ? port(text) : mac(text)
		if (not) no = no " " value
		else yes = yes " " value
	}
	return (yes == "" ? "" : expression " " set_of(yes) " ") (no == "" ? "" : expression " != " set_of(no) " ")
}

# A comment or a prefix of the log: nft takes no quotes inside, and 127 characters.
function text_of(text) {
	gsub(/["\\]/, "'", text)
	gsub(/[^ -~]/, "?", text)
	return "\"" substr(text, 1, 120) "\""
}
