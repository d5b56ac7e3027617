# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# Network data -> /etc/config/network, and the cards by their MAC.
#
# Every interface of ours is in the firewall's zone wan: a network of a provider is not ours to trust, be it the second one, and an
# interface in no zone is open where the firewall's default is (OpenWrt 21.02). What is to be a lan is for user data to say.
# What we make has `option rc_cloud 1`, and what has it is replaced for another instance. The section rc_cloud tells which card had
# which name when the file was written: in the same file, so that no cut of power comes between the two.

# cards: a line `MAC NAME` for each network card, into $CARDS. The second with a MAC is the first's shadow (SR-IOV). No fork.
cards() {
	local card mac
	CARDS=
	for card in /sys/class/net/*; do
		[ -e "$card/device" ] || continue
		read -r mac < "$card/address" || continue
		case $CARDS in *"$mac "*) ;; *) CARDS=$CARDS$mac\ ${card##*/}$NL ;; esac
	done
}

# render FILE: its flat lines into UCI, whole or not at all
render() {
	local line name problem
	cards
	rm -rf "$RUN/uci" && mkdir -p "$RUN/uci" || return 1
	{
		printf '%s' "$CARDS"
		[ ! -d /sys/module/bonding ] || echo bonding=1
		printf 'show %s\n' network firewall dhcp | uci -q -X batch
	} | awk -f "$LIB/network.awk" part=1 - part=2 "$1" > "$RUN/network.uci" 2> "$RUN/network.log"
	problem=$?
	while IFS= read -r line; do log "network: $line"; done < "$RUN/network.log"
	[ "$problem" = 0 ] || return 1
	# uci tells of a line that it cannot do, and goes on to the next
	problem=$(uci -m -t "$RUN/uci" batch < "$RUN/network.uci" 2>&1)
	[ -z "$problem" ] || { log "network: $problem"; return 1; }
	for name in firewall dhcp network; do [ ! -s "$RUN/uci/$name" ] || uci -t "$RUN/uci" commit "$name" || return 1; done
}

# network_apply FILE: what its flat lines say, or the default where that cannot be
network_apply() {
	render "$1" && return 0
	log 'network: DHCP instead, for what there is cannot be used'
	network_default
}

# network_default: wan and wan6 on the first card, no lan
network_default() {
	local card
	cards
	[ -n "$CARDS" ] || { log 'network: no card'; return 1; }
	card=${CARDS%%"$NL"*}
	printf 'ethernets/%s/dhcp%s=b:true\n' "${card#* }" 4 "${card#* }" 6 > "$RUN/network.default"
	render "$RUN/network.default"
}

# network_remap: where a card has another name than when /etc/config/network was written, all that is said of it goes with it. No
# fork when none has.
network_remap() {
	local list key mac name known='' rest file=/etc/config/network
	cards
	while read -r list key mac name; do
		[ "$list $key" != 'list card' ] || known="$known${mac#\'} ${name%\'}$NL"
	done < "$file"
	rest=$CARDS
	while [ -n "$known" ] && [ -n "$rest" ]; do
		case $NL$known in
		*"$NL${rest%%"$NL"*}$NL"*) rest=${rest#*"$NL"} ;;
		*) break ;;
		esac
	done
	[ -n "$known" ] && [ -n "$rest" ] || return 0
	mkdir -p "$RUN/remap"
	rest=${file%/*}/.network
	if printf '%s' "$CARDS" | awk -f "$LIB/remap.awk" - "$file" "$file" > "$RUN/remap/network" &&
		uci -q -c "$RUN/remap" show network > /dev/null && cp -p "$file" "$rest" && cat "$RUN/remap/network" > "$rest" && mv -f "$rest" "$file"; then
		log 'network: cards have other names, their settings went with them'
	else
		log 'network: cards have other names, and that cannot be written'
		return 1
	fi
}
