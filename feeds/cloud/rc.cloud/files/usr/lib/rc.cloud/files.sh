# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2154,SC2015,SC2086,SC2229,SC3045
#
# Files, commands and scripts of the user.

# An absolute path that goes nowhere by ..
is_path() {
	case $1/ in
	*/../* | *[[:cntrl:]]*) return 1 ;;
	/[!/]*) ;;
	*) return 1 ;;
	esac
}

make_folder() {
	[ -d "$1" ] || (umask 022 && mkdir -p "$1")
}

# put_file PATH MODE [USER[:GROUP]]: stdin becomes the file, whole or not at all; folders on the way are made
put_file() {
	local new=$1.rc-new
	is_path "$1" && [ ! -d "$1" ] && make_folder "${1%/*}/" && rm -f "$new" && cat > "$new" && own "$new" "$2" "$3" && mv -f "$new" "$1" ||
		{ rm -f "$new"; complain "$1 cannot be written"; }
}

own() {
	{ [ -z "$3" ] || chown "$3" "$1"; } && { [ -z "$2" ] || chmod "$2" "$1"; }
}

FILE_FIELDS='path encoding owner permissions append defer content'

apply_write_files() {
	local $FILE_FIELDS
	rows "$RUN/keys/write_files" '' $FILE_FIELDS > "$RUN/rows"
	while IFS='|' read -r $FILE_FIELDS; do
		is_true "$defer" && defer=1 || defer=
		[ -z "$path" ] || [ "$defer" != "$1" ] || write_file
	done < "$RUN/rows"
	rm -f "$RUN/file"
}

apply_deferred() {
	apply_write_files 1
}

write_file() {
	local data=$RUN/file mode=${permissions#0o}
	plain "$path"
	path=$PLAIN
	case $mode in
	*[!0-7]* | ??????*) complain "$path: $mode are no permissions"; mode= ;;
	esac
	case $owner in
	root | root:root) owner= ;;
	*[!a-zA-Z0-9_.:-]* | -* | *:*:*) complain "$path: $owner is no owner"; return ;;
	esac
	printf '%b' "$content" > "$data"
	case $encoding in
	'' | text/plain) ;;
	b64 | base64) decoded decode_base64 ;;
	gz | gzip) decoded gunzip ;;
	gz*+b*64) decoded decode_base64 && decoded gunzip ;;
	*) complain "$path: the encoding $encoding is not known" ;;
	esac || { complain "$path: not $encoding"; return; }
	if is_true "$append" && is_path "$path" && [ -f "$path" ]; then
		cat "$data" >> "$path" && own "$path" "$mode" "$owner"
	else
		put_file "$path" "${mode:-0644}" "$owner" < "$data"
	fi
}

decoded() {
	"$1" < "$data" > "$data.new" && mv -f "$data.new" "$data"
}

# make_script KEY: the commands of a list as a script of the shell: strings as they are, of lists each word quoted
make_script() {
	printf '%b\n' "$(awk '
		{
			at = index($0, "=")
			depth = split(substr($0, 1, at - 1), step, "/")
			text = substr($0, at + 3)
			if (depth == 1) print ""
			if (substr($0, at + 1, 1) ~ /[lmn]/) next
			if (depth == 1) printf "%s", text
			if (depth == 2 && step[2] ~ /^[0-9]+$/) {
				gsub(/\047/, "\047\\\\&\047", text)
				printf "\047%s\047 ", text
			}
		}
	' "$RUN/keys/$1")" > "$RUN/$1"
}

apply_bootcmd() {
	make_script bootcmd
	limited 5 run_script sh "$RUN/bootcmd"
}

apply_runcmd() {
	make_script runcmd
	run_script sh "$RUN/runcmd"
}

# run_script COMMAND...: what has run has run. What it ends with goes to $RUN/ended, never to a second try.
run_script() {
	local code=0 name=${2-$1}
	(cd / && umask 022 && exec "$@") < /dev/null || code=$?
	[ "$code" = 0 ] || log "${name##*/} ended with $code"
	echo "${name##*/} $code" >> "$RUN/ended"
}

# limited SECONDS COMMAND...: its code; 0 where it takes longer, and goes on beside the boot
limited() {
	local time=$1 code=0 pipe=$RUN/limited
	shift
	rm -f "$pipe"
	mkfifo "$pipe" || return
	{
		{
			"$@" 7>&-
			echo "$?" >&7
		} &
		read -r -t "$time" code <&7 || log "$* goes on"
	} 7<> "$pipe"
	return "${code:-0}"
}
