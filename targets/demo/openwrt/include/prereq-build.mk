# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the demo needs of the machine that builds it. The advice names packages of Debian 12.

include include/prereq.mk

$(eval $(call TestHostCommand,working-make,Please install GNU make v4.1 or later,$(MAKE) -v | grep -E 'Make (4\.[1-9]|[5-9]\.)'))
$(eval $(call TestHostCommand,x86_64-host,The demo can only be built on x86_64 - it runs programs of the image,uname -m | grep -x x86_64))
$(eval $(call TestHostCommand,case-sensitive-fs,The demo can only be built on a case-sensitive filesystem, \
	rm -f tmp/test.fs tmp/test.FS; touch tmp/test.fs; test ! -f tmp/test.FS))
$(eval $(call TestHostCommand,proper-umask,Please build with umask 022 - other values produce broken packages,umask | grep -xE '0?0[012][012]'))
$(eval $(call TestHostCommand,perl-getopt-std,Please install 'perl',perl -MGetopt::Std -e 1))
$(eval $(call TestHostCommand,perl-digest-sha,Please install 'perl',perl -MDigest::SHA -e 1))
$(eval $(call TestHostCommand,gnu-tar,Please install GNU 'tar',tar --version | grep GNU))
$(eval $(call TestHostCommand,gnu-find,Please install GNU 'findutils',find --version | grep GNU))
$(eval $(call RequireCommand,bash,bash))
$(eval $(call RequireCommand,awk,mawk))
$(eval $(call RequireCommand,cpio,cpio))
$(eval $(call RequireCommand,diff,diffutils))
$(eval $(call RequireCommand,flock,util-linux))
$(eval $(call RequireCommand,git,git))
$(eval $(call RequireCommand,grep,grep))
$(eval $(call RequireCommand,gzip,gzip))
$(eval $(call RequireCommand,install,coreutils))
$(eval $(call RequireCommand,sha256sum,coreutils))
$(eval $(call RequireCommand,dpkg-deb,dpkg))
$(eval $(call RequireCommand,apt-get,apt))
$(eval $(call TestHostCommand,apt-helper,Please install 'apt',test -x /usr/lib/apt/apt-helper))
$(eval $(call RequireCommand,mke2fs,e2fsprogs))
$(eval $(call RequireCommand,debugfs,e2fsprogs))
$(eval $(call RequireCommand,sfdisk,fdisk))
