# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034,SC2154,SC2086,SC2015
#
# Packages, by apk or opkg, whichever is there. What could not be had is tried again at the next boot.

apply_packages() {
	local names='' name version manager=opkg add=install failed=
	! command -v apk > /dev/null || manager=apk add=add
	rows "$RUN/keys/packages" '' 0 1 > "$RUN/rows"
	while IFS='|' read -r name version; do add_package; done < "$RUN/rows"
	umask 022
	if [ -n "$names" ] || asked package_update || asked package_upgrade; then $manager update || failed=1; fi
	! asked package_upgrade || upgrade || failed=1
	# one that cannot be had must not keep the others out
	[ -z "$names" ] || $manager $add $names || for name in $names; do $manager $add "$name" || failed=1; done
	umask 077
	[ -z "$failed" ]
}

upgrade() {
	[ "$manager" = opkg ] || { apk upgrade; return; }
	opkg list-upgradable | cut -d ' ' -f 1 | xargs -r opkg upgrade
}

add_package() {
	case $name=$version in
	[!a-zA-Z0-9]* | *[!a-zA-Z0-9=._+~-]* | *=*=*) complain "no name of a package: $name $version" ;;
	*=) names="$names $name" ;;
	*) [ "$manager" = apk ] && names="$names $name=$version" || { complain "opkg takes what there is, not $name $version"; names="$names $name"; } ;;
	esac
}
