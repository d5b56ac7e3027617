# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2015,SC2020,SC2034,SC2154
#
# Who gets in: users, groups, passwords, public keys, dropbear's passwords, port 22 on wan. OpenWrt has no adduser and no chpasswd: /etc/passwd,
# /etc/shadow and /etc/group are edited here.
#
# $STATE/keys/USER holds the lines that we have put into authorized_keys, so that another instance takes away these and no other.

# What can be the name of a user or a group
is_name() {
	case $1 in '' | [!a-z_]* | *[!a-z0-9_-]*) complain "$1" ;; esac
}

# entry FILE LINE: a line of a file in /etc. Where there is one of that name, it takes the password or the member from the new one.
entry() {
	[ "$1" = shadow ] || set -- "$@" 0644
	LINE=$2 awk -F : '
		BEGIN {
			OFS = FS
			line = ENVIRON["LINE"]
			split(line, new)
		}
		$1 == new[1] {
			line = ""
			if (FILENAME ~ /shadow/) $2 = new[2]
			else if (new[4] != "" && !index("," $4 ",", "," new[4] ",")) $4 = $4 "," new[4]
			sub(/:,/, ":")
		}
		{ print }
		END { if (line != "") print line }
	' "/etc/$1" > "$RUN/entry" && replace "/etc/$1" "$3" < "$RUN/entry"
}

# free_id NUMBER: the first from there on that neither a user nor a group has, into $ID
free_id() {
	ID=$1
	while grep -q ":$ID:" /etc/passwd /etc/group; do ID=$((ID + 1)); done
}

# add_groups [MEMBER]: the groups on stdin
add_groups() {
	tr -s ', ' '\n\n' | while read -r group; do
		! is_name "$group" || { free_id 2000; entry group "$group:x:$ID:$1"; }
	done
}

# Of a user that is there already only passwords, the lock, groups and keys are touched. A new one has no password that counts, unless that
# is asked for.
add_user() {
	[ "$name" != default ] && is_name "$name" || return 0
	if ! find_user "$name"; then
		# there is no other shell that dropbear takes
		case $shell in */false | */nologin) shell=/bin/false ;; *) shell=/bin/ash ;; esac
		case ${homedir:=/home/$name}$gecos in *[:\\[:cntrl:]]* | [!/]*) ! complain "user $name"; return ;; esac
		free_id 1000
		entry group "$name:x:$ID:" && entry passwd "$name:x:$ID:$ID:$gecos:$homedir:$shell" && set_password "$name" ! || return
		: "${lock_passwd:=yes}"
	fi
	case ${hashed_passwd:=$passwd} in '' | \$*) ;; *) hashed_passwd=! ;; esac
	! is_true "$lock_passwd" || plain_text_passwd=!
	plain "${plain_text_passwd:-$hashed_passwd}"
	[ -z "$PLAIN" ] || set_password "$name" "$PLAIN"
	[ -z "$groups" ] || printf '%b\n' "$groups" | add_groups "$name"
	[ -e "$HOME_OF" ] || { public mkdir -p "${HOME_OF%/*}/" && mkdir "$HOME_OF" && chown "$OWNER" "$HOME_OF"; }
	[ -z "$ssh_authorized_keys" ] || printf '%b\n' "$ssh_authorized_keys" | keys_add "$name"
}

# find_user NAME: HOME_OF, and OWNER as uid:gid
find_user() {
	while IFS=: read -r user _ uid gid _ HOME_OF _; do
		[ "$user" != "$1" ] || { OWNER=$uid:$gid; return 0; }
	done < /etc/passwd
	return 1
}

# set_password NAME TEXT: what begins with $ is a hash, ! locks. A plain one goes to passwd through a pipe, and is kept nowhere.
set_password() {
	find_user "$1" || set -- "$1" ''
	case $2 in
	# cloud-init would make one up for R
	'' | R | RANDOM | *[[:cntrl:]]* | \$[!1256]* | \$*\$ | \$*[!a-zA-Z0-9./\$=,-]*) ! complain "password of $1" ;;
	\$* | !) entry shadow "$1:$2:0:0:99999:7:::" ;;
	*) printf '%s\n' "$2" "$2" | passwd -a sha512 "$1" > /dev/null ;;
	esac
}

root_password() {
	plain "$text"
	set_password root "$PLAIN"
}

user_password() {
	plain "$password"
	set_password "$name" "$PLAIN"
}

list_passwords() {
	while IFS= read -r line; do
		case $line in ?*:*) set_password "${line%%:*}" "${line#*:}" ;; esac
	done
}

# find_keys NAME: the file of the user's keys, into $KEY_FILE. Fails where it is reached through a link: who owns a home could lead us anywhere.
find_keys() {
	KEY_FILE=/etc/dropbear/authorized_keys
	find_user "$1" && [ "$1" = root ] && return
	KEY_FILE=$HOME_OF/.ssh/authorized_keys
	[ -d "$HOME_OF" ] && [ ! -L "$HOME_OF" ] && [ ! -L "$HOME_OF/.ssh" ] && [ ! -L "$KEY_FILE" ]
}

# keys_add [NAME]: the public keys on stdin, each once, with their options and comments. What is ours is known before it counts.
keys_add() {
	set -- "${1:-root}"
	find_keys "$1" || { ! complain "keys of $1"; return; }
	mkdir -p "$STATE/keys" "${KEY_FILE%/*}"
	chown -h "$OWNER" "${KEY_FILE%/*}"
	touch "$KEY_FILE"
	OURS=$STATE/keys/$1 awk '
		old { print }
		{ gsub(/^[ \t]+|[ \t\r]+$/, "") }
		old || $0 == "" || seen[$0]++ { seen[$0] = 1; next }
		/(^| )(ssh|ecdsa|sk)-[^ ]+ +[a-zA-Z0-9+\/=]+( |$)/ && !/^#|[[:cntrl:]]/ {
			print
			print >> ENVIRON["OURS"]
			next
		}
		{ print "not taken: " substr($0, 1, 20) > "/dev/stderr" }
	' old=1 "$KEY_FILE" old= - > "$RUN/entry" && replace "$KEY_FILE" '' "$OWNER" < "$RUN/entry"
}

keys_forget() {
	local file
	for file in "$STATE"/keys/*; do
		! find_keys "${file##*/}" || [ ! -f "$KEY_FILE" ] || grep -vxF -f "$file" "$KEY_FILE" | replace "$KEY_FILE" '' "$OWNER"
		rm -f "$file"
	done
}

# A new instance: no passwords by ssh, no empty one on the console, port 22 of wan closed where nobody has a key
access_close() {
	local wanted=no
	ssh_passwords
	uci_add 'set system.@system[0].ttylogin=1'
	! grep -q '^root::' /etc/shadow || set_password root !
	uci_write
	access_open
}

# Port 22 opens on wan when somebody can get in: by a key, or by a password where ssh takes passwords.
access_open() {
	local option
	uci_add 'delete firewall.cloud_ssh'
	if [ ! -e "$STATE/no-openwrt" ] && way_in; then
		for option in =rule .name=Allow-SSH .src=wan .proto=tcp .dest_port=22 .target=ACCEPT; do uci_add "set firewall.cloud_ssh$option"; done
	fi
	uci_write
}

way_in() {
	grep -Eqs '^[^#]*(ssh|ecdsa|sk)-' /etc/dropbear/authorized_keys "$STATE"/keys/* && return
	uci -q show dropbear | grep -qF ".PasswordAuth='on'" && grep -q '^[^:]*:\$' /etc/shadow
}

# Root too: it is locked where it has none.
ssh_passwords() {
	is_true "$wanted" && wanted=on || wanted=off
	uci -q show dropbear | sed -n "s/\(.*\)=dropbear\$/set \1.PasswordAuth=$wanted\nset \1.RootPasswordAuth=$wanted/p" >> "$RUN/changes"
}
