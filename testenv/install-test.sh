#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What make install leaves is complete and usable without the tree, and make uninstall removes
# it. Installs into a temporary DESTDIR; needs no root. Exit status 0: every check passed.

set -u
cd "$(dirname "$0")/.." || exit 1
root=$(pwd)

tmp=$(mktemp -d "${TMPDIR:-/tmp}/xdpdrop-install.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
dest=$tmp/dest
failed=0

# check NAME COMMAND...: one line; the command's output when it fails.
check() {
	what=$1
	shift
	if "$@" >"$tmp/output" 2>&1; then
		echo "ok   $what"
	else
		echo "FAIL $what"
		sed 's/^/     /' "$tmp/output"
		failed=$((failed + 1))
	fi
}

# A variable of config.mk, as make sees it.
config() {
	sed -n "s/^$1 = //p" config.mk
}

# Flags of the installed library, by its .pc file.
flags() {
	PKG_CONFIG_SYSROOT_DIR=$dest PKG_CONFIG_PATH=$dest$(config pkgconfigdir) \
		$(config PKG_CONFIG) "$@" libxdpdrop
}

run_installed() {
	LD_LIBRARY_PATH=$dest$(config libdir) "$@"
}

install_files() {
	make install DESTDIR="$dest"
}

expected_files() {
	libdir=$(config libdir)
	for name in libxdpdrop.so libxdpdrop.so.0 "libxdpdrop.so.$version" libxdpdrop.a; do
		echo "$libdir/$name"
	done
	echo "$(config pkgconfigdir)/libxdpdrop.pc"
	for name in xdpdrop hook record; do
		echo "$(config includedir)/xdpdrop/$name.h"
	done
	for source in loader/xdpdrop-*.c; do
		echo "$(config sbindir)/$(basename "$source" .c)"
	done
	echo "$(config libexecdir)/xdpdrop-watchdog"
	for source in xdp-dispatcher-hook/*.bpf.c; do
		echo "$(config bpfobjectdir)/xdpdrop_$(basename "$source" .c).o"
	done
	for page in man/*.[1-9]; do
		[ ! -f "$page" ] || echo "$(config mandir)/man${page##*.}/${page#man/}"
	done
}

# The lists are the same; otherwise shows the difference.
same() {
	sort -u "$1" >"$1.sorted"
	sort -u "$2" >"$2.sorted"
	diff "$1.sorted" "$2.sorted"
}

check_files() {
	expected_files >"$tmp/expected"
	(cd "$dest" && find . ! -type d) | sed 's/^\.//' >"$tmp/installed"
	same "$tmp/expected" "$tmp/installed"
}

check_modes() {
	! find "$dest" -type f ! -perm 644 ! -perm 755 | grep .
}

check_no_run_path() {
	find "$dest" -type f -perm 755 | while read -r file; do
		readelf -d "$file" | grep -E 'R(UN)?PATH' | sed "s|^|$file:|"
	done >"$tmp/paths"
	! grep . "$tmp/paths"
}

# No file knows where it was built or staged; debug information may.
check_no_tree() {
	! grep -rlF -e "$dest" "$dest" || return 1
	! grep -lF "$root" "$dest$(config pkgconfigdir)"/* "$dest$(config bpfobjectdir)"/*
}

map_symbols() {
	sed -n 's/^[[:space:]]*\(xdpdrop_[a-z0-9_]*\);$/\1/p' lib/libxdpdrop.map
}

check_exports_map() {
	nm -D --defined-only "$dest$(config libdir)/libxdpdrop.so" |
		sed -n 's/^[^ ]* [^A] \([^@]*\)@.*/\1/p' >"$tmp/exports"
	map_symbols >"$tmp/map"
	same "$tmp/exports" "$tmp/map"
}

check_exports_version() {
	! nm -D --defined-only "$dest$(config libdir)/libxdpdrop.so" |
		grep -vE ' A |@XDPDROP_[0-9]+\.[0-9]+$'
}

check_exports_header() {
	# shellcheck disable=SC2046 # words on purpose
	echo '#include <xdpdrop/xdpdrop.h>' | $(config CC) -E -P $(flags --cflags) -x c - |
		grep -oE '\bxdpdrop_[a-z0-9_]+ ?\(' | tr -d ' (' >"$tmp/declared"
	map_symbols >"$tmp/map"
	same "$tmp/declared" "$tmp/map"
}

check_exports_static() {
	nm -g --defined-only "$dest$(config libdir)/libxdpdrop.a" |
		sed -n 's/^[0-9a-f]* [A-Z] //p' >"$tmp/exports"
	map_symbols >"$tmp/map"
	same "$tmp/exports" "$tmp/map"
}

# build_and_run COMPILER SOURCE shared|static FLAG...: it must print the version, nothing else.
build_and_run() {
	compiler=$1 source=testenv/install/$2 linking=$3
	shift 3
	libs=$(flags --libs)
	if [ "$linking" = static ]; then
		libs=$(flags --libs --static | sed 's/-lxdpdrop/-l:libxdpdrop.a/')
	fi
	# shellcheck disable=SC2046,SC2086 # words on purpose
	$compiler "$@" -Wall -Wextra -Werror $(flags --cflags) -o "$tmp/program" "$source" \
		$libs || return 1
	run_installed "$tmp/program" >"$tmp/version" || return 1
	cat "$tmp/version"
	[ "$(cat "$tmp/version")" = "$version" ]
}

check_programs() {
	for compiler in gcc clang; do
		command -v "$compiler" >/dev/null || continue
		for standard in c11 c17 gnu11; do
			check "$compiler -std=$standard" build_and_run "$compiler" session.c \
				shared -std=$standard -pedantic
		done
		check "$compiler, static library" build_and_run "$compiler" session.c static
	done
	# Not -pedantic: a record ends in a flexible array, which in C++ is an extension.
	for compiler in g++ clang++; do
		command -v "$compiler" >/dev/null || continue
		for standard in c++11 c++17 c++20; do
			check "$compiler -std=$standard" build_and_run "$compiler" session.cc \
				shared -std=$standard
		done
	done
}

check_bpf() {
	# shellcheck disable=SC2046 # words on purpose
	$(config CLANG) -target bpf -mcpu=v2 -O2 -g -Wall -Wextra -Werror $(flags --cflags) \
		$(config BPF_CFLAGS) -c -o "$tmp/hook.bpf.o" testenv/install/hook.bpf.c &&
		$(config BPFTOOL) gen skeleton "$tmp/hook.bpf.o" >"$tmp/hook.skel.h" &&
		grep -q named_hook "$tmp/hook.skel.h" && grep -q plain_hook "$tmp/hook.skel.h"
}

check_tools() {
	for tool in "$dest$(config sbindir)"/*; do
		run_installed "$tool" --version | grep -F "$version" || return 1
	done
}

check_uninstall() {
	make uninstall DESTDIR="$dest" && ! find "$dest" ! -type d | grep . &&
		! find "$dest" -type d -name xdpdrop | grep .
}

make -s all || exit 1
version=$(./configure --version | sed 's/.* //')

check "make install" install_files
check "every file is installed, and no other" check_files
check "modes are 644 and 755" check_modes
check "no run path" check_no_run_path
check "no path of the tree" check_no_tree
check "exported symbols are those of the map" check_exports_map
check "exported symbols have a version" check_exports_version
check "declared functions are those of the map" check_exports_header
check "symbols of the static library are those of the map" check_exports_static
check_programs
check "an XDP program with hook.h" check_bpf
check "tools run and know their version" check_tools
check "make uninstall" check_uninstall

[ $failed -eq 0 ]
