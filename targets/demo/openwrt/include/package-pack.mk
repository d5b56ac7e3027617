# SPDX-License-Identifier: GPL-2.0-or-later
#
# A built package becomes one archive, $(PACKAGE_DIR)/NAME.tar: its files, and under /usr/lib/opkg/info what is known of it,
# as on a device (NAME.control, NAME.conffiles) or for the time of the installation (NAME.postinst).

ifeq ($(DUMP),)

# The words of DEPENDS that hold in this configuration: `+a`, `a`, `+COND:a` with symbols, !, && and || in COND, || last.
lparen:=(
rparen:=)
symbol_holds=$(if $(filter !%,$(1)),$(if $(CONFIG_$(1:!%=%)),n,y),$(if $(CONFIG_$(1)),y,n))
all_hold=$(if $(filter n,$(foreach symbol,$(subst &&, ,$(1)),$(call symbol_holds,$(symbol)))),,y)
any_holds=$(strip $(foreach part,$(subst ||, ,$(subst $(lparen),,$(subst $(rparen),,$(1)))),$(call all_hold,$(part))))
applies=$(if $(findstring :,$(1)),$(call any_holds,$(firstword $(subst :, ,$(1)))),y)
applying=$(foreach d,$(subst +,,$(filter-out @%,$(1))),$(if $(call applies,$(d)),$(lastword $(subst :, ,$(d)))))
listed=$(subst $(space),$(comma)$(space),$(strip $(1)))

define BuildTarget/pack
  IDIR_$(1):=$(PKG_BUILD_DIR)/ipkg-$(PKGARCH)/$(1)
  INFO_$(1):=$(PKG_BUILD_DIR)/ipkg-$(PKGARCH)/$(1)/usr/lib/opkg/info

  define Package/$(1)/CONTROL
Package: $(1)
Version: $(VERSION)
Depends: $(call listed,$(call applying,$(call PKG_FIXUP_DEPENDS,$(1),$(DEPENDS))))
$(if $(PROVIDES),Provides: $(call listed,$(PROVIDES))
)Source: $(patsubst package/feeds/%,feeds/%,$(BUILD_SUBDIR))
$(if $(LICENSE),License: $(LICENSE)
)Section: $(SECTION)
$(if $(USERID),Require-User: $(USERID)
)$(if $(MAINTAINER),Maintainer: $(MAINTAINER)
)Architecture: $(PKGARCH)
  endef

  ifneq ($(CONFIG_PACKAGE_$(1))$(BUILD_ALL),)
    ifdef Package/$(1)/install
      compile: pack-$(1)
    endif
  endif

  pack-$(1): export CONTROL=$$(Package/$(1)/CONTROL)
  pack-$(1): export DESCRIPTION=$$(Package/$(1)/description)
  pack-$(1): export CONFFILES=$$(Package/$(1)/conffiles)
  pack-$(1): export POSTINST=$$(Package/$(1)/postinst)
  pack-$(1): .built
	rm -rf $$(IDIR_$(1))
	mkdir -p $(PACKAGE_DIR) $$(IDIR_$(1))
	$(call Package/$(1)/install,$$(IDIR_$(1)))
	find $$(IDIR_$(1)) \( -name .git -o -name .svn -o -name '.#*' -o -name '*~' \) -prune -exec rm -rf {} +
	mkdir -p $$(INFO_$(1))
	$(SCRIPT_DIR)/package-info $$(INFO_$(1))/$(1)
	$$(call repeatable_tar,$(PACKAGE_DIR)/$(1).tar,$$(IDIR_$(1)))

  .PHONY: pack-$(1)
endef

endif
