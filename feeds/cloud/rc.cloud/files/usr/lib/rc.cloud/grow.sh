# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2046,SC2086,SC2154 # numbers are split into words on purpose
#
# Grows the root to the disk that it finds itself on: its partition, then the ext4 in it. After base.sh.
#
#     grow_disk       the partition; at each boot, without a fork while disk and partition are as they were left
#     grow_unmounted  the same for a squashfs root in preinit, before its overlay is made, which then takes all of it
#     grow_root       the ext4; reads a sector at each boot, and may take its time: for the background
#
# A file no-growpart or no-resize in $STATE or $RUN keeps the partition or the file system as it is (growpart and resize_rootfs of
# cloud-config). $STATE/disk says how the disk was left: its size, the partition's start and its size.
#
# The power may go at each write of a table. An MBR changes in one sector. Of a GPT the copy at the end of the disk is written
# first, while nobody asks for it; then the header, one sector, takes the copy's list of partitions for its own, as kernel, GRUB and
# EFI read it from wherever the header says; then its own list is written, and the header takes that again.
#
# sysfs counts in sectors of 512 bytes, a table in the disk's own. Numbers are little-endian, as all these machines are.

# find_root: the partition that / or, under an overlay, /rom lies on. Fails where it is none, like in a container.
find_root() {
	local device point rest x
	ROOT=
	# of init, whose mounts are ours
	while read -r x x device x point rest; do
		case $point in / | /rom)
			[ ! -f "/sys/dev/block/$device/partition" ] || ROOT=/sys/dev/block/$device POINT=$point FS=${rest#* - }
			;;
		esac
	done < /proc/1/mountinfo
	[ -n "$ROOT" ] || return
	FS=${FS%% *}
	read -r NUMBER < "$ROOT/partition"
	read -r START < "$ROOT/start"
	read -r SIZE < "$ROOT/size"
	read -r WHOLE < "$ROOT/../size"
	read -r SECTOR < "$ROOT/../queue/logical_block_size"
	device_of "$ROOT/.."
	DISK=$DEVICE
	device_of "$ROOT"
}

device_of() {
	local key value
	while IFS='=' read -r key value; do
		# the first: behind it comes a name that anybody may have given
		[ "$key" != DEVNAME ] || { DEVICE=/dev/$value; return; }
	done < "$1/uevent"
}

may() {
	[ ! -e "$STATE/no-$1" ] && [ ! -e "$RUN/no-$1" ]
}

grow_disk() {
	local known=
	may growpart && find_root || return 0
	[ ! -f "$STATE/disk" ] || read -r known < "$STATE/disk"
	[ "$known" != "$WHOLE $START $SIZE" ] || return 0
	[ $FS = ext4 ] || [ "${known%% *}" = "${known:+$WHOLE}" ] || log "$DISK: the overlay keeps its size until it is made anew (firstboot)"
	grow_partition && mkdir -p "$STATE" && echo "$WHOLE $START $SIZE" > "$STATE/disk"
}

grow_unmounted() {
	find_root && [ $FS = squashfs ] && [ $((WHOLE - START - SIZE)) -gt 2048 ] && grow_partition
}

# What find_root found, by the disk's table. Fails if that is not to be touched, or cannot be written: to be looked at again.
grow_partition() {
	local unit=$((SECTOR / 512)) start sectors most rows bytes blocks other list
	start=$((START / unit)) sectors=$((WHOLE / unit))
	# what 32 bits can count
	most=$((sectors < 4294967296 ? sectors : 4294967296))
	mkdir -p "$RUN/grow" && cd "$RUN/grow" || return
	grow_table
	set -- $?
	cd /
	rm -r "$RUN/grow"
	[ $1 = 0 ] || return
	LIMIT=$((LIMIT * unit - START))
	[ $LIMIT != $SIZE ] || return 0
	SIZE=$LIMIT
	log "$DEVICE: $((SIZE / 2048)) MiB now"
	partx -u -n $NUMBER $DISK 2> /dev/null || log "$DEVICE: seen after a reboot only, as partx is missing or failed"
}

grow_table() {
	get mbr 0 1
	rows=$(hexdump -v -s 446 -n 66 -e '8/1 "%u " " " 2/4 "%u " "\n"' mbr)
	set -- $rows
	case "${41} ${42} $5 ${15} ${25} ${35}" in
	'85 170 238 0 0 0')
		# one entry guards the GPT
		patch mbr 454 $(($9 + (most - 1 << 32)))
		grow_gpt
		;;
	'85 170 '*238*) grow_gpt ;;
	'85 170 '*)
		room $most || return
		[ $LIMIT != $STOP ] || return 0
		patch mbr $((438 + 16 * NUMBER)) $((start + (LIMIT - start << 32))) && put mbr 0
		;;
	*) refuse 'no partition table' ;;
	esac
}

grow_gpt() {
	get head 1 1
	set -- $(hexdump -v -n 92 -e '1/4 "%u "' head)
	bytes=$((${21:-0} * 128)) other=$(($9 + (${10} << 32))) list=$((${19} + (${20} << 32)))
	blocks=$(((bytes + SECTOR - 1) / SECTOR))
	# EFI PART, of 92 bytes, at 1, entries of 128; the list in its place, or the copy's
	[ "$1 $2 $4 $7 $8 ${22}" = '541673029 1414676816 92 1 0 128' ] && [ $((${11} + (${12} << 32))) -ge $((2 + blocks)) ] &&
		case $list in 2 | $((other - blocks))) ;; *) false ;; esac && seal && [ $CRC = $5 ] &&
		get list $list $blocks && sum list $bytes && [ $CRC = ${23} ] || refuse 'GPT damaged, or of another kind' || return
	# the power went
	[ $list = 2 ] || { put list 2 && header 1 $other 2; } || return
	other=$((sectors - 1))
	list=$((other - blocks))
	rows=$(hexdump -v -n $bytes -e '32/4 "%u " "\n"' list)
	room $list || return
	[ $LIMIT != $STOP ] || return 0
	put mbr 0 && patch list $((128 * NUMBER - 88)) $((LIMIT - 1)) && sum list $bytes &&
		patch head 48 $((list - 1)) && patch head 88 $CRC && put list $list && header $other 1 $list &&
		header 1 $other $list && put list 2 && header 1 $other 2
}

# room END: where the partition stops, into $STOP, and how far it may reach, END at most, into $LIMIT: that is the same if less than
# 1 MiB is left. A row is an entry of an MBR, 10 numbers, or of a GPT, 32.
room() {
	set -- $(echo "$1 $NUMBER$NL$rows" | awk '
		NR == 1 { limit = end = $1; n = $2 + 1 }
		NF == 10 && $5 && $10 { s[NR] = $9; e[NR] = $9 + $10 }
		NF == 32 && $1 + $2 + $3 + $4 { s[NR] = $9 + 4294967296 * $10; e[NR] = $11 + 4294967296 * $12 + 1 }
		END {
			for (i in s) {
				if (i != n && e[i] > s[n] && s[i] < limit) limit = s[i]
				if (e[i] > end) limit = 0
			}
			printf "%.0f %.0f %.0f", s[n], e[n], limit
		}')
	[ "$1" = $start ] || refuse "no partition $NUMBER in the table" || return
	STOP=$2 LIMIT=$3
	[ $(((LIMIT - STOP) * SECTOR)) -ge 1048576 ] || LIMIT=$STOP
}

# header PLACE OTHER LIST: the header goes there; where the other one and the list are
header() {
	patch head 24 $1 $2 && patch head 72 $3 && seal && put head $1
}

# The header's own checksum, which counts as 0 in it.
seal() {
	patch head 16 0 && sum head 92 && patch head 16 $CRC
}

get() {
	copy if=$DISK of=$1 bs=$SECTOR skip=$2 count=$3
}

put() {
	copy if=$1 of=$DISK bs=$SECTOR seek=$2 conv=fsync,notrunc || refuse 'cannot be written'
}

# patch NAME OFFSET NUMBER...: each in 8 bytes
patch() {
	local name=$1 at=$2 text=
	shift 2
	octal "$@"
	printf %b "$text" | copy of=$name bs=1 seek=$at conv=notrunc
}

# octal NUMBER...: 8 bytes each, into $text
octal() {
	local n i
	for n; do
		for i in 1 2 3 4 5 6 7 8; do
			text="$text\\$((n >> 6 & 3))$((n >> 3 & 7))$((n & 7))"
			n=$((n >> 8))
		done
	done
}

copy() {
	dd "$@" 2> /dev/null
}

# sum NAME BYTES: the CRC-32 of the first ones, which gzip writes behind what it packs
sum() {
	CRC=$(head -c $2 $1 | gzip | tail -c 8 | hexdump -n 4 -e '1/4 "%u"')
}

refuse() {
	log "$DISK: $*"
	return 1
}

grow_root() {
	may resize && find_root && [ $FS = ext4 ] && grow_ext4
}

# What find_root found.
grow_ext4() {
	local old most block text=
	blocks_of || return
	old=$KIB most=$((SIZE / 2 - 16384))
	# a last group that would be little more than its table of inodes, 8 MiB at most, is left away
	[ $KIB -lt $most ] || return 0
	if command -v resize2fs > /dev/null; then
		resize2fs $DEVICE >> "$LOG" 2>&1
	else
		# EXT4_IOC_RESIZE_FS, which OpenWrt's ucode can ask for since 24.10.1
		octal $((SIZE / 2 / block))
		ucode -e "require('fs').open('$POINT').ioctl(1, 102, 16, '$text')" 2> /dev/null
	fi
	blocks_of
	[ $KIB = $old ] || log "$DEVICE: ext4 of $((KIB / 1024)) MiB, was $((old / 1024))"
	[ $KIB -ge $most ] || refuse "ext4 on $DEVICE stays smaller: resize2fs is missing, or says why"
}

# The size of the ext4, into $KIB, and of its blocks, into $block
blocks_of() {
	set -- $(copy if=$DEVICE bs=1024 skip=1 count=1 | hexdump -v -n 340 -e '1/4 "%u "')
	[ -n "${85}" ] && block=$((1 << $7)) && KIB=$((($2 + (${85} << 32)) * block))
}
