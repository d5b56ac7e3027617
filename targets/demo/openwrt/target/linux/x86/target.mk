# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is in an image unless the configuration says otherwise.

DEFAULT_PACKAGES:=base-files busybox dropbear firewall kernel libc netifd partx-utils uci
DEVICE_PACKAGES:=kmod-fs-isofs kmod-fs-vfat

# Printed into tmp/.config-target.in.
config:
	@for package in $(DEFAULT_PACKAGES) $(DEVICE_PACKAGES); do printf 'config DEFAULT_%s\n\tbool\n\tdefault y\n\n' "$$package"; done
.PHONY: config
