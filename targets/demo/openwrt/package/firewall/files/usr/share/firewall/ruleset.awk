# SPDX-License-Identifier: GPL-2.0-or-later
# The package firewall from the input, as a table of nft on stdout. FW_NETWORKS: see zones.awk. FW_FLOW: devices between which
# known flows take a short cut.

function each(type, kind,   i, id, ok) {
	for (i = 1; i <= Count; i++) {
		id = Sections[i]
		if (Type[id] != type) continue
		Bad = ""
		Staged = 0
		if (!bool(id, "enabled", 1) && Bad == "") continue
		ok = kind == "zone" ? read_zone(id) : kind == "rule" ? read_rule(id) : kind == "forwarding" ? read_forwarding(id) : read_redirect(id)
		if (ok && Bad == "") put_staged()
		else warn(id, "is left out: " Bad)
	}
}

function read_defaults(   i, id, seen) {
	DefaultInput = DefaultOutput = DefaultForward = "drop"
	for (i = 1; i <= Count; i++) {
		id = Sections[i]
		if (Type[id] ~ /^(include|ipset|nat)$/) warn(id, "is left out: sections of this type are not known here")
		if (Type[id] != "defaults") continue
		if (seen++) { warn(id, "is left out: there is one already"); continue }
		Bad = ""
		DefaultInput = policy(id, "input", "drop")
		DefaultOutput = policy(id, "output", "drop")
		DefaultForward = policy(id, "forward", "drop")
		DropInvalid = bool(id, "drop_invalid")
		SynFlood = bool(id, "synflood_protect", bool(id, "syn_flood"))
		SynRate = limit(id, "synflood_rate")
		SynBurst = option(id, "synflood_burst", 50)
		Offload = bool(id, "flow_offloading")
		if (Bad != "") warn(id, Bad)
	}
}

function chain(name, hook, before,   body) {
	body = before Body[name] Forwarding[name]
	if (hook == "" && body == "") return
	print "\n\tchain " name " {"
	if (hook != "") print "\t\ttype " hook
	printf "%s", body
	print "\t}"
	Printed[name] = 1
}

function base_policy(policy_) { return policy_ == "accept" ? "accept" : "drop" }

# What a base chain starts with: packets of known connections, and of the machine with itself.
function known(way,   text) {
	if (way != "") text = "\t\t" way " \"lo\" accept\n"
	return text "\t\tct state vmap { established : accept, related : accept" (DropInvalid ? ", invalid : drop" : "") " }\n"
}

function jumps(base, direction,   i, way) {
	for (i = 1; i <= ZoneCount; i++)
		put_each(base, direction == "out" ? ZoneOut[Zones[i]] : ZoneIn[Zones[i]], "jump " base "_" Zones[i])
}

function nat_jumps(   i) {
	for (i = 1; i <= ZoneCount; i++) {
		if (HasDnat[Zones[i]]) put_each("dstnat", ZoneIn[Zones[i]], "jump dstnat_" Zones[i])
		if (HasSnat[Zones[i]]) put_each("srcnat", ZoneOut[Zones[i]], "jump srcnat_" Zones[i])
	}
}

function print_table(   i, name) {
	print "table inet fw4 {}\ndelete table inet fw4\n\ntable inet fw4 {"
	if (Offload && ENVIRON["FW_FLOW"] != "") {
		print "\tflowtable ft {\n\t\thook ingress priority 0\n\t\tdevices = { " flow_devices() " }\n\t}"
		put_first("forward", "meta l4proto { tcp, udp } flow add @ft")
	}
	if (ENVIRON["FW_INCLUDE"] != "") print "\tinclude " text_of(ENVIRON["FW_INCLUDE"])
	chain("input", "filter hook input priority filter; policy " base_policy(DefaultInput) ";",
		known("iif") (SynFlood ? "\t\ttcp flags & (fin | syn | rst | ack) == syn jump syn_flood\n" : ""))
	chain("forward", "filter hook forward priority filter; policy " base_policy(DefaultForward) ";", First["forward"] known(""))
	chain("output", "filter hook output priority filter; policy " base_policy(DefaultOutput) ";", known("oif"))
	chain("dstnat", "nat hook prerouting priority dstnat; policy accept;")
	chain("srcnat", "nat hook postrouting priority srcnat; policy accept;")
	chain("mangle_prerouting", "filter hook prerouting priority mangle; policy accept;")
	chain("mangle_forward", "filter hook forward priority mangle; policy accept;")
	chain("mangle_postrouting", "filter hook postrouting priority mangle; policy accept;")
	chain("mangle_output", "route hook output priority mangle; policy accept;")
	put("handle_reject", "meta l4proto tcp reject with tcp reset")
	put("handle_reject", "reject with icmpx type port-unreachable")
	chain("handle_reject")
	if (SynFlood) {
		put("syn_flood", (SynRate == "" ? "limit rate 25/second" : SynRate) " burst " int(SynBurst) " packets return")
		put("syn_flood", "drop")
		chain("syn_flood")
	}
	for (i = 1; i <= ZoneCount; i++) zone_print(Zones[i])
	print "}"
}

function put_first(name, line) { First[name] = First[name] "\t\t" line "\n" }

function flow_devices(   n, word, i, out) {
	n = split(ENVIRON["FW_FLOW"], word, " ")
	for (i = 1; i <= n; i++) out = out (i > 1 ? ", " : "") "\"" word[i] "\""
	return out
}

function zone_print(name,   verdict, i, way, j) {
	chain("input_" name)
	chain("output_" name)
	chain("forward_" name)
	split("accept reject drop", verdict, " ")
	split("from to", way, " ")
	for (i = 1; i <= 3; i++) for (j = 1; j <= 2; j++)
		if ((verdict[i] "_" way[j] "_" name) in Body) print_always(verdict[i] "_" way[j] "_" name)
	if (HasDnat[name]) print_always("dstnat_" name)
	if (HasSnat[name]) print_always("srcnat_" name)
}

function print_always(name) { printf "\n\tchain %s {\n%s\t}\n", name, Body[name] }

BEGIN {
	PackageName = "firewall"
	read_networks()
	if (!read_text("")) { print "firewall: " broken_text() >"/dev/stderr"; exit 1 }
	read_defaults()
	each("zone", "zone")
	each("rule", "rule")
	each("forwarding", "forwarding")
	each("redirect", "redirect")
	# Rules of a zone come before its forwardings, these before what it does by default.
	for (i = 1; i <= ZoneCount; i++) {
		name = "forward_" Zones[i]
		Body[name] = Body[name] Forwarding[name]
		delete Forwarding[name]
		zone_chains(Zones[i])
	}
	Body["forward"] = Body["forward"] Forwarding["forward"]
	delete Forwarding["forward"]
	jumps("input", "in"); jumps("forward", "in"); jumps("output", "out")
	nat_jumps()
	if (DefaultInput == "reject") put("input", "jump handle_reject")
	if (DefaultForward == "reject") put("forward", "jump handle_reject")
	if (DefaultOutput == "reject") put("output", "jump handle_reject")
	print_table()
}
