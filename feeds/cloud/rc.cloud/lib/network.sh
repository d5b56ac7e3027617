# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# Network data -> /etc/config/network, and the cards by their MAC.
#
# Every interface of ours is in the firewall's zone wan: a network of a provider is not ours to trust, be it the second one, and an
# interface in no zone is open where the firewall's default is (OpenWrt 21.02). What is to be a lan is for user data to say.
# What we make has `option rc_cloud 1`, and is made again from $STATE/network, the flat lines that were applied, for another instance or
# where cards have other names than in $STATE/nics: last time's $CARDS.

# cards: a line `MAC NAME` for each network card, into $CARDS. No fork.
cards() {
	local card mac
	CARDS=
	for card in /sys/class/net/*/device; do
		card=${card%/device}
		read -r mac < "$card/address" && CARDS="$CARDS$mac ${card##*/}$NL"
	done
} 2> /dev/null

# render FILE: its flat lines into UCI, whole or not at all
render() {
	local name
	cards
	rm -rf "$RUN/uci"
	{
		printf '%s' "$CARDS"
		sed 's/ /=/' "$STATE/nics" 2> /dev/null
		[ ! -d /sys/module/bonding ] || echo bonding=
		printf 'show %s\n' firewall dhcp network | uci -q -X batch
	} | awk -f "$LIB/network.awk" - "$1" > "$RUN/network.uci" &&
		# uci tells of a line that it cannot do, and goes on to the next
		! uci -m -t "$RUN/uci" batch < "$RUN/network.uci" 2>&1 | grep . &&
		for name in firewall dhcp network; do uci -q -t "$RUN/uci" commit "$name"; done &&
		replace "$STATE/network" < "$1" && printf '%s' "$CARDS" | replace "$STATE/nics"
}

# network_apply FILE: what its flat lines say, or the default where that cannot be
network_apply() {
	render "$1" || { log 'network: DHCP instead'; network_default; }
}

# network_default: wan and wan6 on the first card, no lan
network_default() {
	cards
	printf 'ethernets/wan/%s\n' "macaddress=s:${CARDS%% *}" dhcp4=b:true dhcp6=b:true > "$RUN/network"
	render "$RUN/network"
}

# network_remap: all of it again where a card has another name than last time. No fork when none has.
network_remap() {
	local card
	[ -f "$STATE/nics" ] || return 0
	cards
	while read -r card; do
		case $NL$CARDS in
		*"$NL$card$NL"*) ;;
		*"$NL${card% *} "*)
			log 'network: cards have other names'
			network_apply "$STATE/network"
			return
			;;
		esac
	done < "$STATE/nics"
}
