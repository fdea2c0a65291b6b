#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a VM is made of, each part kept in the cache and made anew when its inputs change:
#   userland-SUITE   a Debian user land, as a directory (to build the project in) and an image;
#                    nothing writes to the directory any more, since layers are made on top of it
#   kernel-NAME      a Debian kernel: vmlinuz, initrd, modules as an image
#   tree-SUITE       this project, built in the user land, as an image
# and for another architecture than this machine's userland-SUITE-ARCHITECTURE, of unpacked
# packages, and tree-SUITE-ARCHITECTURE, cross-compiled in cross-SUITE-ARCHITECTURE, a layer.
#
#   parts.sh CACHE DESTINATION NAME KERNEL_SUITE USERLAND_SUITE ARCHITECTURE [no-build]
#
# leaves links to them in the directory DESTINATION, so that another run may renew the cache.
#
#   parts.sh --userland CACHE SUITE
#
# only makes the user land.
#
#   parts.sh --check CACHE SUITE COMPILER
#
# builds the project with this compiler in a user land that is there, and runs its unit tests.

set -eu
vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$vm/../.." && pwd)

# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$vm/debian.sh"

BASE_PACKAGES='kmod busybox-static xz-utils'

# Sets PACKAGES, those of the user land of a suite. Only sid has the firewalls.
choose_packages() {
	local groups=(build test servers)
	[ "$1" != sid ] || groups+=(firewalls)
	PACKAGES="$("$vm/../packages.sh" --list "${groups[@]}") $BASE_PACKAGES"
}

# What the initramfs needs to reach the disks; a kernel may have some of them built in.
BOOT_MODULES=(virtio_pci virtio_blk crc32c_generic ext4)

note() {
	echo "vm: $*" >&2
}

die() {
	note "$@"
	exit 125
}

# Hash of the arguments and of standard input.
key() {
	{ printf '%s\0' "$@"; cat; } | sha256sum | cut -d ' ' -f 1
}

# cached PART MAKER KEY ARGUMENT...: make it, unless it was made from the same inputs.
cached() {
	local part=$1 maker=$2 key=$3 began=$SECONDS log=$cache/$1.log
	shift 3
	[ "$(cat "$cache/$part.key" 2>/dev/null)" != "$key" ] || return 0
	rm -f "$cache/$part.key"
	note "making $part"
	# A process of its own: a condition would switch off set -e in a function.
	if ! cache=$cache mirror=$mirror security=$security build=$build arch=$arch \
		foreign=$foreign setpriv --pdeathsig TERM \
		"$BASH" "$vm/parts.sh" --make "$maker" "$@" >"$log" 2>&1; then
		tail -n 40 "$log" >&2
		die "cannot make $part; the whole log is $log"
	fi
	echo "$key" >"$cache/$part.key"
	note "made $part in $((SECONDS - began)) s"
}

# in_userland SUITE COMMAND...: with the project's tree as /xdpdrop; for another architecture, with
# the cross compiler, and with its user land as /target. What is left in /tmp is in $scratch.
in_userland() {
	local root=$cache/userland-$1 BINDS=("$cache/tree-$1$foreign" /xdpdrop "$scratch" /tmp)

	if [ "$foreign" ]; then
		root=$cache/cross-$1$foreign
		BINDS+=("$cache/userland-$1$foreign" /target)
	fi
	run_in "$root" "${@:2}"
}

# make_image DIRECTORY IMAGE SPARE_MB: an ext4 file system with the directory's files.
make_image() {
	local size
	size=$(du -s --apparent-size --block-size=1M "$1" | cut -f 1)
	rm -f "$2"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$1" "$2" $((size * 5 / 4 + $3))M
}

# shellcheck source-path=SCRIPTDIR source=target.sh
. "$vm/target.sh"

# -- user land ------------------------------------------------------------------------------------

make_userland() {
	local suite=$1 dir=$cache/userland-$1
	rm -rf --one-file-system "$dir"
	private debootstrap --variant=minbase --keyring="$KEYRING" "$suite" "$dir" "$mirror"
	mkdir "$dir/xdpdrop" "$dir/target" "$dir/usr/lib/modules"
	sources "$suite" >"$dir/etc/apt/sources.list"
	cp -L /etc/resolv.conf /etc/hosts "$dir/etc/"
	# What this machine needs to reach its mirror, the chroot needs too.
	apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' \
		>"$dir/etc/apt/apt.conf.d/90host" || :
	printf 'path-exclude /usr/share/%s/*\n' doc locale info >"$dir/etc/dpkg/dpkg.cfg.d/vm"
	echo force-unsafe-io >>"$dir/etc/dpkg/dpkg.cfg.d/vm"
	in_userland "$suite" apt-get -q update
	# shellcheck disable=SC2086
	in_userland "$suite" apt-get -qy install --no-install-recommends $PACKAGES
	in_userland "$suite" apt-get clean
	rm -rf "$dir"/var/lib/apt/lists/*
	make_image "$dir" "$cache/userland-$suite.ext4" 512
}

userland_of() {
	choose_packages "$1"
	make_userland "$1"
}

userland() {
	choose_packages "$1"
	cached "userland-$1" userland_of "$(declare -f make_userland make_image in_userland |
		key "$1" "$mirror" "$security" "$PACKAGES")" "$1"
}

# -- kernel ---------------------------------------------------------------------------------------

# Fetches, with the user land's apt and keyring, the kernel packages of the sources in
# /tmp/kernel.list, and unpacks them into /tmp/kernel.
fetch_kernel() {
	# shellcheck disable=SC2016
	in_userland "$1" sh -ec '
		cd /tmp
		arch=$1
		set -- -o Dir::Etc::SourceList=/tmp/kernel.list -o Dir::State::Lists=/tmp/lists \
			-o Dir::Cache=/tmp \
			-o APT::Architecture="$arch" -o APT::Architectures="$arch"
		mkdir -p lists/partial archives/partial
		apt-get "$@" -q update
		apt-cache "$@" depends --recurse --important "linux-image-cloud-$arch" |
			sed -En "s/^ *Depends: (linux-(image|binary|modules|base)-[0-9].*)/\1/p" |
			sort -u | xargs apt-get "$@" -q download
		for package in *.deb; do
			dpkg-deb -x "$package" kernel
		done
		rm ./*.deb
		[ -d kernel/lib/modules ] || mv kernel/usr/lib kernel/
		depmod -b kernel "$(ls kernel/lib/modules)"' fetch_kernel "$arch"
}

# Busybox, and the modules in the order in which testenv/vm/initramfs loads them.
make_initrd() {
	# shellcheck disable=SC2016
	in_userland "$1" sh -ec '
		cd /tmp
		mkdir -p initrd/bin initrd/dev initrd/proc initrd/sys initrd/root
		cp "$1/bin/busybox" initrd/bin/
		shift
		for name in $(busybox --list); do
			[ "$name" = busybox ] || ln -s busybox "initrd/bin/$name"
		done
		version=$(ls kernel/lib/modules)
		for module; do
			modprobe -d /tmp/kernel -S "$version" --show-depends "$module" || :
		done | sed -n "s/^insmod //p" | awk "!seen[\$1]++ { print \$1 }" |
		while read -r path; do
			file=${path##*/}
			case $path in
			*.xz) file=${file%.xz}; xz -dc "$path" >"initrd/$file" ;;
			*.zst) file=${file%.zst}; zstd -dcq "$path" >"initrd/$file" ;;
			*) cp "$path" initrd/ ;;
			esac
			echo "/$file"
		done >initrd/modules.list
		install -m 755 initramfs initrd/init
		cd initrd
		find . | busybox cpio -o -H newc >/tmp/initrd.cpio' \
		make_initrd "${foreign:+/target}" "${BOOT_MODULES[@]}"
}

# make_kernel NAME KERNEL_SUITE USERLAND_SUITE
make_kernel() {
	local out=$cache/kernel-$1
	rm -rf "$out"
	mkdir "$out"
	sources "$2" >"$scratch/kernel.list"
	fetch_kernel "$3"
	cp "$vm/initramfs" "$scratch/"
	make_initrd "$3"
	find "$scratch/kernel" -type f -name 'vmlinuz*' -exec mv {} "$out/vmlinuz" \;
	mv "$scratch/initrd.cpio" "$out/initrd"
	make_image "$scratch/kernel/lib/modules" "$out/modules.ext4" 16
}

kernel() {
	cached "kernel-$1" make_kernel "$({
		declare -f make_kernel fetch_kernel make_initrd make_image
		cat "$vm/initramfs"
	} | key "$@" "$arch" "$mirror" "$security" "${BOOT_MODULES[@]}")" "$@"
}

# -- project --------------------------------------------------------------------------------------

# make_tree SUITE TAR
make_tree() {
	local dir=$cache/tree-$1$foreign options=()
	rm -rf "$dir"
	mkdir "$dir"
	tar -xf "$2" -C "$dir"
	if [ "$build" ]; then
		[ ! "$foreign" ] || cross_options
		# shellcheck disable=SC2016
		in_userland "$1" sh -ec '
			cd /xdpdrop
			./configure "$@"
			make -j"$(nproc)" all testenv' make_tree "${options[@]}"
	fi
	make_image "$dir" "$dir.ext4" 256
}

tree() {
	project_tar >"$destination/tree.tar"
	cached "tree-$1$foreign" make_tree "$({
		declare -f make_tree cross_options
		cat "$destination/tree.tar"
	} | key "$build" "$(cat "$cache/userland-$1$foreign.key")")" "$1" "$destination/tree.tar"
	rm "$destination/tree.tar"
}

# -------------------------------------------------------------------------------------------------

# check SUITE COMPILER: in a copy, since the tree is that of its image, which gcc has built.
check() {
	local built=$cache/tree-$1 userland=$cache/userland-$1 cache=$cache/check

	rm -rf "$cache"
	mkdir "$cache"
	ln -s "$(realpath "$userland")" "$cache/"
	if [ "$2" = gcc ]; then
		cp -a "$built" "$cache/"
	else
		mkdir "$cache/tree-$1"
		project_tar | tar -x -C "$cache/tree-$1"
	fi
	# shellcheck disable=SC2016
	in_userland "$1" sh -ec '
		cd /xdpdrop
		[ -e config.mk ] || ./configure CC="$1"
		make -j"$(nproc)" all check' check "$2"
	rm -rf "$cache"
}

# For a process that makes one thing.
make_scratch() {
	scratch=$(mktemp -d "$cache/tmp.XXXXXX")
	chmod 1777 "$scratch"
	trap 'rm -rf "$scratch"' EXIT
	trap 'exit 143' HUP TERM
	trap 'exit 130' INT
}

if [ "$1" = --check ]; then
	cache=$2 foreign=''
	make_scratch
	exec 9>"$cache/$3.lock"
	flock 9
	check "$3" "$4"
	exit
fi
if [ "$1" = --make ]; then
	make_scratch
	"${@:2}"
	exit
fi
if [ "$1" = --userland ]; then
	cache=$2 foreign='' build='' arch=''
	find_mirrors || die "no Debian mirror in this machine's apt sources: set DEBIAN_MIRROR"
	mkdir -p "$cache"
	exec 9>"$cache/$3.lock"
	flock 9
	userland "$3"
	exit
fi

cache=$1 destination=$2 name=$3 kernel_suite=$4 suite=$5 arch=$6 build=yes
[ "${7-}" != no-build ] || build=''
find_mirrors || die "no Debian mirror in this machine's apt sources: set DEBIAN_MIRROR"
exec 9>"$cache/$suite.lock"
flock 9
foreign=''
userland "$suite"
if [ "$arch" != "$(dpkg --print-architecture)" ]; then
	foreign=-$arch
	target "$suite"
fi
kernel "$name" "$kernel_suite" "$suite"
tree "$suite"

ln "$cache/kernel-$name"/* "$destination/"
ln "$cache/userland-$suite$foreign.ext4" "$destination/userland.ext4"
ln "$cache/tree-$suite$foreign.ext4" "$destination/tree.ext4"
ln "$cache/userland-$suite/bin/busybox" "$destination/"
sed -n 's/^Version: *//p' "$cache/userland-$suite$foreign"/usr/lib/*/pkgconfig/libxdp.pc \
	>"$destination/libxdp"
