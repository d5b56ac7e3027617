# SPDX-License-Identifier: GPL-2.0-or-later
#
# How one package is built. It speaks the language of OpenWrt's package makefiles as far as packages of files need it,
# so that such a package builds here and there unchanged. One word is ours:
#
#   PKG_DEBS:=dropbear-bin libtomcrypt1     these packages of Debian are unpacked into $(PKG_BUILD_DIR)/deb
#   PKG_DEBS:=depends:linux-image-cloud-amd64     what the named (meta) package depends on
#
# A build always starts from an empty folder: whether it must run at all is decided above, by scripts/inputs.

all: $(if $(DUMP),dumpinfo,compile)

PKG_BUILD_DIR ?= $(BUILD_DIR)/$(PKG_NAME)$(if $(PKG_VERSION),-$(PKG_VERSION))
PKG_INSTALL_DIR ?= $(PKG_BUILD_DIR)/ipkg-install

# Every package needs libc, save itself and what belongs to the kernel.
PKG_DEFAULT_DEPENDS:=+libc
PKG_FIXUP_DEPENDS=$(if $(filter kmod-% kernel libc,$(1)),$(2),$(PKG_DEFAULT_DEPENDS) $(filter-out $(PKG_DEFAULT_DEPENDS),$(2)))

define Package/Default
  SECTION:=opt
  CATEGORY:=Extra packages
  TITLE:=
  DEPENDS:=
  MDEPENDS:=
  CONFLICTS:=
  PROVIDES:=
  DEFAULT:=
  MENU:=
  SUBMENU:=
  HIDDEN:=
  BUILDONLY:=
  USERID:=
  VARIANT:=
  KCONFIG:=
  URL:=$(PKG_URL)
  MAINTAINER:=$(PKG_MAINTAINER)
  LICENSE:=$(PKG_LICENSE)
  PKGARCH:=$(ARCH_PACKAGES)
  VERSION:=$(if $(PKG_VERSION),$(PKG_VERSION)$(if $(PKG_RELEASE),-r$(PKG_RELEASE)),$(PKG_RELEASE))
endef

define Build/Prepare/Default
	[ ! -d ./src ] || $(CP) ./src/. $(PKG_BUILD_DIR)
endef
Build/Prepare=$(Build/Prepare/Default)

Build/Configure=

# Packages of files have nothing to compile; a makefile among the sources is run.
define Build/Compile/Default
	[ ! -f $(PKG_BUILD_DIR)/Makefile ] || $(MAKE) -C $(PKG_BUILD_DIR) $(MAKE_FLAGS) $(1)
endef
Build/Compile=$(Build/Compile/Default)

include $(INCLUDE_DIR)/package-dump.mk
include $(INCLUDE_DIR)/package-pack.mk

define Build/CoreTargets
  download:
	$(if $(PKG_SOURCE),@echo "$(PKG_NAME) has sources to compile and the demo tree has no toolchain: $(PKG_SOURCE)" >&2; false)
	$(if $(PKG_DEBS),$(DEBS) fetch $(PKG_DEBS))

  .built: download
	rm -rf $(PKG_BUILD_DIR)
	mkdir -p $(PKG_BUILD_DIR)
	$(if $(PKG_DEBS),$(DEBS) unpack $(PKG_BUILD_DIR)/deb $(PKG_DEBS))
	$(Build/Prepare)
	$(Build/Configure)
	$(Build/Compile)
	$(Build/InstallDev)
endef

define Build/DefaultTargets
  $(Build/CoreTargets)
  define Build/DefaultTargets
  endef
endef

# The bodies of a package are expanded once here and once as recipes: a shell variable in them is written $$$$name.
define BuildPackage
  $(eval $(Package/Default))
  $(eval $(Package/$(1)))
  $(foreach field,TITLE CATEGORY SECTION VERSION,
    ifeq ($($(field)),)
      $$(error Package/$(1) is missing the $(field) field)
    endif
  )
  ifndef Package/$(1)/description
    define Package/$(1)/description
	$(TITLE)
    endef
  endif
  $(if $(DUMP),$(Dumpinfo/Package),$(BuildTarget/pack))
  $(if $(DUMP),,$(call Build/DefaultTargets))
endef

download:
compile: .built
clean:
	rm -rf $(PKG_BUILD_DIR)
dumpinfo:

.PHONY: all download compile clean dumpinfo .built
