# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2035 # parts begin with a number
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

LEFT=4194304

unpack_data() (
	cd "$RUN" && rm -rf seed/parts scripts boothooks includes && mkdir seed/parts scripts boothooks && cd seed/parts || return
	for part in 1-vendor-data 2-vendor-data2 3-user-data; do
		cp "../${part#??}" $part
		unpack $part
	done
	merge_config
) 2> /dev/null

# What is included may include more. What cannot be had comes again behind the rest (the resolver may be up later than the route), until
# there were enough requests. Fails when something is missing.
fetch_includes() (
	cd "$SEED/parts" || return
	tries=16
	while read -r part url && [ "$tries" -gt 0 ]; do
		tries=$((tries - 1))
		if fetch_url "$url" "$part"; then
			unpack "$part"
		else
			echo "$part $url" >> "$RUN/includes"
			sleep 1
		fi
	done < "$RUN/includes"
	rm "$RUN/includes"
	merge_config
	[ -z "$part" ] || ! log "$part: cannot be included"
) 2> /dev/null

# unpack PART [TYPE]: it is what it begins with, or else what its type says. An encoding may be in front of that.
unpack() {
	local start from size type n=100
	[ -s "$1" ] || return
	LEFT=$((LEFT - 16384 - $(wc -c < "$1")))
	# shellcheck disable=SC3045 # ash can
	IFS= read -r -n 99 start < "$1"
	case $start:$2 in
	*:base64* | *:quoted*) unwrap "$@" ;;
	Content-* | MIME-*)
		mime_map < "$1" > "$1-map"
		while read -r from size type && [ "$LEFT" -gt 0 ]; do
			n=$((n + 1))
			tail -c "+$from" "$1" | head -c "$size" > "$1.$n"
			unpack "$1.$n" "$type"
		done < "$1-map"
		[ "$LEFT" -gt 0 ] || log "$1: too much"
		;;
	'#cloud-config'* | *text/cloud-config) flatten "$1" > "$1.flat" ;;
	'#cloud-boothook'* | *text/cloud-boothook) keep "$1" boothooks ;;
	'#!'*) keep "$1" scripts ;;
	'#include'* | *text/x-include*)
		awk '
			{ sub(/^#include[^ ]*/, "") }
			/^[ \t]*https?:/ { print FILENAME "." NR + 100, $1 }
		' "$1" >> "$RUN/includes"
		;;
	*) unwrap "$@" ;;
	esac
}

# unwrap PART [TYPE]: what is in the gzip or base64 takes its place.
unwrap() {
	if (ulimit -f "$((LEFT / 512))" && { gunzip < "$1" || decode_base64 < "$1"; } > "$1-new"); then
		mv "$1-new" "$1"
		unpack "$1" "${2#base64}"
	else
		log "$1: unknown, broken or too much"
	fi
}

# keep PART FOLDER: a CR would be part of the interpreter's name.
keep() {
	case $start in
	*[[:cntrl:]]) tr -d '\r' ;;
	*) cat ;;
	esac < "$1" | replace "$RUN/$2/$1" 0700
}

# Of the message on stdin, a line for each part that is no message of parts itself: where it starts and how long it is, in bytes from 1, its
# encoding and type. A delimiter stands for itself, however deep the message that it is of lies in others. Bodies may hold any byte,
# but a NUL would end a line.
mime_map() {
	tr '\000' . | awk -F '[:; ]+' '
		function leaf(end) {
			if (body && body < end && field["content-type"] !~ /^multipart/)
				print body, end - body, field["content-transfer-encoding"] field["content-type"]
		}
		{
			# the newline before a delimiter belongs to it
			before = at + 1 - newline
			newline = /\r$/ + 1
			at += length($0) + 1
			sub(/[ \t\r]+$/, "")
		}
		$0 in delimiter {
			leaf(before)
			body = delimiter[$0]
			split("", field)
		}
		!body {
			field[tolower($1)] = tolower($2)
			if (sub(/.*boundary="?/, "--")) {
				sub(/ *[";].*/, "")
				delimiter[$0] = 0
				# behind the end of all files
				delimiter[$0 "--"] = 1e9
			}
		}
		!body && $0 == "" { body = at + 1 }
		END { leaf(at + 1) }'
}

# The last part that has a key at the top says all of it.
merge_config() {
	awk -F '[/=]' '
		!again { last[$1] = FILENAME }
		again && last[$1] == FILENAME
	' *.flat again=1 *.flat | replace "$RUN/config"
}

# In awk, but for the bytes: it cannot write a NUL. Fails on what is not base64.
decode_base64() {
	local bytes
	bytes=$(tr -d '= \t\r\n' | tr 'A-Za-z0-9+/\000-*,-.:-@[-`{-\377' '\000-\100' | hexdump -v -e '4/1 "%u " "\n"' | awk '
		NF < 2 || /64/ { exit 1 }
		{ printf substr("\\0%03o\\0%03o\\0%03o", 1, NF * 6 - 6), $1 * 4 + $2 / 16, $2 % 16 * 16 + $3 / 4, $3 % 4 * 64 + $4 }
	') && printf %b "$bytes"
}
