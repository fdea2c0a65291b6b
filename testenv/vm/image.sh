# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a VM is made of, each part cached under $cache and made anew when its inputs change:
#   userland-SUITE   a Debian user land, as a directory (to build the project in) and an image
#   kernel-NAME      a Debian kernel: vmlinuz, initrd, modules as an image
#   tree-SUITE       this project, built in the user land, as an image
# Needs from vm.sh: $testenv $project $cache, note() and die().

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# What the initramfs needs to reach the disks.
BOOT_MODULES='virtio_pci virtio_blk crc32c_generic ext4'

# What the project is built with, what its tests use, and what a VM takes to come up.
PACKAGES="$("$testenv/packages.sh" --list build test) kmod busybox-static xz-utils"

# The archive that the host itself uses; @1 is the label of its Release file.
host_mirror() {
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		sed -n "s/^$1|//p" | head -n 1
}

mirrors() {
	mirror=${DEBIAN_MIRROR:-$(host_mirror Debian)}
	security=${DEBIAN_SECURITY_MIRROR:-$(host_mirror Debian-Security)}
	[ "$mirror" ] || die "no Debian mirror in this machine's apt sources: set DEBIAN_MIRROR"
}

# Hash of the arguments and of standard input.
key() {
	{ printf '%s\0' "$@"; cat; } | sha256sum | cut -d ' ' -f 1
}

# locked NAME COMMAND...: one process at a time makes a part.
locked() (
	exec 9>"$cache/$1.lock"
	flock 9
	shift
	"$@"
)

# cached PART KEY COMMAND...: run the command unless it made this part from the same inputs.
cached() {
	local part=$1 key=$2 began=$SECONDS log=$cache/$1.log
	shift 2
	[ "$(cat "$cache/$part.key" 2>/dev/null)" != "$key" ] || return 0
	rm -f "$cache/$part.key"
	note "making $part"
	# In the background, because a condition would switch off the command's own set -e.
	"$@" >"$log" 2>&1 &
	if ! wait $!; then
		tail -n 30 "$log" >&2
		die "cannot make $part; the whole log is $log"
	fi
	echo "$key" >"$cache/$part.key"
	note "made $part in $((SECONDS - began)) s"
}

# private COMMAND...: what it mounts and starts is gone when it ends.
private() {
	unshare --mount --propagation private --pid --fork --kill-child "$@"
}

# in_userland SUITE COMMAND...: with /proc, and with tree-SUITE as /xdpdrop.
in_userland() {
	# shellcheck disable=SC2016
	private sh -ec '
		root=$1 tree=$2
		shift 2
		mount -t proc proc "$root/proc"
		[ ! -d "$tree" ] || mount --bind "$tree" "$root/xdpdrop"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
			DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
			chroot "$root" "$@"' in_userland "$cache/userland-$1" "$cache/tree-$1" "${@:2}"
}

# make_image DIRECTORY IMAGE SPARE_MB: an ext4 file system with the directory's files.
make_image() {
	local size
	size=$(du -s --apparent-size --block-size=1M "$1" | cut -f 1)
	rm -f "$2"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$1" "$2" $((size * 5 / 4 + $3))M
}

sources() {
	echo "deb $mirror $1 main"
	[ "$1" = sid ] || [ ! "$security" ] || echo "deb $security $1-security main"
}

make_userland() {
	local suite=$1 dir=$cache/userland-$1
	set -e
	rm -rf --one-file-system "$dir"
	private debootstrap --variant=minbase --keyring="$KEYRING" "$suite" "$dir" "$mirror"
	mkdir "$dir/xdpdrop" "$dir/usr/lib/modules"
	sources "$suite" >"$dir/etc/apt/sources.list"
	cp -L /etc/resolv.conf /etc/hosts "$dir/etc/"
	# What this machine needs to reach its mirror, the chroot needs too.
	apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' \
		>"$dir/etc/apt/apt.conf.d/90host" || :
	printf 'path-exclude /usr/share/%s/*\n' doc man locale info >"$dir/etc/dpkg/dpkg.cfg.d/vm"
	echo force-unsafe-io >>"$dir/etc/dpkg/dpkg.cfg.d/vm"
	in_userland "$suite" apt-get -q update
	# shellcheck disable=SC2086
	in_userland "$suite" apt-get -qy install --no-install-recommends $PACKAGES
	in_userland "$suite" apt-get clean
	rm -rf "$dir"/var/lib/apt/lists/*
	make_image "$dir" "$cache/userland-$suite.ext4" 512
}

userland() {
	cached "userland-$1" \
		"$(declare -f make_userland make_image | key "$1" "$mirror" "$PACKAGES")" \
		make_userland "$1"
}

# Fetches, with the user land's apt and keyring, the kernel packages of another suite.
fetch_kernel() {
	# shellcheck disable=SC2016
	in_userland "$2" sh -ec '
		cd /tmp
		set -- -o Dir::Etc::SourceList=/tmp/kernel.list -o Dir::State::Lists=/tmp/lists
		mkdir -p lists/partial
		apt-get "$@" -q update
		apt-cache "$@" depends --recurse --important linux-image-cloud-amd64 |
			sed -En "s/^ *Depends: (linux-(image|binary|modules|base)-[0-9].*)/\1/p" | sort -u |
			xargs apt-get "$@" -q download
		for package in *.deb; do
			dpkg-deb -x "$package" kernel
		done
		rm -r lists ./*.deb
		[ -d kernel/lib/modules ] || mv kernel/usr/lib kernel/'
}

# Busybox and the few modules that stand before the root disk.
make_initrd() {
	# shellcheck disable=SC2016
	in_userland "$1" sh -ec '
		cd /tmp
		mkdir -p initrd/bin initrd/dev initrd/proc initrd/sys initrd/root
		cp /bin/busybox initrd/bin/
		for name in $(busybox --list); do
			[ "$name" = busybox ] || ln -s busybox "initrd/bin/$name"
		done
		version=$(ls kernel/lib/modules)
		depmod -b kernel "$version"
		for module in '"$BOOT_MODULES"'; do
			modprobe -d /tmp/kernel -S "$version" --show-depends "$module" || :
		done | sed -n "s/^insmod //p" | awk "!seen[\$1]++ { print \$1 }" |
		while read -r path; do
			file=${path##*/}
			case $path in
			*.xz) file=${file%.xz}; xz -dc "$path" >"initrd/$file" ;;
			*) cp "$path" initrd/ ;;
			esac
			echo "/$file"
		done >initrd/modules.list
		cat initrd/modules.list
		cp /tmp/init initrd/init
		chmod 755 initrd/init
		cd initrd
		find . | busybox cpio -o -H newc >/tmp/initrd.cpio'
}

# make_kernel NAME KERNEL_SUITE USERLAND_SUITE
make_kernel() {
	local out=$cache/kernel-$1 tmp=$cache/userland-$3/tmp
	set -e
	rm -rf "$out" "${tmp:?}"/*
	mkdir "$out"
	sources "$2" >"$tmp/kernel.list"
	fetch_kernel "$2" "$3"
	cp "$testenv/vm/initramfs" "$tmp/init"
	make_initrd "$3"
	find "$tmp/kernel" -type f -name 'vmlinuz*' -exec mv {} "$out/vmlinuz" \;
	mv "$tmp/initrd.cpio" "$out/initrd"
	make_image "$tmp/kernel/lib/modules" "$out/modules.ext4" 16
	rm -rf "${tmp:?}"/*
}

kernel() {
	local key
	key=$({ declare -f make_kernel fetch_kernel make_initrd; cat "$testenv/vm/initramfs"; } |
		key "$@" "$mirror" "$BOOT_MODULES")
	cached "kernel-$1" "$key" locked "userland-$3" make_kernel "$@"
}

# The project as it is on disk, without what git ignores, as a tar archive of fixed dates.
project_tar() {
	cd "$project" || return
	if git -c safe.directory='*' rev-parse HEAD >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files -z -co --exclude-standard
	else
		find . -path ./build -prune -o ! -type d -print0
	fi | xargs -0r sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh | sort -z -u |
		tar -c --null -T - --owner=0 --group=0 --numeric-owner --mtime=@1000000000
}

make_tree() {
	local suite=$1 dir=$cache/tree-$1
	set -e
	rm -rf "$dir"
	mkdir "$dir"
	tar -xf "$2" -C "$dir"
	rm -f "$2"
	if [ "$build" ] && [ -e "$dir/configure" ] && [ -e "$dir/Makefile" ]; then
		in_userland "$suite" sh -ec "cd /xdpdrop; ./configure && make -j$(nproc) all testenv"
	fi
	make_image "$dir" "$cache/tree-$suite.ext4" 256
}

tree() {
	local tar
	tar=$(mktemp "$cache/tree.XXXXXX") || return
	project_tar >"$tar"
	cached "tree-$1" "$(key "$build" "$(cat "$cache/userland-$1.key")" <"$tar")" \
		make_tree "$1" "$tar"
	rm -f "$tar"
}
