# SPDX-License-Identifier: GPL-2.0-or-later
# Sections rule, forwarding and redirect, as lines in the chains of the zones.

# The zone that an option names: "" for none, * for any. Bad if there is no such zone.
function zone_option(id, key,   name) {
	name = option(id, key)
	if (name != "" && name != "*" && !(name in ZoneOf)) bad(key " '" name "' is no zone")
	return name
}

# The matches of a section that do not depend on the protocol, in one family. Absent: there is nothing to match in it.
function common_match(id, family, source, destination,   key, text, others) {
	key = family == 6 ? "ip6" : "ip"
	Absent = 0
	text = match_of(id, source, "address" (family ? family : 4), key " saddr")
	others = text == "" && Others
	text = text match_of(id, destination, "address" (family ? family : 4), key " daddr")
	if (others || Others && text !~ /daddr/) Absent = 1
	return (family && text == "" ? "meta nfproto ipv" family " " : "") text match_of(id, "src_mac", "mac", "ether saddr") mark_match(id)
}

function mark_match(id,   value, not, part) {
	value = option(id, "mark")
	not = sub(/^!/, "", value) ? "!=" : "=="
	if (value == "") return ""
	split(value "/0xffffffff", part, "/")
	if (part[1] !~ /^(0x)?[0-9a-fA-F]+$/ || part[2] !~ /^(0x)?[0-9a-fA-F]+$/) { bad("mark '" value "' is none"); return "" }
	return "meta mark and " part[2] " " not " " part[1] " "
}

function limit_match(id,   text, burst) {
	text = limit(id, "limit")
	burst = option(id, "limit_burst")
	if (burst !~ /^[0-9]*$/) bad("limit_burst '" burst "' is no number")
	return text (text != "" && burst != "" ? " burst " burst " packets" : "") (text == "" ? "" : " ")
}

# Which families a section has to be written for: fills `list`. 0 is for both at once.
function families(id, keys, list,   family, n, key, i, text) {
	family = family_of(id)
	if (family) { list[1] = family; return 1 }
	n = split(keys, key, " ")
	for (i = 1; i <= n; i++) text = text option(id, key[i])
	if (text == "" && option(id, "icmp_type") == "") { list[1] = 0; return 1 }
	if (text != "" && text !~ /:/) { list[1] = 4; return 1 }
	list[1] = 4
	list[2] = 6
	return 2
}

function protocol_match(proto, family, has_ports) {
	if (proto == "any" || has_ports) return ""
	if (proto == "icmp") return "meta l4proto " (family == 6 ? "ipv6-icmp " : family == 4 ? "icmp " : "{ icmp, ipv6-icmp } ")
	return "meta l4proto " proto " "
}

function has_ports(proto) { return proto ~ /^(tcp|udp|udplite|sctp|dccp)$/ }

function mark_set(id,   value, part) {
	value = option(id, "set_xmark", option(id, "set_mark"))
	split(value "/0xffffffff", part, "/")
	if (part[1] !~ /^(0x)?[0-9a-fA-F]+$/ || part[2] !~ /^(0x)?[0-9a-fA-F]+$/) { bad("set_mark '" value "' is none"); return "" }
	if (part[2] == "0xffffffff") return "meta mark set " part[1]
	return "meta mark set mark and " complement(part[2]) " or " part[1]
}

function complement(mask,   i, digit, out) {
	sub(/^0x/, "", mask)
	while (length(mask) < 8) mask = "0" mask
	for (i = 1; i <= 8; i++) {
		digit = 16 - index("0123456789abcdef", tolower(substr(mask, i, 1)))
		out = out substr("0123456789abcdef", digit + 1, 1)
	}
	return "0x" out
}

# The chain of a rule, and what it does there: RuleChain, RuleVerdict.
function rule_place(id, target,   from, to) {
	from = zone_option(id, "src")
	to = zone_option(id, "dest")
	RuleZone = ""
	if (target == "mark") {
		RuleChain = from == "" ? "mangle_output" : "mangle_prerouting"
		if (from != "" && from != "*") RuleZone = from
		RuleVerdict = mark_set(id)
		return
	}
	if (from == "") RuleChain = to == "" || to == "*" ? "output" : "output_" to
	else if (from == "*") RuleChain = to == "" ? "input" : "forward"
	else RuleChain = (to == "" ? "input_" : "forward_") from
	if (Bad != "") return
	if (from != "" && to != "" && to != "*" && target != "") RuleVerdict = "jump " verdict_chain(target, "to", to)
	else RuleVerdict = target == "reject" ? "jump handle_reject" : target
}

function read_rule(id,   target, family, proto, n, m, i, j) {
	target = tolower(option(id, "target"))
	if (target !~ /^(accept|reject|drop|mark)?$/) return bad("target '" target "' is not known here")
	if (option(id, "ipset") option(id, "helper") option(id, "dscp") option(id, "start_time") option(id, "weekdays") != "")
		return bad("has options that are not known here (ipset, helper, dscp, times)")
	rule_place(id, target)
	n = families(id, "src_ip dest_ip", family)
	m = protocols(id, proto)
	if (Bad != "") return 0
	for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) rule_lines(id, family[i], proto[j])
	return Bad == ""
}

function rule_lines(id, family, proto,   common, icmp, n, i, ports, end) {
	if (proto == "ipv6-icmp" && family == 4) return
	common = common_match(id, family, "src_ip", "dest_ip")
	if (Absent) return
	if (has_ports(proto)) ports = match_of(id, "src_port", "port", proto " sport") match_of(id, "dest_port", "port", proto " dport")
	icmp[1] = ""
	n = proto ~ /icmp/ && option(id, "icmp_type") != "" ? icmp_matches(id, family, icmp) : 1
	end = limit_match(id) "counter " log_of(id) RuleVerdict (RuleVerdict == "" ? "" : " ") "comment " text_of(option(id, "name", Name[id]))
	for (i = 1; i <= n; i++)
		put_rule(common protocol_match(proto, family, ports != "" || icmp[i] != "") ports icmp[i] end)
}

function put_rule(line) {
	if (RuleZone == "") stage(RuleChain, line)
	else stage_each(RuleChain, ZoneIn[RuleZone], line)
}

function log_of(id,   value) {
	value = option(id, "log")
	if (value ~ /^(0|off|false|no|disabled)?$/) return ""
	return "log prefix " text_of(value ~ /^(1|on|true|yes|enabled)$/ ? option(id, "name", Name[id]) ": " : value) " "
}

function read_forwarding(id,   from, to, family) {
	from = zone_option(id, "src")
	to = zone_option(id, "dest")
	family = family_of(id)
	if (from == "" || to == "") return bad("needs src and dest")
	if (Bad != "") return 0
	family = family ? "meta nfproto ipv" family " " : ""
	Forwarding[from == "*" ? "forward" : "forward_" from] = Forwarding[from == "*" ? "forward" : "forward_" from] \
		"\t\t" family (to == "*" ? "accept" : "jump " verdict_chain("accept", "to", to)) " comment " text_of("from " from " to " to) "\n"
	return 1
}
