# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034
#
# What all parts share: places, the log, flat lines, marks, private files. All *.sh of this folder are installed as one file, lib.sh: they
# define functions, and nothing but constants is set while it is read.
#
# Flat lines are how YAML and JSON go between the parts (parse.awk writes them): one line a value, PATH=KIND:TEXT, as in
#     users/0/name=s:bob
# PATH is the keys and the numbers of list items, with % / = of a key as %25 %2F %3D, and an empty key as %; the root's is empty. KIND is
# s (string), i, b (number, boolean; TEXT as the document spells it: 0644, 1e3, yes; see is_true), n (null), m or l (a map or
# a list of TEXT entries, before its entries). In TEXT, and in keys, backslash, newline, TAB and CR are \\ \n \t \r.
#
# No value of them is ever sourced, evaluated, or part of a program, a format or a pattern.

LIB=/usr/lib/rc.cloud
STATE=/etc/rc.cloud             # kept over reboots and upgrades
RUN=/var/run/rc.cloud           # of this boot; holds secrets until all is applied
SEED=$RUN/seed                  # what a source brought: meta, user-data, vendor-data, vendor-data2, network
LOG=/var/log/rc.cloud.log
NL='
'
TAB='	'
umask 077

log() {
	local uptime rest
	read -r uptime rest < /proc/uptime
	printf '[%s] %s\n' "$uptime" "$*" >> "$LOG"
	logger -t rc.cloud -- "$*"
}

# plain TEXT: what the TEXT of a flat line stands for, into $PLAIN
plain() {
	PLAIN=$1
	case $1 in *\\*)
		PLAIN=$(printf '%b.' "$1")
		PLAIN=${PLAIN%.}
		;;
	esac
}

# value FILE PATH: the text at a path of flat lines, into $VALUE. Fails, with an empty one, where there is none, null, a map or a list.
value() {
	local line
	VALUE=
	[ -f "$1" ] || return 1
	while IFS= read -r line; do
		case $line in
		"$2=s:"* | "$2=i:"* | "$2=b:"*)
			plain "${line#"$2="?:}"
			VALUE=$PLAIN
			return 0
			;;
		esac
	done < "$1"
	return 1
}

# is_true TEXT: whether it is a word of YAML for true
is_true() {
	case $1 in [Tt]rue | TRUE | [Yy]es | YES | [Oo]n | ON) ;; *) return 1 ;; esac
}

# one_line TEXT: without control characters, for what must not break out of a line of a file, into $LINE
one_line() {
	LINE=$1
	case $1 in *[[:cntrl:]]*) LINE=$(printf '%s' "$1" | tr -d '\000-\037\177') ;; esac
}

# flatten FILE: flat lines of a YAML or JSON file, on stdout. Fails, with nothing, where it is not valid; the reason is logged.
flatten() {
	local reason
	reason=$(awk -f "$LIB/parse.awk" "$1" 2>&1 > "$RUN/flat") && cat "$RUN/flat" && return 0
	log "$1: ${reason:-cannot be read}"
	return 1
}

# replace FILE [MODE [OWNER]]: stdin becomes the file (of 0600 or MODE), whole or not at all. Not through a link.
replace() {
	rm -f "$1.rc-new"
	cat > "$1.rc-new" && { [ -z "$3" ] || chown -- "$3" "$1.rc-new"; } && { [ -z "$2" ] || chmod -- "$2" "$1.rc-new"; } && mv -f "$1.rc-new" "$1" && return 0
	rm -f "$1.rc-new"
	return 1
}

# once NAME COMMAND...: a module, unless it has succeeded for this instance. What it prints goes to the log.
once() {
	local name=$1 state='done'
	shift
	[ ! -e "$STATE/done/$name" ] || return 0
	if "$@" >> "$LOG" 2>&1; then MARKS="$MARKS $name"; else state="failed ($?)"; fi
	log "$name: $state"
	echo "$name=$state" >> "$RUN/modules"
}

# The marks of what once() did, when it is on the disk: after a power cut work is done again, never missed.
settle() {
	local name
	[ -n "$MARKS" ] || return 0
	sync
	mkdir -p "$STATE/done"
	for name in $MARKS; do : > "$STATE/done/$name"; done
	MARKS=
	sync
}
