# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The user land of a VM whose architecture is not this machine's. Its programs do not run here:
# packages are unpacked, and a layer on the native user land of the same suite has the tools, among
# them the cross compiler. Needs from parts.sh: its variables and functions.
# shellcheck disable=SC2154,SC2034

# Nothing is built there. A native user land has mount from the start.
TARGET_PACKAGES="$("$vm/../packages.sh" --list libraries run) $BASE_PACKAGES mount"

# The architecture as compilers call it.
triplet() {
	case $arch in
	amd64) echo x86_64-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	*) die "no virtual machines of the architecture '$arch'" ;;
	esac
}

install_cross_compiler() {
	# shellcheck disable=SC2016
	in_userland "$1" sh -ec '
		apt-get -q update
		apt-get -qy install --no-install-recommends "gcc-$1"
		apt-get clean
		rm -rf /var/lib/apt/lists/*' install_cross_compiler "$(triplet)"
}

# Fetches packages and all that these need, and unpacks them into /target.
unpack_target() {
	# shellcheck disable=SC2016
	in_userland "$1" sh -ec '
		apt=/target/tmp/apt arch=$1 packages=$2
		mkdir -p /target/usr/bin /target/usr/sbin /target/usr/lib /target/tmp \
			$apt/lists/partial $apt/archives/partial
		for dir in bin sbin lib; do
			ln -s usr/$dir /target/$dir
		done
		: >$apt/status
		set -- -qy -o APT::Architecture=$arch -o APT::Architectures=$arch \
			-o Dir::State::Lists=$apt/lists -o Dir::State::Status=$apt/status \
			-o Dir::Cache=$apt --no-install-recommends --download-only
		apt-get "$@" update
		apt-get "$@" install "?essential" $packages
		for package in $apt/archives/*.deb; do
			dpkg-deb --fsys-tarfile $package | tar -x -C /target \
				--keep-directory-symlink --exclude ./usr/share/doc \
				--exclude ./usr/share/info --exclude ./usr/share/locale
		done
		# with links that lead nowhere, the linker takes static libraries
		find /target/usr/lib -name "*.so" -type l -lname "/*" | while read -r link; do
			ln -sfr "/target$(readlink "$link")" "$link"
		done
		rm -r $apt' unpack_target "$arch" "$TARGET_PACKAGES"
}

# What the packages' scripts would make: accounts, and names of alternatives. The native user land
# has both, of the same packages.
configure_target() {
	# shellcheck disable=SC2016
	in_userland "$1" sh -ec '
		cd /etc
		cp -a passwd group shadow nsswitch.conf alternatives /target/etc/
		find /usr/bin /usr/sbin -lname "/etc/alternatives/*" | while read -r link; do
			[ ! -e "/target$(readlink -f "$link")" ] || cp -a "$link" "/target$link"
		done'
}

# Sets options: configure's, to build with the cross compiler for what is in /target.
cross_options() {
	local triplet
	triplet=$(triplet)
	options=(--host="$triplet" CC="$triplet-gcc --sysroot=/target"
		PKG_CONFIG_LIBDIR="/target/usr/lib/$triplet/pkgconfig:/target/usr/share/pkgconfig"
		PKG_CONFIG_SYSROOT_DIR=/target)
}

# make_target SUITE
make_target() {
	local dir=$cache/userland-$1-$arch
	rm -rf --one-file-system "$dir"
	mkdir -p "$dir/xdpdrop" "$dir/usr/lib/modules"
	layer "$cache/cross-$1-$arch" "$cache/userland-$1"
	install_cross_compiler "$1"
	unpack_target "$1"
	configure_target "$1"
	make_image "$dir" "$dir.ext4" 512
}

# Its compiler is in a layer on the other user land: made anew whenever that is, even from the same
# inputs.
target() {
	cached "userland-$1-$arch" make_target "$(
		declare -f make_target install_cross_compiler unpack_target configure_target \
			make_image in_userland |
			key "$1" "$arch" "$mirror" "$security" "$TARGET_PACKAGES" \
				"$(stat -c %Y "$cache/userland-$1.key")"
	)" "$1"
}
