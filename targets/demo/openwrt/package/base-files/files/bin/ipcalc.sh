#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ipcalc.sh ADDRESS/PREFIX | ADDRESS/NETMASK | ADDRESS NETMASK: prints what follows of them, as variables of the shell.
. /lib/functions/ipv4.sh
ipcalc "$@" || exit 1
printf '%s\n' "IP=$IP" "NETMASK=$NETMASK" "BROADCAST=$BROADCAST" "NETWORK=$NETWORK" "PREFIX=$PREFIX"
