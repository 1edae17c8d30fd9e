# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The only build file. `make` prints the targets. Everything made goes under
# build/. CC, CFLAGS, CPPFLAGS, LDFLAGS, PREFIX and DESTDIR are yours to set.

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# `make V=1` shows every command.
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-5s %s\n')
SHELL := /bin/sh

VERSION := 0.1.0
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
ARM ?= arm-none-eabi-
PYTHON ?= /usr/bin/python3
B := build

# --- What is built from what -------------------------------------------------

# SHARED: the verifier. These files, with these flags and no other macro, make
# the host tools and the firmware. Two things may be chosen, and neither changes
# a verdict: CRYPTO=small takes the P-256 that needs the least flash instead of
# the fastest, and a processor may have files of its own (.S, _64, _x86) in the
# place of the portable ones.
CRYPTO ?= fast
COMMON_C := $(addprefix crypto/, sha256.c sha512.c sc25519.c ed25519.c) \
            initpkt/initpkt.c \
            $(addprefix verifier/, packet.c policy.c image.c nordic.c)
P256_fast := crypto/p256.c
P256_small := crypto/p256_small.c
FIELD_fast := $(addprefix crypto/, p256_field p256_sum inverse)
FIELD_small := crypto/p256_small_field
PARTS := $(addprefix crypto/, sha256_block sha512_block fe25519 ed25519_sum)
# The sums in C share their look-ups; those in assembly have their own.
PARTS_C := crypto/words $(PARTS)

# portable, on PROFILE: a complete verifier in portable C.
portable = $(COMMON_C) $(P256_$(1)) $(addsuffix .c,$(PARTS_C) $(FIELD_$(1)))
# m4, on PROFILE: the same for Cortex-M4.
m4 = $(COMMON_C) $(P256_$(1)) $(addsuffix _m4.S,$(PARTS) $(FIELD_$(1)))
# native, on PROFILE: the same for the host.
HOST_CPU := $(shell $(CC) -dumpmachine 2>/dev/null | cut -d - -f 1)
NATIVE_64 := $(if $(filter x86_64 aarch64,$(HOST_CPU)), \
               crypto/p256_field crypto/fe25519 crypto/words)
NATIVE_X86 := $(if $(filter x86_64,$(HOST_CPU)),crypto/sha256_block)
native = $(COMMON_C) $(P256_$(1)) $(foreach part,$(PARTS_C) $(FIELD_$(1)), \
           $(part)$(if $(filter $(part),$(NATIVE_64)),_64)$(if \
           $(filter $(part),$(NATIVE_X86)),_x86).c)

SHARED_C := $(call portable,fast)
M4_SOURCES := $(call m4,fast)
M4_SMALL := $(call m4,small)
SHARED_ALL := $(sort $(wildcard crypto/*.[cS]) $(filter-out crypto/%, \
                $(COMMON_C)))
SHARED_H := $(sort $(wildcard base/*.h crypto/*.h initpkt/*.h verifier/*.h))
HOST_C := $(sort $(wildcard host/*.c))
CLI_C := $(sort $(wildcard cli/*.c))
TEST_C := $(sort $(wildcard tests/test_*.c))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Wvla \
            -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual
# The paths of a build machine never reach the output.
COMMON := -std=c11 -I. -ffile-prefix-map=$(CURDIR)=. $(WARNINGS)
SHARED_FLAGS := $(COMMON) -ffreestanding
LIBRARIES := openssl libsodium libprotobuf-c jansson zlib
HOST_FLAGS = $(COMMON) -D_XOPEN_SOURCE=700 -I$(B)/gen \
             $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
HOST_LIBS = $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null)
TEST_FLAGS = $(HOST_FLAGS) $(shell pkg-config --cflags criterion libzip \
             2>/dev/null)
TEST_LIBS = $(shell pkg-config --libs criterion libzip 2>/dev/null)

# These goals install what is missing before anything is built; plain `make
# all` never installs.
NEEDS_SETUP := $(filter demo test bench bench-m4 corpus interop, \
                 $(MAKECMDGOALS))
NEEDS_SETUP_CHECK := $(filter check fuzz bench-m4,$(MAKECMDGOALS))
PREPARE := $(if $(NEEDS_SETUP),setup) $(if $(NEEDS_SETUP_CHECK),setup-check)

M4_CODE := $(B)/m4/verifier_m4.bin
SMALL_CODE := $(B)/m4-small/verifier_m4.bin
GENERATED := $(B)/gen/dfu_cc.pb-c.h $(B)/gen/digest.h $(B)/gen/verifier_m4.h

# flavour(name, extra flags, sources of the verifier, folder of the header with
# the machine code): the objects, the program and the unit tests under
# build/<name>/.
define flavour
$(1)_SHARED := $(patsubst %.c,$(B)/$(1)/%.o,$(3))
$(1)_HOST := $(HOST_C:%.c=$(B)/$(1)/%.o)
$(1)_CLI := $(CLI_C:%.c=$(B)/$(1)/%.o)
$(1)_TESTS := $(TEST_C:tests/%.c=$(B)/$(1)/tests/%)

$$($(1)_SHARED): $(B)/$(1)/%.o: %.c Makefile | $(PREPARE)
	@mkdir -p $$(@D)
	$(say) CC $$@
	$(Q)$(CC) $(CPPFLAGS) $(SHARED_FLAGS) $(2) -MMD -MP -c -o $$@ $$<

$$($(1)_HOST) $$($(1)_CLI): $(B)/$(1)/%.o: %.c Makefile | $(GENERATED) \
  $(4)/verifier_m4.h
	@mkdir -p $$(@D)
	$(say) CC $$@
	$(Q)$(CC) $(CPPFLAGS) -I$(4) $$(HOST_FLAGS) $(2) -MMD -MP -c -o $$@ $$<

$(B)/$(1)/gen/dfu_cc.pb-c.o: $(B)/gen/dfu_cc.pb-c.c
	@mkdir -p $$(@D)
	$(say) CC $$@
	$(Q)$(CC) $(CPPFLAGS) $$(HOST_FLAGS) -w $(2) -MMD -MP -c -o $$@ $$<

$(B)/$(1)/libassay.a: $$($(1)_SHARED)
	@rm -f $$@
	$(say) AR $$@
	$(Q)$(AR) rcsD $$@ $$^

$(B)/$(1)/libassay-host.a: $$($(1)_HOST) $(B)/$(1)/gen/dfu_cc.pb-c.o
	@rm -f $$@
	$(say) AR $$@
	$(Q)$(AR) rcsD $$@ $$^

$(B)/$(1)/assay: $$($(1)_CLI) $(B)/$(1)/libassay-host.a $(B)/$(1)/libassay.a
	$(say) LD $$@
	$(Q)$(CC) $(2) $(LDFLAGS) -o $$@ $$^ $$(HOST_LIBS)

$(B)/$(1)/assay-m4: engine/m4.c engine/machine.c $(wildcard engine/*.h) \
  $(SHARED_H) Makefile | $(PREPARE)
	@mkdir -p $$(@D)
	$(say) LD $$@
	$(Q)if pkg-config --exists unicorn; then \
	  $(CC) $(CPPFLAGS) $(COMMON) -D_XOPEN_SOURCE=700 $(2) $(LDFLAGS) -o $$@ \
	    engine/m4.c engine/machine.c $$$$(pkg-config --libs unicorn); \
	else echo "engine: no libunicorn, so no assay-m4" >&2; fi

$(B)/$(1)/tests/%.o: tests/%.c Makefile | $(GENERATED)
	@mkdir -p $$(@D)
	$(say) CC $$@
	$(Q)$(CC) $(CPPFLAGS) $$(TEST_FLAGS) $(2) -MMD -MP -c -o $$@ $$<

$$($(1)_TESTS): %: %.o $(B)/$(1)/libassay-host.a $(B)/$(1)/libassay.a
	$(say) LD $$@
	$(Q)$(CC) $(2) $(LDFLAGS) -o $$@ $$^ $$(HOST_LIBS) $$(TEST_LIBS)

-include $$($(1)_SHARED:.o=.d) $$($(1)_HOST:.o=.d) $$($(1)_CLI:.o=.d) \
         $$($(1)_TESTS:=.d)
endef

SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
            -fno-omit-frame-pointer
$(eval $(call flavour,native,$$(CFLAGS),$(call native,$(CRYPTO)),$(B)/gen))
$(eval $(call flavour,small,$$(CFLAGS),$(call native,small),$(B)/small/gen))
# The portable files in place of those for one processor.
$(eval $(call flavour,asan,$$(SANITIZE),$(SHARED_C),$(B)/gen))
$(eval $(call flavour,cov,-O0 -g --coverage,$(SHARED_C),$(B)/gen))

$(B)/gen/dfu_cc.pb-c.c $(B)/gen/dfu_cc.pb-c.h &: host/dfu_cc.proto | $(PREPARE)
	@mkdir -p $(B)/gen
	protoc-c --proto_path=host --c_out=$(B)/gen dfu_cc.proto

# The version, and the digest of the verifier's sources: names and contents, in
# fixed order.
$(B)/gen/digest.h: $(SHARED_ALL) $(SHARED_H) Makefile
	@mkdir -p $(@D)
	@echo '#define ASSAY_VERSION "$(VERSION)"' >$@
	@sha256sum $(sort $(SHARED_ALL) $(SHARED_H)) | sha256sum | \
	  sed 's/^\([0-9a-f]*\).*/#define ASSAY_SOURCE_DIGEST "\1"/' >>$@

# machine_code(folder, sources, folder of the header): nothing of the user's
# flags goes in.
define machine_code
$(1)/verifier_m4.bin: $(2) $(SHARED_H) $(wildcard engine/*) Makefile | $(PREPARE)
	$(say) M4 $$@
	$(Q)engine/link.sh $(ARM) $(1) "$$(SHARED_FLAGS)" $(2)

$(3)/verifier_m4.h: $(1)/verifier_m4.bin engine/header.sh
	@mkdir -p $$(@D)
	@engine/header.sh $$< >$$@.new
	@mv $$@.new $$@
endef
$(eval $(call machine_code,$(B)/m4,$(call m4,$(CRYPTO)),$(B)/gen))
$(eval $(call machine_code,$(B)/m4-small,$(M4_SMALL),$(B)/small/gen))

# --- Targets -----------------------------------------------------------------

.PHONY: help
help: ## Print the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1#\2/p' $(MAKEFILE_LIST) | \
	  awk -F'#' '{printf "%-20s %s\n", $$1, $$2}'

PACKAGES := gcc make pkg-config libssl-dev libsodium-dev libprotobuf-c-dev \
            protobuf-c-compiler libjansson-dev zlib1g-dev libcriterion-dev \
            libzip-dev python3 python3-venv libunicorn-dev \
            gcc-arm-none-eabi
CHECK_PACKAGES := afl++ clang-14 clang-format-14 libclang-rt-14-dev valgrind \
            mandoc shellcheck fish zsh unzip openssl python3-unicorn

.PHONY: setup
setup: ## Install the Debian packages that build and tests need
	@tests/setup.sh $(PACKAGES)

.PHONY: setup-check
setup-check: ## Install what make check needs besides
	@tests/setup.sh $(PACKAGES) $(CHECK_PACKAGES)

.PHONY: all
all: $(B)/native/assay $(B)/native/assay-m4 $(B)/native/libassay.a ## Build the tool and the library

.PHONY: demo
demo: $(B)/native/assay ## Make, verify and damage a package; install what is missing
	@examples/demo.sh $< $(B)/demo

PROGRAM_TESTS := $(sort $(wildcard tests/cli_*.sh))

.PHONY: test
test: $(native_TESTS) $(B)/native/assay $(B)/native/assay-m4 ## Pass every test; install what is missing
	@tests/run.sh $(B)/native/assay $(B)/native/logs $(native_TESTS) \
	  $(PROGRAM_TESTS)

.PHONY: corpus
corpus: $(B)/native/assay ## Verify the published packages of the corpus, in a table
	@python3 tests/corpus.py $< $${ASSAY_SHARED:-../shared}

.PHONY: interop
interop: $(B)/native/assay ## Compare with the real nrfutil, which it installs
	@tests/interop/setup.sh $(PYTHON) $(B)/interop/venv
	@$(B)/interop/venv/bin/python tests/interop/run.py $< \
	  $(B)/interop/venv/bin/nrfutil $(B)/interop/work examples/blink/blink.hex

# --- Evidence ----------------------------------------------------------------

# A check is a target that prints one line per claim. `make check` is all of
# them; each can be made alone.
GATES := check-format check-includes check-rules check-warnings \
         check-freestanding check-size check-uniform check-engine \
         check-trace check-skip check-vectors check-both check-small \
         check-field check-mutants check-coverage \
         check-embed check-budgets check-planted check-fuzz check-man \
         check-completion check-install check-sanitized check-long

.PHONY: check
check: test $(GATES) corpus interop ## Every test and every gate
	@echo "check: all gates passed"

.PHONY: $(GATES) check-answers
check-format: | $(PREPARE)
	@tests/gates/format.sh

check-includes:
	@tests/gates/includes.sh

check-rules:
	@tests/gates/rules.sh

check-warnings: $(GENERATED)
	@tests/gates/warnings.sh $(B)/warnings "$(HOST_FLAGS)" "$(SHARED_FLAGS)" \
	  $(filter %.c,$(SHARED_ALL)) -- $(HOST_C) $(CLI_C)

check-freestanding: | $(PREPARE)
	@tests/gates/freestanding.sh $(ARM)gcc $(ARM)nm $(ARM)size \
	  $(B)/freestanding "$(SHARED_FLAGS)" portable $(SHARED_C) \
	  -- fast $(M4_SOURCES) -- small $(M4_SMALL)

check-size: | $(PREPARE)
	@tests/gates/size.sh $(ARM)gcc $(ARM)size $(B)/size "$(SHARED_FLAGS)" \
	  $(M4_SOURCES) -- $(M4_SMALL)

check-uniform: | $(PREPARE)
	@tests/gates/uniform.sh $(B)/uniform $(filter crypto/%,$(SHARED_C)) -- \
	  $(filter crypto/%,$(call native,fast)) -- \
	  $(filter crypto/%,$(call native,small))

check-man: $(B)/native/assay
	@tests/gates/man.sh $<

check-completion: $(B)/native/assay
	@tests/gates/completion.sh $<

check-install: all
	@tests/gates/install.sh

# The same tests with address and undefined-behaviour sanitizers.
check-sanitized: $(asan_TESTS) $(B)/asan/assay $(B)/asan/assay-m4
	@tests/run.sh $(B)/asan/assay $(B)/asan/logs $(asan_TESTS) \
	  $(PROGRAM_TESTS) >$(B)/asan/result.txt || \
	  { cat $(B)/asan/result.txt; exit 1; }
	@echo "sanitized: $$(tail -n 1 $(B)/asan/result.txt) with address and" \
	  "undefined-behaviour sanitizers"

# The lines and branches of SHARED that the vectors reach. The table of Nordic
# answers has no vectors; one test asks for each of its rows.
check-coverage: $(B)/cov/assay $(B)/cov/tests/test_verifier
	@find $(B)/cov -name '*.gcda' -delete
	@$< vectors run vectors/*.txt >$(B)/cov/vectors.txt
	@$(B)/cov/tests/test_verifier --filter 'nordic/*' >$(B)/cov/nordic.txt 2>&1
	@tests/coverage.py $(B)/cov tests/coverage.txt $(SHARED_C)

# Known bugs, planted in a copy: each must be refused by its gate, by name.
check-planted: | $(PREPARE)
	@tests/planted.py $(B)/planted

# The vectors alone, natively: the quick answer to what a change broke.
check-answers: $(B)/native/assay
	@$< vectors run vectors/*.txt

check-unit-%: $(B)/native/tests/test_%
	@$<

# 100,000 cases of each algorithm against OpenSSL and libsodium.
check-long: $(B)/native/tests/test_p256 $(B)/native/tests/test_ed25519
	@ASSAY_LONG=1 tests/run.sh $(B)/native/assay $(B)/native/logs-long $^
	@grep -h 'cases agree with' $(B)/native/logs-long/*.log

# The verifier as two files, for any bootloader.
EMBEDDED := $(addprefix $(B)/embed/assay_verifier, .c .h _m4.S)
$(EMBEDDED) &: embed/generate.py $(SHARED_ALL) $(SHARED_H)
	$(say) GEN "$(EMBEDDED)"
	$(Q)python3 embed/generate.py $(B)/embed verifier/verifier.h \
	  $(SHARED_C) $(SHARED_H) -- $(SHARED_ALL)

.PHONY: embed
embed: $(EMBEDDED) ## Write the verifier as two files, and one for Cortex-M4

.PHONY: budgets
budgets: $(EMBEDDED) ## Measure size, stack and instructions anew, for docs/
	@tests/budgets.py $(ARM) $(B)/budgets docs $(B)/embed \
	  $(M4_SOURCES) -- $(M4_SMALL) -- $(SHARED_C)

.PHONY: vectors
vectors: ## Make the known answers anew; export them as JSON into build/
	@PYTHONDONTWRITEBYTECODE=1 python3 vectors/generate.py
	@PYTHONDONTWRITEBYTECODE=1 python3 vectors/export.py $(B)/vectors

check-vectors: $(B)/native/assay
	@tests/gates/vectors.sh $<

# Every record through the machine code as well; the engines must agree.
check-both: $(B)/native/assay $(B)/native/assay-m4
	@$< vectors run vectors/*.txt --engine both >$(B)/native/both.txt || \
	  { cat $(B)/native/both.txt; exit 1; }
	@sed -n '$$s/^/both engines: /p' $(B)/native/both.txt

check-embed: $(B)/native/assay $(GENERATED)
	@tests/gates/embed.sh $(ARM) $(B)/native $(B)/embed "$(WARNINGS)" \
	  "$(TEST_FLAGS)" "$(HOST_LIBS) $(TEST_LIBS)" $(SHARED_C) $(SHARED_H) \
	  -- $(SHARED_ALL)

check-budgets: $(M4_CODE) $(EMBEDDED) | $(PREPARE)
	@tests/gates/budgets.sh $(M4_CODE) $(ARM) $(B)/budgets $(B)/embed \
	  $(M4_SOURCES) -- $(M4_SMALL) -- $(SHARED_C)

.PHONY: bench
bench: $(B)/native/assay $(B)/native/peak_memory ## Print throughput, start-up time and memory, with bars
	@python3 tests/bench.py $< $${ASSAY_SHARED:-../shared} $(B)/bench \
	  $(B)/native/peak_memory

.PHONY: bench-m4
bench-m4: $(B)/native/rates | $(PREPARE) ## Print cycles, flash and stack on Cortex-M4, with bars and peers
	@tests/bench_m4.py $(ARM) $(B)/bench-m4 $< $(call m4,fast) -- \
	  $(call m4,small) -- $(SHARED_C)

$(B)/native/rates: tests/rates.c $(B)/native/libassay.a
	$(say) LD $@
	$(Q)$(CC) $(CPPFLAGS) $(COMMON) -D_XOPEN_SOURCE=700 -O2 -o $@ $^

$(B)/native/peak_memory: tests/peak_memory.c | $(PREPARE)
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) -O2 -o $@ $<

M4_TESTS := $(addprefix $(B)/native/m4/, trace skip vectors faults)
$(B)/native/m4/faults: tests/m4/reference.c
$(M4_TESTS): $(B)/native/m4/%: tests/m4/%.c engine/machine.c \
  $(wildcard tests/m4/*.h engine/*.h) $(B)/native/libassay-host.a \
  $(B)/native/libassay.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(CPPFLAGS) $(HOST_FLAGS) -O2 -o $@ $(filter %.c,$^) \
	  $(filter %.a,$^) $(HOST_LIBS) $$(pkg-config --libs unicorn)

M4_PLACE = -ffile-prefix-map=%PWD%=.

check-mutants: $(B)/native/m4/vectors | $(PREPARE)
	@tests/gates/mutants.sh $< $(B)/mutants $(ARM) "$(SHARED_FLAGS)" \
	  $(M4_SOURCES) -- $(M4_SMALL)

check-engine: $(M4_CODE) $(B)/native/m4/vectors
	@$(B)/native/m4/vectors $<
	@tests/gates/engine.sh $< $(ARM) $(B)/engine \
	  "$(subst -ffile-prefix-map=$(CURDIR)=.,$(M4_PLACE),$(SHARED_FLAGS))" \
	  $(call m4,$(CRYPTO))

check-trace: $(B)/native/m4/trace $(M4_CODE)
	@tests/gates/trace.sh $^ $(ARM) $(B)/trace "$(SHARED_FLAGS)" \
	  $(call m4,$(CRYPTO))

check-skip: $(B)/native/m4/skip $(M4_CODE)
	@tests/gates/skip.sh $^ $(B)/m4/verifier_m4.sym $(ARM) $(B)/skip \
	  "$(SHARED_FLAGS)" $(call m4,$(CRYPTO))

# The small profile: unit tests and vectors in both engines, trace and skips.
check-small: $(B)/small/assay $(B)/native/assay-m4 $(SMALL_CODE) \
  $(B)/small/tests/test_p256 $(B)/native/m4/trace $(B)/native/m4/skip \
  $(B)/native/m4/vectors
	@tests/gates/small.sh $(B)/small $(B)/native $(SMALL_CODE) $(ARM) \
	  "$(SHARED_FLAGS)" $(M4_SMALL)

# The functions of the fields on Cortex-M4, portable and assembly, against
# integers of Python.
check-field: | $(PREPARE)
	@tests/gates/field.sh $(ARM) $(B)/field "$(SHARED_FLAGS)" \
	  portable $(SHARED_C) -- fast $(M4_SOURCES) -- small $(M4_SMALL)

# Hours: every instruction of a verification, crypto included. An interrupted
# run goes on where it was.
FAULTS_PRELOAD = $(if $(filter 2.0.1,$(shell pkg-config --modversion unicorn)), \
                   $(B)/native/m4/stores.so)

$(B)/native/m4/stores.so: tests/m4/stores.c
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(CPPFLAGS) $(COMMON) -O2 -shared -fPIC -o $@ $<

.PHONY: aimed
aimed: ## Make the forgeries anew that are aimed at certain faults
	@PYTHONDONTWRITEBYTECODE=1 python3 tests/m4/aimed.py

.PHONY: faults
faults: $(B)/native/m4/faults $(M4_CODE) $(EMBEDDED) $(B)/native/m4/stores.so ## Skip every instruction, crypto included; hours, and may be interrupted
	@PRELOAD=$(strip $(FAULTS_PRELOAD)) tests/gates/faults.sh $< $(M4_CODE) \
	  $(B)/m4/verifier_m4.sym $(ARM) $(B)/faults "$(SHARED_FLAGS)" $(B)/embed \
	  $(call m4,$(CRYPTO))

# The small profile: three times as long, and without the single file.
.PHONY: faults-small
faults-small: $(B)/native/m4/faults $(SMALL_CODE) $(B)/native/m4/stores.so
	@PRELOAD=$(strip $(FAULTS_PRELOAD)) tests/gates/faults.sh $< $(SMALL_CODE) \
	  $(SMALL_CODE:bin=sym) $(ARM) $(B)/faults-small "$(SHARED_FLAGS)" - \
	  $(M4_SMALL)

FUZZ_SECS ?= 60
FUZZ_ENGINE ?= libfuzzer
# The target that compares the engines is built where these two are there.
FUZZ_M4 = FUZZ_M4_CODE=$(CURDIR)/$(M4_CODE) \
          ASSAY_M4=$(CURDIR)/$(B)/native/assay-m4 \
          FUZZ_CRYPTO="$(filter crypto/%,$(call native,$(CRYPTO)))"

.PHONY: fuzz
fuzz: $(M4_CODE) $(B)/native/assay-m4 | $(PREPARE) ## Fuzz every target FUZZ_SECS seconds; FUZZ_JOBS, FUZZ_ENGINE=afl
	@$(FUZZ_M4) FUZZ_SECS=$(FUZZ_SECS) FUZZ_ENGINE=$(FUZZ_ENGINE) \
	  fuzz/run.sh $(B)/fuzz

# Replays the corpora, builds as OSS-Fuzz does, finds planted bugs.
check-fuzz: $(M4_CODE) $(B)/native/assay-m4 | $(PREPARE)
	@$(FUZZ_M4) tests/gates/fuzz.sh $(B)/check-fuzz

PROOF_PACKAGES := frama-c-base why3 z3 python3-z3 cvc4 cvc5 python3-unicorn \
            python3-capstone python3-pyelftools gcc-arm-none-eabi

.PHONY: setup-proofs
setup-proofs: ## Install what make proofs needs
	@tests/setup.sh $(PROOF_PACKAGES)

PROOFS := proofs-arm proofs-divsteps proofs-wp proofs-wp-mutants

.PHONY: proofs $(PROOFS) proofs-wp64
proofs: $(PROOFS) ## Prove the reader and the field arithmetic; about 10 minutes
	@echo "proofs: all claims hold"

proofs-arm: | setup-proofs
	@PYTHON=$(PYTHON) proofs/arm.sh $(B)/proofs/arm $(ARM)gcc \
	  "$(SHARED_FLAGS)" $(SHARED_C) -- $(M4_SOURCES) -- $(M4_SMALL)

proofs-divsteps: | setup-proofs
	@$(PYTHON) -B proofs/divsteps.py crypto/inverse.c crypto/inverse_m4.S

proofs-wp: | setup-proofs
	@proofs/wp.sh $(B)/proofs gcc_x86_32

proofs-wp-mutants: | setup-proofs
	@$(PYTHON) -B proofs/mutants.py $(B)/proofs

# The same for 64-bit hosts; not part of proofs, for its time.
proofs-wp64: | setup-proofs
	@proofs/wp.sh $(B)/proofs gcc_x86_64

# --- Installing --------------------------------------------------------------

INSTALLED_H := $(filter-out base/bytes.h base/ct.h verifier/published.h \
                 verifier/image_len.h verifier/verdict.h, \
                 $(wildcard base/*.h initpkt/*.h verifier/*.h) crypto/sha256.h)
D := $(DESTDIR)$(PREFIX)
# Debian's zsh looks elsewhere for what packages bring.
ZSH := $(D)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)

.PHONY: install
install: all ## Install program, library, manual and completions (PREFIX, DESTDIR)
	install -d $(D)/bin $(D)/lib/pkgconfig $(D)/share/man/man1 \
	  $(D)/share/man/man5 $(D)/share/bash-completion/completions \
	  $(ZSH) $(D)/share/fish/vendor_completions.d \
	  $(D)/share/doc/assay
	install -m 755 $(B)/native/assay $(D)/bin/assay
	[ ! -x $(B)/native/assay-m4 ] || install -D -m 755 \
	  $(B)/native/assay-m4 $(D)/libexec/assay/assay-m4
	install -m 644 $(B)/native/libassay.a $(D)/lib/libassay.a
	for h in $(INSTALLED_H); do \
	  install -D -m 644 $$h $(D)/include/assay/$$h || exit 1; done
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' assay.pc.in \
	  >$(D)/lib/pkgconfig/assay.pc
	install -d $(D)/share/assay/vectors
	install -m 644 $(wildcard vectors/*.txt) vectors/README.md \
	  $(D)/share/assay/vectors/
	if [ -x $(B)/native/assay-m4 ]; then \
	  install -D -m 755 $(B)/native/assay-m4 $(D)/libexec/assay/assay-m4; fi
	install -m 644 man/assay.1 $(D)/share/man/man1/
	install -m 644 man/assay-device.5 $(D)/share/man/man5/
	$(B)/native/assay completion bash \
	  >$(D)/share/bash-completion/completions/assay
	$(B)/native/assay completion zsh >$(ZSH)/_assay
	$(B)/native/assay completion fish \
	  >$(D)/share/fish/vendor_completions.d/assay.fish
	install -m 644 README.md CHANGELOG.md LICENSE LICENSE-APACHE LICENSE-MIT \
	  docs/formats.md docs/threat-model.md docs/embedding.md docs/budgets.md \
	  docs/assurance.md \
	  $(D)/share/doc/assay/

.PHONY: clean
clean: ## Remove build/
	rm -rf $(B)

.PHONY: format
format: ## Format the sources in place
	clang-format-14 -i $(filter %.c,$(SHARED_ALL)) $(SHARED_H) \
	  $(wildcard host/*.[ch] \
	  cli/*.[ch] engine/*.[ch] tests/*.[ch] tests/m4/*.[ch] fuzz/*.[ch])
