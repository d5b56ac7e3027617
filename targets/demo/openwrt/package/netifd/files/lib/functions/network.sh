# SPDX-License-Identifier: GPL-2.0-or-later
# Questions about the interfaces of /etc/config/network, answered from what /lib/network/*.sh has noted of them:
# a folder /var/run/network/INTERFACE with a file for each thing known, a line for each value.

NETWORK_STATE=${NETWORK_STATE:-/var/run/network}

# __network_lines VARIABLE INTERFACE FILE [COUNT]: the lines, with blanks between them.
__network_lines() {
	local __lines= __line __count=${4:-1000}
	unset "$1"
	[ -s "$NETWORK_STATE/$2/$3" ] || return 1
	while [ "$__count" -gt 0 ] && read -r __line; do
		__lines="$__lines${__lines:+ }$__line"
		__count=$((__count - 1))
	done <"$NETWORK_STATE/$2/$3"
	eval "$1=\$__lines"
}

# The same without the length of the prefix.
__network_addresses() {
	local __with __plain= __word
	unset "$1"
	__network_lines __with "$2" "$3" "$4" || return 1
	for __word in $__with; do __plain="$__plain${__plain:+ }${__word%/*}"; done
	eval "$1=\$__plain"
}

network_flush_cache() { :; }

network_is_up() { [ -e "$NETWORK_STATE/$1/up" ]; }

network_get_device() { __network_lines "$1" "$2" device; }
network_get_physdev() { __network_lines "$1" "$2" device; }
network_get_protocol() { __network_lines "$1" "$2" proto; }
network_get_metric() { __network_lines "$1" "$2" metric; }

network_get_ipaddr() { __network_addresses "$1" "$2" ipv4 1; }
network_get_ipaddrs() { __network_addresses "$1" "$2" ipv4; }
network_get_ipaddr6() { __network_addresses "$1" "$2" ipv6 1; }
network_get_ipaddrs6() { __network_addresses "$1" "$2" ipv6; }
network_get_subnet() { __network_lines "$1" "$2" ipv4 1; }
network_get_subnets() { __network_lines "$1" "$2" ipv4; }
network_get_subnet6() { __network_lines "$1" "$2" ipv6 1; }
network_get_subnets6() { __network_lines "$1" "$2" ipv6; }

network_get_ipaddrs_all() {
	local __v4 __v6
	__network_addresses __v4 "$2" ipv4
	__network_addresses __v6 "$2" ipv6
	eval "$1=\"\$__v4\${__v6:+\${__v4:+ }\$__v6}\""
	[ -n "$__v4$__v6" ] || { unset "$1"; return 1; }
}

network_get_gateway() { __network_lines "$1" "$2" gateway 1; }
network_get_gateway6() { __network_lines "$1" "$2" gateway6 1; }
network_get_dnsserver() { __network_lines "$1" "$2" dns; }
network_get_dnssearch() { __network_lines "$1" "$2" search; }

network_get_uptime() {
	local __since __now
	__network_lines __since "$2" since || { unset "$1"; return 1; }
	read -r __now _ </proc/uptime
	eval "$1=$((${__now%%.*} - __since))"
}

# The interface that is up, has a gateway and the lowest metric.
__network_wan() {
	local __interface __metric __best=
	unset "$1"
	for __interface in "$NETWORK_STATE"/*/; do
		__interface=${__interface%/}
		__interface=${__interface##*/}
		network_is_up "$__interface" && [ -s "$NETWORK_STATE/$__interface/$2" ] || continue
		network_get_metric __metric "$__interface" || __metric=0
		[ -z "$__best" ] || [ "$__metric" -lt "$__best" ] || continue
		__best=$__metric
		eval "$1=\$__interface"
	done
	[ -n "$__best" ]
}

network_find_wan() { __network_wan "$1" gateway; }
network_find_wan6() { __network_wan "$1" gateway6; }
