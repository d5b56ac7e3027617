# SPDX-License-Identifier: GPL-2.0-or-later
# What an interface has: addresses, routes, name servers. Setting them changes the kernel by the difference to what was noted,
# and notes the new ones (see /lib/functions/network.sh).

STATE=/var/run/network

state_put() { # INTERFACE FILE TEXT
	if [ -n "$3" ]; then printf '%s\n' "$3" >"$STATE/$1/$2"; elif [ -e "$STATE/$1/$2" ]; then rm "$STATE/$1/$2"; fi
}

# _lines VARIABLE FILE: the text of a file.
_lines() {
	local _text= _line
	if [ -s "$2" ]; then
		while IFS= read -r _line; do _text="$_text${_text:+$N}$_line"; done <"$2"
	fi
	eval "$1=\$_text"
}

# _each_missing TEXT IN FUNCTION: calls it with each line of the first text that is not in the second.
_each_missing() {
	local IFS=$N _line
	for _line in $1; do
		case "$N$2$N" in *"$N$_line$N"*) ;; *) "$3" "$_line" ;; esac
	done
}

# state_set INTERFACE FILE TEXT ADD REMOVE: a line that is new is handed to ADD, one that is gone to REMOVE.
state_set() {
	local _old
	_lines _old "$STATE/$1/$2"
	_each_missing "$_old" "$3" "$5"
	_each_missing "$3" "$_old" "$4"
	state_put "$1" "$2" "$3"
}

# An address line is ADDRESS/PREFIX; a route line is what `ip` takes, with the word replace in it. The device stands in _device.
_address_add() { local IFS=' '; ip addr add "$1" ${_broadcast:+broadcast +} dev "$_device" 2>/dev/null; }
_address_remove() { ip addr del "$1" dev "$_device" 2>/dev/null; }
_route_add() { local IFS=' '; ip $1 2>/dev/null || network_log err "cannot add: $1"; }
_route_remove() { local IFS=' '; ip "${1%% *}" route del ${1#* route replace } 2>/dev/null; }

state_addresses() { # INTERFACE DEVICE IPV4 IPV6
	local _device=$2 _broadcast=1
	state_set "$1" ipv4 "$3" _address_add _address_remove
	_broadcast=
	state_set "$1" ipv6 "$4" _address_add _address_remove
}

state_routes() { state_set "$1" routes "$2" _route_add _route_remove; } # INTERFACE LINES

# The file that programs which look up names read: all interfaces that are up, in the order of the configuration.
state_resolv() {
	local interface dns search file=/tmp/resolv.conf.d/resolv.conf.auto
	[ -d "${file%/*}" ] || mkdir -p "${file%/*}"
	for interface in $CONFIG_SECTIONS; do
		[ -e "$STATE/$interface/up" ] || continue
		_lines dns "$STATE/$interface/dns"
		_lines search "$STATE/$interface/search"
		[ -z "$dns$search" ] || echo "# Interface $interface"
		for dns in $dns; do echo "nameserver $dns"; done
		[ -z "$search" ] || echo "search" $search
	done >"$file.new"
	mv "$file.new" "$file"
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
