# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the tests of xdpdrop-replay share. Sourced after helpers.sh.

REPLAY=${XDPDROP_REPLAY:-$BUILD/xdpdrop-replay}
FRAMES=${XDPDROP_REPLAY_FRAMES:-$((12000 / SLOWER))}
MESSAGES=replay.log
FIREWALL=$TOOLS/firewall.bpf.o
# a tool elsewhere does not find it
export XDPDROP_WATCHDOG=${XDPDROP_WATCHDOG:-$BUILD/xdpdrop-watchdog}

# replay STATUS ARGUMENT ...: ends with this status; messages are in replay.log.
replay() {
	local expected=$1 status

	shift
	"$REPLAY" "$@" >replay.out 2>replay.log
	status=$?
	[ $status = "$expected" ] || fail "xdpdrop-replay $* ended with status $status"
}

# judged FILE: time, length, verdict and reason of each frame.
judged() {
	fields "$1" frame.time_epoch frame.len frame.verdict.ebpf_xdp frame.comment
}

# as_live CAPTURE REPLAYED: the same frames, times, verdicts and reasons, and some of them.
as_live() {
	judged "$1" >live.txt
	judged "$2" >replayed.txt
	[ -s live.txt ] || fail "no frames in $1"
	diff live.txt replayed.txt >differences.log || fail "other verdicts"
	part "$1" . live.frames
	part "$2" . replayed.frames
	cmp live.frames replayed.frames || fail "other bytes"
}

# What the firewall drops and what it lets pass: answers of DNS among others, in one file.
mixed_frames() {
	local some=${1:-300}

	send_frames dns.pcap -n "$some" -k udp4,udp6 -s 64,100,512 -p 53 -V drop
	send_frames rest.pcap -n $((2 * some)) -f "$some" -k udp4,tcp4,arp,vlan,garbage \
		-s 14,60,1514 -V pass
	join dns.pcap rest.pcap >mixed.pcap
}
