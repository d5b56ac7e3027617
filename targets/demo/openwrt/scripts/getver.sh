#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The revision of this tree. It is written down, since the tree lives inside another repository whose commits say nothing of it.
cat "$(dirname "$0")/../version"
