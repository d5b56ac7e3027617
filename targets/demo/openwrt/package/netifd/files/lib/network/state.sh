# SPDX-License-Identifier: GPL-2.0-or-later
# What an interface has: addresses, routes, name servers. Setting them changes the kernel by the difference to what was noted,
# and notes the new ones (see /lib/functions/network.sh).

STATE=/var/run/network

state_put() { # INTERFACE FILE TEXT
	if [ -n "$3" ]; then printf '%s\n' "$3" >"$STATE/$1/$2"; else rm -f "$STATE/$1/$2"; fi
}

# Lines of the first text that are not in the second.
_lines_without() {
	printf '%s\n' "$1" | while IFS= read -r line; do
		case "$N$2$N" in *"$N$line$N"*) ;; *) [ -z "$line" ] || printf '%s\n' "$line" ;; esac
	done
}

# state_set INTERFACE FILE TEXT ADD REMOVE: a line that is new is handed to ADD, one that is gone to REMOVE.
state_set() {
	local old
	old=$(cat "$STATE/$1/$2" 2>/dev/null)
	_lines_without "$old" "$3" | while IFS= read -r line; do "$5" "$line"; done
	_lines_without "$3" "$old" | while IFS= read -r line; do "$4" "$line"; done
	state_put "$1" "$2" "$3"
}

# An address line is ADDRESS/PREFIX; a route line is what `ip route` takes. The device stands in _device.
_address_add() { ip addr add "$1" ${_broadcast:+broadcast +} dev "$_device" 2>/dev/null; }
_address_remove() { ip addr del "$1" dev "$_device" 2>/dev/null; }
_route_add() { ip $1 2>/dev/null || network_log err "cannot add: $1"; }
_route_remove() { ip $(echo "$1" | sed 's/ route replace / route del /') 2>/dev/null; }

state_addresses() { # INTERFACE DEVICE IPV4 IPV6
	local _device=$2 _broadcast=1
	state_set "$1" ipv4 "$3" _address_add _address_remove
	_broadcast=
	state_set "$1" ipv6 "$4" _address_add _address_remove
}

state_routes() { state_set "$1" routes "$2" _route_add _route_remove; } # INTERFACE LINES

# The file that programs which look up names read: all interfaces that are up, in the order of the configuration.
state_resolv() {
	local interface file=/tmp/resolv.conf.d/resolv.conf.auto
	mkdir -p "${file%/*}"
	for interface in $CONFIG_SECTIONS; do
		[ -e "$STATE/$interface/up" ] || continue
		[ -s "$STATE/$interface/dns" ] || [ -s "$STATE/$interface/search" ] || continue
		echo "# Interface $interface"
		[ ! -s "$STATE/$interface/dns" ] || sed 's/^/nameserver /' "$STATE/$interface/dns"
		[ ! -s "$STATE/$interface/search" ] || sed 's/^/search /' "$STATE/$interface/search"
	done >"$file.$$"
	mv "$file.$$" "$file"
}

# state_event ACTION INTERFACE DEVICE: tells scripts and services, in the background, one event after the other.
state_event() {
	mkdir -p /var/lock
	(
		flock 8
		ACTION=$1 INTERFACE=$2 DEVICE=$3 hotplug-call iface 8>&-
		/usr/libexec/service-trigger interface "$2" 8>&-
	) </dev/null >/dev/null 2>&1 8>/var/lock/network.events 9>&- &
}
