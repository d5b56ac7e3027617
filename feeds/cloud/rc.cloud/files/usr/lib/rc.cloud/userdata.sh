# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# User data, and the vendor's, down to parts that are a script, a cloud-config or a list of URLs, whatever they are wrapped in.
#
# A part is a file in $SEED/parts, where we are while parts are unpacked. Its name says where it comes from and its place there, so that
# the order of names is the order of parts: 3-user-data.102 is the second of a MIME message. What comes out:
#
#   $RUN/scripts/PART, $RUN/boothooks/PART   to be run
#   PART.flat, merged in $RUN/config         flat lines of cloud-config
#   $RUN/includes                            lines of PART and the URL that it is to be had from
#
# Parts go from file to file, never through a variable or awk, since they may hold any byte. $LEFT bytes may still be looked at: every
# part and every layer around it costs some, and so there is an end to bombs, nests and crowds.

unpack_data() (
	cd "$RUN" && rm -rf seed/parts scripts boothooks includes && mkdir -p seed/parts scripts boothooks && start_unpacking || return
	for part in 1-vendor-data 2-vendor-data2 3-user-data; do
		[ ! -f "../${part#??}" ] || { cp "../${part#??}" $part && unpack $part; }
	done
	merge_config
)

# What is included may include more, three deep, ten in all. Fails when something could not be had.
fetch_includes() (
	start_unpacking
	code=0 count=0
	for _ in 1 2 3; do
		mv "$RUN/includes" urls || break
		while read -r part url; do
			count=$((count + 1))
			if [ "$count" -le 10 ] && fetch_part "$url" "$part"; then
				unpack "$part"
			else
				# what may be secret of it is in front or behind
				url=${url%%\?*}
				log "$part: cannot include ${url##*@}"
				code=1
			fi
		done < urls
	done 2> /dev/null
	rm -f "$RUN/includes"
	merge_config
	return "$code"
)

# The resolver may be up later than the route: there are some more tries for all of them.
fetch_part() {
	until fetch_url "$1" "$2" < /dev/null; do
		[ $? -le 5 ] && [ "$TRIES" -gt 0 ] || return
		TRIES=$((TRIES - 1))
		sleep 2
	done
}

start_unpacking() {
	cd "$SEED/parts" || return
	LEFT=4194304 TRIES=5
	BOM=$(printf '\037\213 \357\273\277')
	GZIP=${BOM% *}
	BOM=${BOM#* }
}

# unpack PART [TYPE]: without a type it is what it begins with; `part` is one of a MIME message.
unpack() {
	local start url rest n=100 offset size type encoding
	LEFT=$((LEFT - 16384 - $(wc -c < "$1")))
	if [ "$LEFT" -lt 0 ] || [ ${#1} -ge 99 ]; then
		log "$1: too much"
		return
	fi
	start=$(head -c 99 "$1")
	case $2:$start in
	part:* | :[Cc]ontent-* | :[Mm][Ii][Mm][Ee]-* | :From\ *) unpack_mime "$1" ;;
	*:"$BOM"*) again "$1" "$2" tail -c +4 ;;
	# busybox's zcat never fails
	*:"$GZIP"*) again "$1" "$2" gunzip -c ;;
	# base64 of # gzip Content- MIME- From
	:I[w-z0-9+/]* | :H4sI* | :Q29udGVudC* | :TUlNRS* | :RnJvbS*) again "$1" '' decode_base64 ;;
	*:'## template:'*) log "$1: templates are not supported" ;;
	:'#cloud-config'* | text/cloud-config:*)
		flatten "$1" > "$1.flat" || return
		read -r start < "$1.flat"
		case $start in =m:*) ;; *) log "$1: no settings" ;; esac
		;;
	:'#include'* | text/x-include*-url:*)
		tr -cd ' -~\n' < "$1" | head -n 40 > "$1-list"
		while read -r url rest || [ -n "$url" ]; do
			case $url in '#include'*) url=$rest ;; esac
			n=$((n + 1))
			case $url in '' | '#'*) ;; *) echo "$1.$n $url" >> "$RUN/includes" ;; esac
		done < "$1-list"
		;;
	:'#!'* | text/x-shellscript:*) keep "$1" scripts ;;
	:'#cloud-boothook'* | text/cloud-boothook:'#cloud-boothook'*) again "$1" text/cloud-boothook tail -n +2 ;;
	text/cloud-boothook:*) keep "$1" boothooks ;;
	*) log "$(printf '%s: unknown: %s%.20s' "$1" "${2:+$2, }" "$start" | tr -cd ' -~')" ;;
	esac
}

unpack_mime() {
	tr '\000-\010\016-\037' . < "$1" | awk -f "$LIB/mime.awk" > "$1-map"
	{
		IFS=, read -r offset type encoding
		case $type in
		multipart/*)
			while [ "$LEFT" -ge 0 ] && read -r offset size; do
				n=$((n + 1))
				tail -c "+$offset" "$1" | head -c "$size" > "$1.$n"
				unpack "$1.$n" part
			done
			return
			;;
		text/plain | text/x-not-multipart | application/octet-stream | application/*gzip*) type= ;;
		esac
		case $encoding in
		'' | ?bit | binary) again "$1" "$type" tail -c "+$offset" ;;
		base64 | quoted-printable) again "$1" "$type" body "$offset" "decode_${encoding%-*}" ;;
		*) log "$1: $encoding is not supported" ;;
		esac
	} < "$1-map"
}

body() {
	tail -c "+$1" | "$2"
}

# again PART TYPE COMMAND...: what the command makes of the part takes its place.
again() {
	local part=$1 type=$2
	shift 2
	if (ulimit -f $((LEFT / 512)); "$@" < "$part" > "$part-new" || exit) 2> /dev/null; then
		mv "$part-new" "$part"
		unpack "$part" "$type"
	else
		log "$part: broken, or too big"
	fi
}

# keep PART FOLDER: a CR would be part of the interpreter's name.
keep() {
	case ${start%%"$NL"*} in
	*[[:cntrl:]]) tr -d '\r' < "$1" ;;
	*) cat "$1" ;;
	esac | replace "$RUN/$2/$1" 0700
}

# The last part that has a key at the top says all of it. Nothing of the vendor's stays where the user does not want it.
merge_config() {
	grep -qi '^vendor_data/enabled=b:\(f\|n\|of\)' 3*.flat && {
		rm -f [12]-*.flat "$RUN"/*/[12]-*
		sed -i '/^[12]/d' "$RUN/includes"
	}
	# the last one first
	set --
	for part in *.flat; do
		[ ! -s "$part" ] || set -- "$part" "$@"
	done
	awk '
		/^=/ { part = /^=m/ * NR }
		part && !/^=/ {
			key = substr($0, 1, match($0, /[\/=]/) - 1)
			if (!(key in from)) {
				from[key] = part
				keys++
			}
			if (from[key] == part) line[++n] = $0
		}
		END {
			print "=m:" keys + 0
			for (i = 1; i <= n; i++) print line[i]
		}' "$@" /dev/null | replace "$RUN/config"
} 2> /dev/null

# In awk, but for the bytes: it cannot write a NUL. Fails on what is not base64; padding may be missing.
decode_base64() {
	local bytes
	bytes=$(tr -d ' \t\r\n' | tr 'A-Za-z0-9+/=\000-*,-.:-<>-@[-`{-\377' '\000-\100\377' | hexdump -v -e '4/1 "%u " "\n"' | awk '
		/64|255/ { sub(/( 64)+ *$/, "") }
		{
			if (end || NF < 2 || /64|255/) exit 1
			end = NF < 4
			bits = (($1 * 64 + $2) * 64 + $3) * 64 + $4
			printf "%s", substr(sprintf("\\0%03o\\0%03o\\0%03o", bits / 65536, bits / 256 % 256, bits % 256), 1, NF * 5 - 5)
		}') && printf %b "$bytes"
}

# quoted-printable. What is wrong stays as it is.
decode_quoted() {
	printf %b "$(awk '{
		sub(/[ \t\r]+$/, "")
		gsub(/\\/, "&&")
		soft = sub(/=$/, "")
		gsub(/=/, "\\\\&")
		gsub(/=/, "x")
		printf "%s", $0 (soft ? "" : "\\n")
	}')"
}
