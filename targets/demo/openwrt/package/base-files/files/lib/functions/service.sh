# SPDX-License-Identifier: GPL-2.0-or-later
# Services without USE_PROCD: a program that goes to the background by itself, or is sent there.
# SERVICE_DAEMONIZE, SERVICE_WRITE_PID, SERVICE_USE_PID, SERVICE_PID_FILE, SERVICE_NAME, SERVICE_UID, SERVICE_SIG as in OpenWrt.

# service -S|-K|-C PROGRAM [ARGUMENT...]: start, signal, check.
service() {
	local action=$1 program=$2 options
	shift 2
	[ -x "$program" ] || { echo "service: $program is not there" >&2; return 1; }
	local name=${SERVICE_NAME:-${program##*/}}
	options="-q -x $program${SERVICE_UID:+ -c $SERVICE_UID${SERVICE_GID:+:$SERVICE_GID}}"
	[ -z "$SERVICE_USE_PID$SERVICE_WRITE_PID$SERVICE_PID_FILE" ] || options="$options -p ${SERVICE_PID_FILE:-/var/run/$name.pid}"
	case "$action" in
	-S) start-stop-daemon -S $options ${SERVICE_DAEMONIZE:+-b} ${SERVICE_WRITE_PID:+-m} -- "$@" ;;
	-K) start-stop-daemon -K $options -s "${SERVICE_SIG:-TERM}" ;;
	-C) start-stop-daemon -K $options -t ;;
	*) echo "service: unknown action $action" >&2; return 1 ;;
	esac
}

service_start() { service -S "$@"; }
service_check() { service -C "$@"; }
service_signal() { SERVICE_SIG=${SERVICE_SIG:-USR1} service -K "$@"; }
service_reload() { SERVICE_SIG=${SERVICE_SIG:-HUP} service -K "$@"; }

service_stop() {
	local tries=0
	service -K "$@" || return 1
	while service -C "$@" 2>/dev/null; do
		[ "$tries" -lt "${SERVICE_STOP_TIME:-5}" ] || { SERVICE_SIG=KILL service -K "$@"; return; }
		tries=$((tries + 1))
		sleep 1
	done
}
