# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# HTTP. A metadata service is asked by busybox's nc, which is the same on every release and can send what uclient-fetch learned late or
# never (headers, PUT, an answer without a body). URLs of a user go to uclient-fetch, for TLS and redirects.
#
# Both return 0 (a whole answer is in the file), 4 (nobody there, cut short, no HTTP), 5 (later), 6 (there is no such thing), 7 (any
# other refusal; for a service also a redirect). Unless it is 0 there is no file. METHOD, HTTP_TIME (seconds) and HTTP_MAX (bytes) may be set.

CR=$(printf '\r')

# http_get URL FILE [HEADER...]: BODY is sent with a METHOD other than GET.
http_get() {
	local url=${1#http://} file=$2 host name port=80 line request code
	rm -f "$file"
	case $*$METHOD in *[[:cntrl:]]*) return 7 ;; esac
	case $1 in *\ * | http://-*) return 7 ;; http://*) ;; *) return 7 ;; esac
	[ "${#BODY}" -lt 60000 ] || return 7
	shift 2
	host=${url%%[/?]*}
	url=${url#"$host"}
	name=$host
	case ${host##*]} in *:*) port=${host##*:} host=${host%:*} ;; esac
	# the zone of an address is ours
	case $host in *%25*) host=${host%%\%*}%${host#*%25} name=${host%%\%*}] ;; esac
	host=${host#\[}
	host=${host%\]}
	request="${METHOD:-GET} /${url#/} HTTP/1.0"
	for line in "Host: $name" 'Connection: close' 'User-Agent: rc.cloud' ${METHOD:+"Content-Length: ${#BODY}"} "$@"; do
		request=$request$CR$NL$line
	done
	[ -p "$RUN/request" ] || mkfifo "$RUN/request" || return 4
	# What we say has no end: a service may take that for a hang-up.
	exec 3<> "$RUN/request"
	printf '%s' "$request$CR$NL$CR$NL$BODY" >&3
	bounded nc "$host" "$port" > "$file.answer"
	code=$?
	exec 3>&-
	take_answer "$file" "$code" < "$file.answer"
	code=$?
	rm -f "$file.answer"
	[ "$code" = 0 ] || rm -f "$file"
	return "$code"
}

# bounded COMMAND...: for $HTTP_TIME seconds, and with files of $HTTP_MAX bytes and what heads need. Its stdin is the caller's fd 3. The
# end of the fifo that it keeps open says when it is over: so no process has to watch the clock, and none is left behind.
bounded() {
	local child
	[ -p "$RUN/alive" ] || mkfifo "$RUN/alive" || return 4
	(ulimit -f $(((${HTTP_MAX:-1048576} + 8703) / 512)) && exec "$@") <&3 3<&- 2> "$RUN/said" 4> "$RUN/alive" &
	child=$!
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
	local status line length='' size
	IFS= read -r status || return 4
	case $status in HTTP/1.[01]\ [2-5][0-9][0-9]*) status=${status#* } ;; *) return 4 ;; esac
	while :; do
		IFS= read -r line || return 4
		case $line in
		'' | "$CR") break ;;
		[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh]:*)
			length=${line#*:}
			length=${length%"$CR"}
			length=${length# }
			case $length in '' | *[!0-9]* | ??????????*) return 4 ;; esac
			;;
		# chunks are not for those who speak HTTP/1.0
		[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-[Ee]*) return 4 ;;
		esac
	done
	case $status in
	204*) length=0 ;;
	2*) ;;
	404* | 410*) return 6 ;;
	429* | 5*) return 5 ;;
	*) return 7 ;;
	esac
	cat > "$1"
	size=$(wc -c < "$1")
	[ "$size" -le "${HTTP_MAX:-1048576}" ] || return 7
	if [ -n "$length" ]; then [ "$length" -eq "$size" ]; else [ "$2" = 0 ]; fi || return 4
}

# fetch_url URL FILE [MAX]: of a user. With METHOD=POST stdin is what is posted.
fetch_url() {
	local HTTP_MAX=${3:-1048576} HTTP_TIME=${HTTP_TIME:-30} post='' code BODY=''
	case $1 in *[[:cntrl:]\ ]*) return 7 ;; http://* | https://*) ;; *) return 7 ;; esac
	[ "$METHOD" != POST ] || post=$2.post
	[ -z "$post" ] || cat > "$post"
	if ! command -v uclient-fetch wget > /dev/null; then
		[ -z "$post" ] || BODY=$(cat "$post")
		http_get "$1" "$2"
		code=$?
	else
		bounded "$(command -v uclient-fetch || echo wget)" -T 10 -O "$2" ${post:+"--post-file=$post"} "$1" 3< /dev/null > /dev/null
		code=$?
		[ "$code" = 0 ] || code=$(awk '/[Ee](rror|RROR) [45]/ { code = /r 5|R 5|429/ ? 5 : /404|410/ ? 6 : 7 } END { print code ? code : 4 }' "$RUN/said")
	fi
	rm -f "$post"
	[ "$code" = 0 ] || rm -f "$2"
	return "$code"
}
