# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a cloud says of the network -> UCI. Reads as part=1 the machine (`MAC NAME` of each card, `bonding` where its kernel can,
# `uci -X show` of network, firewall, dhcp), as part=2 flat lines of OpenStack's network_data.json or of network-config version
# 1 or 2. Writes what `uci -m batch` takes: what goes, then what comes as one text to import, for with a `set` each uci would
# read the file again each time. What cannot be is left out and said on stderr. Fails, with nothing, where nothing can be reached.
#
# One model of all three; id is the device that is read or written:
#   D[1..] ids in order, kind[id] phy vlan bond bridge, at[id] its path, device[id] the name in the kernel, own[id] UCI of its device
#   O[id, KEY] dhcp metric noroute nodns via, each followed by the family, 4 or 6; ips[id, FAMILY] and dns[id] UCI of interfaces
#   links[id] the bits of its networks, to see who is near; R[1..] routes
# A word becomes UCI after a check that lets no quote, blank or control character pass, so no text needs escapes.

function say(s) {
	gsub(/[^ -~]/, "?", s)
	if (++said < 20) print substr(s, 1, 99) > "/dev/stderr"
}

function put(key, s, word) { if (s != "") return "\t" (word ? word : "option") " " key " '" s "'\n" }
function out(s) { T[++lines] = s }
function begin(type, name) { out("\nconfig " type " '" name "'\n" put("rc_cloud", 1)) }

part == 1 {
	if ($1 ~ /^[0-9a-f][0-9a-f]:/) {
		mac[++cards] = $1
		card[cards] = $2
	}
	gsub(/'/, "")
	i = index($0, "=")
	was[key = substr($0, 1, i - 1)] = substr($0, i + 1)
	if (split(key, w, ".") == 2) section[++sections] = key
	next
}

# V[PATH] is a text, N[PATH] how many are in a map or list, C[PATH, 1..] their names
{
	i = index($0, "=")
	p = substr($0, 1, i - 1)
	sub(/^network\//, "", p)
	if (substr($0, i + 1, 1) ~ /[sifb]/) V[p] = substr($0, i + 3)
	for (; p != "" && !seen[p]++; p = up) {
		i = match(p, /\/[^\/]*$/)
		up = substr(p, 1, i - 1)
		C[up, ++N[up]] = substr(p, i + 1)
	}
}

# any PATH KEYS: the words under these keys, single ones and those of lists, into W; how many
function any(p, keys,   a, n, i, k, q, s) {
	n = split(keys, a, " ")
	while (i++ < n) {
		s = s " " V[q = p "/" a[i]]
		for (k = 1; k <= N[q] && k < 500; k++) s = s " " V[q "/" C[q, k]]
	}
	gsub(/,/, " ", s)
	return split(s, W, " ")
}

function get(p, keys) { return any(p, keys) ? W[1] : "" }
function yes(s) { return tolower(s) ~ /^(true|y|yes|on|1)$/ }
function no(s) { return tolower(s) ~ /^(false|n|no|off|0)$/ }
function number(s, least, most) { return s ~ /^[0-9]+$/ && s + 0 >= least && s + 0 <= most }

# No network of this world has more devices, addresses, routes and names together: a document of that size is an attack on our time.
function full() { return ++things > 2000 }

# bits IP: its family and its 32 or 128 bits; nothing of what is no address
function bits(s,   a, n, i, h) {
	if (s ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/) {
		split(s, a, ".")
		for (i = 1; i <= 4; i++) if (a[i] !~ /^0./ && number(a[i], 0, 255)) h = h sprintf("%02x", a[i])
	} else if (s !~ /[^0-9a-fA-F:]|^:[^:]|[^:]:$|::.*::|:::|[^:][^:][^:][^:][^:]/) {
		for (n = gsub(/:/, ":", s); n < 7 && sub(/::/, ":0::", s); n++);
		if (split(tolower(s), a, ":") == 8) for (i = 1; i <= 8; i++) h = h substr("0000" a[i], length(a[i]) + 1)
	}
	s = ""
	n = length(h)
	for (i = 1; i <= n; i++) s = s substr("0000000100100011010001010110011110001001101010111100110111101111", index("0123456789abcdef", substr(h, i, 1)) * 4 - 3, 4)
	return n == 8 ? 4 s : n == 32 ? 6 s : ""
}

# parse IP MASK [LEN], of IP/24, or of IP and 24, 255.255.255.0 or ffff::, into B its bits, F its family, LEN, CIDR. Without a mask it
# is LEN, or all of an address, or none of what is everywhere.
function parse(s, mask, len,   i, m) {
	if (i = index(s, "/")) {
		mask = substr(s, i + 1)
		s = substr(s, 1, i - 1)
	}
	B = bits(s)
	F = substr(B, 1, 1)
	m = bits(mask)
	LEN = m ~ /^.1*0*$/ ? index(m 0, 0) - 2 : mask != "" ? mask : len ? len : B ~ /.1/ ? length(B) - 1 : 0
	CIDR = s "/" LEN + 0
	return B && number(LEN, 0, length(B) - 1)
}

# near IP: is it on the link, by the addresses of the device?
function near(s,   w, n) {
	for (n = split(links[id] " 61111111010", w, " "); n && index(bits(s), w[n]) != 1; n--);
	return n
}

# route TO MASK GATEWAY METRIC ONLINK: the first that leads everywhere is the device's gateway
function route(to, mask, via, metric, onlink) {
	if (full()) return
	if (to ~ /^(default)?$/) to = via ~ /:/ ? "::" : "0.0.0.0"
	if (!parse(to, mask) || (via == "" ? !LEN : substr(bits(via), 1, 1) != F) || metric != "" && !number(metric, 0, 99999)) return say("no route: " to " " mask " by " via)
	if (!LEN && id != "") {
		if (O[id, "via" F] && metric == "") return
		if (!O[id, "via" F]) O[id, "metric" F] = metric
		if (!O[id, "via" F]) O[id, "via" F] = via
	}
	R[++routes] = id SUBSEP F SUBSEP CIDR SUBSEP via SUBSEP metric SUBSEP onlink
}

function names(key, p, keys,   n, i, s) {
	n = any(p, keys)
	while (i++ < n && !full()) if (key == "dns" ? bits(W[i]) : length(W[i]) < 254 && W[i] ~ /^[A-Za-z0-9_][A-Za-z0-9._-]*$/) {
		s = put(key, W[i], "list")
		if (!index(dns[id], s)) dns[id] = dns[id] s
	}
}

# leads FAMILY: has the device a default route?
function leads(f) { return (O[id, "via" f] || O[id, "dhcp" f] && !O[id, "noroute" f]) + 0 }

function services(p,   i) { while (i++ < N[p]) if (V[p "/" C[p, i] "/type"] == "dns") names("dns", p "/" C[p, i], "address") }

# A device of version 2, a subnet of version 1, a network of OpenStack: they differ less in what they say than in the words.
function layer3(p,   s, n, i, q) {
	s = V[p "/type"]
	if (s ~ /^(dhcp4?|ipv4_dhcp)$/ || yes(V[p "/dhcp4"])) O[id, "dhcp4"] = "dhcp"
	if (s ~ /^(dhcp6|ipv6_dhcp(v6-stateful)?)$/ || yes(V[p "/dhcp6"])) O[id, "dhcp6"] = "dhcpv6"
	else if (s ~ /slaac|stateless/ || yes(V[p "/accept-ra"])) O[id, "slaac"] = O[id, "dhcp6"] = "dhcpv6"
	for (n = any(p, "address ip_address addresses"); n && !full(); n--) if (parse(W[n], V[p "/netmask"], W[n] ~ /:/ ? 64 : 24) && B ~ /.1/ && LEN) {
		ips[id, F] = put(F == 6 ? "ip6addr" : "ipaddr", CIDR, "list") ips[id, F]
		links[id] = links[id] " " substr(B, 1, LEN + 1)
	} else say("no address: " W[n])
	for (n = any(p, "gateway gateway4 gateway6"); n; n--) route("", "", W[n])
	while (i++ < N[p "/routes"]) {
		q = p "/routes/" C[p "/routes", i]
		route(get(q, "to network destination"), get(q, "netmask prefix"), get(q, "via gateway"), V[q "/metric"], yes(V[q "/on-link"]))
	}
	for (n = 4; n < 7; n += 2) {
		q = p "/dhcp" n "-overrides/"
		if (no(V[q "use-routes"])) O[id, "noroute" n] = 1
		if (no(V[q "use-dns"])) O[id, "nodns" n] = 1
		if (number(V[q "route-metric"], 0, 99999)) O[id, "metric" n] = V[q "route-metric"]
	}
	names("dns", p, "dns_nameservers nameservers/addresses")
	names("dns_search", p, "dns_search nameservers/search")
	services(p "/services")
}

# fit NAME: may a device be called so?
function fit(s) { return s ~ /^[A-Za-z][A-Za-z0-9_.-]*$/ && length(s) < 16 && s != "lo" && !taken[s] }

function define(type, p, name,   i, s) {
	if (full() || id ~ /[^ -~]/ || kind[id]) return say("no link " id)
	D[++devices] = id
	kind[id] = type
	at[id] = p
	device[id] = name
	s = V[p "/mtu"]
	if (number(s, 68, 65535)) own[id] = put("mtu", s)
	s = ether(get(p, type == "phy" ? "macaddress" : "vlan_mac_address ethernet_mac_address mac_address macaddress"))
	if (s ~ /^[0-9a-f][02468ace](:[0-9a-f][0-9a-f])+$/ && length(s) == 17) own[id] = own[id] put("macaddr", s)
	layer3(p)
	while (i++ < N[p "/subnets"]) layer3(p "/subnets/" C[p "/subnets", i])
}

function ether(s) {
	gsub(/-/, ":", s)
	return tolower(s)
}

# physical PATH MAC NAME: the card with this MAC; where none is given, those with a name like this
function physical(p, s, like,   i, n, base) {
	base = id
	s = ether(s)
	if (like !~ /^[A-Za-z0-9_*?-]+$/ || length(like) > 32) like = ""
	gsub(/[*]/, ".*", like)
	gsub(/[?]/, ".", like)
	while (i++ < cards) if (!taken[card[i]] && (s == "" ? card[i] ~ "^" like "$" : s == mac[i])) {
		taken[card[i]] = 1
		id = base "" (n++ ? "/" n : "")
		define("phy", p, card[i])
	}
	if (!n) say("no card " s like " for " id)
}

# resolve ID: the device in the kernel; none when nothing is there that it stands on
function resolve(id,   type, p, w, n, i, s, ports, below) {
	type = kind[id]
	if (type == "phy" || done[id]++) return device[id]
	p = at[id]
	n = any(p, "vlan_link link bond_links bond_interfaces bridge_interfaces interfaces")
	while (i++ < n) w[i] = W[i]
	for (i = 1; i <= n; i++) if (s = resolve(w[i])) {
		used[w[i]] = 1
		ports = ports put("ports", s, "list")
		if (!below) below = s
	}
	i = get(p, "vlan_id id")
	if (!below && (n || type != "bridge") || type == "vlan" && !number(i, 1, 4094)) {
		say("not here: " type " " id)
		return
	}
	if (type == "bond" && !("bonding" in was)) {
		say(id " is " below " alone, without kmod-bonding")
		kind[id] = "phy"
		own[id] = ""
		return device[id] = below
	}
	s = id
	if (type == "vlan") {
		s = below "." (i += 0)
		ports = put("ifname", below) put("vid", i)
	}
	while (!fit(s)) s = type "" serial++
	taken[s] = 1
	own[id] = put("type", type == "vlan" ? "8021q" : type == "bond" ? "bonding" : type) ports own[id] parameters(p) parameters(p "/params") parameters(p "/parameters")
	return device[id] = s
}

# parameters PATH: of bonds and bridges, called bond_mode, bond-mode or mode
function parameters(p,   i, key, s, all) {
	while (i++ < N[p]) {
		s = V[p "/" (key = C[p, i])]
		gsub(/-/, "_", key)
		sub(/^(bond|bridge)_/, "", key)
		sub(/^transmit/, "xmit", key)
		sub(/^mode$/, "policy", key)
		sub(/^(miimon|mii_monitor_interval)$/, "monitor_interval", key)
		if (key == "stp") s = yes(s)
		if (key ~ /^(policy|monitor_interval|xmit_hash_policy|lacp_rate|stp)$/ && s ~ /^[a-z0-9.+-]+$/) all = all put(key, s)
	}
	return all
}

# interface NAME PROTO FAMILY: with the name servers, where it is the first of the device
function interface(name, proto, f,   s) {
	made[name] = 1
	named = named " " name
	s = O[id, "metric" f]
	begin("interface", name)
	out(put("device", device[id]) put("proto", proto) put("metric", s == "" && rank && (proto ~ /^dhcp/ || O[id, "via" f]) ? rank * 10 : s))
	if (!on[id]) out(dns[id] (rank ? "" : dns[""]))
	on[id] = on[id, f] = name
}

# Each family has DHCP, or static addresses, or an interface for either.
function interfaces(   f, s) {
	while (rank && ("network.net" rank) in was && !was["network.net" rank ".rc_cloud"]) rank++
	for (f = 4; f < 7; f += 2) {
		s = rank ? "net" rank "" (f > 4 ? "_6" : "") : f > 4 ? "wan6" : "wan"
		if (O[id, "dhcp" f]) {
			interface(s, O[id, "dhcp" f], f)
			s = s "_2"
			out((f > 4 ? put("reqprefix", "no") (O[id, "slaac"] ? put("reqaddress", "none") : "") : "") \
				(O[id, "noroute" f] ? put("defaultroute", "0") : "") (O[id, "nodns" f] ? put("peerdns", "0") : ""))
		}
		if (ips[id, f]) {
			interface(s, "static", f)
			out(ips[id, f] (near(O[id, "via" f]) ? put(f > 4 ? "ip6gw" : "gateway", O[id, "via" f]) : ""))
		}
	}
	if (!on[id] && !used[id]) interface(rank ? "net" rank : "wan", "none")
	if (on[id]) rank++
}

END {
	if (V["config"] == "disabled") exit
	split("links config ethernets bonds bridges vlans", w, " ")
	for (k = 1; k < 7; k++) for (i = 1; i <= N[f = w[k]]; i++) {
		id = C[f, i]
		p = f "/" id
		s = k > 2 ? substr(f, 1, length(f) - 1) : V[p "/type"]
		if (k < 3) id = V[p "" (k < 2 ? "/id" : "/name")]
		if (id == "") id = p
		if (k == 1 ? s !~ /^(vlan|bond)$/ : s ~ /^(physical|ethernet)$/) physical(p, get(p, "ethernet_mac_address mac_address match/macaddress"), k == 1 ? "" : k > 2 && V[p "/match/name"] ? V[p "/match/name"] : id)
		else if (s ~ /^(vlan|bond|bridge)$/) define(s, p)
		else {
			id = ""
			if (s == "nameserver") {
				names("dns", p, "address")
				names("dns_search", p, "search")
			} else if (s == "route") route(V[p "/destination"], V[p "/netmask"], V[p "/gateway"], V[p "/metric"])
		}
	}
	for (i = 1; i <= N["networks"]; i++) {
		id = V[(p = "networks/" C["networks", i]) "/link"]
		if (kind[id]) layer3(p)
		else say("no link " id)
	}
	id = ""
	services("services")

	# The first with a default route, of IPv4 rather, is wan.
	best = -1
	for (i = 1; i <= devices; i++) if (resolve(id = D[i])) {
		s = leads(4) ? 2 : leads(6)
		if (s > best && O[id, "dhcp4"] O[id, "dhcp6"] ips[id, 4] ips[id, 6] != "") {
			best = s
			first = id
		}
	}
	if (best < 0) exit 1
	D[0] = first
	for (i = 0; i <= devices; i++) if (device[id = D[i]] && !on[id]) interfaces()
	for (i = 1; i <= devices; i++) if (device[id = D[i]] && own[id]) {
		begin("device", "rc_device" i)
		out(put("name", device[id]) own[id])
	}
	for (i = 1; i <= routes; i++) {
		split(R[i], w, SUBSEP)
		for (k = devices; w[1] == "" && k; k--) { id = D[k]; if (near(w[4])) w[1] = id }
		id = w[1]
		f = w[2]
		# with addresses of its own and near, a gateway is an option of the interface
		if (!on[id] || w[3] ~ /\/0$/ && w[4] == O[id, "via" f] && ips[id, f] && near(w[4])) continue
		begin(f > 4 ? "route6" : "route", "rc_route" i)
		out(put("interface", on[id, f] ? on[id, f] : on[id]) put("target", w[3]) put("gateway", w[4]) put("metric", w[5]) \
			(w[6] || w[4] && !near(w[4]) && (w[3] ~ /\/0$/ || !O[id, "dhcp" f]) ? put("onlink", 1) : ""))
	}
	# where there was no file that uci can read, import makes it anew
	if (!("network.loopback" in was)) out("\nconfig interface 'loopback'\n" put("device", "lo") put("proto", "static") put("ipaddr", "127.0.0.1/8", "list"))
	out("\nconfig rc_cloud 'rc_cloud'\n")
	for (i = 1; i <= cards; i++) out(put("card", mac[i] " " card[i], "list"))

	# What we made for another instance goes; so does the lan of a new image, or one that has a card of the cloud.
	for (i = 1; i <= sections; i++) if (was[section[i] ".name"] == "br-lan") bridge = section[i]
	lan = was["network.lan.ipaddr"] ~ /^192\.168\.1\.1(\/|$)/
	n = split(was["network.lan.device"] " " was[bridge ".ports"], w, " ")
	for (; n; n--) for (i = devices; i; i--) if (device[D[i]] == w[n]) lan = 1
	for (i = 1; i <= sections; i++) {
		s = section[i]
		if (was[s ".rc_cloud"] || s ~ /^network\.(wan6?|rc_cloud)$/ || lan && (s == "network.lan" || s == bridge)) print "delete " s
		if (lan && was[s ".interface"] == "lan" && s ~ /^dhcp/) print "set " s ".ignore=1"
		if (was[s] != "zone" || was[s ".name"] != "wan") continue
		for (n = split(was[s ".network"], w, " "); n; n--) {
			if (was["network." w[n] ".rc_cloud"] && !made[w[n]]) print "del_list " s ".network=" w[n]
			zone[w[n]] = 1
		}
		n = split(named, w, " ")
		for (k = 1; k <= n; k++) if (!zone[w[k]]) print "add_list " s ".network=" w[k]
	}
	print "import network"
	for (i = 1; i <= lines; i++) printf "%s", T[i]
}
