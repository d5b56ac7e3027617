# SPDX-License-Identifier: GPL-2.0-or-later
#
# What clouds call things -> what we call them. Reads flat lines of all that a source said, writes the files meta, texts (documents that
# stood in others) and network. No two clouds mean different things by one path, so nobody has to know which cloud it is.

sub(/^network-config\//, "") {
	print > "network"
	next
}

# A `_` counts as -, and some wrappings as none.
{
	i = index($0, "=")
	path = substr($0, 1, i - 1)
	gsub(/_/, "-", path)
	sub(/^(compute\/(osProfile\/)?|metadata\/|network\/?)/, "", path)
	sub(/^(attributes\/user-data|userData)$/, "user-data", path)
	sub(/\/(cloud-init)?$/, "", path)
	text = substr($0, i + 3)
}

text == "" || substr($0, i + 1, 1) !~ /[sifb]/ { next }

path ~ /^(instance-id|local-hostname|admin-pass|random-seed|user-data|vendor-data2?|files\/[0-9]+\/path)$/ { give(path) }
path ~ /^(id|uuid|vmId|instance-v2-id|droplet-id)$/ { give("instance-id") }
path ~ /^(hostname|computerName)$/ { give("local-hostname") }
path ~ /^files\// && sub(/content-path$/, "from", path) && sub(/^\/content\//, "", text) { give(path) }
path ~ /^(public-keys.*|publicKeys.*keyData|ssh-authorized-keys)$/ { give("public-keys/" keys++) }

# Google has a user in front of each key, and keys that end: these would have to be taken away again.
path == "attributes/block-project-ssh-keys" { blocked = tolower(text) != "false" }
path == "attributes/ssh-keys" || path == "project/ssh-keys" && !blocked {
	gsub(/(^|\\n)[^\\]*expireOn[^\\]*/, "", text)
	count = split(text, part, /(^|\\n)[^\\ :]*:/)
	for (i = 2; i <= count; i++) {
		text = part[i]
		give("public-keys/" keys++)
	}
}

# The first of two stays.
function give(key) {
	if (!given[key]++) print key "=s:" text > (key ~ /data/ ? "texts" : "meta")
}

# Cards, as `ethernets` of network-config, with what else is told of them where it stands below them. The first has DHCP, which knows its
# first addresses, and so has each that no address is told of. Only where networks are `public` and `private` DHCP knows
# nothing, and where cards are listed by `macs` one says itself that it is the first.
match(path, /^[iI]nterfaces\/([a-z]+\/)?[^\/]+\//) {
	card = substr(path, 1, RLENGTH)
	if (!(card in number)) number[card] = cards++
	card = number[card]
	if (first == "" && path ~ /^interfaces\/[mp]/) first = -1
	leaf = group = path
	sub(/.*\//, "", leaf)
	sub(/[^\/]*$/, "", group)
	if (leaf ~ /^mac/) set("match/macaddress")
	if (leaf == "mtu") set(leaf)
	if (leaf text == "device-number0") first = card
	if (path ~ /public.[0-9]+.ipv[46].gateway$/) set(group "gateway")
	if (leaf ~ /^(netmask|cidr|prefix|subnet.*)$/ && sub(/^(.*\/)?/, "", text)) set(group "netmask")
	if (leaf ~ /^((ip-)?address|privateIp|local-ipv4s|ipv6s)$/) {
		has[card] = 1
		if (leaf == "ipv6s") group = ""
		if (card != first || path ~ /additional/ || told[text ~ /:/]++) set(group "address")
	}
}

path ~ /^dns\/nameservers/ {
	card = 0
	set("nameservers/addresses")
}

END {
	text = "true"
	for (card = 0; card < cards; card++) if (card == first || !has[card]) {
		set("dhcp4")
		set("dhcp6")
	}
}

function set(key) { print "ethernets/" card "/" key "=s:" text > "network" }
