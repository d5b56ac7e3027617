# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034 # read by the files that source this one
#
# Google Compute Engine. Who has a key in the metadata is an administrator there, whatever the user name before it; keys may have an end.

seed_google() {
	HEADER='Metadata-Flavor: Google'
	ask 'computeMetadata/v1/instance/?recursive=true' 'id instance-id
		hostname local-hostname .
		zone availability-zone /
		attributes/user-data >user-data' > "$SEED/meta" || return 1
	map 'networkInterfaces/*/mac @mac_address
		networkInterfaces/*/mtu @mtu
		networkInterfaces/*/mac @subnets/0/type dhcp
		networkInterfaces/*/mac @subnets/1/type dhcp6' "$SEED/flat" > "$SEED/network"
	google_keys attributes/ < "$SEED/flat" > "$SEED/keys"
	value "$SEED/flat" attributes/sshKeys || { value "$SEED/flat" attributes/block-project-ssh-keys && [ "$VALUE" != false ] && [ "$VALUE" != FALSE ]; } || {
		may_ask 'computeMetadata/v1/project/attributes/?recursive=true' '' && google_keys '' < "$SEED/flat" >> "$SEED/keys"
	} || return 1
	awk '{ print "public-keys/" NR - 1 "=s:" $0 }' "$SEED/keys" >> "$SEED/meta"
	rm "$SEED/keys"
}

# google_keys PREFIX: of the attributes at a path of flat lines
google_keys() {
	NOW=$(date -u +%Y-%m-%dT%H:%M:%S) PREFIX=$1 awk '
	{ at = index($0, "=") }
	substr($0, 1, at - 1) == ENVIRON["PREFIX"] "ssh-keys" || substr($0, 1, at - 1) == ENVIRON["PREFIX"] "sshKeys" {
		n = split(substr($0, at + 3), line, /(\\r)?\\n/)
		for (i = 1; i <= n; i++) {
			if (line[i] !~ /^[^ :]*:/) continue
			if (match(line[i], /"expireOn" *: *"[^"]*/)) {
				end = substr(line[i], RSTART, RLENGTH)
				sub(/.*"/, "", end)
				if (substr(end, 1, 19) < ENVIRON["NOW"]) continue
			}
			sub(/^[^:]*:/, "", line[i])
			print line[i]
		}
	}'
}
