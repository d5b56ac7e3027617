# SPDX-License-Identifier: GPL-2.0-or-later
#
# A package's record for tmp/.packageinfo and feeds/NAME.index, printed by `make DUMP=1`. The first package of a makefile
# also carries what concerns all of them.

ifneq ($(DUMP),)

define SOURCE_INFO
$(if $(PKG_BUILD_DEPENDS),Build-Depends: $(PKG_BUILD_DEPENDS)
)$(if $(PKG_DEBS),Debs: $(PKG_DEBS)
)
endef

define Dumpinfo/Package
$(info $(SOURCE_INFO)Package: $(1)
$(if $(MENU),Menu: $(MENU)
)$(if $(SUBMENU),Submenu: $(SUBMENU)
)$(if $(DEFAULT),Default: $(DEFAULT)
)Version: $(VERSION)
Depends: $(call PKG_FIXUP_DEPENDS,$(1),$(DEPENDS))
Conflicts: $(CONFLICTS)
Menu-Depends: $(MDEPENDS)
Provides: $(PROVIDES)
$(if $(VARIANT),Build-Variant: $(VARIANT)
)Section: $(SECTION)
Category: $(CATEGORY)
Repository: $(or $(FEED),base)
Title: $(TITLE)
Maintainer: $(MAINTAINER)
$(if $(USERID),Require-User: $(USERID)
)Source: $(PKG_SOURCE)
$(if $(LICENSE),License: $(LICENSE)
)$(if $(URL),URL: $(URL)
)Type: ipkg
$(if $(BUILDONLY),Build-Only: $(BUILDONLY)
)$(if $(HIDDEN),Hidden: $(HIDDEN)
)Description: $(or $(Package/$(1)/description),$(TITLE))
@@
$(if $(Package/$(1)/config),Config:
$(Package/$(1)/config)
@@
))
SOURCE_INFO:=
endef

endif
