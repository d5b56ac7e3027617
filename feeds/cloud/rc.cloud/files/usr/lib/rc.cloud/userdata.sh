# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# User data, and the vendor's, down to parts that are a script, a cloud-config or a list of URLs, whatever they are wrapped in.
#
# A part is a file in $PARTS, which is the working directory while parts are unpacked. Its name says where it comes from and its place
# there, so that the order of names is the order of parts: 3-user-data.102 is the second of a MIME message. What comes out:
#
#   $RUN/scripts/PART, $RUN/boothooks/PART   to be run
#   $PARTS/PART.flat, merged in $RUN/config  flat lines of cloud-config
#   $RUN/includes                            lines of PART and the URL that it is to be had from
#
# Parts go from file to file, never through a variable or awk, since they may hold any byte. $LEFT bytes may still be looked at: every
# part and every layer around it costs some, and so there is an end to bombs, nests and crowds.

PARTS=$SEED/parts

unpack_data() (
	rm -rf "$PARTS" "$RUN/scripts" "$RUN/boothooks" "$RUN/includes"
	mkdir -p "$PARTS" "$RUN/scripts" "$RUN/boothooks"
	begin
	for part in 1-vendor-data 2-vendor-data2 3-user-data; do
		[ ! -f "../${part#??}" ] || { cp "../${part#??}" $part && unpack $part; }
	done
	merge_config
)

# What is included may include more, three deep. Fails when something could not be had.
fetch_includes() (
	begin
	code=0 count=0
	for depth in 1 2 3; do
		[ -s "$RUN/includes" ] || break
		mv "$RUN/includes" urls
		while read -r part url; do
			count=$((count + 1))
			if [ "$count" -le 10 ] && fetch_url "$url" "$part" 1048576 < /dev/null; then
				unpack "$part"
			else
				one_line "$url"
				log "$part: cannot include ${LINE%%\?*}"
				code=1
			fi
		done < urls
	done
	rm -f "$RUN/includes"
	merge_config
	return "$code"
)

begin() {
	cd "$PARTS" || exit
	LEFT=4194304
	GZIP=$(printf '\037\213')
	BOM=$(printf '\357\273\277')
}

# unpack PART [TYPE]: without a type it is what it begins with; `part` is a MIME entity.
unpack() {
	local start url rest n=100 offset encoding type size
	LEFT=$((LEFT - 8192 - $(wc -c < "$1")))
	[ "$LEFT" -gt 0 ] || { log "$1: too much"; return; }
	start=$(head -c 99 "$1")
	case $2:$start in
	*:"$BOM"*) again "$1" "$2" tail -c +4 ;;
	*:"$GZIP"*) again "$1" "$2" zcat ;;
	*:'## template:'*) log "$1: templates are not supported" ;;
	# the same in base64: # gzip Content- MIME- From
	:I[w-z0-9+/]* | :H4sI* | :Q29udGVudC* | :TUlNRS* | :RnJvbS*) again "$1" '' decode_base64 ;;
	part:* | :[Cc]ontent-* | :[Mm][Ii][Mm][Ee]-* | :From\ *) unpack_mime "$1" ;;
	text/cloud-config:* | :'#cloud-config'*)
		flatten "$1" > "$1.flat"
		;;
	text/x-include*-url:* | :'#include'*)
		tr -d '\r' < "$1" | head -n 40 | while read -r url rest || [ -n "$url" ]; do
			case $url in '#include'*) url=$rest ;; esac
			n=$((n + 1))
			case $url in '' | '#'*) ;; *) echo "$1.$n $url" >> "$RUN/includes" ;; esac
		done
		;;
	:'#cloud-boothook'*) again "$1" text/cloud-boothook tail -n +2 ;;
	text/cloud-boothook:*) keep "$1" boothooks ;;
	text/x-shellscript:* | :'#!'*) keep "$1" scripts ;;
	*) log "$1: unknown${2:+ $2}: $(printf '%.20s' "$start" | tr -cd ' -~')" ;;
	esac
}

unpack_mime() {
	tr '\000' . < "$1" | awk -f "$LIB/mime.awk" > "$1-map"
	{
		read -r offset encoding type
		case $type in
		multipart/*)
			while [ "$LEFT" -gt 0 ] && read -r offset size; do
				n=$((n + 1))
				tail -c "+$offset" "$1" | head -c "$size" > "$1.$n"
				unpack "$1.$n" part
			done
			return
			;;
		text/plain | text/x-not-multipart | application/octet-stream | application/*gzip*) type= ;;
		esac
		case $encoding in
		[78]bit | binary) encoding=cat ;;
		base64) encoding=decode_base64 ;;
		*) encoding=decode_quoted ;;
		esac
		again "$1" "$type" body "$offset" "$encoding"
	} < "$1-map"
}

body() {
	tail -c "+$1" | "$2"
}

# again PART TYPE COMMAND...: what the command makes of the part takes its place.
again() {
	local part=$1 type=$2
	shift 2
	if (ulimit -f $((LEFT / 512)) && "$@" < "$part" > "$part-new") 2> /dev/null; then
		mv "$part-new" "$part"
		unpack "$part" "$type"
	else
		log "$part: $1: broken, or too big"
	fi
}

# keep PART FOLDER: line ends of another system would be part of the interpreter's name.
keep() {
	case ${start%%"$NL"*} in
	*[[:cntrl:]]) tr -d '\r' < "$1" ;;
	*) cat "$1" ;;
	esac | replace "$RUN/$2/$1" 0700
}

# The maps of all parts: the last one that has a key says all of it. Nothing of the vendor where the user does not want that.
merge_config() {
	grep -qi '^vendor_data/enabled=b:\(false\|no\|off\)' 3*.flat && {
		rm -f [12]-*.flat "$RUN"/*/[12]-*
		sed -i '/^[12]/d' "$RUN/includes"
	}
	cat ./*.flat | awk '
		/^=/ { doc = /^=m/ * NR }
		/^=/ || !doc { next }
		{
			line[NR] = $0
			key[NR] = substr($0, 1, match($0, /[\/=]/) - 1)
			if (!(key[NR] in last)) n++
			from[NR] = last[key[NR]] = doc
		}
		END {
			print "=m:" n + 0
			for (i = 1; i <= NR; i++) if (i in line && from[i] == last[key[i]]) print line[i]
		}' | replace "$RUN/config"
} 2> /dev/null

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

# A soft line end goes, another becomes a newline; what is wrong stays as it is.
decode_quoted() {
	printf '%b\n' "$(awk '{
		sub(/[ \t\r]+$/, "")
		gsub(/\\/, "&&")
		soft = sub(/=$/, "")
		gsub(/=/, "\\x")
		printf "%s", $0 (soft ? "" : "\n")
	}')"
}
