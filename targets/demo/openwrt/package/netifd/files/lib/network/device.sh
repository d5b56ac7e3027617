# SPDX-License-Identifier: GPL-2.0-or-later
# Devices: physical ones, and bridges and VLANs that sections `device` describe or that names like eth0.5 ask for.
# The package network must be loaded.

network_log() { logger -t network -p "daemon.$1" "$2"; }

# device_section VARIABLE DEVICE: the section that describes it.
device_section() {
	_device_wanted=$2
	_device_found=
	config_foreach _device_match device
	eval "$1=\$_device_found"
	[ -n "$_device_found" ]
}

_device_match() {
	local name
	config_get name "$1" name
	[ "$name" != "$_device_wanted" ] || _device_found=$1
}

# device_of VARIABLE INTERFACE: its device; @lan stands for the device of lan.
device_of() {
	local _of _turns=0
	config_get _of "$2" device
	[ -n "$_of" ] || config_get _of "$2" ifname
	while [ "${_of#@}" != "$_of" ] && [ "$_turns" -lt 8 ]; do
		_turns=$((_turns + 1))
		_interface=${_of#@}
		config_get _of "$_interface" device
	done
	eval "$1=\${_of%% *}"
}

_device_there() { [ -d "/sys/class/net/$1" ]; }

_device_vlan() { # DEVICE LOWER VID PROTOCOL
	device_up "$2" || return 1
	_device_there "$1" || ip link add link "$2" name "$1" type vlan id "$3" ${4:+proto "$4"}
}

_device_add_port() { # PORT BRIDGE
	device_up "$1" || return 0
	[ -d "/sys/class/net/$2/brif/$1" ] || brctl addif "$2" "$1"
}

_device_bridge() { # DEVICE SECTION
	local stp port
	_device_there "$1" || brctl addbr "$1" || return 1
	config_get_bool stp "$2" stp 0
	echo "$stp" >"/sys/class/net/$1/bridge/stp_state"
	[ "$stp" = 1 ] || echo 0 >"/sys/class/net/$1/bridge/forward_delay"
	for port in /sys/class/net/"$1"/brif/*; do
		[ -d "$port" ] || continue
		config_get _ports "$2" ports
		list_contains _ports "${port##*/}" || brctl delif "$1" "${port##*/}"
	done
	config_list_foreach "$2" ports _device_add_port "$1"
}

_device_settings() { # DEVICE SECTION
	local value
	config_get value "$2" macaddr
	if [ -n "$value" ] && [ "$(cat "/sys/class/net/$1/address")" != "$value" ]; then
		ip link set "$1" down
		ip link set "$1" address "$value" || network_log err "$1: cannot take the address $value"
	fi
	config_get value "$2" mtu
	[ -z "$value" ] || ip link set "$1" mtu "$value" || network_log err "$1: cannot take the MTU $value"
	config_get value "$2" txqueuelen
	[ -z "$value" ] || ip link set "$1" qlen "$value"
	config_get_bool value "$2" ipv6 1
	[ ! -e "/proc/sys/net/ipv6/conf/$1" ] || echo $((1 - value)) >"/proc/sys/net/ipv6/conf/$1/disable_ipv6"
}

# device_up DEVICE: makes it if it is one that can be made, sets it up as configured. Fails when there is none.
device_up() {
	local device=$1 section= type= lower= vid= protocol= enabled=1
	[ -n "$device" ] || return 1
	if device_section section "$device"; then
		config_get type "$section" type
		config_get lower "$section" ifname
		config_get vid "$section" vid
		config_get_bool enabled "$section" enabled 1
	fi
	case "$type,$device" in
	bridge,*) _device_bridge "$device" "$section" ;;
	8021ad,*) _device_vlan "$device" "$lower" "$vid" 802.1ad ;;
	8021q,*) _device_vlan "$device" "$lower" "$vid" ;;
	,*.*) _device_vlan "$device" "${device%.*}" "${device##*.}" ;;
	,*) ;;
	*) network_log err "$device: devices of type $type are not known here" ;;
	esac
	_device_there "$device" || return 1
	[ -z "$section" ] || _device_settings "$device" "$section"
	[ "$enabled" = 1 ] || { ip link set "$device" down; return 1; }
	ip link set "$device" up
}
