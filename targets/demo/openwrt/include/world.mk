# SPDX-License-Identifier: GPL-2.0-or-later
#
# The inside of the build: packages to archives, archives to a root, the root to a disk image, and what lies beside it.
#
# Whether a step must run is not a matter of dates. `inputs`, which runs before all else, writes down what goes into each step
# (tmp/inputs/STEP) and takes away the stamp of a step that was made from something else, or whose outputs are gone. In here
# a stamp only has to be there. It is written last, so what was interrupted is done again from its start.

include $(TOPDIR)/rules.mk
include $(INCLUDE_DIR)/version.mk

# IGNORE_ERRORS=1: packages that are built but not part of the image may fail; with y in it, those of the image too.
ignored:=$(if $(IGNORE_ERRORS),$(or $(filter n m y,$(IGNORE_ERRORS)),m))

curdir:=package
-include tmp/.packagedeps
package-y:=$(sort $(package-y))
package-m:=$(filter-out $(package-y),$(sort $(package-m)))
PACKAGES:=$(package-y) $(package-m)

IMAGE:=$(BIN_DIR)/$(DEVICE_IMG_PREFIX)-ext4-combined.img$(if $(CONFIG_TARGET_IMAGES_GZIP),.gz)
export BUILD_LOG BUILD_LOG_DIR STAMP_DIR PACKAGE_DIR TARGET_DIR

STEP=+$(SCRIPT_DIR)/step
# Targets are relative, so that the path to the tree may have characters that mean something in a makefile.
stamps:=staging_dir/target-$(ARCH)/stamp
stamp=$(stamps)/$(subst /,_,$(1:%/compile=%))
selected:=$(PACKAGES:%=package/%/compile)

world:
	+$(SUBMAKE) -r package/compile
	+$(SUBMAKE) -r package/install
	+$(SUBMAKE) -r target/install
	+$(SUBMAKE) -r buildinfo
	+$(SUBMAKE) -r json_overview_image_info
	+$(SUBMAKE) -r checksum

download:
	+$(SUBMAKE) -r package/download

inputs: FORCE
	$(DEBS) ready $(shell $(SCRIPT_DIR)/package-metadata debs $(PACKAGES:%=package/%))
	$(SCRIPT_DIR)/inputs '$(package-y)' '$(package-m)' $(if $(CONFIG_GRUB_IMAGES),$(IMAGE))

# $(1) = folder below package, $(2) = 1 if its failure is ignored
define PackageDir
  package/$(1)/download: FORCE
	$(STEP) package/$(1) download $(2)

  package/$(1)/compile: $(call stamp,package/$(1))

  $(call stamp,package/$(1)): | $(foreach first,$(filter $(selected),$(package/$(1)/compile)),$(call stamp,$(first)))
	$(STEP) package/$(1) compile $(2)

  package/$(1)/clean: FORCE
	rm -f $(call stamp,package/$(1))
	$(STEP) package/$(1) clean

  .PHONY: package/$(1)/download package/$(1)/compile package/$(1)/clean
endef

$(foreach dir,$(package-y),$(eval $(call PackageDir,$(dir),$(filter y,$(ignored)))))
$(foreach dir,$(package-m),$(eval $(call PackageDir,$(dir),$(filter m,$(ignored)))))

package/download: $(PACKAGES:%=package/%/download)
package/compile: $(selected)
package/install: package/compile $(stamps)/package
target/install target/linux/install: $(stamps)/target_linux

# The archives of all that the configuration selects for the image. As in OpenWrt no log is kept of this.
$(stamps)/package: | package/compile
	$(SCRIPT_DIR)/rootfs $(TARGET_DIR) $(sort $(shell sed -n 's/^CONFIG_PACKAGE_\(.*\)=y$$/\1/p' .config))
	cp tmp/inputs/package $@.part && mv $@.part $@

$(stamps)/target_linux:
	$(STEP) target/linux install

buildinfo: diffconfig buildversion feedsversion

# $(1) = file, $(2) = command that prints it
written=mkdir -p $(dir $(1)); $(2) > $(1).part && mv $(1).part $(1)

diffconfig: FORCE
	$(call written,$(BIN_DIR)/config.buildinfo,$(SCRIPT_DIR)/diffconfig.sh)

buildversion: FORCE
	$(call written,$(BIN_DIR)/version.buildinfo,$(SCRIPT_DIR)/getver.sh)

feedsversion: FORCE
	$(call written,$(BIN_DIR)/feeds.buildinfo,$(SCRIPT_DIR)/feeds list -fs)

json_overview_image_info: FORCE
ifneq ($(CONFIG_JSON_OVERVIEW_IMAGE_INFO),)
	$(call written,$(BIN_DIR)/profiles.json,$(MAKE) --no-print-directory -s -C target/linux profiles)
endif

checksum: FORCE
	cd $(BIN_DIR) && $(call written,./sha256sums,find . -maxdepth 1 -type f ! -name sha256sums ! -name '*.part' -printf '%P\n' | sort | xargs -r sha256sum -b)

val.%: FORCE
	@echo '$($*)'

FORCE:
.PHONY: world download inputs package/download package/compile package/install target/install target/linux/install FORCE
.PHONY: buildinfo diffconfig buildversion feedsversion json_overview_image_info checksum

# A quiet make says what was asked of it, as OpenWrt's does.
ifeq ($(QUIET)$(filter inputs val.%,$(MAKECMDGOALS)),1)
  $(shell $(call MESSAGE, make[$(MAKELEVEL)] $(MAKECMDGOALS)))
endif
