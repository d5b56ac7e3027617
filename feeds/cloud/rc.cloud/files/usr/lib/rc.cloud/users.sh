# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2154,SC2015,SC2086,SC2229
#
# Users, groups, passwords. OpenWrt has no adduser and no chpasswd: /etc/passwd, /etc/shadow and /etc/group are edited here.
#
# $STATE/passwords/USER holds the start of the line of /etc/shadow that we have written, so that another instance takes back that one and no other.

# `a`, a list of names and of maps of a name to its members, or such a map. The rest of account's arguments is for users.
apply_groups() {
	local line list=
	while IFS= read -r line; do
		case $line in [0-9]*[/=]*) line=${line#"${line%%[!0-9]*}"} ;; esac
		line=${line#/}
		case $line in
		=s:*) list="$list ${line#=?:}" ;;
		?*=s:*) list="$list ${line%%[/=]*}:${line#*=?:}" ;;
		[!=]*) list="$list ${line%%[/=]*}" ;;
		esac
	done < "$RUN/keys/groups"
	account '' "$list"
}

USER_FIELDS='name gecos homedir shell uid primary_group groups system no_create_home lock_passwd passwd hashed_passwd plain_text_passwd ssh_authorized_keys sudo'

apply_users() {
	local $USER_FIELDS
	rows "$RUN/keys/users" '' $USER_FIELDS > "$RUN/rows"
	while IFS='|' read -r $USER_FIELDS; do
		case $name in '' | default) ;; *) add_user ;; esac
	done < "$RUN/rows"
}

# Of a user that is there already only groups, passwords, the lock, keys and sudo are touched.
add_user() {
	is_true "$system" && system=1 || system=
	# dropbear lets nobody in whose shell is not there, or not of /etc/shells
	case $shell in
	*/false | */nologin) ;;
	*)
		is_path "$shell" && [ -f "$shell" ] && [ -x "$shell" ] || shell=/bin/ash
		grep -qxF -e "$shell" /etc/shells || echo "$shell" >> /etc/shells
		;;
	esac
	# a new user has no password that counts, unless that is asked for
	! find_user "$name" || lock_passwd=${lock_passwd:-no}
	is_true "${lock_passwd:-yes}" && lock_passwd=1 || lock_passwd=
	account "$name" "$groups" "$hashed_passwd" "$lock_passwd" "$passwd" "$uid" "$primary_group" "$system" "$gecos" "${homedir:-/home/$name}" "$shell" &&
		find_user "$name" || { complain "user $name cannot be"; return; }
	if [ -n "$plain_text_passwd" ]; then
		plain "$plain_text_passwd"
		set_password "$name" text "$PLAIN"
		[ -z "$lock_passwd" ] || account "$name" '' '' 1
	fi
	if ! is_true "$no_create_home" && [ ! -e "$HOME_OF" ]; then
		make_folder "${HOME_OF%/*}/"
		mkdir "$HOME_OF" && chown "$OWNER" "$HOME_OF"
	fi
	plain "$ssh_authorized_keys"
	[ -z "$PLAIN" ] || keys_add "$name" "$PLAIN"
	plain "$sudo"
	case $PLAIN in '' | [Ff]alse) return ;; esac
	[ -d /etc/sudoers.d ] && printf '%s\n' "$PLAIN" | sed "s/^/$name /" | put_file "/etc/sudoers.d/90-cloud-$name" 0440 || complain "user $name: no sudo here"
}

# find_user NAME: HOME_OF, and OWNER as uid:gid
find_user() {
	local user uid gid
	while IFS=: read -r user _ uid gid _ HOME_OF _; do
		[ "$user" != "$1" ] || { OWNER=$uid:$gid; return 0; }
	done < /etc/passwd
	return 1
}

# set_password NAME text|hash|RANDOM|guess TEXT. A plain one goes to passwd through a pipe, and is kept nowhere.
set_password() {
	local text=$3
	find_user "$1" || { complain "password: no user $1"; return 0; }
	case $2:$3 in
	guess:R | *RANDOM*)
		text=$(hexdump -v -n 10 -e '1/1 "%02x"' /dev/urandom)
		echo "rc.cloud: password of $1: $text" > /dev/console
		;;
	guess:\$* | hash:*)
		account "$1" '' "$3"
		return 0
		;;
	esac
	case $text in '' | *[[:cntrl:]]*) complain "password of $1: empty, or with control characters"; return 0 ;; esac
	text=$text$NL$text$NL
	printf '%s' "$text" | passwd -a sha512 "$1" > /dev/null 2>&1 || printf '%s' "$text" | passwd "$1" > /dev/null
	mkdir -p "$STATE/passwords"
	grep "^$1:" /etc/shadow | cut -d : -f 1,2 > "$STATE/passwords/$1"
}

apply_password() {
	local name text type
	if wish password; then
		text=$VALUE
		default_user
		set_password "$DEFAULT_USER" guess "$text"
	fi
	[ -f "$RUN/keys/chpasswd" ] || return 0
	! asked chpasswd expire || complain 'chpasswd: passwords do not expire here'
	{
		! wish chpasswd list || printf '%s\n' "$VALUE"
		texts "$RUN/keys/chpasswd" list/
	} > "$RUN/rows"
	while IFS=: read -r name text; do
		[ -z "$name" ] || set_password "$name" guess "$text"
	done < "$RUN/rows"
	rows "$RUN/keys/chpasswd" users/ name type password > "$RUN/rows"
	while IFS='|' read -r name type text; do
		plain "$text"
		set_password "$name" "${type:-hash}" "$PLAIN"
	done < "$RUN/rows"
}

# Who gets what is for no user by name: root, or whom `user` names
default_user() {
	DEFAULT_USER=root
	[ ! -f "$RUN/keys/users" ] || wish users user || wish users user/name && find_user "$VALUE" && DEFAULT_USER=$VALUE
}

# account NAME GROUPS HASH LOCK [PASSWD UID GROUP SYSTEM GECOS HOME SHELL]: makes the user where there is a SHELL, makes it a member of groups (or others,
# GROUP:MEMBER), sets its hash (PASSWD is the one of a new user), locks it. What has no place in these files is refused.
account() {
	local file
	[ -d "$STATE/passwords" ] || mkdir -p "$STATE/passwords"
	printf '%s\n' "$@" | MEMORY=$STATE/passwords/ awk '
		function is_name(text) { return text ~ /^[a-z_][a-z0-9_-]*$/ && length(text) < 33 }
		function group(name, id) {
			if (!(name in line) && is_name(name)) {
				while (id in taken) id++
				taken[id] = 1
				line[name] = name ":x:" id ":"
				order[++groups] = name
			}
			split(line[name], part, ":")
			return part[3]
		}
		function secret(old) {
			if (!known) old = "!"
			if (hash ~ "^[$]([156]|2[abxy])[$][a-zA-Z0-9./$=,-]+$") {
				old = hash
				print name ":" hash ":" > (ENVIRON["MEMORY"] name)
			} else if (hash != "") print "no hash that is known here"
			if (lock && old !~ /^[!*]/) old = "!" old
			done = 1
			return name ":" old
		}
		BEGIN {
			FS = ":"
			while ((getline text) > 0) arg[++count] = text
			name = arg[1]
			hash = arg[3]
			lock = arg[4]
			while ((getline < "/etc/group") > 0) {
				line[order[++groups] = $1] = $0
				taken[$3] = 1
			}
			while ((getline < "/etc/passwd") > 0) {
				users = users $0 "\n"
				if ($1 == name) known = 1
				used[$3] = 1
			}
			if (!known && count > 4) {
				uid = arg[6]
				if (uid == "") for (uid = arg[8] ? 999 : 1000; uid in used; uid += arg[8] ? -1 : 1);
				fields = arg[9] ":" arg[10] ":" arg[11]
				if (!is_name(name) || uid !~ /^[0-9]{1,9}$/ || (uid += 0) in used || fields !~ /^[^:\\]*:\/[^:\\]*:\/[^:\\]*$/ || fields ~ /[[:cntrl:]]|\/\.\.?[\/:]/) exit 1
				if (!is_name(arg[7])) arg[7] = name
				users = users name ":x:" uid ":" group(arg[7], uid) ":" fields "\n"
				if (hash == "") hash = arg[5]
			}
			while ((getline < "/etc/shadow") > 0) shadow = shadow "" ($1 == name ? secret($2) substr($0, length($1 $2) + 2) : $0) "\n"
			if (!done && name != "") shadow = shadow secret() ":0:0:99999:7:::\n"
			count = split(arg[2], wanted, /(\\n|[ ,])+/)
			for (i = 1; i <= count; i++) {
				split(wanted[i] ":" name, who, ":")
				if (group(who[1], 1000) != "" && is_name(who[2]) && line[who[1]] "," !~ "[:,]" who[2] ",") line[who[1]] = line[who[1]] (line[who[1]] ~ /:$/ ? "" : ",") who[2]
			}
			printf "%s", users > "/etc/passwd.rc-new"
			printf "%s", shadow > "/etc/shadow.rc-new"
			for (i = 1; i <= groups; i++) print line[order[i]] > "/etc/group.rc-new"
		}
	' || return 1
	chmod 0644 /etc/passwd.rc-new /etc/group.rc-new
	for file in group shadow passwd; do mv -f "/etc/$file.rc-new" "/etc/$file"; done
}
