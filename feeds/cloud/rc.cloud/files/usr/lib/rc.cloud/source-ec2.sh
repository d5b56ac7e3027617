# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034 # read by the files that source this one
#
# EC2, and who has taken over its service. A token comes first; who has none to give is asked without.

seed_ec2() {
	local METHOD=PUT at=latest/meta-data mac name number=0
	HEADER='X-aws-ec2-metadata-token-ttl-seconds: 600'
	take latest/api/token "$SEED/doc"
	METHOD='' HEADER=''
	case $CODE in
	0)
		first_line || return 1
		HEADER="X-aws-ec2-metadata-token: $LINE"
		;;
	[45]) return 1 ;;
	esac
	take "$at/instance-id" "$SEED/doc" && keep instance-id &&
		maybe "$at/local-hostname" "$SEED/doc" && keep local-hostname &&
		maybe "$at/placement/availability-zone" "$SEED/doc" && keep availability-zone &&
		maybe latest/user-data "$SEED/user-data" &&
		maybe "$at/public-keys/" "$SEED/list" || return 1
	[ ! -f "$SEED/list" ] || while IFS="=" read -r name _ || [ -n "$name" ]; do
		case $name in '' | *[!0-9]*) continue ;; esac
		maybe "$at/public-keys/$name/openssh-key" "$SEED/doc" && keep "public-keys/$name" || return 1
	done < "$SEED/list"
	maybe "$at/network/interfaces/macs/" "$SEED/list" || return 1
	[ ! -f "$SEED/list" ] || while IFS=/ read -r mac _ || [ -n "$mac" ]; do
		case $mac in '' | *[!0-9a-f:]*) continue ;; esac
		ec2_card "$at/network/interfaces/macs/$mac" || return 1
		number=$((number + 1))
	done < "$SEED/list" > "$SEED/network"
	rm -f "$SEED/list"
	# one card with one address has what DHCP says
	[ ! -f "$SEED/network" ] || grep -q /address= "$SEED/network" || rm "$SEED/network"
}

# ec2_card PATH: the lines of version 1 for card $number. Only the first one, and only for its first address, is told its own by DHCP.
ec2_card() {
	local first address length subnet=0
	maybe "$1/device-number" "$SEED/doc" && first_line && first=$LINE &&
		maybe "$1/subnet-ipv4-cidr-block" "$SEED/doc" && first_line && length=${LINE#*/} || return 1
	printf '%s\n' version=s:1 "config/$number/type=s:physical" "config/$number/mac_address=s:$mac"
	if [ "$first" = 0 ]; then
		printf '%s\n' "config/$number/subnets/0/type=s:dhcp" "config/$number/subnets/1/type=s:dhcp6"
		subnet=2
	fi
	maybe "$1/local-ipv4s" "$SEED/v4" && maybe "$1/ipv6s" "$SEED/v6" || return 1
	# shellcheck disable=SC2013 # one word a line
	for address in $(sed '' "$SEED"/v[46] 2> /dev/null); do
		case $address in
		*[!0-9a-f.:]*) continue ;;
		*:*) length=128 ;;
		*) [ "$first$subnet" != 02 ] || { first=; continue; } ;;
		esac
		printf '%s\n' "config/$number/subnets/$subnet/type=s:static" "config/$number/subnets/$subnet/address=s:$address/$length"
		subnet=$((subnet + 1))
	done
	rm -f "$SEED/v4" "$SEED/v6"
}

# keep KEY: of the metadata, if there was something
keep() {
	[ ! -s "$SEED/doc" ] || { first_line && printf '%s=s:%s\n' "$1" "$LINE" >> "$SEED/meta"; }
}

# The first line of what came, into $LINE. None that could be more than text.
first_line() {
	LINE=
	[ ! -f "$SEED/doc" ] || IFS= read -r LINE < "$SEED/doc"
	LINE=${LINE%"$CR"}
	case $LINE in *[[:cntrl:]\\]*) return 1 ;; esac
}
