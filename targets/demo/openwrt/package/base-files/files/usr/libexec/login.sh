#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a console runs: a shell for root, or with `option ttylogin 1` in /etc/config/system a login that asks.
case "$(readlink /proc/self/fd/0)" in
/dev/console | /dev/tty[0-9]*) export TERM="${TERM:-linux}" ;;
*) export TERM=vt102 ;;
esac

[ "$(uci -q get system.@system[0].ttylogin)" = 1 ] && exec /bin/login
exec /bin/login -f root
