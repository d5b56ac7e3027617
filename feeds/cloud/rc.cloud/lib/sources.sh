# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2015,SC2030,SC2031,SC2034,SC1091
#
# Where an instance hears who it is. `identify` asks the machine alone, with no fork unless a disk may hold a seed, and names one source; its
# seed_NAME says what to ask there for, and sources.awk what it means.
#
# In order: the kernel's command line or the firmware's serial number (`ds=nocloud;s=FOLDER/ or URL/;h=HOST;i=ID`; `ds=none` and
# `rc.cloud=off` end it all), the folder $STATE/seed, a disk labelled config-2 or cidata, and the one service that the firmware's names stand for.

# identify: sets SOURCE, `none` where there is no cloud; SOURCE_AT, a device, folder or URL; SOURCE_NET=1 where that is in the network;
# LOCAL_ID, the id of the instance where the firmware tells it and no disk says another; GIVEN_ID and GIVEN_NAME of the command line;
# UUID.
identify() {
	local word words told='' serial
	SOURCE=none SOURCE_AT=$STATE/seed
	# of serial and UUID the last two remain
	for word in sys_vendor product_name chassis_asset_tag product_serial product_uuid; do
		serial=$UUID UUID=''
		{ read -r UUID < "/sys/class/dmi/id/$word"; } 2> /dev/null
		told="$told|$UUID"
	done
	read -r words < /proc/cmdline
	words=" $serial $words "
	case $words in *' ds=none '* | *' rc.cloud=off '*) return ;; esac
	seed_words "${words##* ds=nocloud}"
	case $SOURCE_AT in
	http*) SOURCE=nocloud SOURCE_NET=1 ;;
	*) [ -f "$SOURCE_AT/meta-data" ] && SOURCE=nocloud || find_drive ;;
	esac && return

	case $told in
	'|Hetzner|'*) SOURCE=hetzner LOCAL_ID=$serial ;;
	'|DigitalOcean|'*) SOURCE=digitalocean LOCAL_ID=$serial ;;
	'|Vultr|'*) SOURCE=vultr ;;
	# what is virtualized by Xen may tell its UUID with bytes swapped
	'|Amazon EC2|'* | '|Xen|'*'|'[Ee][Cc]2* | '|Xen|'*'|'????2?[Ee][Cc]-*) SOURCE=ec2 ;;
	*'|Google Compute Engine|'* | *'|GoogleCloud-'*) SOURCE=google ;;
	*'|OracleCloud.com|'*) SOURCE=oracle ;;
	*'|7783-7084-3265-9085-8269-3286-77|'*) SOURCE=azure ;;
	*'|OpenStack '[NC]o* | *'|OpenTelekomCloud|'* | *'|HUAWEICLOUD|'* | *'|SAP CCloud VM|'* | *'|Samsung Cloud Platform|'*) SOURCE=openstack LOCAL_ID=$UUID ;;
	*) return ;;
	esac
	SOURCE_NET=1 SOURCE_AT=http://169.254.169.254
}

# Up to the first blank, which is at the start where nobody spoke of a seed. The command line is behind the serial number.
seed_words() {
	local IFS=\; word
	set -f
	for word in ${1%% *}; do
		case $word in
		s=http* | s=/*) SOURCE_AT=${word#s=} ;;
		h=*) GIVEN_NAME=${word#h=} ;;
		i=*) GIVEN_ID=${word#i=} ;;
		esac
	done
	set +f
}

# Of what is not mounted and has no partitions, nor is a loop device, by its label. ISO 9660 has it at 32808, which is the start of a row of
# 1367 bytes; FAT has 11 bytes for it, in front of the name of its kind.
find_drive() {
	local node used='' device size label
	while read -r _ _ device _; do used="$used $device "; done < /proc/self/mountinfo
	for node in /sys/class/block/[!l]*; do
		{ read -r device < "$node/dev" && read -r size < "$node/size"; } 2> /dev/null || continue
		case $used in *" $device "*) continue ;; esac
		set -- "$node"/*/partition
		# smaller is no file system of these, but a boot loader's partition
		[ "$size" -ge 600 ] && [ ! -e "$1" ] || continue
		SOURCE_AT=/dev/${node##*/}
		label=$(head -c 32850 "$SOURCE_AT" | hexdump -v -e '1367/1 "%_p" "\n"' | grep -oiE '^(config-2|cidata) |(config-2   |cidata     )FAT')
		case $label in
		?[Oo]*) SOURCE=openstack ;;
		?[Ii]*) SOURCE=nocloud ;;
		*) continue ;;
		esac
		DRIVE=iso9660
		case $label in *[Tt]) DRIVE=vfat ;; esac
		return 0
	done
	return 1
}

# read_seed: a source without network into $SEED. Fails where nothing can be made of it.
read_seed() {
	local at=$SOURCE_AT code
	if [ -n "$DRIVE" ]; then
		at=$RUN/drive
		mkdir -p "$at"
		mount -t "$DRIVE" -o ro,nosuid,nodev,noexec "$SOURCE_AT" "$at" 2>> "$LOG"
	fi
	fetch_seed "$(readlink -f "$at")"
	code=$?
	[ -z "$DRIVE" ] || umount "$at"
	return "$code"
}

# fetch_seed [FOLDER]: a service into $SEED, once, or what is in a folder. 1: not now; 2: never, for it has said what makes no sense.
fetch_seed() (
	# of Azure, and nothing to others
	FROM=${1:-${SOURCE_AT%/}} HEADER='Metadata: true'
	rm -rf "$SEED"
	mkdir -p "$SEED/content" && cd "$SEED" || return
	case $SOURCE in
	# there is no DHCP: the service is asked from an address of our own choice, in a network that reaches nobody else
	digitalocean)
		ip addr add 169.254.9.9/16 dev eth0
		ask metadata/v1.json
		ip addr del 169.254.9.9/16 dev eth0
		[ "$CODE" = 0 ]
		;;
	azure) ask 'metadata/instance?api-version=2021-08-01&extended=true' ;;
	google)
		HEADER='Metadata-Flavor: Google'
		ask 'computeMetadata/v1/instance/?recursive=true' && maybe ask 'computeMetadata/v1/project/attributes/?recursive=true' project/
		;;
	# cards of private networks are listed apart
	hetzner) ask hetzner/v1/metadata && maybe ask hetzner/v1/metadata/private-networks interfaces/ && maybe take hetzner/v1/userdata user-data ;;
	oracle) HEADER='Authorization: Bearer Oracle' && ask opc/v2/instance/ && maybe ask opc/v2/vnics/ interfaces/ ;;
	vultr) HEADER='Metadata-Token: cloudinit' && ask v1.json ;;
	*) "seed_$SOURCE" ;;
	esac || return 1
	awk -f "$LIB/sources.awk" flat
	for file in user-data vendor-data vendor-data2; do
		! value texts "$file" || printf %s "$VALUE" > "$file"
	done
	value meta instance-id
	# what else could it be than a name?
	case $VALUE in '' | -* | *[!A-Za-z0-9._:@+,=-]*)
		log "$SOURCE: no instance id"
		return 2
		;;
	esac
) 2>> "$LOG"

# take PATH FILE: a file of the source, which is at $FROM, into $SEED; CODE as http_get's
take() {
	CODE=0
	case $FROM$SOURCE in
	/*) take_file "$@" ;;
	*nocloud) fetch_url "$FROM/$1" "$2" ;;
	*) http_get "$FROM/$1" "$2" "$HEADER" ;;
	esac || CODE=$?
	return "$CODE"
}

# No link of a drive leads out of it.
take_file() {
	[ -f "$FROM/$1" ] && [ "$(readlink -f "$FROM/$1")" = "$FROM/$1" ] || return 2
	(ulimit -f 2048 && cat "$FROM/$1" > "$2")
}

# ask PATH [PREFIX]: a document, as flat lines with a prefix to their paths. One that makes no sense says nothing.
ask() {
	take "$1" doc && flatten doc | sed "s|^|$2|" >> flat
}

# maybe COMMAND...: it need not be there
maybe() {
	"$@" || [ "$CODE" = 2 ]
}

# A token comes first; who has none to give is asked without.
seed_ec2() {
	HEADER='X-aws-ec2-metadata-token-ttl-seconds: 600'
	# shellcheck disable=SC2153 # LINE is of one_line
	! METHOD=PUT take latest/api/token doc || { one_line "X-aws-ec2-metadata-token: $(cat doc)" && HEADER=$LINE; }
	tell instance-id && maybe tell local-hostname && maybe take latest/user-data user-data && tell_each public-keys/ openssh-key &&
		tell_each network/interfaces/macs/ device-number mac subnet-ipv4-cidr-block local-ipv4s ipv6s
}

# tell_each LIST NAME...: these of each thing that is listed, as in `0=name` or `MAC/`
tell_each() {
	list=$1
	shift
	take "latest/meta-data/$list" doc || { [ "$CODE" = 2 ]; return; }
	for thing in $(sed -n 's|^\([0-9a-f:]*\)[=/].*|\1|p' doc | head -n 16); do
		for name in "$@"; do maybe tell "$list$thing/$name" || return; done
	done
}

# tell PATH: its lines, as flat ones
tell() {
	take "latest/meta-data/$1" doc && echo | sed 's/\r$//; /[[:cntrl:]\\]/d; s|^|'"$1=s:|" doc - >> flat
}

# What the command line says comes first. A drive need not name an instance: then it is this machine.
seed_nocloud() {
	printf '%s\n' "instance-id=s:$GIVEN_ID" "local-hostname=s:$GIVEN_NAME" > flat
	ask meta-data || [ "$CODE$SOURCE_NET" = 2 ] && maybe take user-data user-data && maybe take vendor-data vendor-data &&
		maybe ask network-config network-config/ || return
	[ -n "$SOURCE_NET" ] || echo "instance-id=s:nocloud-$UUID" >> flat
}

seed_openstack() {
	maybe take openstack/ doc || return
	# of a drive
	ls "$FROM"/openstack/*/meta_data.json >> doc 2> /dev/null
	at=$(grep -o '20..-..-..' doc | tail -n 1)
	at=openstack/${at:-latest}
	ask "$at/meta_data.json" && maybe take "$at/user_data" user-data && maybe ask "$at/vendor_data.json" vendor-data/ &&
		maybe ask "$at/vendor_data2.json" vendor-data2/ && maybe ask "$at/network_data.json" network-config/ || return
	for name in $(sed -n 's|^files/.*/content_path=s:/content/\([A-Za-z0-9_-]*\)$|\1|p' flat | head -n 99); do
		maybe take "openstack/content/$name" "content/$name" || return
	done
}

# report_ready: Azure counts a machine without a report as not started. To the host, with the three names that it has just given us.
report_ready() {
	local BODY=''
	[ "$SOURCE" = azure ] || return 0
	set -- http://168.63.129.16/machine/ "$RUN/goal" 'x-ms-agent-name: WALinuxAgent' 'x-ms-version: 2012-11-30'
	http_get "$1?comp=goalstate" "$2" "$3" "$4" &&
		BODY='<?xml version="1.0" encoding="utf-8"?>'$(grep -oE '<(Incarnation|ContainerId|InstanceId)>[A-Za-z0-9._-]+' "$2" | sed '
			s|<\(.*\)>.*|&</\1>|
			1s|Incarnation|GoalState&|g
			1s|.*|<Health>&<Container>|
			2s|$|<RoleInstanceList><Role>|
			3s|$|<Health><State>Ready</State></Health></Role></RoleInstanceList></Container></Health>|') &&
		METHOD=POST http_get "$1?comp=health" "$2" "$3" "$4" 'Content-Type: text/xml; charset=utf-8' || log 'Azure was not told that we are ready'
}
