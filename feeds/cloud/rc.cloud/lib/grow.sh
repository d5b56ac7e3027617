# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2030,SC2031,SC2034,SC2046,SC2086,SC2154 # numbers are split into words on purpose
#
# Grows the root to the disk that it finds itself on: its partition, then the ext4 in it. After base.sh.
#
#     grow_disk   the partition, if it is the last one; without a process while all is as grow_root left it
#     grow_root   the ext4, and then the mark $STATE/disk. After grow_disk; may take its time: for the background
#
# A file no-growpart or no-resize in $STATE keeps the partition or the file system as it is (growpart and resize_rootfs of
# cloud-config).
#
# The power may go at each write of a table. An MBR changes in one sector. Of a GPT the copy at the end of the disk is written
# first, while nobody asks for it; then the header, one sector, takes the copy's list of partitions for its own, as kernel, GRUB and
# EFI read it from wherever the header says; then its own list is written, and the header takes that again.
#
# sysfs counts in sectors of 512 bytes, a table in the disk's own. Of both kinds all that matters here are words of 64 bits, in an
# MBR a start with a size above it. They are little-endian, as all these machines are.

# find_root: the partition that / or, under an overlay, /rom lies on. Fails where it is none, like in a container.
find_root() {
	local device point rest x
	FS=
	# of init, whose mounts are ours
	while read -r x x device x point rest; do
		case $point in / | /rom)
			[ ! -f "/sys/dev/block/$device/partition" ] || ROOT=/sys/dev/block/$device POINT=$point FS=${rest#* - }
			;;
		esac
	done < /proc/1/mountinfo
	[ -n "$FS" ] || return
	FS=${FS%% *}
	read -r NUMBER < "$ROOT/partition"
	read -r START < "$ROOT/start"
	read -r SIZE < "$ROOT/size"
	read -r WHOLE < "$ROOT/../size"
	read -r SECTOR < "$ROOT/../queue/logical_block_size"
}

# What a root's growth depends on, into $STAMP
stamp() {
	set -- "$WHOLE $START $SIZE" "$STATE"/no-*
	STAMP=$*
}

# Leaves FS empty where grow_root has nothing to do.
grow_disk() {
	local known=
	find_root || return
	stamp
	[ ! -f "$STATE/disk" ] || read -r known < "$STATE/disk"
	[ "$known" != "$STAMP" ] || { FS=; return; }
	# the first name of each: behind it comes one that anybody may have given
	set -- $(sed -n 's|^DEVNAME=|/dev/|p' "$ROOT/../uevent" "$ROOT/uevent")
	DISK=$1 DEVICE=$2
	if [ -e "$STATE/no-growpart" ] || grow_partition; then
		read -r SIZE < "$ROOT/size"
		log "$DEVICE: $((SIZE / 2048)) MiB"
	else
		# no partx, a table that is damaged or of another kind, a disk that cannot be written: to be looked at again
		log "$DEVICE: not grown"
		FS=
	fi
}

# What find_root found. In a process of its own, which ends where there is nothing to do, or where it fails.
grow_partition() (
	for start in "$ROOT"/../*/start; do
		read -r start < "$start"
		[ $start -le $START ] || exit 0
	done
	unit=$((SECTOR / 512)) start=$((START / unit)) end=$((WHOLE / unit))
	# what an MBR can count
	most=$((end < 1 << 32 ? end : 1 << 32))
	if [ $(($(words 446 8) >> 32 & 255)) = 238 ]; then
		grow_gpt $(words $SECTOR 96)
	else
		place=$((438 + 16 * NUMBER))
		[ $NUMBER -le 4 ] || exit
		room $most $place
		patch $place $((start + (most - start << 32)))
	fi
	partx -u -n $NUMBER $DISK
)

# grow_gpt HEADER: the words of it
grow_gpt() {
	name="$1 $2" first=$6 last=$7 guid="$8 $9" shape=${11} sum=${12}
	bytes=$(((shape & 4294967295) * 128))
	blocks=$(((bytes + SECTOR - 1) / SECTOR))
	seal $4 $5 ${10}
	[ $crc = $3 ] && [ $(sum_list ${10}) = $sum ] || exit
	[ ${10} = 2 ] || {
		# the copy's: the power went
		[ ${10} = $(($5 - blocks)) ] || exit
		copy_list ${10} 2
		header 1 $5 2
	}
	other=$((end - 1)) list=$((end - 1 - blocks)) last=$((end - 2 - blocks))
	entry=$((128 * NUMBER - 96))
	room $list $((2 * SECTOR + entry))
	# unless it has partitions of its own, an MBR guards all the disk
	[ $(words 462 8) != 0 ] || patch 454 $((1 + (most - 1 << 32)))
	copy_list 2 $list
	patch $((list * SECTOR + entry + 8)) $last
	sum=$(sum_list $list)
	header $other 1 $list
	header 1 $other $list
	copy_list $list 2
	header 1 $other 2
}

# room END PLACE: ends all where the table has another start of the partition at that place, or less than 1 MiB would be won
room() {
	[ $(($(words $2 8) - start & 4294967295)) = 0 ] || exit
	[ $((($1 - start) * unit - SIZE)) -gt 2048 ] || exit 0
}

# header PLACE OTHER LIST: puts it there; where the other one and the list are
header() {
	seal "$@"
	header_of $crc "$@" | put seek=$1 conv=sync || exit
}

# Its checksum, which counts as 0 in it
seal() {
	crc=$(header_of 0 "$@" | crc 92)
}

header_of() {
	bytes $name $1 $2 $3 $first $last $guid $4 $shape $sum
}

copy_list() {
	put if=$DISK skip=$1 seek=$2 count=$blocks
}

sum_list() {
	dd if=$DISK bs=$SECTOR skip=$1 2> /dev/null | crc $bytes
}

# crc BYTES: the CRC-32 of so many, which gzip writes behind what it packs
crc() {
	head -c $1 | gzip | tail -c 8 | hexdump -n 4 -e '1/4 "%u"'
}

# words OFFSET BYTES
words() {
	hexdump -v -s $1 -n $2 -e '2/4 "%u " "\n"' $DISK | while read -r low high; do echo $((low + (high << 32))); done
}

# patch OFFSET WORD: in one write
patch() {
	bytes $2 | put seek=$1 oflag=seek_bytes || exit
}

put() {
	dd of=$DISK bs=$SECTOR conv=fsync,notrunc "$@" 2> /dev/null || exit
}

bytes() {
	printf %b "$(octal "$@")"
}

octal() {
	for n; do
		for i in 0 8 16 24 32 40 48 56; do printf '\\%03o' $((n >> i & 255)); done
	done
}

grow_root() {
	[ -n "$FS" ] || return
	# EXT4_IOC_RESIZE_FS, which OpenWrt's ucode can ask for since 24.10.1, takes blocks
	[ $FS != ext4 ] || [ -e "$STATE/no-resize" ] || {
		resize2fs $DEVICE ||
			ucode -e "require('fs').open('$POINT').ioctl(1, 102, 16, '$(octal $((SIZE / 2 >> $(hexdump -s 1048 -n 4 -e '1/4 "%u"' $DEVICE))))') ?? die()"
	} >> "$LOG" 2>&1 || { log "$DEVICE: its ext4 cannot grow"; return; }
	stamp
	echo "$STAMP" > "$STATE/disk"
}
