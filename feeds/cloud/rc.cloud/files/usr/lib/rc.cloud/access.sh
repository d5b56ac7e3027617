# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2154,SC2015
#
# Who gets in: public keys, dropbear's passwords, port 22 on wan.
#
# $STATE/keys/USER holds the lines that we have put into authorized_keys, so that another instance takes away these and no other.

# find_keys NAME: the file of the user's keys, into $KEY_FILE. Fails where it is reached through a link: who owns a home could lead us anywhere.
find_keys() {
	find_user "$1" && [ -d "$HOME_OF" ] || return 1
	KEY_FILE=/etc/dropbear/authorized_keys
	[ "$1" != root ] || return 0
	KEY_FILE=$HOME_OF/.ssh/authorized_keys
	[ ! -L "$HOME_OF" ] && [ ! -L "$HOME_OF/.ssh" ] && [ ! -L "$KEY_FILE" ]
}

# keys_add NAME TEXT: the public keys of some lines, each once, with their options and comments
keys_add() {
	local new
	find_keys "$1" || { complain "keys of $1: no home, or a link in it"; return 0; }
	new=$(printf '%s\n' "$2" | KEY_FILE=$KEY_FILE awk '
		BEGIN { while ((getline line < ENVIRON["KEY_FILE"]) > 0) seen[line] = 1 }
		{
			gsub(/^[ \t]+|[ \t\r]+$/, "")
			if ($0 == "" || /^#/ || $0 in seen) next
			seen[$0] = 1
			if (/(^|[ \t])(ssh|ecdsa|sk)-[^ \t]+[ \t]+[a-zA-Z0-9+\/]+=*([ \t]|$)/ && !/[\001-\010\013-\037]/) print
			else print "not a public key: " substr($0, 1, 20) > "/dev/stderr"
		}
	')
	[ -n "$new" ] || return 0
	# what is ours is known before it counts
	[ -d "$STATE/keys" ] || mkdir "$STATE/keys"
	echo "$new" >> "$STATE/keys/$1"
	[ "$1" = root ] || [ -d "$HOME_OF/.ssh" ] || mkdir "$HOME_OF/.ssh"
	{
		# a last line may lack its end
		[ ! -f "$KEY_FILE" ] || awk 1 "$KEY_FILE"
		echo "$new"
	} | replace "$KEY_FILE" && own_keys "$1"
}

own_keys() {
	[ "$1" = root ] || chown "$OWNER" "$HOME_OF/.ssh" "$KEY_FILE"
}

# keys_forget: what we have let in, keys and passwords, is not let in any more
keys_forget() {
	local file set
	for file in "$STATE"/keys/*; do forget_keys "${file##*/}"; done
	for file in "$STATE"/passwords/*; do
		[ -f "$file" ] && read -r set < "$file" && grep -qF -e "$set" /etc/shadow && account "${file##*/}" '' '' 1
		rm -f "$file"
	done
}

forget_keys() {
	[ -f "$STATE/keys/$1" ] || return 0
	if find_keys "$1" && [ -f "$KEY_FILE" ]; then
		grep -vxF -f "$STATE/keys/$1" "$KEY_FILE" | replace "$KEY_FILE"
		own_keys "$1"
	fi
	rm -f "$STATE/keys/$1"
}

# Those of the metadata too, for who is named as the user here. Root has them already.
apply_ssh_authorized_keys() {
	local keys
	default_user
	keys=$(texts "$RUN/keys/ssh_authorized_keys" '')
	keys_add root "$keys"
	[ "$DEFAULT_USER" != root ] || return 0
	keys_add "$DEFAULT_USER" "$keys$NL$(texts "$SEED/meta" public-keys/)"
	if asked disable_root; then
		[ -f "$STATE/keys/$DEFAULT_USER" ] && forget_keys root || complain "disable_root: $DEFAULT_USER has no key"
	fi
}

# A new instance: no passwords by ssh, no empty one on the console, port 22 of wan closed where nobody has a key
access_close() {
	passwords_by_ssh off off
	uci_add 'set system.@system[0].ttylogin=1'
	! grep -q '^root::' /etc/shadow || account root '' '' 1
	has_key || uci_add 'delete firewall.cloud_ssh'
	uci_write
}

# Port 22 opens on wan when somebody can get in: by a key, or by a password where ssh takes passwords.
access_open() {
	local option
	if wish openwrt wan_ssh && ! is_true "$VALUE"; then
		uci_add 'delete firewall.cloud_ssh'
	elif has_key || takes_passwords; then
		for option in =rule .name=Allow-SSH .src=wan .proto=tcp .dest_port=22 .target=ACCEPT; do uci_add "set firewall.cloud_ssh$option"; done
	fi
	uci_write
}

apply_ssh_pwauth() {
	wish ssh_pwauth && [ "$VALUE" != unchanged ] || return 0
	if ! is_true "$VALUE"; then
		passwords_by_ssh off off
	elif grep -q '^root:\$' /etc/shadow; then
		passwords_by_ssh on on
	else
		passwords_by_ssh on off
	fi
}

# passwords_by_ssh on|off on|off: for all, for root
passwords_by_ssh() {
	local section
	for section in $(uci -q show dropbear | sed -n 's/=dropbear$//p'); do
		uci_add "set $section.PasswordAuth=$1"
		uci_add "set $section.RootPasswordAuth=$2"
	done
}

has_key() {
	grep -Eqs '^[^#]*(ssh|ecdsa|sk)-' /etc/dropbear/authorized_keys "$STATE"/keys/*
}

takes_passwords() {
	[ "$(uci -q get dropbear.@dropbear[0].PasswordAuth)" = on ] && grep -q '^[^:]*:\$' /etc/shadow
}
