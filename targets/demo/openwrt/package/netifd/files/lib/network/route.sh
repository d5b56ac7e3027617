# SPDX-License-Identifier: GPL-2.0-or-later
# Routes as lines for `ip`: those of sections `route` and `route6`, and default routes.

# route_lines INTERFACE DEVICE: prints those of the sections.
route_lines() {
	config_foreach _route_section route "$1" "$2" -4
	config_foreach _route_section route6 "$1" "$2" -6
}

_route_section() { # SECTION INTERFACE DEVICE FAMILY
	local interface target netmask gateway metric mtu table source onlink disabled type IP NETMASK BROADCAST NETWORK PREFIX
	config_get interface "$1" interface
	config_get_bool disabled "$1" disabled 0
	[ "$interface" = "$2" ] && [ "$disabled" = 0 ] || return 0
	for option in target netmask gateway metric mtu table source type; do config_get "$option" "$1" "$option"; done
	config_get_bool onlink "$1" onlink 0
	[ "$onlink" = 1 ] || onlink=
	case "$target" in
	'' | 0.0.0.0 | 0.0.0.0/0 | ::/0 | default) target=default ;;
	*/*) ;;
	*) [ -z "$netmask" ] || { ipcalc "$target" "$netmask" && target="$target/$PREFIX"; } ;;
	esac
	case "$type" in
	'' | unicast) echo "$4 route replace $target${gateway:+ via $gateway} dev $3${metric:+ metric $metric}${mtu:+ mtu $mtu}${table:+ table $table}${source:+ src $source}${onlink:+ onlink}" ;;
	*) echo "$4 route replace $type $target${metric:+ metric $metric}${table:+ table $table}" ;;
	esac
}

# route_default DEVICE GATEWAY METRIC ADDRESS/PREFIX...: prints the default route, and where the gateway is in none of the
# networks of the addresses, the route to the gateway itself.
route_default() {
	local device=$1 gateway=$2 metric=$3 address near= wanted IP NETMASK BROADCAST NETWORK PREFIX
	shift 3
	case "$gateway" in
	*:*) echo "-6 route replace default via $gateway dev $device${metric:+ metric $metric}"; return ;;
	esac
	for address; do
		case "$address" in */*) ;; *) continue ;; esac
		ipcalc "$address"
		wanted=$NETWORK
		ipcalc "$gateway/$PREFIX"
		[ "$NETWORK" != "$wanted" ] || near=1
	done
	[ -n "$near" ] || echo "-4 route replace $gateway/32 dev $device"
	echo "-4 route replace default via $gateway dev $device${metric:+ metric $metric}"
}
