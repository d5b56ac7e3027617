# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prerequisites: each is one test with a name and a word of advice. Those that fail are collected, so that all are seen at once.

prereq:
	@if [ -f tmp/.prereq-error ]; then echo; cat tmp/.prereq-error; rm -f tmp/.prereq-error; echo; false; fi

# $(1) = name, $(2) = what to do, $(3) = shell command
define TestHostCommand
  prereq: prereq-$(1)
  prereq-$(1): FORCE
	@printf "Checking '$(1)'... "; \
	if ( $(3) ) >/dev/null 2>&1; then echo ok.; else echo failed.; echo "Build dependency: $(strip $(2))" >> tmp/.prereq-error; fi
endef

# $(1) = program, $(2) = Debian's package that has it
RequireCommand=$(call TestHostCommand,$(1),Please install '$(2)',command -v $(1))

FORCE:
.PHONY: prereq FORCE
.NOTPARALLEL:
