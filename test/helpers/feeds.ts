import type {Files} from './files.ts'

/** Files of one package, in the language of OpenWrt's package Makefiles; `install` is more lines of its recipe. */
export function packageFiles(name: string, depends = '', install = ''): Files {
  return {[`${name}/Makefile`]: `include $(TOPDIR)/rules.mk
PKG_NAME:=${name}
PKG_VERSION:=1
PKG_RELEASE:=1
include $(INCLUDE_DIR)/package.mk
define Package/${name}
  SECTION:=utils
  CATEGORY:=Utilities
  TITLE:=${name}
  DEPENDS:=${depends}
endef
define Build/Compile
endef
define Package/${name}/install
	$(INSTALL_DIR) $(1)/etc
${install}endef
$(eval $(call BuildPackage,${name}))
`}
}

/** A Makefile that make cannot read. */
export function brokenFiles(name: string): Files {
  return {[`${name}/Makefile`]: 'include $(TOPDIR)/rules.mk\ninclude ../nowhere/x.mk\n$(eval $(call BuildPackage,x))\n'}
}
