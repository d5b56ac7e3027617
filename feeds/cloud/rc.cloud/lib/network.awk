# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a cloud says of the network -> UCI. Reads, on stdin, the machine: `MAC NAME` of each card, `MAC=NAME` as they were when this was last
# done, `bonding=` where the kernel can, `uci -X show` of network, firewall and dhcp. And flat lines of OpenStack's network_data.json
# or of network-config version 1 or 2. Writes what `uci -m batch` takes: changes of what is there, then all that is new as one text to
# import, for with a `set` each uci would read the file again each time. Fails where nothing could be reached then.
#
# O[OBJECT, KEY] are the words that an object of the document has under a key. Devices are objects too, and what others say of one goes by it:
#   device  its name in the kernel   static, dns  words of UCI   dhcp  4 and 6   lead  it has a default route of IPv4   routes  a line for each
# What is of no device is of *, and goes to wan.

{
	i = index($0, "=")
	key = substr($0, 1, i - 1)
	s = substr($0, i + 1)
}

NR == FNR {
	if (!i && !($1 in card)) card[$1] = $2
	gsub(/'/, "", s)
	if (key ~ /^[^.]*\.[^.]*$/) section = key
	# what hangs on a card goes with it, what we made before goes
	if (key in card) {
		if (card[key] != s) moved[s] = card[key]
	} else if (key == section ".device" && s in moved && !gone[section]) print "set " key "=" (s = moved[s])
	if ((key ~ /^network\.wan6?$/ || key == section ".rc_cloud") && !gone[section]++) print "delete " section
	was[key] = s
	if (key == section ".name") named[was[section] " " s] = section
	next
}

# No network of this world needs so many lines: a document of that size is an attack on our time.
FNR > 4000 { exit }

# An object is a map; what is to match, parameters and name servers are part of the one that they stand in. The three dialects differ in
# their words, not in what they say: here they become one.
{
	key = tolower(key)
	kind = substr(s, 1, 1)
	s = tolower(substr(s, 3))
	gsub(/[,=]/, " ", s)
	if (kind == "m") key = key "/"
	sub(/\/[0-9]+$/, "", key)
	sub(/^network\//, "", key)
	sub(/(dns_nameservers|nameservers\/addresses)$/, "dns", key)
	sub(/\/(match|param[a-z]*)\//, "/", key)
	if (kind !~ /[msifb]/ || key !~ /\/.*\//) next
	match(key, /[^\/]*$/)
	o = substr(key, 1, RSTART - 2)
	key = substr(key, RSTART)
	if (!seen[o]++) object[++objects] = o
	sub(/^(bond|bridge)./, "", key)
	sub(/^mii.*/, "miimon", key)
	sub(/.*mac_?address$/, "mac", key)
	sub(/^((vlan_)?links?|interfaces)$/, "link", key)
	sub(/^(ip_)?address(es)?$/, "ip", key)
	sub(/^gateway.?$/, "via", key)
	sub(/^(network|destination)$/, "to", key)
	O[o, key] = O[o, key] (O[o, key] == "" ? "" : " ") s
}

# write HEAD WORDS: a section of UCI, the words being KEY=VALUE. One without a value, or with what could break out of its line, is left out
# (from . to : there are / and the digits).
function write(head, s,   n, i, w) {
	head = "\nconfig " head "\n"
	n = split("rc_cloud=1 " s, w)
	for (i = 1; i <= n; i++) if (w[i] ~ /=[.-:a-z_-]+$/) {
		sub(/=/, " '", w[i])
		head = head "\t" (w[i] ~ /^(ports|dns|ip6?addr) / ? "list " : "option ") w[i] "'\n"
	}
	text = text head
}

# resolve DEVICE: its name in the kernel; none where a card is missing that it stands on. Writes its section of UCI.
function resolve(o,   t, n, w, s, ports, below) {
	if (o in device || !(o in type)) return device[o]
	device[o] = ""
	t = type[o]
	if (O[o, "link"] == "") {
		for (w in card) if (O[o, "mac"] == "" ? id[card[w]] == o : index(O[o, "mac"], w)) device[o] = card[w]
		used[device[o]]
	} else {
		for (n = split(O[o, "link"], w); n; n--) if (s = resolve(id[w[n]])) {
			below = s
			ports = " ports=" s ports
		}
		n = (O[o, "vlan_id"] " " O[o, "id"]) + 0
		if (t == "vlan" && (n < 1 || n > 4094 || length(below) > 10)) below = ""
		# a bridge, and a bond that the kernel cannot do, are their first card
		if (below == "" || t != "vlan" && (t != "bond" || !("bonding" in was))) return device[o] = below
		device[o] = t == "vlan" ? below "." n : "bond" bonds++
		s = " type=" (t == "vlan" ? "8021q ifname=" below " vid=" n : "bonding" ports) " macaddr=" O[o, "mac"] " policy=" O[o, "mode"] " monitor_interval=" O[o, "miimon"]
	}
	s = s " mtu=" O[o, "mtu"]
	if (device[o] && s != " mtu=") write("device", "name=" device[o] s)
	return device[o]
}

# hex IP: its 8 or 32 digits; nothing of what is no address
function hex(s,   a, n, i, h) {
	if (s ~ /^([0-9]+\.){3}[0-9]+$/ && s !~ /(^|\.)0[0-9]/) {
		split(s, a, ".")
		for (i = 1; i < 5; i++) h = h sprintf("%02x", a[i])
		return length(h) == 8 ? h : ""
	}
	if (s ~ /[^0-9a-f:]|^:[^:]|[^:]:$|::.*::|:::|[^:]{5}/) return
	for (n = gsub(/:/, ":", s); n < 7 && sub(/::/, ":0::", s); n++);
	if (split(s, a, ":") == 8) for (i = 1; i < 9; i++) h = h substr("0000" a[i], length(a[i]) + 1)
	return h
}

# cidr IP MASK, of IP/24, or of IP and 24, 255.255.255.0 or ffff::, into HEX, LENGTH and CIDR. Without a mask it is one address.
function cidr(s, mask,   i, w) {
	split(s "/" mask, w, "/")
	HEX = hex(w[1])
	mask = w[2]
	if (mask == "") mask = 4 * length(HEX)
	else if (mask ~ /[.:]/ && (mask = hex(mask) "0") != "0") {
		i = match(mask, /[^f]/)
		mask = 4 * i - 4 + index("8ce", substr(mask, i, 1))
	}
	LENGTH = mask + 0
	CIDR = w[1] "/" LENGTH
	return HEX && mask ~ /^[0-9]+$/ && LENGTH <= 4 * length(HEX)
}

function interface(name, s) {
	write("interface '" name "'", "device=" device[d] metric s dns[d])
	dns[d] = ""
	if (!on) on = name
	s = named["zone wan"]
	if (s && !index(" " was[s ".network"] " ", " " name " ")) print "add_list " s ".network=" name
}

END {
	for (x = 1; x <= objects; x++) {
		o = object[x]
		n = split(o, w, "/")
		t = O[o, "type"]
		if (n > 2 || w[1] == "networks" || t ~ /^(dns|nameserver|route)$/) continue
		if (w[1] ~ /^(bond|vlan)s/) t = substr(o, 1, 4)
		type[o] = t
		id[w[2]] = id[O[o, "id"]] = id[O[o, "name"]] = o
	}
	delete id[""]

	# What an object says of its device d, or of none (*)
	device["*"] = "*"
	for (x = 1; x <= objects; x++) {
		o = object[x]
		t = O[o, "type"]
		split(o, w, "/")
		d = w[1] "/" w[2]
		d = w[1] == "networks" ? id[O[d, "link"]] : d in type ? d : "*"
		if (!resolve(d)) {
			ignored = o
			continue
		}
		if (t ~ /^(ipv4_)?dhcp4?$/ || O[o, "dhcp4"] ~ /^(true|yes|on)$/) dhcp[d] = dhcp[d] (lead[d] = 4)
		if (t ~ /^dhcp6|6_dhcp|slaac/ || O[o, "dhcp6"] ~ /^(true|yes|on)$/) dhcp[d] = dhcp[d] 6
		key = t ~ /^(dns|nameserver)$/ ? "ip" : "dns"
		gsub(/[^ ]+/, "dns=&", O[o, key])
		dns[d] = dns[d] " " O[o, key]
		O[o, key] = ""
		n = split(O[o, "ip"], w)
		for (i = 1; i <= n; i++) if (cidr(w[i], O[o, "netmask"]) && LENGTH && HEX ~ /[^0]/) static[d] = static[d] (CIDR ~ /:/ ? " ip6addr=" : " ipaddr=") CIDR
		else ignored = o
		n = split(O[o, "via"], w)
		for (i = 1; i <= n || i == 1 && O[o, "to"]; i++) {
			s = O[o, "to"]
			if (s ~ /^(default|0.0.0.0|::)?$/) s = w[i] ~ /:/ ? "::/0" : "0.0.0.0/0"
			if (cidr(s, O[o, "netmask"]) && (w[i] == "" ? LENGTH : length(hex(w[i])) == length(HEX))) {
				if (s == "0.0.0.0/0") lead[d] = 4
				# a gateway is always on the link of its interface, be it in no network of an address there
				routes[d] = routes[d] "\n target=" CIDR " metric=" O[o, "metric"] " onlink=" (w[i] != "") " gateway=" w[i]
			} else ignored = o
		}
	}

	# The first with a default route of IPv4 is wan, or the first of all.
	for (x = 1; x <= objects; x++) if (dhcp[d = object[x]] static[d] != "" && (!wan || lead[d] > lead[wan])) wan = d
	if (!wan || FNR > 4000) exit 1
	routes[wan] = routes[wan] routes["*"]
	dns[wan] = dns[wan] dns["*"]
	for (x = 1; x <= objects; x++) if (dhcp[d = object[x]] static[d] != "") {
		name = d == wan ? "wan" : "cloud" ++others
		metric = d == wan ? "" : " metric=" others * 10
		on = ""
		if (static[d]) interface(name "" (dhcp[d] ~ 4 ? "_static" : ""), static[d] " proto=static")
		if (dhcp[d] ~ 4) interface(name, " proto=dhcp")
		if (dhcp[d] ~ 6) interface(name "" (metric ? "_6" : 6), " proto=dhcpv6 reqprefix=no")
		n = split(routes[d], w, "\n")
		for (i = 2; i <= n; i++) write(w[i] ~ /:/ ? "route6" : "route", "interface=" on metric w[i])
	}

	# A lan on a card of the cloud goes.
	bridge = named["device " was["network.lan.device"]]
	for (n = split(was["network.lan.device"] " " was[bridge ".ports"], w); n; n--) if (w[n] in used) lan = 1
	if (lan) print "delete network.lan" (bridge ? "\ndelete " bridge : "") ("dhcp.lan" in was ? "\nset dhcp.lan.ignore=1" : "")
	print "import network"
	printf "%s", text
	if (ignored) print "network: ignored " ignored > "/dev/stderr"
}
