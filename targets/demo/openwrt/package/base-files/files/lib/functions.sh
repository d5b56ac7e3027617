# SPDX-License-Identifier: GPL-2.0-or-later
# What every script may rely on: lists in variables, configuration in variables, users and groups, packages.
# Read by busybox ash on the device and, with IPKG_INSTROOT set, by bash while the image is put together.

N='
'
NO_EXPORT=1
LIST_SEP=' '

debug() { ${DEBUG:-:} "$@"; }

# append VARIABLE VALUE [SEPARATOR], prepend VARIABLE VALUE [SEPARATOR]
append() {
	local _separator=${3:- }
	eval "$1=\"\${$1:+\$$1\${2:+\$_separator}}\$2\""
}

prepend() {
	local _separator=${3:- }
	eval "$1=\"\$2\${$1:+\${2:+\$_separator}\$$1}\""
}

# list_contains VARIABLE WORD
list_contains() {
	local _list
	eval "_list=\" \$$1 \""
	case "$_list" in *" $2 "*) return 0 ;; esac
	return 1
}

# include DIRECTORY: reads every *.sh in it.
include() {
	local _file
	for _file in "$1"/*.sh; do
		[ ! -f "$_file" ] || . "$_file"
	done
}

# --- Configuration. uci_load turns a package into calls of config, option and list; these keep it as CONFIG_SECTION_OPTION.

config_load() { [ -n "$IPKG_INSTROOT" ] || uci_load "$@"; }

config_clear() {
	local _name
	for _name in $CONFIG_LISTS; do eval "unset CONFIG_${_name} CONFIG_${_name}_LENGTH"; done
	CONFIG_LISTS= CONFIG_SECTIONS= CONFIG_SECTION= CONFIG_NUM_SECTIONS=0
}

# Scripts replace these to look at the package while it is being read.
reset_cb() {
	config_cb() { :; }
	option_cb() { :; }
	list_cb() { :; }
}
reset_cb

package() { :; }

config() {
	CONFIG_NUM_SECTIONS=$((CONFIG_NUM_SECTIONS + 1))
	CONFIG_SECTION=${2:-cfg$CONFIG_NUM_SECTIONS}
	append CONFIG_SECTIONS "$CONFIG_SECTION"
	config_set "$CONFIG_SECTION" TYPE "$1"
	[ -n "$NO_CALLBACK" ] || config_cb "$1" "$CONFIG_SECTION"
}

option() {
	local _name=$1
	shift
	config_set "$CONFIG_SECTION" "$_name" "$*"
	[ -n "$NO_CALLBACK" ] || option_cb "$_name" "$*"
}

list() {
	local _name=$1 _length
	shift
	config_get _length "$CONFIG_SECTION" "${_name}_LENGTH" 0
	[ "$_length" != 0 ] || append CONFIG_LISTS "${CONFIG_SECTION}_$_name"
	_length=$((_length + 1))
	config_set "$CONFIG_SECTION" "${_name}_ITEM$_length" "$*"
	config_set "$CONFIG_SECTION" "${_name}_LENGTH" "$_length"
	append "CONFIG_${CONFIG_SECTION}_$_name" "$*" "$LIST_SEP"
	[ -n "$NO_CALLBACK" ] || list_cb "$_name" "$*"
}

config_set() { eval "CONFIG_$1_$2=\$3"; }
config_unset() { config_set "$1" "$2" ''; }

# config_get VARIABLE SECTION OPTION [DEFAULT]; config_get SECTION OPTION prints. Names that can be none give nothing.
config_get() {
	case "$2${3:-$1}" in *[!A-Za-z0-9_]*) return ;; esac
	if [ -n "$3" ]; then
		eval "$1=\${CONFIG_$2_$3:-\$4}"
	else
		eval "echo \"\${CONFIG_$1_$2}\""
	fi
}

# get_bool VALUE [DEFAULT] prints 1 or 0, or the default for what is neither.
get_bool() {
	case "$1" in
	1 | on | true | yes | enabled) printf 1 ;;
	0 | off | false | no | disabled) printf 0 ;;
	*) printf %s "$2" ;;
	esac
}

config_get_bool() {
	local _bool
	config_get _bool "$2" "$3" "$4"
	_bool=$(get_bool "$_bool" "$4")
	eval "$1=\$_bool"
}

# config_foreach FUNCTION [TYPE [ARGUMENT...]]: FUNCTION SECTION ARGUMENT... for each section (of that type).
config_foreach() {
	local ___function=$1 ___type=$2 ___section ___found
	[ $# -lt 1 ] || shift
	[ $# -lt 1 ] || shift
	for ___section in $CONFIG_SECTIONS; do
		config_get ___found "$___section" TYPE
		[ -n "$___type" ] && [ "$___found" != "$___type" ] && continue
		eval "$___function \"\$___section\" \"\$@\""
	done
	return 0
}

# config_list_foreach SECTION OPTION FUNCTION [ARGUMENT...]: FUNCTION ITEM ARGUMENT... for each item of a list.
config_list_foreach() {
	[ $# -ge 3 ] || return 0
	local ___section=$1 ___option=$2 ___function=$3 ___length ___item ___n=1
	shift 3
	config_get ___length "$___section" "${___option}_LENGTH" 0
	while [ "$___n" -le "$___length" ]; do
		config_get ___item "$___section" "${___option}_ITEM$___n"
		eval "$___function \"\$___item\" \"\$@\""
		___n=$((___n + 1))
	done
	return 0
}

# --- Users and groups

group_exists() { grep -qs "^$1:" "$IPKG_INSTROOT/etc/group"; }
user_exists() { grep -qs "^$1:" "$IPKG_INSTROOT/etc/passwd"; }

# The first number from 32768 that no line of a file has in its third field.
_free_id() {
	local _id=32768
	while grep -q "^[^:]*:[^:]*:$_id:" "$1"; do _id=$((_id + 1)); done
	echo "$_id"
}

group_add() {
	[ -f "$IPKG_INSTROOT/etc/group" ] || return 1
	echo "$1:x:$2:" >>"$IPKG_INSTROOT/etc/group"
}

# Prints the number of the group, which it makes if need be.
group_add_next() {
	group_exists "$1" || group_add "$1" "$(_free_id "$IPKG_INSTROOT/etc/group")"
	sed -n "s/^$1:[^:]*:\([0-9]*\):.*/\1/p" "$IPKG_INSTROOT/etc/group"
}

group_add_user() {
	local _members
	_members=$(sed -n "s/^$1:[^:]*:[^:]*://p" "$IPKG_INSTROOT/etc/group")
	case ",$_members," in *",$2,"*) return ;; esac
	sed -i "s/^$1:.*/&${_members:+,}$2/" "$IPKG_INSTROOT/etc/group"
}

# user_add NAME [UID [GID [DESCRIPTION [HOME [SHELL]]]]]
user_add() {
	[ -f "$IPKG_INSTROOT/etc/passwd" ] || return 1
	local _uid=${2:-$(_free_id "$IPKG_INSTROOT/etc/passwd")}
	echo "$1:x:$_uid:${3:-$_uid}:${4:-$1}:${5:-/var/run/$1}:${6:-/bin/false}" >>"$IPKG_INSTROOT/etc/passwd"
	echo "$1:x:0:0:99999:7:::" >>"$IPKG_INSTROOT/etc/shadow"
}

# --- Packages

# default_postinst PACKAGE: starts what a package has brought; while an image is made, only enables it.
default_postinst() {
	local _pkg=${pkgname:-${1##*/}} _file _list _status=0
	_list=$IPKG_INSTROOT/usr/lib/opkg/info/$_pkg.list
	if [ -z "$IPKG_INSTROOT" ]; then
		grep -qs '^/etc/modules.d/' "$_list" && kmodloader
		grep -qs '^/etc/sysctl.d/' "$_list" && /etc/init.d/sysctl restart
		for _file in $(grep -s '^/etc/uci-defaults/' "$_list"); do
			[ ! -f "$_file" ] || { (cd "${_file%/*}" && . "$_file") && rm -f "$_file"; }
		done
		uci commit
	fi
	if [ -f "$IPKG_INSTROOT/usr/lib/opkg/info/$_pkg.postinst-pkg" ]; then
		(. "$IPKG_INSTROOT/usr/lib/opkg/info/$_pkg.postinst-pkg") || _status=$?
	fi
	for _file in $(grep -s '^/etc/init.d/' "$_list"); do
		if [ -n "$IPKG_INSTROOT" ]; then
			"$(command -v bash || echo /bin/sh)" "$IPKG_INSTROOT/etc/rc.common" "$IPKG_INSTROOT$_file" enable
		else
			"$_file" enable
			"$_file" start
		fi
	done
	return "$_status"
}

# default_prerm PACKAGE: stops and disables its services.
default_prerm() {
	local _pkg=${pkgname:-${1##*/}} _file
	for _file in $(grep -s '^/etc/init.d/' "$IPKG_INSTROOT/usr/lib/opkg/info/$_pkg.list"); do
		if [ -n "$IPKG_INSTROOT" ]; then
			"$(command -v bash || echo /bin/sh)" "$IPKG_INSTROOT/etc/rc.common" "$IPKG_INSTROOT$_file" disable
		else
			"$_file" disable
			"$_file" stop
		fi
	done
	return 0
}

# --- The machine

board_name() { cat /tmp/sysinfo/board_name 2>/dev/null || echo generic; }

# cmdline_get_var NAME: what the kernel was told by NAME=...
cmdline_get_var() {
	local _word
	for _word in $(cat /proc/cmdline); do
		case "$_word" in "$1="*) echo "${_word#*=}" ;; esac
	done
}

if [ -z "$IPKG_INSTROOT" ]; then
	. /lib/functions/ipv4.sh
	[ ! -f /lib/config/uci.sh ] || . /lib/config/uci.sh
fi
