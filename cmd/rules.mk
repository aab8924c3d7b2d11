# SPDX-License-Identifier: MIT
# What is made from the option tables, the installation, and the lint.

# The host's own vmm prints its documents, also for a cross build.
HOST_VMM := build/$(HOST_ARCH)/vmm
ifneq ($(B)/vmm,$(HOST_VMM))
$(HOST_VMM): FORCE
	$(Q)$(MAKE) --no-print-directory ARCH=$(HOST_ARCH) STATIC= SAN= $@
.PHONY: FORCE
FORCE:
endif

DOC_MAN := build/doc/vmm.1
DOC_BASH := build/doc/vmm.bash
DOC_ZSH := build/doc/_vmm
$(DOC_MAN): format := man
$(DOC_BASH): format := bash
$(DOC_ZSH): format := zsh
$(DOC_MAN) $(DOC_BASH) $(DOC_ZSH): $(HOST_VMM)
	@mkdir -p $(@D)
	$(call say,DOC,$@)$(HOST_VMM) help --format=$(format) > $@

# `make vmm.1` writes build/doc/vmm.1; `make doc` the completions as well.
.PHONY: vmm.1 doc
vmm.1: $(DOC_MAN)
doc: $(DOC_MAN) $(DOC_BASH) $(DOC_ZSH)

# ---- install: below DESTDIR, if that is set
bindir ?= $(PREFIX)/bin
mandir ?= $(PREFIX)/share/man
bashdir ?= $(PREFIX)/share/bash-completion/completions
zshdir ?= $(PREFIX)/share/zsh/site-functions
INSTALLED := $(bindir)/vmm $(mandir)/man1/vmm.1 $(bashdir)/vmm $(zshdir)/_vmm

.PHONY: install uninstall
install: $(B)/vmm doc
	$(Q)install -D -m 755 $(B)/vmm $(DESTDIR)$(bindir)/vmm
	$(Q)install -D -m 644 $(DOC_MAN) $(DESTDIR)$(mandir)/man1/vmm.1
	$(Q)install -D -m 644 $(DOC_BASH) $(DESTDIR)$(bashdir)/vmm
	$(Q)install -D -m 644 $(DOC_ZSH) $(DESTDIR)$(zshdir)/_vmm
	$(Q)printf '  INSTALL %s\n' $(INSTALLED:%='$(DESTDIR)%')
uninstall:
	$(Q)rm -f $(INSTALLED:%='$(DESTDIR)%')

# ---- lint: the layout of every file, then what cppcheck finds
CLANG_FORMAT ?= clang-format
CPPCHECK ?= cppcheck
LINT_FILES = $(shell git ls-files -co --exclude-standard '*.c' '*.h')
CPPCHECK_FLAGS := --quiet --std=c11 --enable=warning,portability \
	--error-exitcode=1 --inline-suppr --suppressions-list=cmd/cppcheck.txt \
	-D__x86_64__ -D__linux__ -D_GNU_SOURCE -DVMM_VERSION='"0"' \
	-DVMM_ARCH='"x86_64"' -I. -i build

.PHONY: lint lint-format lint-cppcheck
lint: lint-format lint-cppcheck
lint-format:
	$(call say,FORMAT,all)$(CLANG_FORMAT) --dry-run -Werror $(LINT_FILES)
lint-cppcheck:
	$(call say,CHECK,all)$(CPPCHECK) $(CPPCHECK_FLAGS) \
		$(filter %.c,$(LINT_FILES))
