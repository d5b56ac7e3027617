# SPDX-License-Identifier: GPL-2.0-or-later
# Sections redirect: ports sent elsewhere (DNAT, the default), and addresses that packets leave with (SNAT).

function read_redirect(id,   target, from, to, proto, m, j, family) {
	target = tolower(option(id, "target", "dnat"))
	if (target !~ /^[ds]nat$/) return bad("target '" target "' is not known")
	if (option(id, "ipset") option(id, "helper") != "") return bad("has options that are not known here (ipset, helper)")
	from = zone_option(id, "src")
	to = zone_option(id, "dest")
	family = redirect_family(id)
	m = protocols(id, proto)
	if (Bad != "") return 0
	if (target == "dnat" && (from == "" || from == "*")) return bad("needs a zone as src")
	if (target == "snat" && (to == "" || to == "*")) return bad("needs a zone as dest")
	if (target == "snat" && option(id, "src_dip") == "") return bad("needs src_dip")
	for (j = 1; j <= m; j++) {
		if (target == "dnat") dnat(id, family, proto[j], from, to)
		else snat(id, family, proto[j], to)
	}
	return Bad == ""
}

# Without any address it is for IPv4, as it has always been.
function redirect_family(id,   family) {
	family = family_of(id)
	if (family) return family
	return option(id, "dest_ip") option(id, "src_dip") option(id, "src_ip") ~ /:/ ? 6 : 4
}

# "ip to ADDRESS:PORT", ":PORT", or neither
function nat_to(family, host, ports,   text) {
	if (host == "" && ports == "") return ""
	if (host == "") return " to :" ports
	text = family == 6 && ports != "" ? "[" host "]" : host
	return " " (family == 6 ? "ip6" : "ip") " to " text (ports == "" ? "" : ":" ports)
}

function host_option(id, key,   value) {
	value = option(id, key)
	sub(/\/(32|128)$/, "", value)
	return value == "" ? "" : address(value)
}

function port_option(id, key, default_,   value) {
	value = option(id, key, default_)
	return value == "" ? "" : port(value)
}

function dnat(id, family, proto, from, to,   host, ports, match_, line) {
	host = host_option(id, "dest_ip")
	if (has_ports(proto)) {
		ports = port_option(id, "dest_port", option(id, "src_dport"))
		match_ = match_of(id, "src_port", "port", proto " sport") match_of(id, "src_dport", "port", proto " dport")
	}
	line = common_match(id, family, "src_ip", "src_dip") protocol_match(proto, family, match_ != "") match_ limit_match(id) \
		"counter " (host == "" ? "redirect" : "dnat") nat_to(family, host, ports) " comment " text_of(option(id, "name", Name[id]))
	if (Bad != "" || Absent) return
	stage("dstnat_" from, line)
	HasDnat[from] = 1
	if (host != "" && to == "") to = zone_of_host(host)
	if (bool(id, "reflection", 1) && host != "" && to != "" && to != "*" && family == 4 && ZoneMasq[from])
		reflect(id, proto, host, ports, from, to)
}

# Who sits beside the server asks for the public address as well: the way there and back leads through us.
function reflect(id, proto, host, ports, from, to,   inside, outside, own, match_, name) {
	inside = subnets4(ZoneSubnets[to])
	outside = option(id, "src_dip")
	if (outside == "") outside = hosts4(ZoneSubnets[from])
	own = hosts4(near(ZoneSubnets[to], host))
	if (inside == "" || outside == "" || own == "") return
	sub(/ .*/, "", own)
	name = text_of(option(id, "name", Name[id]) " (reflection)")
	if (has_ports(proto)) match_ = match_of(id, "src_dport", "port", proto " dport")
	stage("dstnat_" to, "ip saddr " set_of(inside) " ip daddr " set_of(outside) " " protocol_match(proto, 4, match_ != "") match_ \
		"dnat" nat_to(4, host, ports) " comment " name)
	match_ = ports == "" ? "" : proto " dport " ports " "
	stage("srcnat_" to, "ip saddr " set_of(inside) " ip daddr " host " " protocol_match(proto, 4, match_ != "") match_ \
		"snat ip to " own " comment " name)
	HasDnat[to] = HasSnat[to] = 1
	verdict_chain("accept", "to", to)
}

function number_of(address_,   part) {
	split(address_, part, "[./]")
	return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
}

# How many addresses a prefix leaves. Debian's busybox has no powers.
function size_of(prefix,   size) {
	for (size = 1; prefix < 32; prefix++) size *= 2
	return size
}

function same_network(subnet, host,   part, size) {
	split(subnet, part, "/")
	size = size_of(part[2])
	return int(number_of(part[1]) / size) == int(number_of(host) / size)
}

function subnets4(text,   n, word, i, out, part, size, base) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) if (word[i] !~ /:/) {
		split(word[i], part, "/")
		size = size_of(part[2])
		base = int(number_of(part[1]) / size) * size
		out = out " " int(base / 16777216) "." int(base / 65536) % 256 "." int(base / 256) % 256 "." base % 256 "/" part[2]
	}
	return substr(out, 2)
}

function hosts4(text,   n, word, i, out) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) if (word[i] !~ /:/) { sub(/\/.*/, "", word[i]); out = out " " word[i] }
	return substr(out, 2)
}

# The subnets with the one that the host is in before the others.
function near(text, host,   n, word, i, first, rest) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] !~ /:/ && same_network(word[i], host)) first = first " " word[i]
		else rest = rest " " word[i]
	}
	return first rest
}

function zone_of_host(host,   i, n, word, j) {
	if (host ~ /:/) return ""
	for (i = 1; i <= ZoneCount; i++) {
		n = split(ZoneSubnets[Zones[i]], word, " ")
		for (j = 1; j <= n; j++) if (word[j] !~ /:/ && same_network(word[j], host)) return Zones[i]
	}
	return ""
}

function snat(id, family, proto, to,   host, ports, match_, line) {
	host = host_option(id, "src_dip")
	if (has_ports(proto)) {
		ports = port_option(id, "src_dport")
		match_ = match_of(id, "src_port", "port", proto " sport") match_of(id, "dest_port", "port", proto " dport")
	}
	line = common_match(id, family, "src_ip", "dest_ip") protocol_match(proto, family, match_ != "") match_ limit_match(id) \
		"counter snat" nat_to(family, host, ports) " comment " text_of(option(id, "name", Name[id]))
	if (Bad != "" || Absent) return
	stage("srcnat_" to, line)
	HasSnat[to] = 1
}
