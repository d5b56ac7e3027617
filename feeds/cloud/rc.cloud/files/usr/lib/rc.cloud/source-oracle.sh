# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034 # read by the files that source this one
#
# Oracle Cloud: the first card has DHCP, further ones of a virtual machine their one address; what hangs on a card of real metal is left to the user.

seed_oracle() {
	HEADER='Authorization: Bearer Oracle'
	ask opc/v2/instance/ 'id instance-id
		hostname local-hostname
		availabilityDomain availability-zone
		canonicalRegionName region
		metadata/ssh_authorized_keys public-keys/#
		metadata/user_data >user-data' > "$SEED/meta" &&
		: > "$SEED/flat" &&
		may_ask opc/v2/vnics/ '' &&
		{ value "$SEED/flat" 0/nicIndex || map '*/macAddr @mac_address
			*/macAddr @mtu 9000
			0/macAddr @subnets/0/type dhcp
			0/ipv6Addresses/~ @subnets/1/type dhcp6
			+/privateIp @/address
			+/subnetCidrBlock @/netmask /' "$SEED/flat" > "$SEED/network"; }
}
