# SPDX-License-Identifier: GPL-2.0-or-later
# Names of ICMP messages, as `type` or `type/code`, for IPv4 and IPv6 (from the registries of IANA).

function icmp_name(name, four, six) { Icmp[name, 4] = four; Icmp[name, 6] = six }

function icmp_names() {
	if (("echo-request", 4) in Icmp) return
	icmp_name("echo-request", "8", "128"); icmp_name("ping", "8", "128")
	icmp_name("echo-reply", "0", "129"); icmp_name("pong", "0", "129")
	icmp_name("destination-unreachable", "3", "1")
	icmp_name("network-unreachable", "3/0", ""); icmp_name("host-unreachable", "3/1", "")
	icmp_name("protocol-unreachable", "3/2", ""); icmp_name("port-unreachable", "3/3", "1/4")
	icmp_name("fragmentation-needed", "3/4", ""); icmp_name("source-route-failed", "3/5", "")
	icmp_name("network-prohibited", "3/9", ""); icmp_name("host-prohibited", "3/10", "")
	icmp_name("communication-prohibited", "3/13", "1/1"); icmp_name("no-route", "", "1/0")
	icmp_name("beyond-scope", "", "1/2"); icmp_name("address-unreachable", "", "1/3")
	icmp_name("failed-policy", "", "1/5"); icmp_name("reject-route", "", "1/6")
	icmp_name("source-quench", "4", ""); icmp_name("redirect", "5", "137")
	icmp_name("packet-too-big", "", "2")
	icmp_name("time-exceeded", "11", "3")
	icmp_name("ttl-exceeded", "11", "3"); icmp_name("ttl-zero-during-transit", "11/0", "3/0")
	icmp_name("ttl-zero-during-reassembly", "11/1", "3/1")
	icmp_name("parameter-problem", "12", "4"); icmp_name("ip-header-bad", "12/0", "")
	icmp_name("bad-header", "", "4/0"); icmp_name("unknown-header-type", "", "4/1"); icmp_name("unknown-option", "", "4/2")
	icmp_name("timestamp-request", "13", ""); icmp_name("timestamp-reply", "14", "")
	icmp_name("address-mask-request", "17", ""); icmp_name("address-mask-reply", "18", "")
	icmp_name("router-solicitation", "10", "133"); icmp_name("router-advertisement", "9", "134")
	icmp_name("neighbour-solicitation", "", "135"); icmp_name("neighbor-solicitation", "", "135")
	icmp_name("neighbour-advertisement", "", "136"); icmp_name("neighbor-advertisement", "", "136")
}

# The matches for the types of a section in one family, a line each: messages with and without a code are matched apart.
# "-" when it has types, but none of this family.
function icmp_matches(id, family, lines,   n, word, i, value, plain, coded, key, count) {
	icmp_names()
	n = split(option(id, "icmp_type"), word, " ")
	if (!n) { lines[1] = ""; return 1 }
	for (i = 1; i <= n; i++) {
		if (word[i] == "any") { lines[1] = ""; return 1 }
		if (word[i] ~ /^[0-9]+(\/[0-9]+)?$/) value = word[i]
		else if ((word[i], 4) in Icmp) value = Icmp[word[i], family]
		else { bad("ICMP type '" word[i] "' is not known"); continue }
		if (value ~ /\//) { sub(/\//, " . ", value); coded = coded (coded == "" ? "" : ", ") value }
		else if (value != "") plain = plain " " value
	}
	key = family == 4 ? "icmp" : "icmpv6"
	if (plain != "") lines[++count] = key " type " set_of(plain) " "
	if (coded != "") lines[++count] = key " type . " key " code { " coded " } "
	return count + 0
}
