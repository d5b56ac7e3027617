# SPDX-License-Identifier: GPL-2.0-or-later
# The program uci as shell functions. UCI_CONFIG_DIR names another folder than /etc/config.

_uci() { /sbin/uci ${UCI_CONFIG_DIR:+-c "$UCI_CONFIG_DIR"} "$@"; }

# uci_load PACKAGE: calls config, option and list (see functions.sh) for all that is in the package.
# With CONFIG_APPEND set, what was loaded before stays.
uci_load() {
	local _uci_text _uci_rc
	[ -n "$CONFIG_APPEND" ] || config_clear
	_uci_text=$(_uci -P /var/state -S -n export "$1" 2>/dev/null)
	_uci_rc=$?
	[ "$_uci_rc" != 0 ] || eval "$_uci_text"
	[ -z "$CONFIG_SECTION" ] || config_cb
	return "$_uci_rc"
}

# uci_set_default PACKAGE: the input becomes the package, unless there is one.
uci_set_default() {
	_uci -q show "$1" >/dev/null && return
	_uci import "$1" && _uci commit "$1"
}

# uci_get PACKAGE [SECTION [OPTION [DEFAULT [STATE_DIR]]]]
uci_get() {
	_uci ${5:+-P "$5"} -q get "$1${2:+.$2}${3:+.$3}" && return
	[ -n "$4" ] || return 1
	echo "$4"
	return 1
}

uci_get_state() { uci_get "$1" "$2" "$3" "$4" /var/state; }

uci_set_state() {
	[ $# = 4 ] || return 0
	_uci -P /var/state set "$1.$2${3:+.$3}=$4"
}

uci_revert_state() { _uci -P /var/state revert "$1${2:+.$2}${3:+.$3}"; }
uci_toggle_state() { uci_revert_state "$1" "$2" "$3"; uci_set_state "$@"; }

# uci_add PACKAGE TYPE [NAME]: CONFIG_SECTION becomes the name of the section.
uci_add() {
	if [ -n "$3" ]; then
		_uci set "$1.$3=$2"
		CONFIG_SECTION=$3
	else
		CONFIG_SECTION=$(_uci add "$1" "$2")
	fi
}

uci_set() { _uci set "$1.$2.$3=$4"; }
uci_add_list() { _uci add_list "$1.$2.$3=$4"; }
uci_remove_list() { _uci del_list "$1.$2.$3=$4"; }
uci_remove() { _uci delete "$1.$2${3:+.$3}"; }
uci_rename() { if [ -n "$4" ]; then _uci rename "$1.$2.$3=$4"; else _uci rename "$1.$2=$3"; fi; }
uci_revert() { _uci revert "$1${2:+.$2}${3:+.$3}"; }
uci_commit() { _uci commit ${1:+"$1"}; }
