# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2015,SC2034,SC1090,SC1091
#
# Where an instance hears who it is. `identify` asks the machine alone, with no fork unless a disk may hold a seed, and names one source; its
# file source-NAME.sh fills $SEED (see seed_NAME there) with the functions below, from a folder or from a service.
#
# In order: the kernel's command line or the firmware's serial number (`ds=nocloud;s=FOLDER/ or URL/;h=HOST;i=ID`; `ds=NAME` picks the service,
# `ds=none` and `rc.cloud=off` end it all), a seed folder, a disk labelled config-2 or cidata, and the one service that the firmware's names stand for.

# identify: sets SOURCE, `none` where there is no cloud; SOURCE_AT, a device, folder/ or URL; SOURCE_NET=1 where that is in the network;
# LOCAL_ID, the id of the instance where the firmware tells it (OpenStack, Hetzner, DigitalOcean, Azure) and no disk says another.
identify() {
	local words word serial told='' forced=''
	SOURCE=none SOURCE_AT='' SOURCE_NET='' LOCAL_ID='' GIVEN_ID='' GIVEN_NAME=''
	dmi product_serial
	serial=$DMI
	read -r words < /proc/cmdline
	set -f
	for word in $serial $words; do
		word=${word#\"}
		case $word in ds=\"*) word=ds=${word#ds=?} ;; esac
		word=${word%\"}
		case $word in
		ds=none | rc.cloud=off) forced=off ;;
		ds=nocloud | ds=nocloud\;* | ds=nocloud-net | ds=nocloud-net\;*) seed_words "$word" ;;
		ds=*[!a-z0-9=]*) ;;
		vultr | ds=*) [ "$forced" = off ] || [ ! -f "$LIB/source-${word#ds=}.sh" ] || forced=${word#ds=} ;;
		esac
	done
	set +f
	[ "$forced" != off ] || { SOURCE=none; return 0; }
	case $SOURCE_AT in
	http*) SOURCE_NET=1 ;;
	/*) ;;
	*) find_folder || find_drive || SOURCE=none ;;
	esac
	[ "$SOURCE" = none ] || return 0
	# an instance can be told by these words alone
	[ -z "$GIVEN_ID" ] || { SOURCE=nocloud SOURCE_AT=/nowhere/; return 0; }

	for word in sys_vendor product_name chassis_asset_tag product_serial; do
		dmi "$word"
		told="$told|$DMI"
	done
	dmi product_uuid
	case $told in
	'|Hetzner|'*) SOURCE=hetzner LOCAL_ID=$serial ;;
	'|DigitalOcean|'*) SOURCE=digitalocean LOCAL_ID=$serial ;;
	'|Vultr|'*) SOURCE=vultr ;;
	*'|Google Compute Engine|'* | *'|GoogleCloud-'*) SOURCE=google ;;
	*'|OracleCloud.com|'*) SOURCE=oracle ;;
	*'|7783-7084-3265-9085-8269-3286-77|'*)
		SOURCE=azure LOCAL_ID=$DMI
		# what started by BIOS is told the id with the bytes of its numbers reversed
		[ -d /sys/firmware/efi ] || swap_uuid
		;;
	*'|OpenStack '[NC]o* | *'|OpenTelekomCloud|'* | *'|HUAWEICLOUD|'* | *'|SAP CCloud VM|'* | *'|Samsung Cloud Platform|'*)
		SOURCE=openstack LOCAL_ID=$DMI
		;;
	'|Amazon EC2|'* | '|e24cloud|'* | '|Tilaa|'* | '|3DS Outscale|'* | *.zstack.io\|* | *.brightbox.com) SOURCE=ec2 ;;
	'|Xen|'*) case $DMI in [Ee][Cc]2* | ????2?[Ee][Cc]-*) SOURCE=ec2 ;; esac ;;
	esac
	[ -z "$forced" ] || [ "$SOURCE" = "$forced" ] || SOURCE=$forced LOCAL_ID=''
	[ "$SOURCE" = none ] || SOURCE_NET=1 SOURCE_AT=http://169.254.169.254/
}

# dmi NAME: what the firmware says of the machine, into $DMI
dmi() {
	DMI=
	{ read -r DMI < "/sys/class/dmi/id/$1"; } 2> /dev/null
}

swap_uuid() {
	local IFS=- field number=1 swapped
	set -f
	# shellcheck disable=SC2086 # into its fields
	set -- $LOCAL_ID
	set +f
	LOCAL_ID=
	for field in "$@"; do
		swapped=
		while [ "$number" -le 3 ] && [ "${#field}" -gt 1 ]; do
			swapped=${field%"${field#??}"}$swapped
			field=${field#??}
		done
		LOCAL_ID=$LOCAL_ID${LOCAL_ID:+-}$swapped$field
		number=$((number + 1))
	done
}

seed_words() {
	local IFS=\; word
	SOURCE=nocloud
	for word in $1; do
		case $word in
		s=* | seedfrom=*) SOURCE_AT=${word#*=} SOURCE_AT=${SOURCE_AT#file://} ;;
		h=* | local-hostname=*) GIVEN_NAME=${word#*=} ;;
		i=* | instance-id=*) GIVEN_ID=${word#*=} ;;
		esac
	done
}

find_folder() {
	local folder
	for folder in "$STATE/seed" /var/lib/cloud/seed/nocloud /var/lib/cloud/seed/nocloud-net; do
		[ ! -f "$folder/meta-data" ] || { SOURCE=nocloud SOURCE_AT=$folder/; return 0; }
	done
	return 1
}

# Of what is not mounted: CDs, disks without partitions, and partitions, by their label. ISO 9660 has it 40 bytes behind the sector that says
# CD001, FAT in front of the name of its kind.
find_drive() {
	local node used='' device size label
	while read -r _ _ device _; do used="$used $device "; done < /proc/self/mountinfo
	for node in /sys/class/block/sr* /sys/class/block/vd* /sys/class/block/xvd* /sys/class/block/[shn][dv]* /sys/class/block/mmcblk*; do
		{ read -r device < "$node/dev" && read -r size < "$node/size"; } 2> /dev/null || continue
		case $used in *" $device "*) continue ;; esac
		# smaller is no file system of these, but a boot loader's partition
		[ "$size" -ge 600 ] || continue
		set -- "$node/${node##*/}"*/partition
		[ ! -e "$1" ] || continue
		SOURCE_AT=/dev/${node##*/}
		label=$({ dd bs=512 count=1 && dd bs=512 skip=63 count=1; } < "$SOURCE_AT" 2> /dev/null | hexdump -v -e '512/1 "%_p" "\n"')
		case $label in
		*"$NL".CD001..*) DRIVE=iso9660 label=${label#*"$NL"????????????????????????????????????????} ;;
		*'   FAT'[13]*)
			DRIVE=vfat label=${label%%'   FAT'[13]*}' '
			label=${label#"${label%?????????}"}
			;;
		esac
		case $label in
		[Cc][Oo][Nn][Ff][Ii][Gg]-2\ *) SOURCE=openstack ;;
		[Cc][Ii][Dd][Aa][Tt][Aa]\ *) SOURCE=nocloud ;;
		*) continue ;;
		esac
		return 0
	done 2> /dev/null
	SOURCE_AT=
	return 1
}

# read_seed: a source without network into $SEED. 1 where nothing can be made of it, which is logged.
read_seed() {
	local code
	FROM=$SOURCE_AT
	begin_seed take_file
	case $SOURCE_AT in /dev/*)
		FROM=$RUN/drive/
		mkdir -p "$FROM"
		mount -t "$DRIVE" -o ro,nosuid,nodev,noexec "$SOURCE_AT" "$FROM" 2>> "$LOG" || { log "$SOURCE_AT: cannot be mounted"; return 1; }
		;;
	esac
	"seed_$SOURCE" && end_seed || useless
	code=$?
	[ "$FROM" = "$SOURCE_AT" ] || umount "$FROM"
	return "$code"
}

# fetch_seed: a service into $SEED, once. 1: not now; 2: never, which is logged.
fetch_seed() {
	local address nic
	set -- "$SOURCE_AT"
	for nic in /sys/class/net/*/device; do break; done
	nic=${nic%/device}
	case $SOURCE_AT$SOURCE in
	*[0-9]/openstack | *[0-9]/hetzner) set -- "$1" "http://[fe80::a9fe:a9fe%25${nic##*/}]/" ;;
	*[0-9]/ec2) set -- "$1" 'http://[fd00:ec2::254]/' ;;
	*[0-9]/oracle) set -- "$1" 'http://[fd00:c1::a9fe:a9fe]/' ;;
	esac
	for address in "$@"; do
		FROM=$address
		begin_seed take_url
		"seed_$SOURCE" && end_seed && return 0
		drop_seed
		[ "$CODE" = 4 ] || break
	done
	case $CODE in [456]) return 1 ;; esac
	useless
	return 2
}

useless() {
	# where there is a secret in a URL, it stays there
	log "$SOURCE: nothing that can be used ${SOURCE_AT##http*}"
	drop_seed
	return 1
}

# report_ready: to who waits for it
report_ready() {
	[ "$SOURCE" != azure ] || { . "$LIB/http.sh" && . "$LIB/source-azure.sh" && report_azure; }
}

begin_seed() {
	TAKE=$1 CODE=0 HEADER=''
	. "$LIB/http.sh"
	. "$LIB/source-$SOURCE.sh"
	drop_seed
	mkdir -p "$SEED/content"
}

drop_seed() {
	rm -rf "$SEED"
}

# An id is what may be a file's name somewhere.
end_seed() {
	local file
	CODE=0
	rm -f "$SEED/doc" "$SEED/flat"
	for file in "$SEED"/*; do [ -s "$file" ] || rm -f "$file"; done
	value "$SEED/meta" instance-id
	case $VALUE in
	*[!A-Za-z0-9._:@+,=-]*) ;;
	[A-Za-z0-9]*) [ "${#VALUE}" -gt 255 ] || return 0 ;;
	esac
	log "$SOURCE: no instance id, or none that can be one"
	return 1
}

# take PATH FILE: a file of the source, which is at $FROM; $CODE as http_get's. `maybe` has it only if it is there.
take() {
	"$TAKE" "$1" "$2"
	CODE=$?
	return "$CODE"
}

maybe() {
	take "$1" "$2" || [ "$CODE" = 6 ]
}

# No link of a drive leads out of it.
take_file() {
	local rest=$1/ at=${FROM%/}
	while [ -n "$rest" ]; do
		at=$at/${rest%%/*} rest=${rest#*/}
		[ ! -L "$at" ] || return 6
	done
	[ -f "$at" ] || return 6
	HTTP_TIME=10 bounded cp "$at" "$2" 3< /dev/null && return 0
	log "$at: too large, or cannot be read"
	rm -f "$2"
	return 7
}

take_url() {
	case $SOURCE in
	nocloud) fetch_url "$FROM$1" "$2" ;;
	*) http_get "$FROM$1" "$2" ${HEADER:+"$HEADER"} ;;
	esac
}

# ask PATH RULES: what `map` makes of a document of the source. `may_ask` where it need not be there.
ask() {
	take "$1" "$SEED/doc" && flatten "$SEED/doc" > "$SEED/flat" && map "$2" "$SEED/flat"
}

may_ask() {
	maybe "$1" "$SEED/doc" || return 1
	[ ! -f "$SEED/doc" ] || ! flatten "$SEED/doc" > "$SEED/flat" || map "$2" "$SEED/flat"
	rm -f "$SEED/doc"
}

# map RULES FILE...: flat lines of other paths. A rule is FROM TO [HOW], in a line of its own:
#   FROM  a path, where * is any step, + any but 0, ~ any that does not make it another thing, . the whole document; PATH/** all below it
#   TO    a path, where # numbers the things that FROM finds, and a second # those within one of them; @ is a card or what else config/# of
#         a network configuration of version 1 is, @/ is @subnets/#/; or >NAME, for the raw text in a file of $SEED
#   HOW   / for what is behind the last slash of the text, . for what is before the first dot, or another text in its place
# What is null or empty is not there; the first of two stays.
map() {
	RULES=$1 SEED=$SEED awk '
	BEGIN {
		rules = split(ENVIRON["RULES"], line, "\n")
		for (i = 1; i <= rules; i++) {
			split(line[i], word, " ")
			from[i] = word[1]
			to[i] = word[2]
			how[i] = word[3]
		}
	}
	{
		path = substr($0, 1, index($0, "=") - 1)
		kind = substr($0, length(path) + 2, 1)
		text = substr($0, length(path) + 4)
		steps = split(path == "" ? "." : path, step, "/")
		for (i = 1; i <= rules; i++) if (fits()) give(to[i], told(how[i], text))
	}
	function fits(   k, n, want) {
		n = split(from[i], want, "/")
		thing = ""
		for (k = 1; k <= n; k++) {
			if (want[k] == "**") {
				if (k <= steps) below($0)
				return 0
			}
			if (k > steps || want[k] != step[k] && want[k] !~ /^[*~]$/ && (want[k] != "+" || step[k] == "0")) return 0
			if (want[k] ~ /^[*+0-9]/) thing = thing_to(k)
		}
		return n == steps && kind !~ /[mln]/ && text != ""
	}
	function thing_to(k,   j, s) {
		for (j = 1; j <= k; j++) s = s "/" step[j]
		return s
	}
	function below(s,   k, n) {
		for (n = split(from[i], k, "/"); n > 1; n--) s = substr(s, index(s, "/") + 1)
		if (s ~ /^config\/[0-9]+\//) {
			split(s, k, "/")
			count["config/"] = k[2] + 1
		}
		print s
	}
	function give(target, text) {
		if (text == "") return
		if (target ~ /^>/) {
			if (!(target in given)) printf "%s", raw(text) > (ENVIRON["SEED"] "/" substr(target, 2))
		} else {
			if (target ~ /#$/) {
				gsub(/\\r|(\\n)+$/, "", text)
				if ((target, text) in given) return
				given[target, text]
			}
			if (target == "@mac_address") {
				give("version", 1)
				give("@type", "physical")
			}
			if (target == "@/address") give("@/type", "static")
			sub(/^@\//, "@subnets/#/", target)
			sub(/^@/, "config/#/", target)
			target = number(target, thing)
			target = number(target, thing_to(steps - 1))
			if (!(target in given)) print target "=s:" text
		}
		given[target]
	}
	function number(target, name,   at, head) {
		at = index(target, "#")
		if (!at) return target
		head = substr(target, 1, at - 1)
		if (!((head, name) in num)) num[head, name] = count[head]++
		return head num[head, name] substr(target, at + 1)
	}
	function told(how, s) {
		if (how == "/") return s ~ /\// ? substr(s, match(s, /[^\/]*$/)) : ""
		if (how == ".") sub(/\..*/, "", s)
		else if (how != "") return how
		return s
	}
	function raw(s,   n, k, piece, all) {
		n = split(s, piece, /\\\\/)
		for (k = 1; k <= n; k++) {
			gsub(/\\n/, "\n", piece[k])
			gsub(/\\t/, "\t", piece[k])
			gsub(/\\r/, "\r", piece[k])
			all = all "" (k > 1 ? "\\" : "") piece[k]
		}
		return all
	}' "$2" ${3:+"$3"}
}
