#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds what is distributed, and tries it. As root; the last line has the totals.
#
#   testenv/package-test.sh [--short] [PART]...   these parts, or all
#
#   SUITE     the packages for this Debian: built twice, in other places and with other settings,
#             and compared; lintian; their own test; installed in a clean Debian, where they
#             capture; purged, which leaves nothing
#   rpm       the RPM packages, built by Debian's rpmbuild; rpmlint; installed below a directory
#   tarball   what make dist makes, built on this machine with clang and bpftool hidden
#   --short   of the suites behind it, packages are built once, and not tried in a clean Debian
#
# All but the tarball is done in the user lands of the virtual machines, in layers on top of them.

set -u
cd "$(dirname "$0")/.." || exit 1
cache=$(realpath -m "${XDPDROP_VM_CACHE:-build/vm}")
version=$(./configure --version | sed 's/.* //')
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
passed=0 failed=0 suite=''

# shellcheck source-path=SCRIPTDIR source=vm/debian.sh
. testenv/vm/debian.sh
# shellcheck source-path=SCRIPTDIR source=kernels.sh
. testenv/kernels.sh
# shellcheck source-path=SCRIPTDIR source=spent.sh
. testenv/spent.sh

# Each suite wants its own version of the policy, and later ones a later version of debhelper and no
# fields whose values have become the default. Earlier ones do not know these tags.
SUPPRESSED=out-of-date-standards-version,newer-standards-version
LATER='package-uses-old-debhelper-compat-version|redundant-priority-optional-field'
LATER+='|redundant-rules-requires-root-no-field'

# check NAME COMMAND...: one line with seconds of CPU; when it fails, the command's last lines.
check() {
	local what="${suite:+$suite: }$1" spent before

	shift
	count_spent
	before=$spent
	if "$@" >"$work/output" 2>&1; then
		count_spent
		echo "ok   $what ($((spent - before)) s)"
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		tail -n 45 "$work/output" | sed 's/^/     /'
		failed=$((failed + 1))
		return 1
	fi
}

# -- Debians -------------------------------------------------------------------------------------

# put FILE DIRECTORY PATH: copies it into a layer.
put() {
	# shellcheck disable=SC2016
	run_in "$2" sh -ec 'mkdir -p "$(dirname "$1")"; cat >"$1"; chmod 755 "$1"' put "$3" <"$1"
}

# once DIRECTORY KEY COMMAND...: makes it, if it was not made with this key.
once() {
	local dir=$1 key=$2

	shift 2
	[ "$(cat "$dir.key" 2>/dev/null)" != "$key" ] || return 0
	rm -f "$dir.key"
	"$@" && echo "$key" >"$dir.key"
}

# make_builder LAYER USERLAND PACKAGE...
make_builder() {
	layer "$1" "$2" && run_in "$1" sh -ec '
		echo "man-db man-db/auto-update boolean false" | debconf-set-selections
		apt-get -q -o Acquire::Languages=none update
		apt-get -qy install --no-install-recommends "$@"' make_builder "${@:3}"
}

make_clean() {
	debootstrap_in "$suite" "$1" && may_fetch "$suite" "$1" &&
		run_in "$1" apt-get -q -o Acquire::Languages=none update &&
		run_in "$1" apt-get -qy install --no-install-recommends iproute2 tcpdump
}

# make_debian SUITE GROUP...: sets builder, with what packages.sh has in these groups.
make_debian() {
	local packages userland=$cache/userland-$1

	find_mirrors || { echo "no Debian mirror in apt's sources: set DEBIAN_MIRROR"; return 1; }
	builder=$cache/packages/builder-$1
	mkdir -p "$cache/packages"
	exec 8>"$cache/packages/$1.lock"
	flock 8
	packages=$(testenv/packages.sh --list "${@:2}" | paste -s -d ' ')
	testenv/vm/parts.sh --userland "$cache" "$1" || return
	# shellcheck disable=SC2086 # words on purpose
	once "$builder" "$packages $(cat "$userland.key")" \
		make_builder "$builder" "$userland" $packages
}

# -- Debian packages ------------------------------------------------------------------------------

# build_in DIRECTORY MAKE-TARGET VARIABLE=VALUE...: the unit tests have run in all user lands.
build_in() {
	# shellcheck disable=SC2016
	run_in "$builder" sh -ec 'rm -rf "$1"; mkdir -p "$1"; tar -xf - -C "$1"' build "$1" \
		<"$work/tree.tar" &&
		run_in "$builder" env SOURCE_DATE_EPOCH=1700000000 "${@:3}" make -C "$1" "$2"
}

build_differently() {
	umask 077
	build_in /another/place deb DEB_BUILD_OPTIONS=nocheck LC_ALL=C TZ=XYZ-11:30 USER=nobody
}

# Also the parts of the source package.
same_packages() {
	# shellcheck disable=SC2016
	run_in "$builder" sh -ec '
		for dir in /one /another/place; do
			cd $dir/build/deb
			sha256sum *.deb *.tar.xz *.dsc >/tmp/sums
			[ "$(wc -l </tmp/sums)" -ge 7 ]
			mv /tmp/sums /tmp/sums.$(echo $dir | tr -d /)
		done
		diff /tmp/sums.one /tmp/sums.anotherplace'
}

ask_lintian() {
	local status

	run_in "$builder" sh -c "lintian -EvIL +pedantic --suppress-tags $SUPPRESSED \
		/one/build/deb/*.changes 2>&1" >"$work/lintian"
	status=$?
	cat "$work/lintian"
	[ $status = 0 ] && ! grep -E '^[EWIPX]: ' "$work/lintian" | grep -vE " ($LATER) "
}

# install_packages LAYER: by apt, which fetches what they depend on.
install_packages() {
	run_in "$builder" tar -C /one/build -c deb >"$work/deb.tar" &&
		run_in "$1" sh -ec '
			rm -f /etc/dpkg/dpkg.cfg.d/vm # leaves out /usr/share/doc
			mkdir -p /tmp/deb
			tar -C /tmp -xf -
			rm -f /tmp/deb/*dbgsym*
			apt-get -qy install --no-install-recommends /tmp/deb/*.deb' <"$work/deb.tar"
}

# run_capture LAYER [ARGUMENT]: the packages' own test, in a network of its own.
run_capture() {
	put dist/debian/tests/capture "$1" /tmp/capture &&
		run_in "$1" unshare --net --mount sh -ec '
			mount -t sysfs sysfs /sys
			mount -t bpf bpf /sys/fs/bpf
			ip link set lo up
			/tmp/capture "$@"' capture "${@:2}"
}

# In a Debian with everything that a developer has.
own_test() {
	layer "$cache/packages/test-$suite" "$builder" &&
		install_packages "$cache/packages/test-$suite" &&
		run_capture "$cache/packages/test-$suite"
	local status=$?

	rm -rf --one-file-system "$cache/packages/test-$suite"
	return $status
}

# What other packages and the test itself write is left out, and the lock, which is shared with
# captures that do not come from a package, and is gone after a reboot.
list_files() {
	run_in "$clean" find / -xdev ! -path '/var/lib/dpkg/*' ! -path '/var/lib/apt/*' \
		! -path '/var/cache/*' ! -path '/var/log/*' ! -path '/tmp/*' \
		! -path /etc/ld.so.cache ! -path /run/netns ! -path /run/xdpdrop.lock | sort
}

# There is no compiler: the program comes from the builder.
make_program() {
	# shellcheck disable=SC2016
	run_in "$builder" sh -ec 'clang -O2 -g -target bpf \
		-idirafter "/usr/include/$(uname -m)-linux-gnu" -I/one/xdp-dispatcher-hook/include \
		-c /one/doc/examples/discard.bpf.c -o /tmp/discard.bpf.o' &&
		run_in "$builder" cat /tmp/discard.bpf.o >"$work/discard.bpf.o" &&
		put "$work/discard.bpf.o" "$clean" /tmp/discard.bpf.o
}

install_clean() {
	layer "$clean" "$cache/packages/clean-$suite" &&
		list_files >"$work/before" && install_packages "$clean"
}

purge_packages() {
	run_in "$clean" apt-get -qy purge xdpdrop xdpdrop-forward libxdpdrop0 libxdpdrop-dev \
		xdpdrop-doc &&
		run_in "$clean" apt-get -qy autoremove --purge || return
	list_files >"$work/after"
	diff "$work/before" "$work/after"
}

debian_packages() {
	suite=$1 clean=$cache/packages/purged-$1
	check "a Debian to build in" make_debian "$1" packages || return
	check "make deb" build_in /one deb DEB_BUILD_OPTIONS="nocheck parallel=2" || return
	check lintian ask_lintian
	check "the packages' own test" own_test
	[ ! "$short" ] || return 0
	check "make deb elsewhere" eval '(build_differently)' &&
		check "the packages are the same" same_packages
	check "a clean Debian" once "$cache/packages/clean-$1" "$mirror $security" \
		make_clean "$cache/packages/clean-$1" &&
		check "the packages are installed" install_clean &&
		check "they have what their program needs" make_program &&
		check "they capture" run_capture "$clean" /tmp/discard.bpf.o &&
		check "purged, they leave nothing" purge_packages
	rm -rf --one-file-system "$clean"
}

# -- RPM packages ---------------------------------------------------------------------------------

ask_rpmlint() {
	# shellcheck disable=SC2016
	run_in "$builder" sh -c 'cd /rpm && rpmlint -c dist/rpm/rpmlint.toml dist/rpm/xdpdrop.spec \
		$(find build/rpm -name "*.rpm")' >"$work/rpmlint" 2>&1
	cat "$work/rpmlint"
	grep -q ' 0 errors, 0 warnings' "$work/rpmlint"
}

# They are where Fedora has such files, and nothing is left out that make install has.
install_rpm() {
	# shellcheck disable=SC2016
	run_in "$builder" sh -ec '
		rm -rf /tmp/root
		mkdir -p /tmp/root
		rpm --root /tmp/root --force-debian --nodeps -i \
			$(find /rpm/build/rpm/RPMS -name "*.rpm")
		cd /tmp/root
		find . ! -type d ! -path "*/.rpmdb/*" | sed s/^.// | sort >/tmp/files
		libdir=$(rpm --eval %_libdir)
		for file in /usr/sbin/xdpdrop-capture /usr/sbin/xdpdrop-loader \
			/usr/sbin/xdpdrop-forward /usr/share/man/man8/xdpdrop-forward.8.gz \
			$libdir/libxdpdrop.so.0 $libdir/libxdpdrop.so $libdir/libxdpdrop.a \
			$libdir/pkgconfig/libxdpdrop.pc $libdir/bpf/xdpdrop_capture.bpf.o \
			/usr/libexec/xdpdrop/xdpdrop-watchdog /usr/include/xdpdrop/hook.h \
			/usr/share/man/man8/xdpdrop-capture.8.gz \
			/usr/share/man/man3/libxdpdrop.3.gz \
			/usr/share/man/man7/xdpdrop-hook.7.gz \
			/usr/share/doc/xdpdrop-doc/README.md \
			/usr/share/bash-completion/completions/xdpdrop-capture \
			/usr/share/zsh/site-functions/_xdpdrop-capture \
			/usr/share/fish/vendor_completions.d/xdpdrop-capture.fish; do
			grep -qxF "${file%.gz}" /tmp/files || grep -qxF "$file" /tmp/files ||
				{ echo "no $file"; cat /tmp/files; exit 1; }
		done
		LD_LIBRARY_PATH=/tmp/root$libdir usr/sbin/xdpdrop-capture --version'
}

remove_rpm() {
	run_in "$builder" sh -ec '
		cd /tmp/root
		rpm --root /tmp/root --force-debian -e \
			xdpdrop xdpdrop-forward libxdpdrop libxdpdrop-devel xdpdrop-doc
		! find . ! -type d ! -path "*/.rpmdb/*" | grep .'
}

rpm_packages() {
	suite=rpm
	check "a Debian to build in" make_debian bookworm packages rpm || return
	check "make rpm" build_in /rpm rpm RPMBUILD_OPTIONS=--nocheck || return
	check rpmlint ask_rpmlint
	check "the packages are installed" install_rpm &&
		check "removed, they leave nothing" remove_rpm
}

# -- tarball --------------------------------------------------------------------------------------

# Where clang and bpftool are, there is something that cannot be executed.
build_without_tools() {
	rm -rf build/tarball
	mkdir -p build/tarball
	tar -C build/tarball --strip-components=1 -xf "build/dist/xdpdrop-$version.tar.xz" || return
	# shellcheck disable=SC2016
	private "$BASH" -ec '
		PATH=$PATH:/usr/sbin:/sbin
		for tool in clang bpftool llvm-strip $(compgen -c clang-); do
			! path=$(type -P "$tool") || mount --bind /dev/null "$(readlink -f "$path")"
		done
		cd build/tarball
		./configure
		grep -q "^PREBUILT = dist/prebuilt" config.mk
		make -j2 all
		make -s install DESTDIR="$PWD/build/dest"
		build/xdpdrop-capture --version'
}

# The BPF objects are those of this tree.
same_objects() {
	for file in build/xdpdrop_*.bpf.o; do
		cmp "$file" "build/tarball/$file" || return
	done
	rm -rf build/tarball
}

tarball() {
	suite=tarball
	check "make dist" make dist || return
	check "it is built without clang and bpftool" build_without_tools &&
		check "with the same BPF objects" same_objects
}

# -------------------------------------------------------------------------------------------------

short=''
if [ $# = 0 ]; then
	# shellcheck disable=SC2046 # words on purpose
	set -- tarball $(kernels | awk '!seen[$3]++ { print $3 }') rpm
fi
[ "$(id -u)" = 0 ] || { echo "package-test.sh: needs root" >&2; exit 2; }
(project_tar) >"$work/tree.tar"
for part; do
	case $part in
	--short) short=yes ;;
	tarball) tarball ;;
	rpm) rpm_packages ;;
	*) debian_packages "$part" ;;
	esac
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
