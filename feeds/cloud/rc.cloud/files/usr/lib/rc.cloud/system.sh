# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2154,SC2015,SC2016
#
# The machine as a whole: its name, its time, UCI, and what is said and done when all is over.

# What can stand in a line of UCI as it is: a name, an address, a path
is_word() {
	case $1 in '' | [!a-zA-Z0-9]* | *[!a-zA-Z0-9._:/+-]* | *..*) return 1 ;; esac
}

# set_hostname NAME. The name before stays in $RUN/hostname.
set_hostname() {
	local before
	is_word "$1" && [ ${#1} -lt 65 ] || { complain "not a name of a host: $1"; return; }
	read -r before < /proc/sys/kernel/hostname
	[ -f "$RUN/hostname" ] || echo "$before" > "$RUN/hostname"
	uci_add "set system.@system[0].hostname=$1"
	{ echo "$1" > /proc/sys/kernel/hostname; } 2> /dev/null || :
}

apply_hostname() {
	local name fqdn
	if asked preserve_hostname; then
		[ ! -f "$RUN/hostname" ] || read -r name < "$RUN/hostname" && set_hostname "$name"
		return
	fi
	wish fqdn
	fqdn=$VALUE
	wish hostname
	name=${VALUE:-$fqdn}
	fqdn=${fqdn:-$name}
	asked prefer_fqdn_over_hostname && name=$fqdn || name=${name%%.*}
	[ -z "$name" ] || set_hostname "$name"
	wish manage_etc_hosts || return 0
	[ "$VALUE" = localhost ] || is_true "$VALUE" || return 0
	read -r name < /proc/sys/kernel/hostname
	case $fqdn in *.*) ! is_word "$fqdn" || name="$fqdn ${name%%.*}" ;; esac
	{
		grep -v '^127\.0\.1\.1[[:blank:]]' /etc/hosts
		echo "127.0.1.1 $name"
	} | replace /etc/hosts 0644
}

# OpenWrt's C library takes rules, no names of zones: they are those of the package of zoneinfo where it is there, else of our table.
apply_timezone() {
	local rule region cities
	wish timezone && is_word "$VALUE" || { complain "not a time zone: $VALUE"; return 0; }
	uci_add "set system.@system[0].zonename=$VALUE"
	case $VALUE in */*) ;; *) VALUE=Etc/$VALUE ;; esac
	while read -r rule region cities; do
		case "$region  $cities " in "${VALUE%%/*} "*" ${VALUE##*/} "*) break ;; esac
	done < "$LIB/zones"
	[ -n "$rule" ] || rule=$(tail -n 1 "/usr/share/zoneinfo/$VALUE" 2> /dev/null)
	case $rule in
	'' | *[!a-zA-Z0-9\<\>+,./:-]*) complain "the rules of $VALUE are not known: the time stays as it is" ;;
	*) uci_add "set system.@system[0].timezone=$rule" ;;
	esac
}

apply_ntp() {
	local server
	uci_add 'set system.ntp=timeserver'
	! wish ntp enabled || { is_true "$VALUE" && uci_add 'set system.ntp.enabled=1' || uci_add 'set system.ntp.enabled=0'; }
	{
		texts "$RUN/keys/ntp" pools/
		texts "$RUN/keys/ntp" servers/
	} > "$RUN/rows"
	[ ! -s "$RUN/rows" ] || uci_add 'delete system.ntp.server'
	while IFS= read -r server; do
		is_word "$server" && uci_add "add_list system.ntp.server=$server" || complain "not a time server: $server"
	done < "$RUN/rows"
}

# The switches of grow.sh
apply_growpart() {
	wish growpart mode
	case $VALUE in off | [Ff]alse | no) : > "$RUN/no-growpart" ;; esac
	! wish resize_rootfs || is_true "$VALUE" || [ "$VALUE" = noblock ] || : > "$RUN/no-resize"
}

# Lines of `uci batch`, all of them or none: it does not stop at an error, so they are tried on a copy.
apply_uci() {
	local file work=$RUN/uci
	rm -rf "$work"
	mkdir "$work" && cp -pr /etc/config "$work/" || return
	texts "$RUN/keys/uci" '' > "$work/batch"
	if ! grep -Evm 1 '^(set|add|add_list|del_list|delete|rename|reorder) ' "$work/batch" > "$work/error"; then
		echo commit >> "$work/batch"
		uci -c "$work/config" -t "$work/delta" batch < "$work/batch" > /dev/null 2> "$work/error"
	fi
	if [ -s "$work/error" ]; then
		complain "uci: nothing is done: $(cat "$work/error")"
		return
	fi
	for file in "$work"/config/*; do
		cmp -s "$file" "/etc/config/${file##*/}" || { cp -p "$file" /etc/config/.new && mv -f /etc/config/.new "/etc/config/${file##*/}"; } || return
	done
}

# openwrt.lan: this card becomes the lan, with the address that routers of OpenWrt have
apply_openwrt() {
	local card address nic=
	wish openwrt lan || return 0
	VALUE=$(echo "$VALUE" | tr A-F a-f)
	for card in /sys/class/net/*; do
		read -r address < "$card/address"
		case $VALUE in "${card##*/}" | "$address") nic=${card##*/} ;; esac
	done 2> /dev/null
	[ -n "$nic" ] && [ "$(uci -q get network.wan.device)" != "$nic" ] || { complain "openwrt.lan: no card $VALUE that is free"; return 0; }
	for card in $(uci -q show network | sed -n "s/^\(network\.[^.]*\)\.device='$nic'\$/\1/p"); do uci_add "delete $card"; done
	for card in =interface .proto=static ".device=$nic" .ipaddr=192.168.1.1 .netmask=255.255.255.0 .ip6assign=60; do uci_add "set network.lan$card"; done
}

# As a form: what is known of this machine, of that what is asked for
apply_phone_home() {
	local url id host key wanted tries body=
	read -r id < "$STATE/id"
	read -r host < /proc/sys/kernel/hostname
	wish phone_home url
	fill "$VALUE" '$INSTANCE_ID' "$(encode "$id")"
	url=$FILLED
	wish phone_home post && wanted=$VALUE || wanted=$(texts "$RUN/keys/phone_home" post/)
	for key in pub_key_rsa pub_key_ecdsa pub_key_ed25519 instance_id hostname fqdn; do
		case "$NL$wanted$NL" in *"$NL$key$NL"* | *all*) ;; *) continue ;; esac
		case $key in
		pub*) VALUE=$(dropbearkey -y -f "/etc/dropbear/dropbear_${key#pub_key_}_host_key" | grep -E '^(ssh|ecdsa)-') ;;
		instance_id) VALUE=$id ;;
		hostname) VALUE=${host%%.*} ;;
		*) wish fqdn || VALUE=$host ;;
		esac
		body="$body${body:+&}$key=$(encode "$VALUE")"
	done
	wish phone_home tries
	tries=$VALUE
	case $tries in [1-9]) ;; *) tries=10 ;; esac
	until printf '%s' "$body" | METHOD=POST fetch_url "$url" "$RUN/answer"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { complain "phone_home: no answer"; return; }
		sleep 3
	done
}

encode() {
	printf '%s' "$1" | sed 's/%/%25/g; s/+/%2B/g; s/&/%26/g; s/=/%3D/g; s/ /%20/g; s/#/%23/g'
}

apply_final_message() {
	local uptime rest line
	wish final_message
	read -r uptime rest < /proc/uptime
	fill "$VALUE" '$uptime' "$uptime"
	fill "$FILLED" '$timestamp' "$(date)"
	fill "$FILLED" '$version' rc.cloud
	fill "$FILLED" '$datasource' "$SOURCE"
	printf '%s\n' "$FILLED" | while IFS= read -r line; do complain "$line"; done
}

# When the rest is over, and marked as done: else the next boot would end so again.
apply_power_state() {
	local mode delay message
	wish power_state mode
	mode=$VALUE
	case $mode in poweroff | halt | reboot) ;; *) complain "power_state: no mode $mode"; return ;; esac
	wish power_state delay || VALUE=now
	delay=${VALUE#+}
	case $delay in
	now) delay=0 ;;
	'' | *[!0-9]* | 0?* | ?????*) complain "power_state: no delay $VALUE"; return ;;
	esac
	if wish power_state condition; then
		case $VALUE in
		[Ff]alse | FALSE | no | off) return ;;
		*) is_true "$VALUE" || sh -c "$VALUE" < /dev/null || return 0 ;;
		esac
	elif grep -q '^condition=l:' "$RUN/keys/power_state"; then
		sed -n 's/^condition/0/p' "$RUN/keys/power_state" > "$RUN/keys/condition"
		make_script condition
		sh "$RUN/condition" < /dev/null || return 0
	fi
	! wish power_state message || complain "$VALUE"
	rm -f /var/lib/cloud/instance/boot-finished
	(
		sleep $((delay * 60))
		until [ -e /var/lib/cloud/instance/boot-finished ]; do sleep 1; done
		"$mode"
	) &
}
