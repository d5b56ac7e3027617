# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a build prints: one line a step, and the steps' own output only with V=s. To tell the two apart, the output of a quiet
# build goes to /dev/null and the lines go to descriptor 8 (9 for errors), which are the terminal as it was at the start.

ifeq ("$(origin V)","command line")
  OPENWRT_VERBOSE:=$(V)
endif
ifneq ($(filter 1 99,$(OPENWRT_VERBOSE)),)
  OPENWRT_VERBOSE:=s
endif
export OPENWRT_VERBOSE

ifneq ($(findstring s,$(OPENWRT_VERBOSE)),)
  SUBMAKE=$(MAKE) -w
  MESSAGE=printf '%s\n' "$(1)"
else ifeq ($(QUIET),1)
  SUBMAKE=$(MAKE)
  MESSAGE=printf '%s\n' "$(1)" >&8
else
  export QUIET:=1
  SUBMAKE=cmd() { $(MAKE) -s "$$@" 8>&1 9>&2 >/dev/null 2>&1 </dev/null || { \
	echo "make $$*: build failed. Please re-run make with -j1 V=s or V=sc for a higher verbosity level to see what's going on"; false; }; }; cmd
  MESSAGE=printf '%s\n' "$(1)"
endif
