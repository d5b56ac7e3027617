# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034 # read by the files that source this one
#
# Vultr: the first card has DHCP, the others what the document says.

seed_vultr() {
	HEADER='Metadata-Token: cloudinit'
	ask v1.json 'instance-v2-id instance-id
		hostname local-hostname
		public-keys/* public-keys/#
		region/regioncode region
		user-data >user-data
		vendor-data >vendor-data' > "$SEED/meta" &&
		map 'interfaces/*/mac @mac_address
			interfaces/*/mtu @mtu
			interfaces/0/ipv4/address @/type dhcp
			interfaces/0/ipv6/network @/type ipv6_slaac
			interfaces/+/ipv4/address @/address
			interfaces/+/ipv4/netmask @/netmask
			interfaces/*/~/additional/~/address @/address
			interfaces/*/~/additional/~/netmask @/netmask
			interfaces/*/~/additional/~/network @/address
			interfaces/*/~/additional/~/prefix @/netmask' "$SEED/flat" > "$SEED/network"
}
