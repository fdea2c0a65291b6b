#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs what the groups named as arguments need, on Debian 12 and later, as root. Quiet and
# quick when everything is there; elsewhere says what is needed.
#
#   testenv/packages.sh [--list] GROUP ...
#
# Groups: build libraries style test servers firewalls collectors run vm packages rpm shells.

set -u

# All are packages of bookworm, trixie and sid, unless it says otherwise.
group() {
	case $1 in
	build) echo gcc make clang llvm bpftool pkg-config "$(group libraries)" ;;
	libraries)
		echo libc6-dev linux-libc-dev libbpf-dev libxdp-dev libelf-dev zlib1g-dev \
			libpcap-dev libcap-ng-dev libseccomp-dev libncurses-dev \
			libmicrohttpd-dev libcmocka-dev librdkafka-dev
		;;
	style) echo clang-format shellcheck mandoc ;;
	test) echo g++ binutils libclang-rt-dev file libcap2-bin mandoc "$(group run)" ;;
	# Servers that start when they are installed: tests that need them run in virtual machines.
	servers) echo openssh-server prometheus ;;
	# Of sid alone. Their daemons start, too.
	firewalls) echo bpfilter ;;
	# Of sFlow. Their daemons start where systemd runs when they are installed, and tests skip
	# without them: for containers.
	collectors) echo pmacct nfdump-sflow ;;
	# What system tests call.
	run)
		echo bpftool iproute2 iputils-ping procps psmisc util-linux xdp-tools tcpdump \
			tshark wireshark-common dnsmasq-base bind9-dnsutils ethtool socat \
			netcat-openbsd jq strace tmux python3-minimal python3-jsonschema \
			pkg-config kcat curl
		;;
	vm)
		echo qemu-system-x86 qemu-system-arm debootstrap debian-archive-keyring e2fsprogs \
			busybox-static cpio kmod xz-utils zstd util-linux
		;;
	packages) echo build-essential debhelper lintian ;;
	rpm) echo rpm rpmlint ;;
	# Whose completion is tried.
	shells) echo zsh fish ;;
	*) return 1 ;;
	esac
}

usage() {
	echo "usage: testenv/packages.sh [--list] GROUP ..." >&2
	echo "groups: build libraries style test servers firewalls collectors run vm packages rpm" \
		shells >&2
	exit 2
}

list=''
if [ "${1-}" = --list ]; then
	list=yes
	shift
fi
wanted=''
for name; do
	more=$(group "$name") || usage
	wanted="$wanted $more"
done
[ -n "$wanted" ] || usage

if [ -n "$list" ]; then
	echo "${wanted# }" | tr ' ' '\n' | sort -u
	exit
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
	echo "packages.sh: this system has no apt-get; install what it calls these Debian packages:"
	echo " $wanted"
	exit 1
fi >&2

# Those of $wanted that are not installed.
missing() {
	# shellcheck disable=SC2086 # words on purpose, here and below
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
		sed -n 's/^installed //p' | sort -u)
	for package in $wanted; do
		echo "$installed" | grep -qxF "$package" || echo "$package"
	done
}

packages=$(missing)
[ -n "$packages" ] || exit 0
# shellcheck disable=SC2086
if [ "$(id -u)" -ne 0 ]; then
	echo "packages.sh: run as root, or: apt-get install" $packages >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp "${TMPDIR:-/tmp}/xdpdrop-packages.XXXXXX") || exit 1
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM

apt() {
	apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -q -y "$@" \
		>>"$log" 2>&1 </dev/null
}

# shellcheck disable=SC2086
install() {
	apt install --no-install-recommends $packages
}

# The package lists may be absent or too old to fetch from: renew them only then.
if ! install; then
	apt update
	if ! install; then
		cat "$log"
		echo "packages.sh: could not install:"
		missing
		exit 1
	fi >&2
fi
