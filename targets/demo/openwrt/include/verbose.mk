# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a build prints. By default one line per step, on the descriptor that was stdout when the build began; the steps'
# own output is dropped. V=s lets all of it through.

ifeq ("$(origin V)","command line")
  OPENWRT_VERBOSE:=$(V)
endif
OPENWRT_VERBOSE?=
ifneq ($(filter 1 99,$(OPENWRT_VERBOSE)),)
  OPENWRT_VERBOSE:=s
endif
export OPENWRT_VERBOSE
VERBOSE:=$(findstring s,$(OPENWRT_VERBOSE))
