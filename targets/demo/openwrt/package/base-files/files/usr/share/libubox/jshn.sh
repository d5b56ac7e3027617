# SPDX-License-Identifier: GPL-2.0-or-later
# JSON for shell scripts. Objects and arrays are nodes with a number; names of members keep letters, digits and _, other
# characters become _, as the names of shell variables they are part of.
#
# J_kind_N: object or array. J_up_N: the node it is in. J_names_N: names of its members, in order.
# J_value_N_NAME, J_type_N_NAME: a member; the value of an object or array is its number.

json_init() {
	_json_cleanup
	_json_last=0
	_json_node object ''
}

json_cleanup() { json_init; }

_json_cleanup() {
	local _names
	_names=$(set | sed -n 's/^\(J_[A-Za-z0-9_]*\)=.*/\1/p')
	[ -z "$_names" ] || unset $_names
}

# Makes a node inside a node, and goes there.
_json_node() {
	_json_last=$((_json_last + 1))
	eval "J_kind_$_json_last=\$1 J_up_$_json_last=\$2 J_names_$_json_last="
	_json_here=$_json_last
}

# Sets _json_name: the name as part of a variable's.
_json_safe() {
	case "$1" in
	*[!A-Za-z0-9_]*) _json_name=$(printf %s "$1" | tr -c 'A-Za-z0-9_' _) ;;
	*) _json_name=$1 ;;
	esac
}

# _json_add TYPE NAME VALUE: in an array the name is the next number. Sets _json_name.
_json_add() {
	local _kind _names
	eval "_kind=\$J_kind_$_json_here _names=\$J_names_$_json_here"
	if [ "$_kind" = array ]; then
		set -- "$1" "$(($(echo "$_names" | wc -w) + 1))" "$3"
	fi
	_json_safe "$2"
	case " $_names " in *" $_json_name "*) ;; *) eval "J_names_$_json_here=\"\${J_names_$_json_here:+\$J_names_$_json_here }$_json_name\"" ;; esac
	eval "J_type_${_json_here}_$_json_name=\$1 J_value_${_json_here}_$_json_name=\$3 J_label_${_json_here}_$_json_name=\$2"
}

json_add_string() { _json_add string "$1" "$2"; }
json_add_int() { _json_add int "$1" "$2"; }
json_add_double() { _json_add double "$1" "$2"; }
json_add_null() { _json_add null "$1" ''; }

json_add_boolean() {
	case "$2" in 1 | true | on | yes) _json_add boolean "$1" 1 ;; *) _json_add boolean "$1" 0 ;; esac
}

_json_open() {
	_json_add "$1" "$2" $((_json_last + 1))
	_json_node "$1" "$_json_here"
}

json_add_object() { _json_open object "$1"; }
json_add_array() { _json_open array "$1"; }
json_close_object() { eval "_json_here=\$J_up_$_json_here"; }
json_close_array() { json_close_object; }

# json_add_fields NAME[:TYPE]=VALUE...
json_add_fields() {
	local _field _left
	for _field; do
		_left=${_field%%=*}
		case "$_left" in
		*:*) "json_add_${_left#*:}" "${_left%%:*}" "${_field#*=}" ;;
		*) json_add_string "$_left" "${_field#*=}" ;;
		esac
	done
}

json_load() {
	local _calls
	json_init
	_calls=$(printf '%s\n' "$1" | awk -f /usr/share/libubox/json.awk) || return 1
	eval "$_calls"
	_json_here=1
}

json_load_file() { json_load "$(cat "$1")"; }

# json_select NAME|NUMBER|..
json_select() {
	local _type
	if [ "$1" = .. ]; then
		json_close_object
		_json_here=${_json_here:-1}
		return
	fi
	json_get_type _type "$1"
	case "$_type" in
	object | array) eval "_json_here=\$J_value_${_json_here}_$_json_name" ;;
	*) return 1 ;;
	esac
}

json_get_type() {
	_json_safe "$2"
	eval "$1=\$J_type_${_json_here}_$_json_name; [ -n \"\$$1\" ]"
}

json_is_a() {
	local _type
	json_get_type _type "$1" && [ "$_type" = "$2" ]
}

# json_get_var VARIABLE NAME [DEFAULT]
json_get_var() {
	local _type
	json_get_type _type "$2" || { eval "$1=\$3"; return 1; }
	eval "$1=\$J_value_${_json_here}_$_json_name"
}

# json_get_vars NAME[:DEFAULT]...
json_get_vars() {
	local _wanted
	for _wanted; do
		case "$_wanted" in
		*:*) json_get_var "${_wanted%%:*}" "${_wanted%%:*}" "${_wanted#*:}" ;;
		*) json_get_var "$_wanted" "$_wanted" ;;
		esac
	done
	return 0
}

# json_get_keys VARIABLE [NAME]
json_get_keys() {
	local _back=$_json_here _status=0
	[ -z "$2" ] || json_select "$2" || _status=1
	eval "$1="
	[ "$_status" = 1 ] || eval "$1=\$J_names_$_json_here"
	_json_here=$_back
	return "$_status"
}

# json_get_values VARIABLE [NAME]
json_get_values() {
	local _back=$_json_here _names _each _item
	eval "$1="
	[ -z "$2" ] || json_select "$2" || return 1
	eval "_names=\$J_names_$_json_here"
	for _each in $_names; do
		json_get_var _item "$_each"
		eval "$1=\"\${$1:+\$$1 }\$_item\""
	done
	_json_here=$_back
}

# json_for_each_item FUNCTION NAME [ARGUMENT...]: FUNCTION VALUE NAME ARGUMENT...
json_for_each_item() {
	local _function=$1 _name=$2 _back=$_json_here _names _each _item
	shift 2
	if ! json_is_a "$_name" array && ! json_is_a "$_name" object; then
		json_get_var _item "$_name" && "$_function" "$_item" 0 "$@"
		return
	fi
	json_select "$_name"
	eval "_names=\$J_names_$_json_here"
	for _each in $_names; do
		json_get_var _item "$_each"
		"$_function" "$_item" "$_each" "$@"
	done
	_json_here=$_back
}

# One space for all; what is asked for is that the old name can be set again.
json_set_namespace() { [ -z "$2" ] || eval "$2="; }

_json_text() {
	printf '"%s"' "$(printf '%s\n' "$1" | sed -e 's/[\\"]/\\&/g' -e 's/\t/\\t/g' -e 's/\r/\\r/g' | awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }')"
}

# _json_print NODE BREAK: BREAK is the end of line and the indent of what is in the node, or a space.
_json_print() {
	local _kind _names _each _type _value _label _open='{' _close='}' _comma= _inner=$2
	eval "_kind=\$J_kind_$1 _names=\$J_names_$1"
	[ "$_kind" = object ] || { _open='[' _close=']'; }
	[ "$2" = ' ' ] || _inner="$2	"
	printf %s "$_open"
	for _each in $_names; do
		eval "_type=\$J_type_$1_$_each _value=\$J_value_$1_$_each _label=\$J_label_$1_$_each"
		printf '%s%s' "$_comma" "$_inner"
		_comma=,
		[ "$_kind" = array ] || { _json_text "$_label"; printf ': '; }
		case "$_type" in
		object | array) _json_print "$_value" "$_inner" ;;
		string) _json_text "$_value" ;;
		boolean) [ "$_value" = 1 ] && printf true || printf false ;;
		null) printf null ;;
		*) printf %s "$_value" ;;
		esac
	done
	printf '%s%s' "$2" "$_close"
}

# json_dump [-i] [-o FILE]: -i in several lines.
json_dump() {
	local _break=' ' _file=
	while [ $# -gt 0 ]; do
		case "$1" in
		-i) _break='
' ;;
		-o) shift; _file=$1 ;;
		esac
		shift
	done
	if [ -n "$_file" ]; then
		{ _json_print 1 "$_break"; echo; } >"$_file"
	else
		_json_print 1 "$_break"
		echo
	fi
}
