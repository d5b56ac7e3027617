# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2086,SC2153,SC2154,SC1091
#
# What metadata and cloud-config ask for. One awk makes a file of rows from each key, and a table says which command is to have them.
#
#   apply_meta           hostname, keys, password, files and entropy of the metadata
#   apply_early CONFIG   all that needs no network
#   apply_final CONFIG   all that may need it: packages, scripts, messages
#
# A module that fails is tried again at the next boot. So what cannot be right another day either is no failure, but a complaint in the log.

# KEY COMMAND FIELD... The command runs for each entry of a list, or once for a map or a text, with the fields in variables of their
# names: what `plain` takes, several texts with \n between them. A text is the first field, and so is the n-th of a list the n-th. A command
# without fields gets the texts as lines on stdin.
META='local-hostname set_hostname name
public-keys keys_add
admin-pass root_password text
files meta_file path from
random-seed add_entropy'

# Users come before files, which may be theirs, and uci last, as it may change what all others made.
FILES='write_files write_file path encoding owner permissions append defer content'
EARLY="growpart deny mode
resize_rootfs deny mode
openwrt deny wan_ssh
bootcmd run_commands
fqdn set_hostname name
hostname set_hostname name
timezone set_timezone name
ntp set_ntp enabled servers pools
groups add_groups
users add_user name gecos homedir shell groups lock_passwd passwd hashed_passwd plain_text_passwd ssh_authorized_keys
ssh_authorized_keys keys_add
password root_password text
chpasswd_list list_passwords
chpasswd_users user_password name password type
ssh_pwauth ssh_passwords wanted
$FILES
uci try_uci"
LATE="package_update package_update wanted
package_upgrade package_upgrade wanted
packages add_package name version
$FILES
runcmd run_commands"
LAST='phone_home phone_home url
final_message final_message
power_state power_state mode condition'

apply_meta() {
	split_config "$SEED/meta" "$META" > /dev/null
	modules meta- "$META"
	uci_write
}

apply_early() {
	config_complaints "$1"
	modules '' "$EARLY"
	uci_write
}

apply_final() {
	local script
	split_config "$1" > /dev/null
	modules late- "$LATE"
	for script in "$RUN"/scripts/*; do
		[ ! -f "$script" ] || once "script-${script##*/}" run_script "$script"
	done
	modules late- "$LAST"
	rm -rf "$RUN/keys" "$RUN/entry" "$RUN/file"
}

config_complaints() {
	local unknown
	unknown=$(split_config "$1")
	[ -z "$unknown" ] || ! complain "$unknown"
}

# modules STAGE TABLE: what there is for each line of the table, once
modules() {
	local stage=$1 key row
	while read -r key row; do
		[ ! -f "$RUN/keys/$key" ] || once "$stage$key" each $row
	done <<-END
		$2
	END
}

# each COMMAND [FIELD...]
each() {
	local run=$1 code=0
	shift
	[ $# -gt 0 ] || { printf '%b\n' "$(cat "$RUN/keys/$key")" | "$run"; return; }
	local "$@"
	while IFS='|' read -r "$@"; do
		"$run" < /dev/null || code=$?
	done < "$RUN/keys/$key"
	return "$code"
}

# split_config FILE [TABLE]: the rows of each key of the table from flat lines, in $RUN/keys/KEY. A row is a line with | between fields, which is \0174
# in them. Without fields it is one text; a list in a list is the words of a command, each quoted for the shell. What is not in the table is
# named on stdout. `user` is one more of the users.
split_config() {
	rm -rf "$RUN/keys"
	mkdir -p "$RUN/keys"
	[ ! -s "$1" ] || echo "${2:-$EARLY$NL$LATE$NL$LAST}" | KEYS=$RUN/keys/ awk '
		function end_row(i) {
			count = split(row, field, " ")
			if (row != "") for (i = 3; i <= count || i == 3; i++) printf "%s%s", at[field[i]], i < count ? "|" : "\n" > (ENVIRON["KEYS"] field[1])
			split("", at)
		}
		table { known[$1] = $0 }
		table || /^[^=]*=[lmn]/ { next }
		/^user[=\/]/ { sub(/user/, "users") }
		{
			equals = index($0, "=")
			path = substr($0, 1, equals - 1)
			text = substr($0, equals + 3)
			sub(/^chpasswd\//, "chpasswd_", path)
			depth = split(path, step, "/")
			key = step[1]
			list = step[2] ~ /^[0-9]+$/
			name = step[2 + list]
			split(known[key], field, " ")
			if (name !~ /[^0-9]/) name = field[name + 3]
			if (known[key] != "" && name != "" && !index(known[key] " ", " " name " ")) key = key "/" name
			if (known[key] == "") {
				if (!said[key]++) printf "%s ", key
				next
			}
			item = list ? key step[2] : key
			if (item != last) end_row()
			last = item
			row = known[key]
			gsub(/\|/, "\\\\&", text)
			gsub(/\|/, "0174", text)
			if (name == "" && depth > 1 + list) {
				gsub(/\047/, "\047\\\\&\047", text)
				text = "\047" text "\047"
			}
			if (name in at) text = at[name] (name == "" ? " " : "\\n") text
			at[name] = text
		}
		END { end_row() }
	' table=1 - table= "$1"
}

# complain TEXT: of what is left out. Fails.
complain() {
	one_line "$1"
	log "not taken: $LINE"
	return 1
}

# Changes of UCI gather in a file, for one call of it.
uci_add() {
	printf '%s\n' "$@" >> "$RUN/changes"
}

uci_write() {
	[ -f "$RUN/changes" ] || return 0
	uci_add 'commit system' 'commit dropbear' 'commit firewall'
	uci -q batch < "$RUN/changes"
	rm "$RUN/changes"
}
