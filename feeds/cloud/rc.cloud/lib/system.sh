# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2015,SC2034,SC2086,SC2154,SC3045
#
# Files, commands, packages, and the machine as a whole.

# What can stand in a line of UCI or of a command as it is: a name, an address, a version
is_word() {
	case $1 in
	'') return 1 ;;
	[!a-zA-Z0-9]* | *[!a-zA-Z0-9._:/+~-]* | *..*) complain "$1" ;;
	esac
}

# public COMMAND...: what it makes may be read by all
public() {
	(umask 022 && "$@")
}

# put_file PATH [MODE [OWNER]]: stdin becomes the file, whole or not at all; folders on the way are made
put_file() {
	[ "${1#/}" != "$1" ] && [ ! -d "$1" ] && public mkdir -p "${1%/*}/" && replace "$@" || ! complain "$1"
}

meta_file() {
	plain "$path"
	from=$SEED/content/${from##*/}
	[ ! -f "$from" ] || put_file "$PLAIN" < "$from"
}

# In its stage: early, or with the late ones
write_file() {
	is_true "$defer" && defer=late- || defer=
	[ "$stage" = "$defer" ] || return 0
	plain "$path"
	printf '%b' "$content" | case $encoding in
	gz*64) decode_base64 | gunzip ;;
	gz*) gunzip ;;
	*64) decode_base64 ;;
	*) cat ;;
	esac > "$RUN/file" || { ! complain "$PLAIN"; return; }
	if is_true "$append" && [ -f "$PLAIN" ]; then
		cat "$RUN/file" >> "$PLAIN"
	else
		permissions=${permissions#0o}
		put_file "$PLAIN" "${permissions:-0644}" "$owner" < "$RUN/file"
	fi
}

# How it ends is no reason for a second try: what has run has run.
run_script() {
	(cd / && public "$@") < /dev/null || log "$* ended with $?" || :
}

# limited SECONDS COMMAND...: one that takes longer goes on beside the boot
limited() {
	local time=$1
	shift
	rm -f "$RUN/limited"
	mkfifo "$RUN/limited" || return
	{
		{
			run_script "$@"
			echo >&7
		} &
		read -r -t "$time" _ <&7 || log "$* goes on"
	} 7<> "$RUN/limited"
}

run_commands() {
	cat > "$RUN/$key"
	case $key in bootcmd) limited 5 sh "$RUN/$key" ;; *) run_script sh "$RUN/$key" ;; esac
}

# Packages, by apk or opkg, whichever is there. What could not be had is tried again at the next boot.
ADD='opkg install'
! command -v apk > /dev/null || ADD='apk add'

package_update() {
	is_true "${wanted-on}" && [ -z "$UPDATED" ] || return 0
	UPDATED=1
	public ${ADD% *} update
}

package_upgrade() {
	package_update
	is_true "$wanted" || return 0
	case $ADD in
	apk*) public apk upgrade ;;
	*) opkg list-upgradable | cut -d ' ' -f 1 | public xargs -r opkg upgrade ;;
	esac
}

add_package() {
	is_word "$name$version" || return 0
	package_update
	public $ADD "$name${version:+=$version}"
}

set_hostname() {
	name=${name%%.*}
	is_word "$name" || return 0
	uci_add "set system.@system[0].hostname=$name"
	echo "$name" > /proc/sys/kernel/hostname || :
} 2> /dev/null

# Without the packages of zoneinfo a name alone says nothing: of some we know the rules.
set_timezone() {
	local rule=
	is_word "$name" || return 0
	uci_add "set system.@system[0].zonename=$name"
	case ${name##*/} in
	UTC) rule=UTC0 ;;
	London) rule=GMT0BST,M3.5.0/1,M10.5.0 ;;
	Amsterdam | Berlin | Madrid | Paris | Rome | Zurich) rule=CET-1CEST,M3.5.0,M10.5.0/3 ;;
	New_York) rule=EST5EDT,M3.2.0,M11.1.0 ;;
	Chicago) rule=CST6CDT,M3.2.0,M11.1.0 ;;
	Los_Angeles) rule=PST8PDT,M3.2.0,M11.1.0 ;;
	Kolkata) rule=IST-5:30 ;;
	Singapore) rule='<+08>-8' ;;
	Shanghai) rule=CST-8 ;;
	Tokyo) rule=JST-9 ;;
	esac
	[ -z "$rule" ] || uci_add "set system.@system[0].timezone=$rule"
	[ -n "$rule" ] || [ -f "/usr/share/zoneinfo/$name" ] || ! complain "$name"
}

set_ntp() {
	is_true "${enabled:-yes}" && enabled=1 || enabled=0
	uci_add 'set system.ntp=timeserver' "set system.ntp.enabled=$enabled"
	[ -z "$pools$servers" ] || uci_add 'delete system.ntp.server'
	printf '%b\n' "$pools" "$servers" | while IFS= read -r server; do
		! is_word "$server" || uci_add "add_list system.ntp.server=$server"
	done
}

# Switches that only have an off: for grow.sh no-growpart and no-resize, for access_open no-openwrt
deny() {
	case $mode$wan_ssh in [Ff]alse | FALSE | no | off) : > "$STATE/no-${key%_*}" ;; esac
}

add_entropy() {
	cat > /dev/urandom
}

# Lines of `uci batch`, all of them or none: it does not stop at an error, so changes lie apart until there was none.
try_uci() {
	local problem
	uci_write
	rm -rf "$RUN/uci"
	mkdir "$RUN/uci"
	grep . > "$RUN/lines"
	problem=$(grep -Evm 1 '^(set|add|del|re)' "$RUN/lines" || uci -t "$RUN/uci" batch < "$RUN/lines" 2>&1 > /dev/null)
	if [ -n "$problem" ]; then ! complain "uci: $problem"; else uci -t "$RUN/uci" commit; fi
}

phone_home() {
	local try
	for try in 1 2 3; do
		printf 'instance_id=%s&hostname=%s' "$(cat "$STATE/id")" "$(cat /proc/sys/kernel/hostname)" | METHOD=POST fetch_url "$url" "$RUN/answer" && return
		sleep 5
	done
	! complain "no answer from $url"
}

final_message() {
	log "$(tr '\n' ' ')"
}

# When the rest is over, and marked as done: else the next boot would end so again.
power_state() {
	case $mode in poweroff | halt | reboot) ;; *) condition=no ;; esac
	is_true "${condition:-yes}" || complain "power_state" || return 0
	(
		until [ -e /var/lib/cloud/instance/boot-finished ]; do sleep 1; done
		"$mode"
	) &
}
