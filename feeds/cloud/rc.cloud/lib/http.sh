# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# HTTP. A metadata service is asked by busybox's nc, which is the same on every release and can send what uclient-fetch learned late or
# never (headers, PUT, an answer without a body). URLs of a user go to uclient-fetch, for TLS and redirects.
#
# Both return 0 (a whole answer is in the file), 1 (not now) or 2 (there is no such thing), and leave no file but with 0. METHOD, BODY and
# HTTP_TIME (seconds) may be set. An answer has 1 MiB at most.

# http_get URL FILE [HEADER...]: from what we know ourselves, so nothing of it is checked here. Knows port 80 only.
http_get() {
	local url=${1#http://} file=$2 host request code
	shift 2
	host=${url%%/*}
	request=$(printf '%s\r\n' "${METHOD:-GET} ${url#"$host"} HTTP/1.0" "Host: $host" ${METHOD:+"Content-Length: ${#BODY}"} "$@" '')$NL$BODY
	bounded nc "$host" 80 > "$file.answer"
	take_answer "$file" "$?" < "$file.answer"
	code=$?
	rm -f "$file.answer"
	[ "$code" = 0 ] || rm -f "$file"
	return "$code"
}

# bounded COMMAND...: for $HTTP_TIME seconds, and with files of 1 MiB. It hears $request, without an end: a service may take that for a
# hang-up. The end of the fifo that it keeps open says when it is over: so no process has to watch the clock, and none is left behind.
bounded() {
	local child
	[ -p "$RUN/alive" ] || mkfifo "$RUN/alive" "$RUN/request"
	{
		printf %s "$request" >&3
		(ulimit -f 2048 && exec "$@") <&3 3<&- 2> "$RUN/said" 4> "$RUN/alive" &
		child=$!
	} 3<> "$RUN/request"
	# shellcheck disable=SC3045 # ash can
	read -r -t "${HTTP_TIME:-2}" _ < "$RUN/alive"
	{
		# uclient-fetch would call it a success that it was asked to end
		kill -9 "$child"
		wait "$child"
	} 2> /dev/null
}

# take_answer FILE CODE: the body of the answer on stdin. CODE is 0 when the other side has ended it.
take_answer() {
	local line status length='' CR
	CR=$(printf '\r')
	IFS= read -r status
	line=$status
	until [ "$line" = "$CR" ]; do
		IFS= read -r line || return 1
		case $line in
		[Cc]ontent-[Ll]ength:*) length=${line##*[: ]} ;;
		# chunks are not for those who speak HTTP/1.0
		[Tt]ransfer-[Ee]ncoding:*) return 1 ;;
		esac
	done
	case $status in
	HTTP/1.?' 2'*) ;;
	HTTP/1.?' 404'*) return 2 ;;
	*) return 1 ;;
	esac
	cat > "$1"
	if [ -n "$length" ]; then [ "${length%"$CR"}" = "$(wc -c < "$1")" ]; else [ "$2" = 0 ]; fi
}

# fetch_url URL FILE: of a user. With METHOD=POST stdin is what is posted.
fetch_url() {
	local BODY='' HTTP_TIME=${HTTP_TIME:-30} request=''
	case $1 in *[[:cntrl:]\ ]*) return 2 ;; http*) ;; *) return 2 ;; esac
	[ "$METHOD" != POST ] || BODY=$(cat)
	command -v uclient-fetch > /dev/null || { http_get "$1" "$2"; return; }
	bounded uclient-fetch -T 10 -O "$2" ${BODY:+"--post-data=$BODY"} "$1" > /dev/null && return
	rm -f "$2"
	! grep -q 'error 404' "$RUN/said" || return 2
	return 1
}
