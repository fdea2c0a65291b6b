#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Shows xdpdrop-capture at work: a real DNS server, a real xdp-filter that drops its answers, and
# the dropped answers in tcpdump; then a program with a hook, and the reasons in tshark.
#
# Everything happens in namespaces of its own that end with the script, whatever ends it.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=netns.sh
. "$here/netns.sh"

top=$(dirname "$here")
build=${XDPDROP_BUILD:-$top/build}
capture=${XDPDROP_CAPTURE:-$build/xdpdrop-capture}
replay=${XDPDROP_REPLAY:-$build/xdpdrop-replay}
NS=demo

say() {
	printf '\n\033[1m== %s\033[0m\n' "$*"
}

note() {
	printf '   %s\n' "$@"
}

fail() {
	printf '\nDEMO FAILED: %s\n' "$*" >&2
	exit 1
}

# Show a command, run it, and indent what it prints.
show() {
	printf '   $ %s\n' "$(sed 's/^tshark_fields/tshark/' <<<"${1##*/} ${*:2}")"
	"$@" 2>&1 | sed 's/^/   | /'
	return "${PIPESTATUS[0]}"
}

# -- in the namespaces ---------------------------------------------------------------------------

start_dns() {
	ip netns exec $NS dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --user=root \
		--pid-file=/run/dnsmasq.pid --listen-address="$INSIDE_IP4" --bind-interfaces \
		--address=/www.example.com/192.0.2.80 || fail "dnsmasq does not start"
}

# dig explains a timeout at length; what counts is its first line.
ask_dns() {
	show dig @"$INSIDE_IP4" www.example.com A +time=1 +tries="$1" +noall +answer |
		grep -Ev '^   \| (; .*|;; global .*|)$'
	return "${PIPESTATUS[0]}"
}

# Start a capture of $NS into file $1 and wait until it says that it is armed.
start_capture() {
	printf '   $ xdpdrop-capture %s %s &\n' $NS "$1"
	: >capture.log
	env --default-signal=INT "$capture" $NS "$1" 2>capture.log &
	capture_pid=$!
	for _ in {1..300}; do
		grep -qs '^listening on' capture.log && break
		kill -0 $capture_pid 2>/dev/null || break
		sleep 0.1
	done
	sed 's/^/   | /' capture.log
	grep -qs '^listening on' capture.log || fail "xdpdrop-capture is not listening"
}

stop_capture() {
	local status

	printf '   $ kill -INT %s\n' '%1'
	kill -INT $capture_pid
	wait $capture_pid
	status=$?
	sed 1,2d capture.log | sed 's/^/   | /'
	[ $status = 0 ] || fail "xdpdrop-capture ended with status $status"
}

demo_network() {
	netns_addresses 1
	{ private_mounts /run/demo && netns_setup $NS 1500 lo; } ||
		fail "cannot make the network"
	cd /run/demo || exit
	# the namespaces end with the demo, and so does the interface
	export XDPDROP_UNSAFE_BPFFS=1
	# Otherwise a veth leaves checksums out, and tcpdump calls them bad.
	ip netns exec $NS ethtool -K veth0 tx off >/dev/null 2>&1
	start_dns
	say "A network of its own: interface $NS, $OUTSIDE_IP4, and behind it a DNS server"
	ask_dns 1 || fail "the DNS server does not answer"
	[ "$(dig @"$INSIDE_IP4" www.example.com +short)" = 192.0.2.80 ] || fail "no answer"
}

demo_filter() {
	say "xdp-filter, as Debian has it, drops what comes from UDP port 53"
	show xdp-filter load $NS || fail "xdp-filter does not load"
	show xdp-filter port 53 --mode src --proto udp || fail "xdp-filter refuses the port"
	note "The question goes out, the answer is dropped before tcpdump could see it:"
	ask_dns 1 && fail "the answer was not dropped"

	say "What did XDP drop?"
	start_capture drops.pcap
	ask_dns 2
	stop_capture
	show tcpdump -vvnr drops.pcap
	[ "$(tcpdump -nr drops.pcap 2>/dev/null | grep -c '192\.0\.2\.80')" -ge 2 ] ||
		fail "the dropped answers are not in drops.pcap"
	show xdp-filter unload $NS || fail "xdp-filter does not unload"
}

demo_hook() {
	say "A firewall with a hook says why it drops (testenv/xdp/firewall.bpf.c)"
	show ip link set dev $NS xdp object "$build/testenv/firewall.bpf.o" program firewall ||
		fail "the firewall does not load"
	start_capture drops.pcapng
	ask_dns 1 && fail "the firewall passed the answer"
	show ip netns exec $NS ping -q -c 1 -W 1 "$OUTSIDE_IP4" ||
		fail "the firewall dropped a ping"
	show ip netns exec $NS ping -q -c 2 -i 0.2 -W 1 -s 1000 "$OUTSIDE_IP4" &&
		fail "the firewall passed a large ping"
	stop_capture
	show tshark_fields -r drops.pcapng -T fields -E header=y -e frame.number -e ip.src \
		-e frame.protocols -e frame.len -e frame.verdict.ebpf_xdp -e frame.comment
	check_reasons "udp.srcport == 53" DNS_REPLY 1
	check_reasons "icmp && ip.src == $INSIDE_IP4" PING_TOO_BIG 2
	ip link set dev $NS xdp off
}

# The firewall, and a version of it that would let everything pass.
demo_replay() {
	local status

	say "What would another version of the firewall do with these frames?"
	show "$replay" "$build/testenv/firewall.bpf.o" --against \
		"$build/testenv/flood.bpf.o:flood_pass" drops.pcapng changed.pcapng
	status=$?
	[ $status = 1 ] || fail "xdpdrop-replay ended with status $status"
}

# tshark with its tabs wide enough for the names of the fields.
tshark_fields() {
	tshark "$@" 2>/dev/null | sed 's/frame\.protocols/protocols/; s/eth:ethertype://' |
		expand -t 14,26,46,56,80
}

# At least $3 frames of filter $1, all dropped for reason $2.
check_reasons() {
	local all=$1 drops

	drops="$1 && frame.verdict.ebpf_xdp == 1 && frame.comment contains \"$2\""
	all=$(tshark -r drops.pcapng -Y "$1" 2>/dev/null | wc -l)
	drops=$(tshark -r drops.pcapng -Y "$drops" 2>/dev/null | wc -l)
	if [ "$drops" -lt "$3" ] || [ "$drops" != "$all" ]; then
		fail "$drops of $all frames ($1) are marked as dropped for $2, expected $3"
	fi
}

inside() {
	trap 'exit 130' INT TERM
	demo_network
	demo_filter
	demo_hook
	demo_replay
	say "Done: xdpdrop-capture IFNAME FILE"
	exit 0
}

# -- on the host ---------------------------------------------------------------------------------

build_all() {
	say "Packages and build"
	"$here/packages.sh" build test || fail "packages are missing"
	(cd "$top" && { [ -e config.mk ] || ./configure >/dev/null; } && make -s all testenv) ||
		fail "the build failed"
	note "$("$capture" --version)"
}

[ "${1:-}" != --inside ] || inside
if [ $# -gt 0 ]; then
	echo "usage: sudo $0"
	[ "$1" = --help ] && exit 0
	exit 2
fi
[ "$(id -u)" = 0 ] || fail "needs root: sudo $0"
build_all
unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
	"$here/demo.sh" --inside &
child=$!
trap 'kill -KILL $child 2>/dev/null; wait $child 2>/dev/null; exit 130' INT TERM HUP
wait $child
