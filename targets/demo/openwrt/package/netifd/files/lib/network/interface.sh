# SPDX-License-Identifier: GPL-2.0-or-later
# Interfaces: up, down, and up again when their configuration has changed.

. /lib/functions.sh
. /lib/functions/procd.sh
. /lib/network/device.sh
. /lib/network/state.sh
. /lib/network/route.sh
. /lib/network/proto.sh

_procd_service=network

# Waits for its turn: one change of the network at a time. Functions below expect it, and the package network loaded.
network_lock() {
	[ -d "$STATE" ] || mkdir -p /var/lock "$STATE"
	exec 9>/var/lock/network
	flock 9
	_network_text=
	config_load network
}

# Everything that the interface is made from, so that a change is seen: its own section, and all of devices and routes.
_fingerprint() {
	local sections=$1
	config_foreach _fingerprint_add device
	config_foreach _fingerprint_add route
	config_foreach _fingerprint_add route6
	config_foreach _fingerprint_add globals
	: "${_network_text:=$(set | grep '^CONFIG_')}"
	echo "$_network_text" | awk -v all="$CONFIG_SECTIONS" -v wanted=" $sections " '
		BEGIN { n = split(all, section, " ") }
		{
			best = ""
			for (i = 1; i <= n; i++) if (index($0, "CONFIG_" section[i] "_") == 1 && length(section[i]) > length(best)) best = section[i]
			if (best != "" && index(wanted, " " best " ")) print
		}'
}

_fingerprint_add() { append sections "$1"; }

# interface_client INTERFACE DEVICE COMMAND...: kept running while the interface is wanted.
interface_client() {
	local interface=$1
	shift 2
	procd_open_instance client
	procd_set_param command "$@"
	procd_set_param env INTERFACE="$interface"
	procd_set_param respawn 3600 5 0
	_procd_new=$STATE/$interface
	procd_close_instance
	_procd_start "$STATE/$interface/client"
}

# What every protocol ends with: routes, and the news.
interface_is_up() { # INTERFACE DEVICE ROUTES [ACTION]
	local action=${4:-ifup} since
	state_routes "$1" "$3"
	[ -e "$STATE/$1/up" ] || { read -r since _ </proc/uptime; echo "${since%%.*}" >"$STATE/$1/since"; }
	: >"$STATE/$1/up"
	state_resolv
	state_event "$action" "$1" "$2"
}

interface_up() { # INTERFACE
	local proto device disabled metric
	config_get proto "$1" proto none
	config_get_bool disabled "$1" disabled 0
	config_get metric "$1" metric
	[ "$disabled" = 0 ] || return 0
	device_of device "$1"
	mkdir -p "$STATE/$1"
	_fingerprint "$1" >"$STATE/$1/config"
	state_put "$1" device "$device"
	state_put "$1" proto "$proto"
	state_put "$1" metric "$metric"
	case "$proto" in
	static | dhcp | dhcpv6 | none) ;;
	*) network_log err "$1: the protocol $proto is not known here"; return 1 ;;
	esac
	if ! device_up "$device"; then
		network_log warn "$1: there is no device ${device:-in its section}"
		return 1
	fi
	"proto_$proto" "$1" "$device"
}

interface_down() { # INTERFACE
	local device was_up
	[ -d "$STATE/$1" ] || return 0
	device=$(cat "$STATE/$1/device" 2>/dev/null)
	[ ! -e "$STATE/$1/up" ] || was_up=1
	[ ! -d "$STATE/$1/client" ] || { echo 1 >"$STATE/$1/stopping"; _procd_stop "$STATE/$1/client"; }
	state_routes "$1" ''
	state_addresses "$1" "$device" '' ''
	[ "$(cat "$STATE/$1/proto")" != dhcpv6 ] || [ ! -d "/proc/sys/net/ipv6/conf/$device" ] ||
		{ echo 0 >"/proc/sys/net/ipv6/conf/$device/accept_ra"; ip -6 addr flush dev "$device" scope global; ip -6 route flush dev "$device" proto ra; } 2>/dev/null
	rm -rf "${STATE:?}/$1"
	[ -z "$was_up" ] || { state_resolv; state_event ifdown "$1" "$device"; }
}

# interfaces: those that come up by themselves.
interfaces() { config_foreach _interface_auto interface; }

_interface_auto() {
	local auto
	config_get_bool auto "$1" auto 1
	[ "$auto" = 0 ] || echo "$1"
}

# Brings the kernel to what the configuration says now: goes down what is no more or is other, comes up what is not.
network_reload() {
	local interface
	for interface in "$STATE"/*/; do
		[ -d "$interface" ] || continue
		interface=${interface%/}
		interface=${interface##*/}
		[ "$(_fingerprint "$interface")" = "$(cat "$STATE/$interface/config" 2>/dev/null)" ] || interface_down "$interface"
	done
	for interface in $(interfaces); do
		[ -d "$STATE/$interface" ] || interface_up "$interface"
	done
	return 0
}

# network_device_came DEVICE: what waits for it comes up; a bridge takes it in.
network_device_came() {
	local interface device
	for interface in $(interfaces); do
		[ ! -e "$STATE/$interface/up" ] && [ ! -d "$STATE/$interface/client" ] || continue
		device_of device "$interface"
		[ "$device" = "$1" ] || [ "${device%.*}" = "$1" ] || continue
		interface_down "$interface"
		interface_up "$interface"
	done
	config_foreach _device_join device "$1"
}

_device_join() { # SECTION PORT
	local name ports
	config_get name "$1" name
	config_get ports "$1" ports
	list_contains ports "$2" && [ -d "/sys/class/net/$name" ] || return 0
	_device_add_port "$2" "$name"
}

# network_device_went DEVICE: its interfaces wait for its return.
network_device_went() {
	local interface device
	for interface in "$STATE"/*/; do
		interface=${interface%/}
		interface=${interface##*/}
		device=$(cat "$STATE/$interface/device" 2>/dev/null)
		[ "$device" != "$1" ] || interface_down "$interface"
	done
}
