# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2015,SC2034,SC2153,SC1091
#
# A boot, from the question whether this is the instance of the last boot to the last script of the user.
#
#   local_stage     before the network is up: grow, identify, and all that is known without network
#   network_stage   beside the boot: what a service of the cloud says, what is included from elsewhere, and what runs last
#
# In $STATE: `id` is the instance (- after `rc.cloud clean`), `machine` the firmware's word for the machine at the last
# boot, `digest` that of the disk that the seed was read from, `meta` the metadata without secrets, done/ a mark for each
# module; `complete` is there when nothing is left to do.

# Sets PENDING where the background has something to do.
local_stage() {
	PENDING='' MARKS='' BOOTED=''
	[ -d "$STATE" ] && [ -d "$RUN" ] || mkdir -p "$STATE" "$RUN"
	uptime_ms
	STARTED=$MS
	identify
	if unchanged; then
		network_remap
		result unchanged
	elif [ "$SOURCE" = none ]; then
		stay_alone
	elif [ -n "$SOURCE_NET" ]; then
		await_service
	else
		take_seed
	fi
	# unless user data that are still to come may say no
	[ -n "$PENDING" ] && [ -n "$SOURCE_NET" ] || grow
}

grow() {
	grow_disk
	if [ -n "$FS" ]; then grow_root & fi
}

# Is this the instance of the last boot, with nothing left to do? Asks nobody, and forks only where a disk holds the seed.
unchanged() {
	# the firmware's word for the machine, for as long as it lives
	recall machine
	[ "$UUID" = "$RECALLED" ] || return 1
	recall id
	# a drive that was taken away after it was read is no news
	[ "$SOURCE" != none ] || { [ "$RECALLED" != - ]; return; }
	[ -e "$STATE/complete" ] || return 1
	if [ -n "$SOURCE_NET" ]; then
		[ -z "$LOCAL_ID" ] || [ "$LOCAL_ID" = "$RECALLED" ]
	else
		seed_digest
		recall digest
		[ "$DIGEST" = "$RECALLED" ]
	fi
}

# The start of a disk has all dates and sizes of its files, and the small files. Another digest is no new instance yet, but a reason to look.
seed_digest() {
	local at=$SOURCE_AT
	[ ! -d "$at" ] || at=$at/meta-data
	DIGEST=$({ echo "$GIVEN_ID" && head -c 262144 "$at"; } 2> /dev/null | md5sum)
}

# No cloud: nothing is configured. But the copy of another machine gets an identity of its own.
stay_alone() {
	network_remap
	recall id
	if [ "$RECALLED" = - ] || recall machine && [ -n "$RECALLED" ]; then
		log "started on another machine"
		renew_identity
		rm -f "$STATE/id"
	fi
	remember machine "$UUID"
	result alone
}

# A service will say who we are. Until then nobody is let in who was not before.
await_service() {
	recall id
	if [ -n "$RECALLED" ] && [ "$RECALLED" != - ] && [ "$RECALLED" = "${LOCAL_ID:-$RECALLED}" ]; then
		network_remap
	else
		[ -z "$LOCAL_ID" ] || begin_instance "$LOCAL_ID"
		shut_in
	fi
	PENDING=1
	result waiting
}

# Addresses by DHCP, and no way in but what is the image's
shut_in() {
	access_close
	network_default
}

take_seed() {
	if read_seed; then
		apply_seed
		seed_digest
		remember digest "$DIGEST"
		PENDING=1
		result read
	else
		[ -e "$STATE/id" ] && network_remap || shut_in
		result broken
	fi
}

# What lies in $SEED is for us: the early part of it. Data about the network that make no sense must not cut it off.
apply_seed() {
	value "$SEED/meta" instance-id
	begin_instance "${LOCAL_ID:-$VALUE}"
	grep -v -e '^admin-pass=' -e '^random-seed=' -e '^files' "$SEED/meta" | replace "$STATE/meta"
	unpack_data
	once access access_close
	if [ -s "$SEED/network" ]; then once network network_apply "$SEED/network"; else once network network_default; fi
	apply_meta
	apply_unpacked
}

# With what is still to be fetched all of it waits: it may replace what is here.
apply_unpacked() {
	local hook
	if [ ! -s "$RUN/includes" ]; then
		for hook in "$RUN"/boothooks/*; do
			[ ! -f "$hook" ] || once "boothook-${hook##*/}" limited 5 "$hook"
		done
		apply_early "$RUN/config"
	fi
	access_open
	settle
}

# begin_instance ID: the marks of another instance go, and with them its identity
begin_instance() {
	recall id
	[ "$1" != "$RECALLED" ] || return 0
	log "new instance $1 by $SOURCE${RECALLED:+, before it $RECALLED}"
	[ -z "$RECALLED" ] || renew_identity
	rm -rf "$STATE/complete" "$STATE/done" "$STATE"/no-*
	remember id "$1"
}

# What two machines must not share: host keys are made anew by dropbear, certificates by uhttpd, a DUID by the DHCPv6 client, the ULA prefix by
# nobody after the first boot, so it is made here. And the keys that the instance before was given do not open this one.
renew_identity() {
	rm -f /etc/dropbear/dropbear_*_host_key /etc/uhttpd.key /etc/uhttpd.crt /etc/urandom.seed
	keys_forget
	{
		echo 'delete network.globals.dhcp_default_duid'
		# RFC 4193: fd, 40 random bits, and a prefix of 48
		[ -z "$(uci -q get network.globals.ula_prefix)" ] || hexdump -v -n 5 -e '"set network.globals.ula_prefix=fd" 1/1 "%02x" ":" 2/1 "%02x" ":" 2/1 "%02x" "::/48\n"' /dev/urandom
		echo 'commit network'
	} | uci -q batch
	[ -z "$BOOTED" ] || /etc/init.d/dropbear restart
}

network_stage() {
	local code
	BOOTED=1
	if [ -n "$SOURCE_NET" ]; then
		fetch_patiently && apply_seed
		code=$?
		grow
		[ "$code" = 0 ] || { result silent; return; }
	fi
	if [ -s "$RUN/includes" ]; then
		wait_for 60 has_route
		fetch_includes
		apply_unpacked
	fi
	# services watch their configuration; the host name and the time zone are of none
	/etc/init.d/system reload
	reload_config
	wait_for 120 [ -e "$RUN/booted" ]
	[ -n "$SOURCE_NET" ] || wait_for 30 has_route
	apply_final "$RUN/config"
	settle
	report_ready
	finish
}

# A service that is asked too early does not answer, or knows nothing of this machine yet.
fetch_patiently() {
	local try=0
	until fetch_seed; do
		[ $? = 1 ] && [ "$try" -lt 100 ] || { log "$SOURCE said nothing that can be used; the next boot asks again"; return 1; }
		try=$((try + 1))
		sleep "$((try < 60 ? 1 : 10))"
	done
}

has_route() {
	{ ip route && ip -6 route; } | grep -q ^default
} 2> /dev/null

# wait_for SECONDS COMMAND...
wait_for() {
	local left=$1
	shift
	until "$@"; do
		[ "$left" -gt 0 ] || return 1
		left=$((left - 1))
		sleep 1
	done
}

finish() {
	local state='done'
	(cd "$RUN" && rm -rf seed config scripts flat lines alive request limited boot* run*)
	remember machine "$UUID"
	if grep -qv '=done$' "$RUN/modules"; then state=degraded; else : > "$STATE/complete"; fi
	# for everybody, and so is /var/lib, which may not be there
	(umask 022 && mkdir -p /var/lib/cloud/instance && : > /var/lib/cloud/instance/boot-finished)
	result "$state"
}

# result WORD: where this boot stands. The log gets it with the time since the start of the local stage.
result() {
	uptime_ms
	echo "$1 $SOURCE $((MS - STARTED))" > "$RUN/result"
	log "$1: source $SOURCE, $((MS - STARTED)) ms"
}

# Since the start of the machine, in steps of 10 ms, into $MS
uptime_ms() {
	read -r MS _ < /proc/uptime
	MS=${MS%.*}${MS#*.}0
}

# recall NAME, remember NAME TEXT: a line of the state
recall() {
	RECALLED=
	[ ! -f "$STATE/$1" ] || IFS= read -r RECALLED < "$STATE/$1"
}

remember() {
	recall "$1"
	[ "$2" = "$RECALLED" ] || printf '%s\n' "$2" | replace "$STATE/$1"
}
