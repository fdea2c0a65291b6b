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
	make install DESTDIR="$dest" >"$tmp/install.log"
}

expected_files() {
	libdir=$(config libdir)
	for name in libxdpdrop.so libxdpdrop.so.0 "libxdpdrop.so.$version" libxdpdrop.a; do
		echo "$libdir/$name"
	done
	echo "$(config pkgconfigdir)/libxdpdrop.pc"
	for name in xdpdrop options output stats interface replay sflow hook record; do
		echo "$(config includedir)/xdpdrop/$name.h"
	done
	tools='capture loader monitor replay'
	[ -z "$(config FORWARD)" ] || tools="$tools forward"
	echo "$(config datadir)/fish/vendor_completions.d/xdpdrop-common.fish"
	for name in $tools; do
		echo "$(config sbindir)/xdpdrop-$name"
	done
	echo "$(config extcapdir)/xdpdrop-extcap"
	for name in colorfilters preferences; do
		echo "$(config datadir)/wireshark/profiles/xdpdrop/$name"
	done
	echo "$(config libexecdir)/xdpdrop-watchdog"
	for source in xdp-dispatcher-hook/*.bpf.c; do
		echo "$(config bpfobjectdir)/xdpdrop_$(basename "$source" .c).o"
	done
	for page in man/*.[1-9]; do
		[ "$(config FORWARD)" ] || [ "$page" != man/xdpdrop-forward.8 ] || continue
		[ ! -f "$page" ] || echo "$(config mandir)/man${page##*.}/${page#man/}"
	done
	for file in README.md NEWS.md doc/*.md doc/*.svg doc/*.png doc/*.json doc/*.yml; do
		[ ! -f "$file" ] || echo "$(config docdir)/$file"
	done
	for file in doc/examples/*; do
		echo "$(config docdir)/examples/$(basename "$file")"
	done
	for name in xdpdrop xdpdrop-monitor; do
		echo "$(config prefix)/lib/systemd/system/$name@.service"
	done
	echo "$(config prefix)/lib/tmpfiles.d/xdpdrop.conf"
	for name in $tools; do
		echo "$(config datadir)/bash-completion/completions/xdpdrop-$name"
		echo "$(config datadir)/zsh/site-functions/_xdpdrop-$name"
		echo "$(config datadir)/fish/vendor_completions.d/xdpdrop-$name.fish"
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

# make install says where things went; each of these directories is there.
check_told() {
	grep -q "^Installed xdpdrop $version below $dest:$" "$tmp/install.log" || return 1
	sed -n 's|^  .* \(/[^, ]*\)$|\1|p' "$tmp/install.log" >"$tmp/told"
	[ "$(wc -l <"$tmp/told")" -ge 9 ] || return 1
	while read -r dir; do
		[ -d "$dest$dir" ] || { echo "no $dir"; return 1; }
	done <"$tmp/told"
}

# A tree beside this one with another configuration, with what is built here.
other_tree() {
	rm -rf "$tmp/tree"
	mkdir "$tmp/tree"
	tar -c --exclude ./build/vm --exclude ./build/sanitize --exclude ./build/install \
		--exclude ./.git . | tar -x -C "$tmp/tree"
	(cd "$tmp/tree" && ./configure "$@" >"$tmp/log" 2>&1)
}

# other_prefix LIBDIR: where the linker does not look for libraries the tools start all the same,
# and make uninstall leaves no directory. What is compiled stays as it is, but for run paths.
other_prefix() {
	cd "$tmp/tree" || return 1
	make -s -o config.mk -o config.h install >"$tmp/log" || return 1
	env -u LD_LIBRARY_PATH "$tmp/opt/x/sbin/xdpdrop-capture" --version || return 1
	grep -q "^  library  *$1\$" "$tmp/log" && [ -e "$1/libxdpdrop.so.0" ] || return 1
	make -s uninstall && ! [ -e "$tmp/opt/x" ]
}

check_prefixes() {
	mkdir "$tmp/opt"
	other_tree --prefix="$tmp/opt/x/" && (other_prefix "$tmp/opt/x/lib") || return 1
	other_tree --prefix="$tmp/opt/x" --libdir="$tmp/opt/x/some/lib64" &&
		(other_prefix "$tmp/opt/x/some/lib64")
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

# A line that includes it, for each installed header of the library.
library_headers() {
	for header in lib/*.h; do
		echo "#include <xdpdrop/${header#lib/}>"
	done
}

check_exports_header() {
	# shellcheck disable=SC2046 # words on purpose
	library_headers | $(config CC) -E -P $(flags --cflags) -x c - |
		grep -oE '\bxdpdrop_[a-z0-9_]+ ?\(' | tr -d ' (' >"$tmp/declared"
	map_symbols >"$tmp/map"
	same "$tmp/declared" "$tmp/map"
}

# Each header of the library compiles as the first of a program, in C and in C++.
check_headers() {
	library_headers | while read -r line; do
		for compiler in 'gcc -x c' 'clang -x c' 'g++ -x c++' 'clang++ -x c++'; do
			command -v "${compiler%% *}" >/dev/null || continue
			# shellcheck disable=SC2046,SC2086 # words on purpose
			echo "$line" | $compiler -Wall -Wextra -Werror -fsyntax-only \
				$(flags --cflags) - || return 1
		done
	done
}

check_exports_static() {
	nm -g --defined-only "$dest$(config libdir)/libxdpdrop.a" |
		sed -n 's/^[0-9a-f]* [A-Z] //p' >"$tmp/exports"
	map_symbols >"$tmp/map"
	same "$tmp/exports" "$tmp/map"
}

check_exports_debian() {
	sed -n 's/^ \(xdpdrop_[a-z0-9_]*\)@.*/\1/p' dist/debian/libxdpdrop0.symbols >"$tmp/exports"
	map_symbols >"$tmp/map"
	same "$tmp/exports" "$tmp/map"
}

# The version is the same wherever it is written.
check_versions() {
	soname=${version%%.*}
	[ "$(sed -n 's/^## //p' NEWS.md | head -n 1)" = "$version" ] &&
		head -n 1 dist/debian/changelog | grep -qF "xdpdrop ($version-" &&
		grep -qE "global version_of_tree $version\}?\$" dist/rpm/xdpdrop.spec &&
		sed -n '/^%changelog/{n;p}' dist/rpm/xdpdrop.spec | grep -qF -- "- $version-" &&
		[ -e "dist/debian/libxdpdrop$soname.symbols" ] &&
		readelf -d "$dest$(config libdir)/libxdpdrop.so" |
			grep -qF "[libxdpdrop.so.$soname]"
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

# A program with the types of its kernel has them before those of hook.h.
check_vmlinux() {
	mkdir -p "$tmp/types"
	$(config BPFTOOL) btf dump file /sys/kernel/btf/vmlinux format c >"$tmp/types/vmlinux.h"
	{
		echo '#include "vmlinux.h"'
		cat testenv/install/hook.bpf.c
	} >"$tmp/types/hook.bpf.c"
	# shellcheck disable=SC2046 # words on purpose
	$(config CLANG) -target bpf -mcpu=v2 -O2 -g -Wall -Werror $(flags --cflags) \
		-c -o "$tmp/types/hook.bpf.o" "$tmp/types/hook.bpf.c"
}

check_tools() {
	for tool in "$dest$(config sbindir)"/* "$dest$(config extcapdir)"/*; do
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
check "make install says where" check_told
check "no run path" check_no_run_path
check "with another prefix and libdir, tools start and nothing stays" check_prefixes
check "no path of the tree" check_no_tree
check "exported symbols are those of the map" check_exports_map
check "exported symbols have a version" check_exports_version
check "exported symbols are those of the Debian package" check_exports_debian
check "the version is the same everywhere" check_versions
check "each header of the library by itself" check_headers
check "declared functions are those of the map" check_exports_header
check "symbols of the static library are those of the map" check_exports_static
check_programs
check "an XDP program with hook.h" check_bpf
[ ! -r /sys/kernel/btf/vmlinux ] || check "hook.h after vmlinux.h" check_vmlinux
check "tools run and know their version" check_tools
check "make uninstall" check_uninstall

[ $failed -eq 0 ]
