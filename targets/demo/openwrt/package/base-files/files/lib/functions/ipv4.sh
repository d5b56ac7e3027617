# SPDX-License-Identifier: GPL-2.0-or-later
# Arithmetic with IPv4 addresses, without a process for each.

# _ipv4_number VARIABLE ADDRESS
_ipv4_number() {
	local _a _b _c _d _byte
	IFS=. read -r _a _b _c _d <<-EOF
		$2
	EOF
	for _byte in "$_a" "$_b" "$_c" "$_d"; do
		case "$_byte" in '' | *[!0-9]* | ????*) return 1 ;; esac
		[ "$_byte" -le 255 ] || return 1
	done
	eval "$1=$(((_a << 24) + (_b << 16) + (_c << 8) + _d))"
}

# _ipv4_text VARIABLE NUMBER
_ipv4_text() { eval "$1=$(($2 >> 24 & 255)).$(($2 >> 16 & 255)).$(($2 >> 8 & 255)).$(($2 & 255))"; }

# ipcalc ADDRESS/PREFIX | ADDRESS/NETMASK | ADDRESS NETMASK: sets IP, NETMASK, BROADCAST, NETWORK, PREFIX.
ipcalc() {
	local _ip _mask _netmask
	case "$1" in
	*/*) _mask=${1#*/} ;;
	*) _mask=${2:-32} ;;
	esac
	_ipv4_number _ip "${1%%/*}" || { echo "ipcalc: ${1%%/*} is no IPv4 address" >&2; return 1; }
	case "$_mask" in
	*.*)
		PREFIX=0
		_ipv4_number _netmask "$_mask" || _netmask=1
		while [ "$PREFIX" -lt 32 ] && [ $((_netmask >> (31 - PREFIX) & 1)) = 1 ]; do PREFIX=$((PREFIX + 1)); done
		;;
	'' | *[!0-9]*) PREFIX=33 ;;
	*) PREFIX=$_mask ;;
	esac
	if [ "$PREFIX" -gt 32 ] || [ "$((0xffffffff << (32 - PREFIX) & 0xffffffff))" != "${_netmask:-$((0xffffffff << (32 - PREFIX) & 0xffffffff))}" ]; then
		echo "ipcalc: $_mask is no netmask" >&2
		return 1
	fi
	_netmask=$((0xffffffff << (32 - PREFIX) & 0xffffffff))
	_ipv4_text IP "$_ip"
	_ipv4_text NETMASK "$_netmask"
	_ipv4_text NETWORK $((_ip & _netmask))
	_ipv4_text BROADCAST $((_ip & _netmask | ~_netmask & 0xffffffff))
}
