#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A network to try XDP programs and captures in: a veth pair, one end on this host, the other in
# a namespace of its own. See testenv.sh --help.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=netns.sh
. "$here/netns.sh"

name=xdpdrop-test
mtu=1500
state=/run/xdpdrop-testenv
build=${XDPDROP_BUILD:-$here/../build}

usage() {
	cat <<END
Usage: testenv.sh [options] COMMAND

  setup          make the network, or check that it is there
  teardown       remove it
  status         addresses of the network, and what others there are
  enter          a shell inside the namespace
  exec CMD ...   run a command inside the namespace
  ping [OPTION]  ping the outside end from the inside
  flood [OPTION] flood the outside end from the inside; --help lists rate, size, count
  alias          print a shell alias t for this script

  -n, --name NAME  [$name] the namespace and the outside end of the veth
  -m, --mtu N      [$mtu] of both ends, for setup
  -h, --help

Example:
  testenv.sh setup
  xdp-filter load $name && xdp-filter port 53 -m src
  xdpdrop-capture $name - | tcpdump -nr -
  testenv.sh exec dig @${IP4_SUBNET}.1.1 example.com     # in another terminal
  testenv.sh flood --rate 100000 --size 64 --count 500000
  testenv.sh teardown
END
}

die() {
	echo "testenv.sh: $*" >&2
	exit 1
}

need_root() {
	[ "$(id -u)" = 0 ] || die "needs root: sudo $0 $*"
	command -v ip >/dev/null || die "needs the program ip: install iproute2"
}

exists() {
	[ -e "$state/$name" ]
}

need_network() {
	exists || die "no network '$name'; make it with: $0 --name $name setup"
	netns_addresses "$(cat "$state/$name")"
}

taken() {
	grep -qsx "$1" "$state"/* || [ -n "$(ip -4 route show root "$IP4_SUBNET.$1.0/24")" ]
}

free_number() {
	local n

	for n in {1..254}; do
		taken "$n" || {
			echo "$n"
			return
		}
	done
	die "all networks of $IP4_SUBNET.0.0/16 are taken"
}

check() {
	if ! netns_exists "$name" || ! ip link show dev "$name" >/dev/null 2>&1; then
		die "network '$name' is damaged; $0 --name $name teardown removes the rest"
	fi
	if command -v ping >/dev/null; then
		ip netns exec "$name" ping -q -c 1 -W 2 "$OUTSIDE_IP4" >/dev/null ||
			echo "testenv.sh: $OUTSIDE_IP4 does not answer to a ping from inside" >&2
	fi
}

cmd_setup() {
	local number

	if exists; then
		need_network
		check
		cmd_status
		return
	fi
	if netns_exists "$name" || ip link show dev "$name" >/dev/null 2>&1; then
		die "'$name' exists already and was not made here; choose another --name"
	fi
	number=$(free_number) || exit
	netns_addresses "$number"
	mkdir -p "$state"
	echo "$number" >"$state/$name"
	netns_setup "$name" "$mtu" || {
		cmd_teardown
		die "could not make the network"
	}
	check
	cmd_status
}

cmd_teardown() {
	exists || return 0
	netns_teardown "$name"
	rm -f "$state/$name"
	rmdir "$state" 2>/dev/null
	return 0
}

cmd_status() {
	local other

	if exists; then
		need_network
		echo "outside: interface $name, $OUTSIDE_IP4, $OUTSIDE_IP6"
		echo "inside:  namespace $name, interface veth0, $INSIDE_IP4, $INSIDE_IP6"
	else
		echo "no network '$name'"
	fi
	for other in "$state"/*; do
		[ -e "$other" ] && [ "${other##*/}" != "$name" ] && echo "another: ${other##*/}"
	done
	return 0
}

cmd_exec() {
	[ $# -gt 0 ] || die "exec needs a command"
	need_network
	exec ip netns exec "$name" "$@"
}

cmd_enter() {
	cmd_exec "${SHELL:-/bin/sh}"
}

cmd_ping() {
	need_network
	cmd_exec ping "$@" "$OUTSIDE_IP4"
}

cmd_flood() {
	[ -x "$build/testenv/flood" ] || die "needs the flood program: make testenv"
	need_network
	cmd_exec "$build/testenv/flood" "$@" "$build/testenv/flood.bpf.o" veth0
}

cmd_alias() {
	local sudo=''

	[ "$(id -u)" = 0 ] || sudo='sudo '
	echo "alias t='$sudo$here/testenv.sh --name $name'"
}

while [ $# -gt 0 ]; do
	case $1 in
	-n | --name | -m | --mtu)
		[ $# -gt 1 ] || die "$1 needs a value"
		[[ $1 == -m || $1 == --mtu ]] && mtu=$2 || name=$2
		shift
		;;
	-h | --help) usage && exit ;;
	-*) die "unknown option '$1'; see --help" ;;
	*) break ;;
	esac
	shift
done
[[ $name =~ ^[A-Za-z0-9_-]{1,15}$ ]] || die "'$name' is no name: 1 to 15 letters, digits, - or _"
[[ $mtu =~ ^[0-9]{2,5}$ ]] || die "'$mtu' is no MTU"

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
setup | teardown | status | enter | exec | ping | flood)
	need_root "$command"
	"cmd_$command" "$@"
	;;
alias) cmd_alias ;;
'') usage >&2 && exit 2 ;;
*) die "unknown command '$command'; see --help" ;;
esac
