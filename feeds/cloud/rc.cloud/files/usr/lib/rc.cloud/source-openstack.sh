# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# OpenStack: its config drive, which other clouds copy, and its metadata service have the same files. Some drives have the tree of EC2 only.

seed_openstack() {
	local at version=latest number=0
	if [ "$TAKE" = take_url ]; then
		maybe openstack/ "$SEED/doc" || return 1
		[ ! -f "$SEED/doc" ] || while IFS=/$CR read -r at _; do
			case $at in 20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]) version=$at ;; esac
		done < "$SEED/doc"
	else
		for at in "$FROM"openstack/20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]; do
			[ ! -f "$at/meta_data.json" ] || version=${at##*/}
		done
		[ -f "${FROM}openstack/$version/meta_data.json" ] || { seed_ec2_drive; return; }
	fi
	at=openstack/$version
	ask "$at/meta_data.json" 'uuid instance-id
		hostname local-hostname
		admin_pass admin-pass
		random_seed random-seed
		availability_zone availability-zone
		public_keys/* public-keys/#
		keys/*/data public-keys/#
		files/*/path files/#/path
		files/*/content_path files/#/from /
		network_config/content_path eni' > "$SEED/meta" || return 1
	value "$SEED/meta" eni && log "$SOURCE: network_config in the form of Debian is not supported; choose NoCloud where there is a choice"
	maybe "$at/user_data" "$SEED/user-data" &&
		may_ask "$at/vendor_data.json" '. >vendor-data
			rc.cloud >vendor-data
			cloud-init >vendor-data' &&
		may_ask "$at/vendor_data2.json" '. >vendor-data2
			rc.cloud >vendor-data2
			cloud-init >vendor-data2' &&
		may_ask "$at/network_data.json" '**' > "$SEED/network" || return 1
	while value "$SEED/meta" "files/$number/from" && [ "$number" -lt 100 ]; do
		case $VALUE in
		.* | *[!A-Za-z0-9._-]*) ;;
		*) maybe "openstack/content/$VALUE" "$SEED/content/$VALUE" || return 1 ;;
		esac
		number=$((number + 1))
	done
}

seed_ec2_drive() {
	ask ec2/latest/meta-data.json 'instance-id instance-id
		local-hostname local-hostname
		public-keys/*/openssh-key public-keys/#
		placement/availability-zone availability-zone' > "$SEED/meta" &&
		maybe ec2/latest/user-data "$SEED/user-data"
}
