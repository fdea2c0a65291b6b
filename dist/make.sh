#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What make dist, make deb and make rpm do.
#
#   dist/make.sh dist VERSION FILE...   build/dist/xdpdrop-VERSION.tar.xz: the tree, and these files
#                                       of build/ in dist/prebuilt
#   dist/make.sh deb VERSION            build/deb: packages, source package and .changes
#   dist/make.sh rpm VERSION            build/rpm: packages and the source package
#
# The tree is what is on disk, without what git ignores. Dates in what is made are those of
# SOURCE_DATE_EPOCH, or else of the last commit, so that the same tree gives the same bytes.

set -eu
umask 022
cd "$(dirname "$0")/.."
what=$1 version=$2
shift 2
name=xdpdrop-$version

# Not that of a tree around this one.
has_git() {
	[ -e .git ] && git -c safe.directory='*' rev-parse HEAD >/dev/null 2>&1
}

if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
	SOURCE_DATE_EPOCH=$({ has_git && git -c safe.directory='*' log -1 --format=%ct; } ||
		stat -c %Y configure)
fi
export SOURCE_DATE_EPOCH

die() {
	echo "make $what: $*" >&2
	exit 1
}

need() {
	for tool; do
		command -v "$tool" >/dev/null || die "needs $tool, which is not installed"
	done
}

# Copy the tree into a directory, which is made.
export_tree() {
	mkdir -p "$1"
	if has_git; then
		git -c safe.directory='*' ls-files -co --exclude-standard
	else
		find . \( -path ./build -o -path ./.git -o -path ./config.h -o -path ./config.mk \
			\) -prune -o ! -type d -print
	fi | while read -r file; do
		[ ! -e "$file" ] || echo "$file"
	done | tar -c -T - | tar -x -C "$1"
}

# pack DIRECTORY TAR: what is in the first one's parent under its name, with fixed dates and owners.
pack() {
	tar -C "$(dirname "$1")" --sort=name --owner=0 --group=0 --numeric-owner \
		--mtime="@$SOURCE_DATE_EPOCH" --mode=u=rwX,go=rX -cJf "$2" "$(basename "$1")"
}

make_dist() {
	rm -rf build/dist
	export_tree "build/dist/$name"
	mkdir -p "build/dist/$name/dist/prebuilt"
	for file; do
		cp "build/$file" "build/dist/$name/dist/prebuilt/"
	done
	pack "build/dist/$name" "build/dist/$name.tar.xz"
	rm -rf "build/dist/$name"
	echo "build/dist/$name.tar.xz"
}

make_deb() {
	need dpkg-buildpackage dh
	rm -rf build/deb
	export_tree "build/deb/$name"
	# the packaging is not part of the upstream tarball
	mv "build/deb/$name/dist/debian" build/deb/debian
	pack "build/deb/$name" "build/deb/xdpdrop_$version.orig.tar.xz"
	mv build/deb/debian "build/deb/$name/"
	(cd "build/deb/$name" && dpkg-buildpackage --no-sign)
	rm -rf "build/deb/$name"
	ls build/deb/*.deb
}

make_rpm() {
	need rpmbuild
	rm -rf build/rpm
	export_tree "build/rpm/$name"
	mkdir -p build/rpm/SOURCES
	pack "build/rpm/$name" "build/rpm/SOURCES/$name.tar.xz"
	rm -rf "build/rpm/$name"
	# Debian's rpmbuild has no database of RPM packages to find the build's needs in
	nodeps=''
	[ ! -e /etc/debian_version ] || nodeps=--nodeps
	# shellcheck disable=SC2086 # words on purpose
	rpmbuild $nodeps ${RPMBUILD_OPTIONS-} --define "_topdir $PWD/build/rpm" \
		--define "version_of_tree $version" -ba dist/rpm/xdpdrop.spec
	find build/rpm -name '*.rpm'
}

"make_$what" "$@"
