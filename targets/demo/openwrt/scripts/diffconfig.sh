#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the shortest configuration from which `make defconfig` makes the present one: the target, then what is not a default.
set -eu
minimal=tmp/.diffconfig.$$
trap 'rm -f "$minimal"' EXIT
scripts/config/conf.pl --savedefconfig="$minimal" Config.in
grep '^CONFIG_TARGET_x86\(_64\(_DEVICE_[^=]*\)\?\)\?=y' .config
grep -v '^CONFIG_TARGET_x86\(_64\(_DEVICE_[^=]*\)\?\)\?=y' "$minimal" || true
