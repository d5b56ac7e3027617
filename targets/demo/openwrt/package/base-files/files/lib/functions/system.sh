# SPDX-License-Identifier: GPL-2.0-or-later
# MAC addresses: six pairs of hexadecimal digits with colons.

. /lib/functions.sh
. /usr/share/libubox/jshn.sh

macaddr_canonicalize() {
	local digits
	digits=$(printf %s "$1" | tr -d ':.-' | tr 'A-F' 'a-f')
	case "$digits" in
	*[!0-9a-f]*) return ;;
	????????????) echo "$digits" | sed 's/../&:/g; s/:$//' ;;
	esac
}

_macaddr_number() { printf %d "0x$(printf %s "$1" | tr -d :)"; }
_macaddr_text() { printf %012x "$1" | sed 's/../&:/g; s/:$//'; }

macaddr_add() {
	local number
	number=$(_macaddr_number "$1")
	_macaddr_text $((number & ~0xffffff | number + $2 & 0xffffff))
}

macaddr_setbit() { _macaddr_text $(($(_macaddr_number "$1") | 1 << (48 - $2))); }
macaddr_unsetbit() { _macaddr_text $(($(_macaddr_number "$1") & ~(1 << (48 - $2)))); }
macaddr_setbit_la() { macaddr_setbit "$1" 7; }
macaddr_unsetbit_mc() { macaddr_unsetbit "$1" 8; }

macaddr_random() {
	local address
	address=$(_macaddr_text "0x$(head -c 6 /dev/urandom | hexdump -v -e '1/1 "%02x"')")
	macaddr_unsetbit_mc "$(macaddr_setbit_la "$address")"
}
