# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What is needed to make a Debian in a directory and to run commands in it, from the archive that
# this machine uses; and this project's tree as it is on disk. Sourced; $project is the tree.

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
: "${project:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"

# The archive that the host itself uses; @1 is the label of its Release file.
host_mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		sed -n "s/^$1|//p" | head -n 1
}

# Sets mirror and security; fails without the first.
find_mirrors() {
	mirror=${DEBIAN_MIRROR:-$(host_mirror Debian)}
	security=${DEBIAN_SECURITY_MIRROR:-$(host_mirror Debian-Security)}
	[ "$mirror" ]
}

# Lines for sources.list. Sid has no security suite.
sources() {
	echo "deb $mirror $1 main"
	[ "$1" = sid ] || [ ! "$security" ] || echo "deb $security $1-security main"
}

# What the command mounts and starts is gone when it ends, and it ends with this process.
private() {
	setpriv --pdeathsig KILL \
		unshare --mount --propagation private --pid --fork --kill-child "$@"
}

# debootstrap_in SUITE DIRECTORY: a minimal one, from $mirror.
debootstrap_in() {
	rm -rf --one-file-system "$2"
	mkdir -p "$(dirname "$2")"
	private debootstrap --variant=minbase --keyring="$KEYRING" "$1" "$2" "$mirror"
}

# may_fetch SUITE DIRECTORY: what this machine needs to reach its archive, the Debian needs too.
may_fetch() {
	sources "$1" >"$2/etc/apt/sources.list"
	cp -L /etc/resolv.conf /etc/hosts "$2/etc/"
	apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' \
		>"$2/etc/apt/apt.conf.d/90host" || :
	echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/unsafe-io"
}

# layer DIRECTORY BASE: a Debian on top of another one, which may not change any more: apt would
# find stale files. A copy of it where nothing can be mounted on top.
layer() {
	local base

	base=$(lower_of "$2")
	rm -rf --one-file-system "$1"
	mkdir -p "$1/root" "$1/upper" "$1/work"
	echo "$base" >"$1/lower"
	! run_in "$1" true 2>/dev/null || return 0
	echo "no overlay file system here: copying $2"
	rm "$1/lower"
	cp -a "$base/." "$1/root/"
}

# The directories of which a Debian consists, uppermost first.
lower_of() {
	if [ -e "$1/lower" ]; then
		echo "$1/upper:$(cat "$1/lower")"
	elif [ -e "$1/upper" ]; then
		echo "$1/root"
	else
		echo "$1"
	fi
}

# run_in DIRECTORY COMMAND...: in a Debian or in a layer, with /proc, /sys, this machine's network,
# and pairs of a directory and its place in there; a directory that is absent is left out.
BINDS=()
run_in() {
	# shellcheck disable=SC2016
	private "$BASH" -ec '
		dir=$1 root=$1 pairs=$2
		shift 2
		[ ! -e "$dir/upper" ] || root=$dir/root
		if [ -e "$dir/lower" ]; then
			mount -t overlay overlay "$root" -o \
				"lowerdir=$(cat "$dir/lower"),upperdir=$dir/upper,workdir=$dir/work"
		else
			mount --bind "$root" "$root" # for ip-netns(8) it has to be a mount
		fi
		for ((; pairs > 0; pairs--)); do
			[ ! -d "$1" ] || mount --bind "$1" "$root$2"
			shift 2
		done
		mount -t proc proc "$root/proc"
		mount -t sysfs sysfs "$root/sys"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
			DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
			chroot "$root" "$@"' \
		run_in "$1" $((${#BINDS[@]} / 2)) "${BINDS[@]}" "${@:2}"
}

# What is on disk, without what git ignores, as a tar archive with fixed dates.
project_tar() {
	cd "$project" || return
	# shellcheck disable=SC2016
	if git -c safe.directory='*' rev-parse HEAD >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files -z -co --exclude-standard
	else
		find . -path ./build -prune -o ! -type d -print0
	fi | xargs -0r sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh | sort -z -u |
		tar -c --null -T - --owner=0 --group=0 --numeric-owner --mtime=@1000000000
}
