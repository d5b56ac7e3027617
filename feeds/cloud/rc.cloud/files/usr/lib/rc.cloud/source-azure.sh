# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2034 # read by the files that source this one
#
# Azure: the instance metadata service, whose user data are not the older custom data (these lie on a DVD with UDF), and the report without
# which the machine counts as not started.

seed_azure() {
	HEADER='Metadata: true'
	ask 'metadata/instance?api-version=2021-08-01&extended=true' 'compute/vmId instance-id
		compute/osProfile/computerName local-hostname
		compute/location region
		compute/zone availability-zone
		compute/publicKeys/*/keyData public-keys/#
		compute/userData >user-data' > "$SEED/meta"
}

# To the host, with the names that it has just given us.
report_azure() {
	local METHOD='' BODY='' goal incarnation container instance
	set -- http://168.63.129.16/machine/ "$RUN/goal" 'x-ms-agent-name: WALinuxAgent' 'x-ms-version: 2012-11-30'
	http_get "$1?comp=goalstate" "$2" "$3" "$4" && goal=$(cat "$2")
	rm -f "$2"
	element Incarnation && incarnation=$TEXT && element ContainerId && container=$TEXT && element InstanceId && instance=$TEXT &&
		METHOD=POST BODY="<?xml version=\"1.0\" encoding=\"utf-8\"?><Health><GoalStateIncarnation>$incarnation</GoalStateIncarnation><Container><ContainerId>$container</ContainerId><RoleInstanceList><Role><InstanceId>$instance</InstanceId><Health><State>Ready</State></Health></Role></RoleInstanceList></Container></Health>" &&
		http_get "$1?comp=health" "$2" "$3" "$4" 'Content-Type: text/xml; charset=utf-8' && rm "$2" && return 0
	log 'Azure was not told that we are ready'
	return 1
}

# element NAME: the text of the first one in $goal, into $TEXT
element() {
	TEXT=${goal#*"<$1>"}
	[ "$TEXT" != "$goal" ] || return 1
	TEXT=${TEXT%%<*}
	case $TEXT in '' | *[!A-Za-z0-9._-]*) return 1 ;; esac
}
