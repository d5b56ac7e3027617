#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ipcalc.sh ADDRESS/PREFIX | ADDRESS/NETMASK | ADDRESS NETMASK
# Prints what follows of an IPv4 address and its mask, as variables of the shell.

fail() { echo "ipcalc.sh: $1" >&2; exit 1; }

number_of() {
	local a b c d
	case "$1" in *[!0-9.]* | '' | *.*.*.*.* | *..*) fail "$1 is no IPv4 address" ;; *.*.*.*) ;; *) fail "$1 is no IPv4 address" ;; esac
	IFS=. read -r a b c d <<-EOF
		$1
	EOF
	for byte in "$a" "$b" "$c" "$d"; do [ -n "$byte" ] && [ "$byte" -le 255 ] || fail "$1 is no IPv4 address"; done
	echo $(((a << 24) + (b << 16) + (c << 8) + d))
}

address_of() { echo "$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))"; }

address=${1%%/*}
case "$1" in
*/*) mask=${1#*/} ;;
*) mask=${2:-32} ;;
esac

ip=$(number_of "$address") || exit 1
case "$mask" in
*.*)
	netmask=$(number_of "$mask") || exit 1
	prefix=0
	while [ "$prefix" -lt 32 ] && [ $((netmask >> (31 - prefix) & 1)) = 1 ]; do prefix=$((prefix + 1)); done
	[ "$netmask" = $((0xffffffff << (32 - prefix) & 0xffffffff)) ] || fail "$mask is no netmask"
	;;
*[!0-9]* | '') fail "$mask is no netmask" ;;
*)
	[ "$mask" -le 32 ] || fail "$mask is no netmask"
	prefix=$mask
	netmask=$((0xffffffff << (32 - prefix) & 0xffffffff))
	;;
esac
network=$((ip & netmask))

echo "IP=$(address_of "$ip")"
echo "NETMASK=$(address_of "$netmask")"
echo "BROADCAST=$(address_of $((network | ~netmask & 0xffffffff)))"
echo "NETWORK=$(address_of "$network")"
echo "PREFIX=$prefix"
