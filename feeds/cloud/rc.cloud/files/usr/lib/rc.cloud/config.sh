# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2154,SC2153,SC1091,SC2015
#
# What metadata and cloud-config ask for. Each key is a file of $RUN/keys with its flat lines, so that a key that is not there costs nothing.
#
#   apply_meta           hostname, keys, password, files and entropy of the metadata
#   apply_early CONFIG   all that needs no network
#   apply_final CONFIG   all that may need it: packages, scripts, messages
#
# A module that fails is tried again at the next boot. So what cannot be right another day either is no failure, but a complaint in the log.

. "$LIB/users.sh"
. "$LIB/access.sh"
. "$LIB/files.sh"
. "$LIB/system.sh"
. "$LIB/packages.sh"

apply_meta() {
	local path from keys
	[ -f "$SEED/meta" ] || return 0
	! value "$SEED/meta" local-hostname || once meta-hostname set_hostname "${VALUE%%.*}"
	keys=$(texts "$SEED/meta" public-keys/)
	[ -z "$keys" ] || once meta-keys keys_add root "$keys"
	! value "$SEED/meta" admin-pass || once meta-password set_password root text "$VALUE"
	rows "$SEED/meta" files/ path from > "$RUN/rows"
	while IFS='|' read -r path from; do
		plain "$path"
		case $from in
		*/* | '' | .*) ;;
		*) once "meta-file-$from" put_file "$PLAIN" '' < "$SEED/content/$from" ;;
		esac
	done < "$RUN/rows"
	! value "$SEED/meta" random-seed || printf '%s' "$VALUE" | decode_base64 > /dev/urandom
	uci_write
}

# Users come before files, which may be theirs. A line is the keys of a module, that is named by the first of them.
EARLY='growpart resize_rootfs
bootcmd
hostname fqdn preserve_hostname manage_etc_hosts
timezone
ntp
groups
users
ssh_authorized_keys users disable_root
password chpasswd
ssh_pwauth
write_files
openwrt'
FINAL='packages package_update package_upgrade
deferred write_files
runcmd'
LAST='phone_home
final_message
power_state'

apply_early() {
	local unknown
	unknown=$(split_config "$1")
	[ "$unknown" = "$UNKNOWN" ] || complain "not supported in cloud-config: $unknown"
	UNKNOWN=$unknown
	modules "$EARLY"
	uci_write
	modules uci
	rm -f "$RUN/rows"
}

apply_final() {
	local script
	split_config "$1" > /dev/null
	modules "$FINAL"
	for script in "$RUN"/scripts/*; do
		[ ! -f "$script" ] || once "script-${script##*/}" run_script "$script"
	done
	modules "$LAST"
	rm -rf "$RUN/keys" "$RUN/rows"
}

# modules TABLE: those with a key that is there, once
modules() {
	local name key keys
	while read -r name keys; do
		for key in $name $keys; do
			[ -f "$RUN/keys/$key" ] || continue
			once "$name" "apply_$name" < /dev/null
			break
		done
	done <<-END
		$1
	END
}

complain() {
	one_line "$1"
	log "$LINE"
}

# For `rc.cloud validate`
config_complaints() {
	local unknown
	unknown=$(split_config "$1")
	[ -z "$unknown" ] || echo "not supported in cloud-config: $unknown" >&2
}

# split_config FILE: flat lines of each key to $RUN/keys/KEY, with paths that start below the key. The names of keys that are not known go to stdout.
# `user` is one more of the users.
split_config() {
	rm -rf "$RUN/keys"
	mkdir -p "$RUN/keys"
	[ ! -s "$1" ] || DIR=$RUN/keys/ KNOWN="$EARLY $FINAL $LAST uci prefer_fqdn_over_hostname" FINE='merge_how merge_type no_ssh_fingerprints ssh_deletekeys version' awk '
		BEGIN {
			for (count = split(ENVIRON["KNOWN"], names); count; count--) known[names[count]]
			for (count = split(ENVIRON["FINE"], names); count; count--) said[names[count]]
		}
		{
			match($0, /[\/=]/)
			key = substr($0, 1, RSTART - 1)
			if (key == "user") print > (ENVIRON["DIR"] "users")
			else if (key in known) print substr($0, RSTART + (substr($0, RSTART, 1) == "/")) > (ENVIRON["DIR"] key)
			else if (key != "" && !(key in said) && count++ < 50) {
				said[key]
				printf "%s ", substr(key, 1, 60)
			}
		}
	' "$1"
}

# rows FILE PREFIX FIELD...: a line for each entry of the list or map at PREFIX, the TEXT of its fields with | between them, and \0174 for that in
# a TEXT. An entry that is text itself is its first field, and so is the key of one in a map. A list is its texts with \n between them.
rows() {
	local file=$1 prefix=$2
	shift 2
	[ ! -f "$file" ] || PREFIX=$prefix FIELDS=$* awk '
		function row(i) {
			for (i = 1; i <= count; i++) printf "%s%s", at[field[i]], i < count ? "|" : "\n"
			split("", at)
		}
		BEGIN {
			count = split(ENVIRON["FIELDS"], field)
			for (i = 1; i <= count; i++) known[field[i]]
			prefix = ENVIRON["PREFIX"]
		}
		substr($0, 1, length(prefix)) == prefix {
			equals = index($0, "=")
			depth = split(substr($0, length(prefix) + 1, equals - 1 - length(prefix)), step, "/")
			kind = substr($0, equals + 1, 1)
			text = substr($0, equals + 3)
			if (!depth && kind != "s") next
			gsub(/\|/, "\\\\&", text)
			gsub(/\|/, "0174", text)
			if (step[1] "" != item || !depth) {
				if (any++) row()
				item = step[1]
				if (item ~ /[^0-9]/) at[field[1]] = item
			}
			name = depth < 2 ? field[1] : step[2]
			gsub(/-/, "_", name)
			if (!(name in known)) {
				if (!said[name]++) print name " is not supported" > "/dev/stderr"
			} else if (depth < 2 ? kind == "s" : kind ~ /[sifb]/ && step[3] !~ /[^0-9]/) at[name] = (depth > 2 && at[name] != "" ? at[name] "\\n" : "") text
		}
		END { if (any) row() }
	' "$file"
}

# texts FILE PREFIX: what the texts of a list stand for
texts() {
	set -- "$(rows "$1" "$2" text)"
	[ -z "$1" ] || printf '%b\n' "$1"
}

# wish KEY [PATH]: a value of cloud-config, into $VALUE
wish() {
	value "$RUN/keys/$1" "$2"
}

asked() {
	wish "$@" && is_true "$VALUE"
}

# fill TEXT WORD VALUE: the text with the value for each such word, into $FILLED
fill() {
	local rest=$1
	FILLED=
	while :; do
		case $rest in
		*"$2"*)
			FILLED=$FILLED${rest%%"$2"*}$3
			rest=${rest#*"$2"}
			;;
		*) break ;;
		esac
	done
	FILLED=$FILLED$rest
}

# Changes of UCI gather in $UCI, lines of `uci batch`, for one call of it.
uci_add() {
	UCI=$UCI$1$NL
}

uci_write() {
	[ -z "$UCI" ] || printf '%scommit %s\ncommit %s\ncommit %s\ncommit %s\n' "$UCI" system dropbear firewall network | uci -q batch
	UCI=
}
