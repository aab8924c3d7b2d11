# SPDX-License-Identifier: MIT
# What is made from the option tables, the installation, and the lint.

# The host's own vmm prints its documents, also for a cross build.
HOST_VMM := build/$(HOST_ARCH)/vmm
ifneq ($(OUT)/vmm,$(HOST_VMM))
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
install: $(OUT)/vmm doc
	$(Q)install -D -m 755 $(OUT)/vmm $(DESTDIR)$(bindir)/vmm
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

# ---- help
define HELP
make              ./vmm for this host
make run          boot Debian's kernel to a shell, here or in the x86_64 lab
make test         all tests; the last line counts them
make check        the unit tests, under ASan and UBSan
make fuzz         search for inputs that break something (FUZZ=, FUZZ_SECONDS=)
make bench        measure; bench-lab the part that needs a lab
make lint         clang-format and cppcheck
make headers      does each header compile alone?
make install      vmm, vmm.1, bash and zsh completion (PREFIX=, DESTDIR=)
make doc          the manual page and the completions, in build/doc
make deps         install the packages that all of this needs
make clean        remove what was built

ARCH=x86_64|arm64|ppc64le  STATIC=1  SHARED=1 (libraries)  SAN=1 (sanitizers)  V=1
endef
export HELP
.PHONY: help
help: ; @echo "$$HELP"
