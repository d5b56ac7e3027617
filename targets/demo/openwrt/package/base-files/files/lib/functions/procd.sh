# SPDX-License-Identifier: GPL-2.0-or-later
# Services that are kept running. A script describes its instances between procd_open_service and procd_close_service; what
# has changed is started again, the rest is left alone.
#
# /var/run/services/NAME/           instances: spec (variables of the shell), pid, supervisor
#                       .triggers   calls of `trigger KIND NAME COMMAND...`, see /usr/libexec/service-trigger
#                       .script     the init script

PROCD_DIR=$IPKG_INSTROOT/var/run/services

# Sets _quoted: the words, for the shell to read again.
_procd_quote() {
	local rest out
	_quoted=
	for rest; do
		out=
		while :; do
			case "$rest" in *"'"*) ;; *) break ;; esac
			out="$out${rest%%"'"*}'\\''"
			rest=${rest#*"'"}
		done
		_quoted="$_quoted '$out$rest'"
	done
}

# One command of a service at a time.
procd_lock() {
	mkdir -p "$IPKG_INSTROOT/var/lock"
	exec 9>"$IPKG_INSTROOT/var/lock/procd_$(service_name).lock"
	flock 9
}

procd_open_service() {
	procd_lock
	_procd_service=$1
	_procd_script=/etc/init.d/$1
	_procd_triggers=
	_procd_new=$PROCD_DIR/.$1.new
	_procd_count=0
	rm -rf "$_procd_new"
	mkdir -p "$_procd_new"
}

procd_open_instance() {
	_procd_count=$((_procd_count + 1))
	_procd_instance=${1:-instance$_procd_count}
	_procd_spec= _procd_command= _procd_env=
}

# procd_set_param KEY WORD...: command, env, file (start again when they change), respawn [THRESHOLD TIMEOUT RETRY],
# stdout, stderr (1: to the log), user, pidfile, term_timeout. Others are noted and have no effect here.
procd_set_param() {
	local key=$1
	shift
	_procd_quote "$@"
	case "$key" in
	command) _procd_command="$_procd_command$_quoted" ;;
	env) _procd_env="$_procd_env$_quoted" ;;
	respawn) _procd_spec="${_procd_spec}respawn='${1:-3600} ${2:-5} ${3:-5}'$N" ;;
	file) _procd_spec="$_procd_spec# $(cat "$@" 2>/dev/null | md5sum) $_quoted$N" ;;
	*) _procd_spec="$_procd_spec$key=${_quoted# }$N" ;;
	esac
}

procd_append_param() { procd_set_param "$@"; }

procd_close_instance() {
	[ -d "$_procd_new/$_procd_instance" ] || mkdir -p "$_procd_new/$_procd_instance"
	_procd_quote "$_procd_command" "$_procd_env"
	printf 'set --%s\n%s' "$_quoted" "$_procd_spec" >"$_procd_new/$_procd_instance/spec"
}

procd_add_instance() {
	procd_open_instance
	procd_set_param command "$@"
	procd_close_instance
}

_procd_alive() { [ -s "$1/supervisor" ] && kill -0 "$(cat "$1/supervisor")" 2>/dev/null; }

_procd_start() {
	rm -f "$1/pid" "$1/supervisor"
	setsid /usr/libexec/service-instance "$1" "$_procd_service" </dev/null >/dev/null 2>&1 9>&- &
	echo $! >"$1/supervisor"
}

# Asks the supervisor to end the program, and waits for both.
_procd_stop() {
	local pid tries=0
	if _procd_alive "$1"; then
		pid=$(cat "$1/supervisor")
		kill -TERM "$pid"
		while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
			sleep 0.1
			tries=$((tries + 1))
		done
		kill -KILL "$pid" "$(cat "$1/pid" 2>/dev/null)" 2>/dev/null
	fi
	rm -rf "$1"
}

# procd_close_service set|add: with `add`, instances that were not named again go on.
procd_close_service() {
	local dir=$PROCD_DIR/$_procd_service instance
	service_triggers
	mkdir -p "$dir"
	echo "$_procd_script" >"$dir/.script"
	printf '%s' "$_procd_triggers" >"$dir/.triggers"
	for instance in "$dir"/*; do
		[ -d "$instance" ] || continue
		[ "$1" = add ] || [ -d "$_procd_new/${instance##*/}" ] || _procd_stop "$instance"
	done
	for instance in "$_procd_new"/*; do
		[ -d "$instance" ] || continue
		instance=${instance##*/}
		if _procd_alive "$dir/$instance" && cmp -s "$dir/$instance/spec" "$_procd_new/$instance/spec"; then continue; fi
		_procd_stop "$dir/$instance"
		mv "$_procd_new/$instance" "$dir/$instance"
		_procd_start "$dir/$instance"
	done
	rm -rf "$_procd_new"
}

# procd_kill SERVICE [INSTANCE]
procd_kill() {
	local instance
	for instance in "$PROCD_DIR/$1"/${2:-*}; do
		[ ! -d "$instance" ] || _procd_stop "$instance"
	done
	[ -n "$2" ] || rm -rf "${PROCD_DIR:?}/$1"
}

# procd_running SERVICE [INSTANCE]
procd_running() {
	local instance
	for instance in "$PROCD_DIR/$1"/${2:-*}; do
		[ -s "$instance/pid" ] && kill -0 "$(cat "$instance/pid")" 2>/dev/null && return 0
	done
	return 1
}

# procd_send_signal SERVICE [INSTANCE [SIGNAL]]
procd_send_signal() {
	local instance
	for instance in "$PROCD_DIR/$1"/${2:-*}; do
		[ ! -s "$instance/pid" ] || kill "-${3:-HUP}" "$(cat "$instance/pid")"
	done
}

procd_status() {
	local instance all=0 up=0
	[ -d "$PROCD_DIR/$1" ] || { echo inactive; return 3; }
	for instance in "$PROCD_DIR/$1"/${2:-*}; do
		[ -d "$instance" ] || continue
		all=$((all + 1))
		! procd_running "$1" "${instance##*/}" || up=$((up + 1))
	done
	case "$all,$up" in
	0,0) [ -z "$2" ] || { echo "unknown instance $2"; return 4; }; echo 'active with no instances' ;;
	*,0) echo 'not running'; return 5 ;;
	"$up,$up") echo running ;;
	*) echo "running ($up/$all)" ;;
	esac
}

procd_info() {
	local file
	for file in "$PROCD_DIR/$1"/*/spec "$PROCD_DIR/$1"/*/pid "$PROCD_DIR/$1/.triggers"; do
		[ ! -s "$file" ] || sed "s|^|${file#"$PROCD_DIR/"}: |" "$file"
	done
}

# --- Triggers: KIND config: a package of /etc/config; KIND interface: an interface of the network came up or went down.

_procd_trigger() {
	_procd_quote "$@"
	_procd_triggers="${_procd_triggers}trigger$_quoted$N"
}

procd_add_reload_trigger() {
	local package
	for package; do _procd_trigger config "$package" "$_procd_script" reload; done
}

procd_add_config_trigger() {
	shift
	_procd_trigger config "$@"
}

procd_add_interface_trigger() {
	shift
	_procd_trigger interface "$@"
}

procd_add_reload_interface_trigger() { _procd_trigger interface "$1" "$_procd_script" reload; }

# Nothing here raises these, or needs them.
procd_add_raw_trigger() { :; }
procd_add_mount_trigger() { :; }
procd_add_reload_mount_trigger() { :; }
procd_add_restart_mount_trigger() { :; }
procd_add_reload_data_trigger() { :; }
procd_open_trigger() { :; }
procd_close_trigger() { :; }
procd_open_validate() { :; }
procd_close_validate() { :; }
procd_add_validation() { :; }
procd_open_data() { :; }
procd_close_data() { :; }
procd_add_mdns() { :; }
procd_add_jail() { :; }
procd_add_jail_mount() { :; }
procd_add_jail_mount_rw() { :; }

# --- Options with a kind and a default, from the package that is loaded.

# uci_validate_section PACKAGE TYPE SECTION OPTION:KIND[:DEFAULT]...: sets a variable for each option.
# Fails where a value is not of its kind; kinds other than bool, integers, ports and lists take any text.
uci_validate_section() {
	local _section=$3 _rule _name _kind _value _failed=0
	shift 3
	for _rule; do
		_name=${_rule%%:*}
		_kind=${_rule#*:}
		config_get _value "$_section" "$_name" "$(case "$_kind" in *:*) echo "${_kind#*:}" ;; esac)"
		case "${_kind%%:*},$_value" in
		*,) ;;
		bool,*) _value=$(get_bool "$_value"); [ -n "$_value" ] || _failed=1 ;;
		uinteger,*[!0-9]* | port,*[!0-9]*) _failed=1 ;;
		integer,*[!0-9-]*) _failed=1 ;;
		esac
		eval "$_name=\$_value"
	done
	return "$_failed"
}

# uci_load_validate PACKAGE TYPE SECTION FUNCTION OPTION:KIND[:DEFAULT]...: FUNCTION SECTION RESULT
uci_load_validate() {
	local _function=$4 _rest_section=$3 _result _rule
	for _rule; do
		case "$_rule" in *:*) eval "local ${_rule%%:*}" ;; esac
	done
	config_get _rule "$3" TYPE
	[ -n "$_rule" ] || config_load "$1"
	local _package=$1 _type=$2
	shift 4
	uci_validate_section "$_package" "$_type" "$_rest_section" "$@"
	_result=$?
	[ -n "$_function" ] || return "$_result"
	eval "$_function \"\$_rest_section\" \"\$_result\""
}
