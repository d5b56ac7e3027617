# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the image calls itself, and how its files are called.

VERSION_DIST:=$(or $(call qstrip,$(CONFIG_VERSION_DIST)),cloudwrt demo)
VERSION_NUMBER:=$(or $(call qstrip,$(CONFIG_VERSION_NUMBER)),1)
REVISION:=$(shell $(SCRIPT_DIR)/getver.sh)
VERSION_CODE:=$(or $(call qstrip,$(CONFIG_VERSION_CODE)),$(REVISION))

sanitize=$(shell printf '%s' '$(1)' | tr 'A-Z _' 'a-z--' | tr -cd 'a-z0-9.-')
IMG_PREFIX:=$(if $(call qstrip,$(CONFIG_VERSION_DIST)),$(call sanitize,$(VERSION_DIST)),demo)$(if \
	$(CONFIG_VERSION_FILENAMES),-$(call sanitize,$(VERSION_NUMBER)))$(if \
	$(CONFIG_VERSION_CODE_FILENAMES),-$(call sanitize,$(VERSION_CODE)))-$(BOARD)-$(SUBTARGET)
DEVICE_IMG_PREFIX:=$(IMG_PREFIX)-generic
