# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# NoCloud: a drive labelled cidata, a folder, or any place in the web. What the command line says comes first.

seed_nocloud() {
	local word
	for word in "instance-id=s:$GIVEN_ID" "local-hostname=s:$GIVEN_NAME"; do
		case $word in *: | *\\*) ;; *) printf '%s\n' "$word" >> "$SEED/meta" ;; esac
	done
	may_ask meta-data 'instance-id instance-id
		local-hostname local-hostname
		hostname local-hostname
		availability-zone availability-zone
		region region
		public-keys public-keys/#
		public-keys/* public-keys/#
		public-keys/*/~ public-keys/#' >> "$SEED/meta" &&
		{ [ "$CODE" = 0 ] || [ "$TAKE" = take_file ]; } &&
		maybe user-data "$SEED/user-data" &&
		maybe vendor-data "$SEED/vendor-data" &&
		may_ask network-config '**' > "$SEED/network" || return 1
	# a drive need not name an instance: then it is this machine
	[ "$TAKE" = take_url ] || value "$SEED/meta" instance-id || {
		dmi product_uuid
		echo "instance-id=s:nocloud${DMI:+-$DMI}" >> "$SEED/meta"
	}
}
