# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# Hetzner Cloud: a document in YAML, with a configuration of the first card as version 1; cards of private networks are listed beside it, and have DHCP.

seed_hetzner() {
	ask hetzner/v1/metadata 'instance-id instance-id
		hostname local-hostname
		public-keys/* public-keys/#
		availability-zone availability-zone
		region region
		vendor_data >vendor-data' > "$SEED/meta" &&
		mv "$SEED/flat" "$SEED/first" && : > "$SEED/flat" &&
		may_ask hetzner/v1/metadata/private-networks '' &&
		map 'network-config/**
			*/mac_address @mac_address
			*/mac_address @/type dhcp' "$SEED/first" "$SEED/flat" > "$SEED/network" &&
		rm "$SEED/first" &&
		maybe hetzner/v1/userdata "$SEED/user-data"
}
