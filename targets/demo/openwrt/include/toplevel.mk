# SPDX-License-Identifier: GPL-2.0-or-later
#
# The outside of the build: prerequisites, the list of packages, the configuration. Everything else goes inside.

include include/verbose.mk
# Only to stop at a line that is no assignment, as every OpenWrt tree does.
ifneq ($(wildcard .config),)
  include .config
endif

PREREQ:=staging_dir/host/.prereq-build
CONF:=scripts/config/conf.pl
SUBMAKE:=umask 022; $(SUBMAKE)

# Whatever is still running in this tree, a build whose make was killed for example, holds this lock through descriptor 7.
LOCK=mkdir -p tmp; exec 7>tmp/.lock; flock -n 7 || { echo "Waiting for another make in this tree to end" >&2; flock 7; }

$(PREREQ): include/prereq-build.mk include/prereq.mk
	@mkdir -p tmp $(@D)
	@rm -f tmp/.prereq-error
	@$(MAKE) --no-print-directory -j1 -r -s -f include/prereq-build.mk prereq 2>/dev/null || { \
		echo "Prerequisite check failed."; false; }
	@touch $@

prepare-mk: $(PREREQ) FORCE ;

# $(1) = file, $(2) = command that prints it
define written
	@$(2) > $(1).$$$$ && { cmp -s $(1).$$$$ $(1) && rm $(1).$$$$ || mv $(1).$$$$ $(1); }
endef

prepare-tmpinfo: $(PREREQ) FORCE
	@mkdir -p tmp/info feeds
	@[ -e feeds/base ] || ln -sfn $(TOPDIR)/package feeds/base
	@scripts/scan package tmp
	$(call written,tmp/.packagedeps,scripts/package-metadata mk)
	$(call written,tmp/.config-package.in,scripts/package-metadata config)
	$(call written,tmp/.config-target.in,$(MAKE) --no-print-directory -s -f target/linux/x86/target.mk config)

defconfig: prepare-tmpinfo FORCE
	@touch .config
	@[ -s .config ] || [ ! -e $(HOME)/.openwrt/defconfig ] || cp $(HOME)/.openwrt/defconfig .config
	@$(CONF) --defconfig=.config Config.in

oldconfig olddefconfig: prepare-tmpinfo FORCE
	@$(CONF) --olddefconfig Config.in

menuconfig nconfig xconfig config: FORCE
	@echo "The demo tree has no $@: edit .config, then run make defconfig" >&2; false

configured: prepare-tmpinfo
	@grep -q '^CONFIG_HAVE_DOT_CONFIG=y' .config 2>/dev/null || { \
		echo "There is no configuration yet: write a .config, then run make defconfig" >&2; false; }

prereq: configured ;

help: FORCE
	@cat README.md

clean: FORCE
	rm -rf build_dir staging_dir/target-* bin logs

dirclean: clean
	rm -rf staging_dir tmp

distclean: dirclean
	rm -rf .config* dl feeds package/feeds

package/symlinks: FORCE
	scripts/feeds update -a
	scripts/feeds install -a

# The second copy of the configuration tells whether the first was edited without `make defconfig`.
%::
	@+OPENWRT_BUILD= $(MAKE) --no-print-directory -r -s prereq
	@cp .config tmp/.config.check && $(CONF) --defconfig=tmp/.config.check -w tmp/.config.check Config.in >/dev/null 2>&1; \
	cmp -s .config tmp/.config.check || \
		echo "WARNING: your configuration is out of sync. Please run make menuconfig, oldconfig or defconfig!" >&2
	@+$(LOCK); $(MAKE) --no-print-directory -r -s inputs && { $(SUBMAKE) -r $@; }

ifeq ($(VERBOSE),)
  .SILENT: clean dirclean distclean help
endif
.PHONY: prepare-mk prepare-tmpinfo configured prereq FORCE
.NOTPARALLEL:
