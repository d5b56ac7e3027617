# SPDX-License-Identifier: GPL-2.0-or-later
# Protocols: what gives an interface its addresses. proto_NAME INTERFACE DEVICE; the device is up.

_static_addresses() { # ADDRESS of a list
	case "$1" in */*) append ipv4 "$1" "$N" ;; *) append ipv4 "$1/${PREFIX:-24}" "$N" ;; esac
}

_static_addresses6() {
	case "$1" in */*) append ipv6 "$1" "$N" ;; *) append ipv6 "$1/128" "$N" ;; esac
}

# An address from the machine's private prefix: the subnet is that of ip6hint, or 0.
_assigned_address() { # INTERFACE
	local length prefix hint
	config_get length "$1" ip6assign
	config_get prefix globals ula_prefix
	config_get hint "$1" ip6hint 0
	case "$length,$prefix" in
	[0-9]*,*:*:*::/48) append ipv6 "${prefix%::/48}:$hint::1/$length" "$N" ;;
	esac
}

# name_servers INTERFACE GIVEN: those of the configuration; those that a server gave unless peerdns is off.
name_servers() {
	local peerdns own
	config_get_bool peerdns "$1" peerdns 1
	config_get own "$1" dns
	[ "$peerdns" = 0 ] || own="$own $2"
	for own in $own; do echo "$own"; done
}

proto_static() { # INTERFACE DEVICE
	local ipv4= ipv6= netmask gateway gateway6 metric routes IP NETMASK BROADCAST NETWORK PREFIX
	config_get netmask "$1" netmask
	[ -z "$netmask" ] || ipcalc 0.0.0.0 "$netmask"
	_each_value "$1" ipaddr _static_addresses
	_each_value "$1" ip6addr _static_addresses6
	_assigned_address "$1"
	config_get gateway "$1" gateway
	config_get gateway6 "$1" ip6gw
	config_get metric "$1" metric
	routes=$(
		[ -z "$gateway" ] || route_default "$2" "$gateway" "$metric" $ipv4
		[ -z "$gateway6" ] || route_default "$2" "$gateway6" "$metric"
		route_lines "$1" "$2"
	)
	state_addresses "$1" "$2" "$ipv4" "$ipv6"
	state_put "$1" gateway "$gateway"
	state_put "$1" gateway6 "$gateway6"
	state_put "$1" dns "$(name_servers "$1")"
	config_get search "$1" dns_search
	state_put "$1" search "$search"
	interface_is_up "$1" "$2" "$routes"
}

# Calls a function with each word of an option, which may be a list.
_each_value() { # SECTION OPTION FUNCTION
	local values value
	config_get values "$1" "$2"
	for value in $values; do "$3" "$value"; done
}

proto_none() { interface_is_up "$1" "$2" "$(route_lines "$1" "$2")"; }

# The client runs until the interface goes down; its script /lib/network/dhcp.script does the rest.
proto_dhcp() { # INTERFACE DEVICE
	local hostname clientid vendorid broadcast norelease classless reqopts option
	read -r hostname </proc/sys/kernel/hostname
	config_get hostname "$1" hostname "$hostname"
	config_get clientid "$1" clientid
	config_get vendorid "$1" vendorid
	config_get reqopts "$1" reqopts
	config_get_bool broadcast "$1" broadcast 0
	config_get_bool norelease "$1" norelease 0
	config_get_bool classless "$1" classlessroute 1
	set -- "$1" "$2" udhcpc -f -S -t 0 -i "$2" -s /lib/network/dhcp.script -p "/var/run/udhcpc-$2.pid"
	if [ -n "$clientid" ]; then set -- "$@" -x "0x3d:$(echo "$clientid" | tr -d :)"; else set -- "$@" -C; fi
	[ "$hostname" = '*' ] || set -- "$@" -x "hostname:$hostname"
	[ -z "$vendorid" ] || set -- "$@" -V "$vendorid"
	[ "$broadcast" = 0 ] || set -- "$@" -B
	[ "$norelease" = 1 ] || set -- "$@" -R
	[ "$classless" = 0 ] || set -- "$@" -O 121
	for option in $reqopts; do set -- "$@" -O "$option"; done
	interface_client "$@"
}

# Addresses come from the routers' announcements. There is no DHCPv6 client: a network that only has that gives none.
proto_dhcpv6() { # INTERFACE DEVICE
	local conf=/proc/sys/net/ipv6/conf/$2 defaultroute
	[ -d "$conf" ] || { network_log err "$1: no IPv6 on $2"; return 1; }
	config_get_bool defaultroute "$1" defaultroute 1
	echo 2 >"$conf/accept_ra" # also where we forward
	echo "$defaultroute" >"$conf/accept_ra_defrtr"
	echo 1 >"$conf/autoconf"
	# Routers are asked when the device gets its link-local address: let it get that again.
	if ! ip -6 -o addr show dev "$2" | grep -qv ' scope link '; then
		echo 1 >"$conf/disable_ipv6"
		echo 0 >"$conf/disable_ipv6"
	fi
	interface_client "$1" "$2" /usr/libexec/network-slaac "$1" "$2"
}
