# SPDX-License-Identifier: GPL-2.0-or-later
# For scripts in /etc/board.d: what is known of the machine goes to /etc/board.json, from which config_generate makes the
# first configuration. A script calls board_config_update, some ucidef_*, board_config_flush.

. /lib/functions.sh
. /usr/share/libubox/jshn.sh

CFG=${CFG:-/etc/board.json}

json_select_object() { json_select "$1" || json_add_object "$1"; }
json_select_array() { json_select "$1" || json_add_array "$1"; }

board_config_update() {
	json_init
	[ ! -f "$CFG" ] || json_load "$(cat "$CFG")"
	json_is_a model object && return
	json_select_object model
	json_add_string id "$(board_name)"
	[ ! -f /tmp/sysinfo/model ] || json_add_string name "$(cat /tmp/sysinfo/model)"
	json_select ..
}

# Whole or not at all: the power may go.
board_config_flush() { json_dump -i -o "$CFG.new" && sync "$CFG.new" && mv "$CFG.new" "$CFG"; }

# _ucidef_list NAME VALUE...
_ucidef_list() {
	local value
	json_select_array "$1"
	shift
	for value; do json_add_string '' "$value"; done
	json_select ..
}

# ucidef_set_interface NAME [KEY VALUE]...: keys device, ports (several words), protocol, ipaddr, netmask, macaddr, vlan.
ucidef_set_interface() {
	local key
	json_select_object network
	json_select_object "$1"
	shift
	while [ $# -gt 1 ]; do
		key=$1
		case "$key" in
		ports) _ucidef_list ports $2 ;;
		*) json_add_string "$key" "$2" ;;
		esac
		shift 2
	done
	json_is_a protocol string || json_add_string protocol dhcp
	json_select ..
	json_select ..
}

# Several devices become the ports of a bridge.
_ucidef_set_role() {
	local role=$1 devices=$2 protocol=$3
	shift 3
	case "$devices" in
	*' '*) ucidef_set_interface "$role" ports "$devices" protocol "$protocol" "$@" ;;
	*) ucidef_set_interface "$role" device "$devices" protocol "$protocol" "$@" ;;
	esac
}

ucidef_set_interface_lan() { _ucidef_set_role lan "$1" "${2:-static}"; }
ucidef_set_interface_wan() { _ucidef_set_role wan "$1" "${2:-dhcp}"; }

ucidef_set_interfaces_lan_wan() {
	ucidef_set_interface_lan "$1"
	ucidef_set_interface_wan "$2"
}

ucidef_set_interface_macaddr() { ucidef_set_interface "$1" macaddr "$2"; }

_ucidef_set_system() {
	json_select_object system
	json_add_string "$1" "$2"
	json_select ..
}

ucidef_set_hostname() { _ucidef_set_system hostname "$1"; }
ucidef_set_timezone() { _ucidef_set_system timezone "$1"; }
ucidef_set_compat_version() { _ucidef_set_system compat_version "${1:-1.0}"; }

ucidef_set_ntpserver() {
	json_select_object system
	_ucidef_list ntpserver "$@"
	json_select ..
}

ucidef_set_board_id() {
	json_select_object model
	json_add_string id "$1"
	json_select ..
}

ucidef_set_model_name() {
	json_select_object model
	json_add_string name "$1"
	json_select ..
}

_ucidef_set_credential() {
	json_select_object credentials
	json_add_string "$1" "$2"
	json_select ..
}

ucidef_set_root_password_plain() { _ucidef_set_credential root_password_plain "$1"; }
ucidef_set_root_password_hash() { _ucidef_set_credential root_password_hash "$1"; }

ucidef_set_ssh_authorized_key() {
	json_select_object credentials
	_ucidef_list ssh_authorized_keys "$1"
	json_select ..
}
