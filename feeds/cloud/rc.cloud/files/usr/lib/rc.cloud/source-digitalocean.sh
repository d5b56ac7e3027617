# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# DigitalOcean. There is no DHCP: the service is asked from an address of our own choice, in a network that reaches nobody else.

seed_digitalocean() {
	local nic address="169.254.$(($$ % 160 + 1)).$(($$ % 250 + 1))/16" code
	for nic in /sys/class/net/*/device; do break; done
	nic=${nic%/device}
	ip link set "${nic##*/}" up
	ip addr add "$address" dev "${nic##*/}"
	ask metadata/v1.json 'droplet_id instance-id
		hostname local-hostname
		public_keys/* public-keys/#
		region region
		user_data >user-data
		vendor_data >vendor-data' > "$SEED/meta"
	code=$?
	ip addr del "$address" dev "${nic##*/}"
	[ "$code" = 0 ] && map 'interfaces/*/*/mac @mac_address
		interfaces/*/*/~/ip_address @/address
		interfaces/*/*/~/netmask @/netmask
		interfaces/*/*/~/cidr @/netmask
		interfaces/public/*/ipv4/gateway @/gateway
		interfaces/public/*/ipv6/gateway @/gateway
		dns/nameservers/* @type nameserver
		dns/nameservers/* @address' "$SEED/flat" > "$SEED/network"
} 2> /dev/null
