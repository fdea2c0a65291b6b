# SPDX-License-Identifier: GPL-2.0-only
#
#   make                  library, tools, BPF objects
#   make install          honours DESTDIR; directories come from ./configure
#   make uninstall        removes what install put there
#   make check            unit tests, and no circle between files of the library; no root needed
#   make check-style      the rules that a machine can check
#   make testenv          helper programs of the system tests
#   make fuzz             fuzzers, in build/fuzz
#   make soak             a capture of an hour under change, needs root
#   make bench            speed of this machine, needs root; options as BENCH='--quick'
#   make dist             a tarball that needs neither clang nor bpftool, in build/dist
#   make deb              Debian packages, in build/deb; needs what dist/debian/control names
#   make rpm              RPM packages, in build/rpm; needs what dist/rpm/xdpdrop.spec names
#   make clean distclean
#
# V=1 shows the commands. SANITIZE=1 builds into build/sanitize with ASan and UBSan.

all:

MAKEFLAGS += -rR
.DELETE_ON_ERROR:
.PHONY: all install uninstall check check-style testenv fuzz bench soak dist deb rpm clean \
	distclean

ifneq ($(filter-out clean distclean check-style deb rpm,$(or $(MAKECMDGOALS),all)),)
include config.mk
endif

VERSION := $(shell sed -n 's/^VERSION=//p' configure)
SONAME := libxdpdrop.so.$(firstword $(subst ., ,$(VERSION)))

config.mk: configure
	./configure $(CONFIGURE_ARGS)

ifeq ($(V),1)
say = @:
else
Q = @
say = @printf '  %-6s %s\n' $(1) $@
endif

# Where this build's objects, library and tools are; BPF objects and skeletons exist once.
sanitize := $(filter-out 0,$(SANITIZE))
O = build$(if $(sanitize),/sanitize)

SANITIZERS = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
WARNINGS = -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes $(WERROR)
HOOK = -Ixdp-dispatcher-hook/include

# By the top directory of the source file. The static library cannot hide symbols under LTO.
FLAGS_lib = -fPIC -fno-lto -Ilib -Ixdp-dispatcher-hook -Ibuild
FLAGS_loader = -Iloader -Ibuild/include $(FORWARD_CFLAGS) $(MONITOR_CFLAGS)
FLAGS_testenv = -Ilib -Iloader -Ixdp-dispatcher-hook -Ibuild -Ibuild/include $(CMOCKA_CFLAGS) \
	$(FORWARD_CFLAGS) $(MONITOR_CFLAGS) -Wno-gnu-variable-sized-type-not-at-end
FLAGS = $(FLAGS_$(firstword $(subst /, ,$<))) $(HOOK) $(DEPS_CFLAGS)

BPF := $(patsubst xdp-dispatcher-hook/%.bpf.c,%,$(wildcard xdp-dispatcher-hook/*.bpf.c))
BPF_OBJECTS := $(BPF:%=build/xdpdrop_%.bpf.o)
HEADERS := $(wildcard lib/*.h)
PUBLIC := $(HEADERS:lib/%=build/include/xdpdrop/%)
GENERATED := $(BPF:%=build/%.skel.h) $(PUBLIC)

WATCHDOG := lib/process/watchdog_main.o
LIB := $(filter-out $(WATCHDOG),$(patsubst %.c,%.o,$(wildcard lib/*/*.c)))
TOOLS := xdpdrop-capture xdpdrop-loader $(if $(MONITOR),xdpdrop-monitor) xdpdrop-replay
SERVICES := build/systemd/xdpdrop@.service $(if $(MONITOR),build/systemd/xdpdrop-monitor@.service)
# Parts of xdpdrop-monitor, and their tests, which need its libraries.
of_monitor = $(if $(MONITOR),,$(wildcard $(1)))
# Started by Wireshark.
EXTCAP := xdpdrop-extcap
# Where librdkafka is; it needs nothing of libxdpdrop.
FORWARDER := $(if $(FORWARD),xdpdrop-forward)
KAFKA := loader/forward/forward_config.o loader/forward/forward_producer.o
SHARED := $(filter-out $(KAFKA),$(patsubst %.c,%.o,$(filter-out \
	$(call of_monitor,loader/monitor/*.c loader/screen/*.c loader/publish/metrics*.c),\
	$(wildcard loader/*/*.c))))
BUILT_TOOLS := $(filter $(TOOLS),$(patsubst loader/%.c,%,$(wildcard loader/*.c)))

UNIT := $(patsubst testenv/%.c,build/%,\
	$(filter-out $(call of_monitor,testenv/unit/test_metrics*.c testenv/unit/test_screen*.c),\
	$(wildcard testenv/unit/*.c)))
FUZZ := $(patsubst testenv/%.c,build/%,$(wildcard testenv/fuzz/*.c))
HELPERS := $(patsubst testenv/xdp/%.c,build/testenv/%,\
	$(filter-out %.bpf.c,$(wildcard testenv/xdp/*.c)))
HELPERS_BPF := $(patsubst testenv/xdp/%.c,build/testenv/%.o,$(wildcard testenv/xdp/*.bpf.c))

all: $(BPF_OBJECTS) $(O)/libxdpdrop.so $(O)/libxdpdrop.a build/libxdpdrop.pc \
	$(SERVICES) build/systemd/xdpdrop.conf \
	$(O)/xdpdrop-watchdog $(BUILT_TOOLS:%=$(O)/%) $(BUILT_TOOLS:%=$(O)/install/%) \
	$(O)/$(EXTCAP) $(O)/install/$(EXTCAP) $(FORWARDER:%=$(O)/%)

# Kernel side.

# Every kernel with ring buffers knows instruction set v2, whatever clang's default is.
define compile-bpf
	$(call say,BPF)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v2 -O2 -g -Wall $(WERROR) -fno-stack-protector \
		-ffile-prefix-map='$(CURDIR)'=. -MMD -MP $(HOOK) $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(if $(LLVM_STRIP),$(LLVM_STRIP) -g $@)
endef

build/testenv/%.bpf.o: testenv/xdp/%.bpf.c config.mk
	$(compile-bpf)

ifeq ($(PREBUILT),)
build/xdpdrop_%.bpf.o: xdp-dispatcher-hook/%.bpf.c config.mk
	$(compile-bpf)

$(BPF:%=build/%.skel.h): build/%.skel.h: build/xdpdrop_%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name xdpdrop_$*_bpf >$@
else
$(BPF_OBJECTS) $(BPF:%=build/%.skel.h): build/%: $(PREBUILT)/%
	$(call say,COPY)
	@mkdir -p $(@D)
	$(Q)cp $< $@
endif

# C objects, three ways.

define compile
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(1) $(CPPFLAGS) -std=gnu11 $(WARNINGS) $(2) -include config.h $(FLAGS) -MMD -MP \
		-c -o $@ $<
endef

build/%.o: %.c config.mk | $(GENERATED)
	$(call compile,$(CC),$(CFLAGS))

build/sanitize/%.o: %.c config.mk | $(GENERATED)
	$(call compile,$(CC),$(SANITIZERS))

build/tsan/%.o: %.c config.mk | $(GENERATED)
	$(call compile,$(CC),-O1 -g -fsanitize=thread)

build/fuzz/%.o: %.c config.mk | $(GENERATED)
	$(call compile,$(CLANG),$(SANITIZERS) -fsanitize=fuzzer-no-link)

# The public headers under their public names.
$(PUBLIC): build/include/xdpdrop/%: lib/%
	@mkdir -p $(@D)
	$(Q)ln -sf ../../../$< $@

define archive
	$(call say,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(1)
endef

# Library. It cannot be unloaded: libbpf and libxdp keep its print functions.

LINK = $(CC) $(if $(sanitize),$(SANITIZERS),$(CFLAGS)) $(LDFLAGS) -Wl,--as-needed

$(O)/libxdpdrop.so.$(VERSION): $(LIB:%=$(O)/%) lib/libxdpdrop.map
	$(call say,LD)
	$(Q)$(LINK) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=lib/libxdpdrop.map \
		-Wl,-z,nodelete \
		$(if $(sanitize),,-Wl,-z,defs) -o $@ $(LIB:%=$(O)/%) $(LIB_LIBS)

$(O)/$(SONAME): $(O)/libxdpdrop.so.$(VERSION)
	@ln -sf $(<F) $@

$(O)/libxdpdrop.so: $(O)/$(SONAME)
	@ln -sf $(<F) $@

# One object whose only global symbols are the API, as in the shared library.
$(O)/libxdpdrop.a: $(LIB:%=$(O)/%) lib/libxdpdrop.map
	$(Q)$(LD) -r -o $(@:.a=.o) $(LIB:%=$(O)/%)
	$(Q)$(OBJCOPY) $$(sed -n 's/^\t\(xdpdrop_.*\);/-G \1/p' lib/libxdpdrop.map) $(@:.a=.o)
	$(call archive,$(@:.a=.o))

# All of the library with its internal functions; a test may replace any file with its own.
build/internal.a: $(LIB:%=build/%)
	$(call archive,$^)

build/sanitize/internal.a: $(LIB:%=build/sanitize/%)
	$(call archive,$^)

build/fuzz/internal.a: $(LIB:%=build/fuzz/%)
	$(call archive,$^)

# The program that the library starts; it takes what it needs.
$(O)/xdpdrop-watchdog: $(O)/$(WATCHDOG) $(O)/internal.a
	$(call say,LD)
	$(Q)$(LINK) -o $@ $^ $(LIB_LIBS)

# Where the libraries are on the machine that this is built for.
pc_libs = $(subst -L$(SYSROOT)/,-L/,$(LIB_LIBS)) -lelf -lz

build/libxdpdrop.pc: lib/libxdpdrop.pc.in config.mk
	$(call say,GEN)
	@mkdir -p $(@D)
	$(Q)sed -e 's|@prefix@|$(prefix)|; s|@libdir@|$(libdir)|; s|@VERSION@|$(VERSION)|' \
		-e 's|@includedir@|$(includedir)|; s|@LIB_LIBS@|$(pc_libs)|' $< >$@

build/systemd/%.service: dist/systemd/%.service.in config.mk
	$(call say,GEN)
	@mkdir -p $(@D)
	$(Q)sed -e 's|@sbindir@|$(sbindir)|' $< >$@

build/systemd/%.conf: dist/systemd/%.tmpfiles
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Tools.

build/tools.a: $(SHARED:%=build/%)
	$(call archive,$^)

build/sanitize/tools.a: $(SHARED:%=build/sanitize/%)
	$(call archive,$^)

define link-tool
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(LINK) $(1) -o $@ $(filter %.o %.a,$^) -L$(O) -lxdpdrop $(TOOL_LIBS)
endef

# To run from the tree ...
$(TOOLS:%=$(O)/%) $(O)/$(EXTCAP): $(O)/%: $(O)/loader/%.o $(O)/tools.a $(O)/libxdpdrop.so
	$(call link-tool,-Wl$(,)-rpath$(,)'$$ORIGIN')

# ... and to install, with a run path only where the linker would not find the library.
$(TOOLS:%=$(O)/install/%) $(O)/install/$(EXTCAP): $(O)/install/%: $(O)/loader/%.o $(O)/tools.a \
		$(O)/libxdpdrop.so
	$(call link-tool,$(RUNPATH:%=-Wl$(,)-rpath$(,)%))

, := ,

$(O)/xdpdrop-forward: $(O)/loader/xdpdrop-forward.o $(KAFKA:%=$(O)/%) $(O)/tools.a
	$(call say,LD)
	$(Q)$(LINK) -o $@ $^ $(FORWARD_LIBS)

# Tests.

build/fuzz/tools.a: $(SHARED:%=build/fuzz/%)
	$(call archive,$^)

build/unit/test_message: LDFLAGS += -Wl,--wrap=recvmsg
build/unit/test_netdev: LDFLAGS += -Wl,--wrap=send,--wrap=recv
build/unit/test_parallel: LDFLAGS += -Wl,--wrap=pthread_create

$(UNIT): build/unit/%: build/sanitize/testenv/unit/%.o build/sanitize/tools.a \
		build/sanitize/internal.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(SANITIZERS) -Wl,--as-needed -o $@ $^ $(LIB_LIBS) $(TOOL_LIBS) \
		$(CMOCKA_LIBS)

build/fuzz/fuzz_cbpf: build/fuzz/testenv/filter/raw.o

$(FUZZ): build/fuzz/%: build/fuzz/testenv/fuzz/%.o build/fuzz/tools.a build/fuzz/internal.a
	$(call say,LD)
	$(Q)$(CLANG) $(SANITIZERS) -fsanitize=fuzzer -Wl,--as-needed -o $@ $^ $(LIB_LIBS) \
		$(TOOL_LIBS)

# With what the library waits by.
build/testenv/grace: build/lib/bpf/rcu_wait.o
build/testenv/emptied build/testenv/xload: build/lib/bpf/emptying.o build/lib/bpf/bpfinfo.o \
		build/lib/base/utf8.o build/lib/base/parallel.o

$(HELPERS): build/testenv/%: build/testenv/xdp/%.o
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -Wl,--as-needed -o $@ $^ $(TESTENV_LIBS)

build/testenv/faults.so: testenv/shim/faults.c config.mk
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(WARNINGS) $(CFLAGS) -fPIC -shared -o $@ $< -ldl

build/testenv/cycle build/testenv/embed: build/testenv/%: build/testenv/shim/%.o \
		build/libxdpdrop.so
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,-rpath,'$$ORIGIN/..' -o $@ $< -Lbuild -lxdpdrop

# With the library in it.
build/testenv/embed-static: build/testenv/shim/embed.o build/libxdpdrop.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -Wl,--as-needed -o $@ $^ $(LIB_LIBS)

# A cluster of Kafka brokers, for xdpdrop-forward.
build/testenv/brokers: build/testenv/shim/brokers.o
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(FORWARD_LIBS)

build/testenv/sanitized-forward: build/sanitize/loader/xdpdrop-forward.o \
		$(KAFKA:%=build/sanitize/%) build/sanitize/tools.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(SANITIZERS) -Wl,--as-needed -o $@ $^ $(FORWARD_LIBS)

build/tsan/internal.a: $(LIB:%=build/tsan/%)
	$(call archive,$^)

build/testenv/threads: build/tsan/testenv/shim/threads.o build/tsan/internal.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=thread -pthread -Wl,--as-needed -o $@ $^ $(LIB_LIBS)

build/tsan/tools.a: $(SHARED:%=build/tsan/%)
	$(call archive,$^)

# Its threads run frames.
build/testenv/tsan-replay: build/tsan/loader/xdpdrop-replay.o build/tsan/tools.a \
		build/tsan/internal.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=thread -pthread -Wl,--as-needed -o $@ $^ $(LIB_LIBS) \
		$(TOOL_LIBS)

# With what faults.so does built in: the sanitizers would not have it preloaded.
SANITIZED_TOOLS := $(TOOLS:xdpdrop-%=build/testenv/sanitized-%)
SANITIZED := $(SANITIZED_TOOLS) build/testenv/sanitized-cycle build/testenv/sanitized-watchdog

$(SANITIZED_TOOLS): build/testenv/sanitized-%: \
	build/sanitize/loader/xdpdrop-%.o build/sanitize/tools.a

build/testenv/sanitized-cycle: build/sanitize/testenv/shim/cycle.o

build/testenv/sanitized-watchdog: build/sanitize/$(WATCHDOG)

$(SANITIZED): build/testenv/shim/faults.o build/testenv/shim/leaks.o build/sanitize/internal.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(SANITIZERS) -Wl,--wrap=_exit -Wl,--as-needed -o $@ \
		$(filter %.o,$^) $(filter %tools.a,$^) build/sanitize/internal.a \
		$(LIB_LIBS) $(TOOL_LIBS)

testenv: $(HELPERS) $(HELPERS_BPF) build/testenv/faults.so build/testenv/cycle \
	build/testenv/embed build/testenv/embed-static \
	$(if $(HAVE_SANITIZERS),$(SANITIZED)) \
	$(if $(FORWARD),build/testenv/brokers \
		$(if $(HAVE_SANITIZERS),build/testenv/sanitized-forward)) \
	$(if $(HAVE_TSAN),build/testenv/threads build/testenv/tsan-replay) \
	build/filter_oracle \
	build/bench/bench build/bench/bench.bpf.o

ifneq ($(CROSS),)
check fuzz:
	@echo "make $@: this build is for $(CROSS), whose programs do not run here" >&2; exit 1
else
fuzz: $(FUZZ)
ifeq ($(CMOCKA),)
check:
	@echo "make check needs cmocka: install libcmocka-dev (Debian) or libcmocka-devel" \
		"(Fedora), then run ./configure again" >&2; exit 1
else
# The fuzzers are compiled, too, where clang is: what they call has not changed under them.
check: $(UNIT) $(if $(PREBUILT),,$(FUZZ:build/%=build/fuzz/testenv/%.o))
	@sh testenv/circles.sh $(LIB:%=build/sanitize/%)
	@sh testenv/circles.sh $(SHARED:%=build/sanitize/%)
	@sh testenv/run-unit.sh $(UNIT)
endif
endif

# Oracle of the filters, and the bench: both with the library's internal functions.

build/filter_oracle: $(patsubst %.c,build/%.o,$(wildcard testenv/filter/*.c)) $(LIB:%=build/%)
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(TESTENV_LIBS)

BENCH_OBJECTS := $(patsubst %.c,build/%.o,$(filter-out %.bpf.c,$(wildcard testenv/bench/*.c)))

build/bench/%.bpf.o: testenv/bench/%.bpf.c config.mk
	$(compile-bpf)

build/bench/bench: $(BENCH_OBJECTS) $(LIB:%=build/%)
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -Wl,--as-needed -o $@ $^ $(TESTENV_LIBS)

bench: all testenv build/bench/bench build/bench/bench.bpf.o
	$(Q)build/bench/bench $(BENCH)

soak: all testenv
	$(Q)XDPDROP_SOAK=$${XDPDROP_SOAK:-3600} testenv/run-tests.sh --verbose --timeout \
		$$(($${XDPDROP_SOAK:-3600} + 600)) soak

check-style:
	@sh testenv/check-style.sh

# Installation.

# Where each shell looks for completion; on the command line of make, distributions say otherwise.
bashdir = $(datadir)/bash-completion/completions
zshdir = $(datadir)/zsh/site-functions
fishdir = $(datadir)/fish/vendor_completions.d
# Where Wireshark looks for profiles.
profiledir = $(datadir)/wireshark/profiles/xdpdrop

# Where systemd looks for units, and for directories to create.
unitdir = $(prefix)/lib/systemd/system
tmpfilesdir = $(prefix)/lib/tmpfiles.d

HOOK_HEADERS = $(wildcard xdp-dispatcher-hook/include/xdpdrop/*.h)
man = $(filter-out $(if $(FORWARD),,man/xdpdrop-forward.8) \
	$(if $(MONITOR),,man/xdpdrop-monitor.8),$(wildcard man/*.$(1)))
COMPLETED = $(TOOLS) $(FORWARDER)
# In turn: mode, directory, files.
INSTALLED = $(call $(1),755,$(sbindir),$(BUILT_TOOLS:%=$(O)/install/%) \
		$(FORWARDER:%=$(O)/%)) \
	$(call $(1),755,$(libexecdir),$(O)/xdpdrop-watchdog) \
	$(call $(1),755,$(extcapdir),$(O)/install/$(EXTCAP)) \
	$(call $(1),644,$(profiledir),$(wildcard dist/wireshark/xdpdrop/*)) \
	$(call $(1),755,$(libdir),$(O)/libxdpdrop.so.$(VERSION)) \
	$(call $(1),644,$(libdir),$(O)/libxdpdrop.a) \
	$(call $(1),644,$(pkgconfigdir),build/libxdpdrop.pc) \
	$(call $(1),644,$(includedir)/xdpdrop,$(HEADERS) $(HOOK_HEADERS)) \
	$(call $(1),644,$(bpfobjectdir),$(BPF_OBJECTS)) \
	$(call $(1),644,$(mandir)/man3,$(call man,3)) \
	$(call $(1),644,$(mandir)/man7,$(call man,7)) \
	$(call $(1),644,$(mandir)/man8,$(call man,8)) \
	$(call $(1),644,$(docdir),README.md NEWS.md) \
	$(call $(1),644,$(docdir)/doc,$(wildcard $(addprefix doc/*.,md svg png json yml))) \
	$(call $(1),644,$(docdir)/examples,$(wildcard doc/examples/*)) \
	$(call $(1),644,$(unitdir),$(SERVICES)) \
	$(call $(1),644,$(tmpfilesdir),build/systemd/xdpdrop.conf) \
	$(call $(1),644,$(bashdir),$(COMPLETED:%=dist/completion/bash/%)) \
	$(call $(1),644,$(zshdir),$(COMPLETED:%=dist/completion/zsh/_%)) \
	$(call $(1),644,$(fishdir),$(COMPLETED:%=dist/completion/fish/%.fish) \
		dist/completion/fish/xdpdrop-common.fish)

install-files = $(if $(3),install -d $(DESTDIR)$(2) && \
	install -m $(1) $(3) $(DESTDIR)$(2) &&)
uninstall-files = $(if $(3),rm -f $(addprefix $(DESTDIR)$(2)/,$(notdir $(3))) &&)
installed-dir = $(2)

# Directories that go when they are empty: our own, and below a prefix of our own all.
OWN = $(includedir)/xdpdrop $(bpfobjectdir) $(docdir)/doc $(docdir)/examples $(docdir) \
	$(profiledir) $(extcapdir) $(patsubst %/,%,$(dir $(extcapdir)))
parent := $(DESTDIR)$(patsubst %/,%,$(dir $(prefix)))
below_parent = $(patsubst $(prefix)/%,$(notdir $(prefix))/%,\
	$(filter $(prefix)/%,$(call INSTALLED,installed-dir) $(docdir)))

install: all
	$(Q)$(call INSTALLED,install-files) \
	ln -sf libxdpdrop.so.$(VERSION) $(DESTDIR)$(libdir)/$(SONAME) && \
	ln -sf $(SONAME) $(DESTDIR)$(libdir)/libxdpdrop.so
	$(Q)[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || :
	@echo 'Installed xdpdrop $(VERSION)$(if $(DESTDIR), below $(DESTDIR)):'
	@printf '  %-16s %s\n' tools $(sbindir) library $(libdir) 'started by it' $(libexecdir) \
		headers $(includedir)/xdpdrop pkg-config $(pkgconfigdir) \
		'BPF objects' $(bpfobjectdir) 'manual pages' $(mandir) \
		'for Wireshark' '$(extcapdir), $(profiledir)' \
		service $(unitdir) 'documents' $(docdir) \
		completion '$(bashdir), $(zshdir), $(fishdir)'
	@echo 'To begin: $(sbindir)/xdpdrop-capture -D. To remove all of it: make uninstall'

uninstall:
	$(Q)$(call INSTALLED,uninstall-files) \
	rm -f $(DESTDIR)$(libdir)/$(SONAME) $(DESTDIR)$(libdir)/libxdpdrop.so
	$(Q)$(if $(filter-out / /usr /usr/local,$(prefix)),cd $(parent)/ 2>/dev/null && \
		rmdir -p --ignore-fail-on-non-empty $(below_parent) 2>/dev/null || :)
	$(Q)rmdir $(addprefix $(DESTDIR),$(OWN)) 2>/dev/null || :

# Distribution.

dist: $(BPF_OBJECTS) $(BPF:%=build/%.skel.h)
	@sh dist/make.sh dist $(VERSION) $(^:build/%=%)

deb rpm:
	@sh dist/make.sh $@ $(VERSION)

# Virtual machines are slow to make: only distclean removes those of testenv/vm.sh.
clean:
	$(Q)[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name vm \
		-exec rm -rf --one-file-system {} +

distclean:
	rm -rf --one-file-system build
	rm -f config.mk config.h

-include $(wildcard build/*.d build/testenv/*.d build/bench/*.d \
	$(foreach d,build build/sanitize build/tsan build/fuzz,\
		$d/lib/*/*.d $d/loader/*.d $d/loader/*/*.d $d/testenv/*/*.d))
