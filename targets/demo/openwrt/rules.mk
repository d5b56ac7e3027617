# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every makefile of the tree starts with: the configuration, the places, and the words that package makefiles use.

ifneq ($(__rules_mk),1)
__rules_mk:=1

# A dump describes a package for every configuration, so it must not see the present one.
ifeq ($(DUMP),)
  -include $(TOPDIR)/.config
endif
include $(TOPDIR)/include/verbose.mk

empty:=
space:=$(empty) $(empty)
comma:=,
qstrip=$(strip $(subst ",,$(1)))

BOARD:=$(or $(call qstrip,$(CONFIG_TARGET_BOARD)),x86)
SUBTARGET:=$(or $(call qstrip,$(CONFIG_TARGET_SUBTARGET)),64)
ARCH:=x86_64
ARCH_PACKAGES:=$(or $(call qstrip,$(CONFIG_TARGET_ARCH_PACKAGES)),x86_64)

TMP_DIR:=$(TOPDIR)/tmp
INCLUDE_DIR:=$(TOPDIR)/include
SCRIPT_DIR:=$(TOPDIR)/scripts
DL_DIR:=$(or $(call qstrip,$(CONFIG_DOWNLOAD_FOLDER)),$(TOPDIR)/dl)
OUTPUT_DIR:=$(or $(call qstrip,$(CONFIG_BINARY_FOLDER)),$(TOPDIR)/bin)
BIN_DIR:=$(OUTPUT_DIR)/targets/$(BOARD)/$(SUBTARGET)
BUILD_DIR:=$(TOPDIR)/build_dir/target-$(ARCH)
STAGING_DIR:=$(TOPDIR)/staging_dir/target-$(ARCH)
STAGING_DIR_HOST:=$(TOPDIR)/staging_dir/host
# What packages leave for the image: archives for the root, and files for GRUB and the boot partition.
PACKAGE_DIR:=$(STAGING_DIR)/packages
STAGING_DIR_IMAGE:=$(STAGING_DIR)/image
STAMP_DIR:=$(STAGING_DIR)/stamp
TARGET_DIR:=$(BUILD_DIR)/root-$(BOARD)
BUILD_LOG_DIR:=$(or $(call qstrip,$(CONFIG_BUILD_LOG_DIR)),$(TOPDIR)/logs)
BUILD_LOG:=$(CONFIG_BUILD_LOG)

DEBS:=$(SCRIPT_DIR)/debs

# Package makefiles are written for bash (brace expansion), and packages must not see the builder's language or clock zone.
export SHELL:=/usr/bin/env bash
export TOPDIR TMP_DIR DL_DIR
export LC_ALL:=C
export TZ:=UTC
export SOURCE_DATE_EPOCH:=$(shell cat $(TOPDIR)/version.date)

CP:=cp -fpR
LN:=ln -sf
SED:=sed -i -e
FIND:=find
XARGS:=xargs -r
INSTALL_DIR:=install -d -m0755
INSTALL_BIN:=install -m0755
INSTALL_SUID:=install -m4755
INSTALL_DATA:=install -m0644
INSTALL_CONF:=install -m0600

# A tar whose bytes depend on the files alone: $(1) = file to write, $(2) = folder.
repeatable_tar=tar --format=gnu --sort=name --numeric-owner --owner=0 --group=0 --mtime=@$(SOURCE_DATE_EPOCH) -C $(2) -cf $(1).part . && mv $(1).part $(1)

endif
