# SPDX-License-Identifier: GPL-2.0-or-later
# Chains and zones. A chain is text that grows; it is printed if anything was put into it or asks for it.

function put(chain, line) { Body[chain] = Body[chain] "\t\t" line "\n" }

# Lines of a section wait until all of it has been understood.
function stage(chain, line) { Staged++; StagedChain[Staged] = chain; StagedLine[Staged] = line }

function put_staged(   i) { for (i = 1; i <= Staged; i++) put(StagedChain[i], StagedLine[i]) }

function warn(id, reason) {
	print "firewall: section " Name[id] " (" Type[id] option_text(id) ") " reason >"/dev/stderr"
}

function option_text(id,   name) {
	name = option(id, "name")
	return name == "" ? "" : " '" name "'"
}

# Interfaces of the network: lines NAME DEVICE SUBNET..., from the environment.
function read_networks(   n, line, i, word, count, j) {
	n = split(ENVIRON["FW_NETWORKS"], line, "\n")
	for (i = 1; i <= n; i++) {
		count = split(line[i], word, " ")
		if (count > 1 && word[2] != "-") NetDevice[word[1]] = word[2]
		for (j = 3; j <= count; j++) NetSubnets[word[1]] = NetSubnets[word[1]] " " word[j]
	}
}

function device_set(text,   n, word, i, out) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) {
		sub(/\+$/, "*", word[i])
		if (word[i] ~ /^[A-Za-z0-9@._*-]+$/) out = out " \"" word[i] "\""
		else bad("'" word[i] "' is no device")
	}
	return out == "" ? "" : set_of(out)
}

# A zone: ZoneIn, ZoneOut: expressions, one a line, that match what comes in and goes out there.
function read_zone(id,   name, n, word, i, devices, family, subnets4, subnets6) {
	name = option(id, "name")
	if (name !~ /^[A-Za-z_][A-Za-z0-9_]*$/) return bad("has no name that could be one")
	if (name in ZoneOf) return bad("has the name of another zone")
	n = split(option(id, "network"), word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] in NetDevice) devices = devices " " NetDevice[word[i]]
		ZoneSubnets[name] = ZoneSubnets[name] NetSubnets[word[i]]
		ZoneNetworks[name] = ZoneNetworks[name] " " word[i]
	}
	devices = device_set(devices " " option(id, "device"))
	subnets4 = match_of(id, "subnet", "address4", "ip @addr")
	subnets6 = match_of(id, "subnet", "address6", "ip6 @addr")
	family = family_of(id)
	ZoneInput[name] = policy(id, "input", DefaultInput)
	ZoneOutput[name] = policy(id, "output", DefaultOutput)
	ZoneForward[name] = policy(id, "forward", DefaultForward)
	ZoneMasq[name] = bool(id, "masq")
	ZoneMasq6[name] = bool(id, "masq6")
	ZoneLog[name] = option(id, "log") % 2 ? limit(id, "log_limit") : "-"
	if (Bad != "") return 0
	ZoneOf[name] = id
	ZoneFamily[name] = family
	Zones[++ZoneCount] = name
	if (subnets4 == "" && subnets6 == "") zone_match(name, family, devices, "")
	if (subnets4 != "" && family != 6) zone_match(name, 4, devices, subnets4)
	if (subnets6 != "" && family != 4) zone_match(name, 6, devices, subnets6)
	return 1
}

function zone_match(name, family, devices, subnets,   prefix) {
	if (devices == "" && subnets == "") return
	prefix = family && subnets == "" ? "meta nfproto ipv" family " " : ""
	ZoneIn[name] = ZoneIn[name] prefix (devices == "" ? "" : "iifname " devices " ") swap(subnets, "saddr") "\n"
	ZoneOut[name] = ZoneOut[name] prefix (devices == "" ? "" : "oifname " devices " ") swap(subnets, "daddr") "\n"
}

function swap(text, with) { gsub(/@addr/, with, text); return text }

# Puts a line behind each expression of a zone.
function put_each(chain, expressions, line,   n, each, i) {
	n = split(expressions, each, "\n")
	for (i = 1; i < n; i++) put(chain, each[i] line)
}

function stage_each(chain, expressions, line,   n, each, i) {
	n = split(expressions, each, "\n")
	for (i = 1; i < n; i++) stage(chain, each[i] line)
}

# The chain VERDICT_from_ZONE or VERDICT_to_ZONE, made when first asked for.
function verdict_chain(verdict, way, zone,   chain, expressions, log_) {
	chain = verdict "_" way "_" zone
	if (chain in Body) return chain
	Body[chain] = ""
	expressions = way == "from" ? ZoneIn[zone] : ZoneOut[zone]
	if (verdict == "accept" && way == "to" && (ZoneMasq[zone] || ZoneMasq6[zone]) && !DropInvalid && !bool(ZoneOf[zone], "masq_allow_invalid"))
		put_each(chain, expressions, (ZoneMasq[zone] && ZoneMasq6[zone] ? "" : "meta nfproto ipv" (ZoneMasq[zone] ? 4 : 6) " ") \
			"ct state invalid counter drop comment \"what has no connection must not leave with its own address\"")
	if (verdict != "accept" && ZoneLog[zone] != "-") {
		log_ = ZoneLog[zone] (ZoneLog[zone] == "" ? "" : " ") "log prefix " text_of(verdict " " zone " " (way == "from" ? "in" : "out") ": ")
		put_each(chain, expressions, log_)
	}
	put_each(chain, expressions, "counter " (verdict == "reject" ? "jump handle_reject" : verdict))
	return chain
}

# What a zone does with packets that no rule of it has decided on.
function zone_chains(name) {
	if (HasDnat[name]) {
		put("input_" name, "ct status dnat accept comment \"redirected ports\"")
		put("forward_" name, "ct status dnat accept comment \"forwarded ports\"")
	}
	put("input_" name, "jump " verdict_chain(ZoneInput[name], "from", name))
	put("output_" name, "jump " verdict_chain(ZoneOutput[name], "to", name))
	put("forward_" name, "jump " verdict_chain(ZoneForward[name], "to", name))
	if (bool(ZoneOf[name], "mtu_fix")) {
		put_each("mangle_postrouting", ZoneOut[name], "tcp flags syn / syn,fin,rst tcp option maxseg size set rt mtu")
		put_each("mangle_forward", ZoneIn[name], "tcp flags syn / syn,fin,rst tcp option maxseg size set rt mtu")
	}
	zone_masquerade(name, 4, ZoneMasq[name], "ip")
	zone_masquerade(name, 6, ZoneMasq6[name], "ip6")
}

function zone_masquerade(name, family, wanted, key,   from, to, others) {
	if (!wanted || ZoneFamily[name] == 10 - family) return
	from = match_of(ZoneOf[name], "masq_src", "address" family, key " saddr")
	others = from == "" && Others
	to = match_of(ZoneOf[name], "masq_dest", "address" family, key " daddr")
	if (others || to == "" && Others) return # only addresses of the other family
	put("srcnat_" name, "meta nfproto ipv" family " " from to "masquerade")
	HasSnat[name] = 1
}
