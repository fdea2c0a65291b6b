# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# A capture changes nothing: the same frames get the same verdicts, and the same bytes
# reach the stack and go back to the sender, with and without it.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # on no kernel may a capture change a verdict
ALL_TESTS="test_hook_native test_hook_generic test_hook_all_actions test_wrap_native
	test_wrap_generic test_wrap_all_actions test_hook_then_killed"

FRAMES=$((100000 / SLOWER))

# What the stack gets is what a packet socket sees come in.
watch() {
	local options=(-Q in -B 262144 -s 2048)

	rm -f stack.log back.log # an earlier "listening on" would do for this one
	tcpdump -i "$NS" "${options[@]}" -w "$1.stack.pcap" 2>stack.log &
	WATCHERS=$!
	ip netns exec "$NS" tcpdump -i veth0 "${options[@]}" -w "$1.back.pcap" 2>back.log &
	WATCHERS+=" $!"
	wait_for grep -q 'listening on' stack.log || fail "tcpdump does not listen"
	wait_for grep -q 'listening on' back.log || fail "tcpdump does not listen"
}

# tcpdump reads at least once a second: a file that has not grown for longer is complete.
unwatch() {
	local pid size before=-1

	size=$(stat -c %s "$1.stack.pcap" "$1.back.pcap")
	while [ "$size" != "$before" ]; do
		sleep 2
		before=$size
		size=$(stat -c %s "$1.stack.pcap" "$1.back.pcap")
	done
	for pid in $WATCHERS; do
		kill -TERM "$pid"
		wait "$pid"
	done
	grep 'dropped by kernel' stack.log back.log | grep -v ':0 ' && fail "tcpdump lost frames"
}

# run NAME: the frames, what came of them, and that nothing else did.
run() {
	watch "$1"
	send_frames "$1.sent.pcap" -n $FRAMES -k udp4,udp6,vlan,arp,garbage -b 32 \
		-s 20,60,61,64,65,100,128,129,512,1514 -V pass,drop,pass,aborted,tx,pass,redirect
	unwatch "$1"
	counts >"$1.counts"
	same "$1.sent.pcap" "$1.stack.pcap" --only pass
	same "$1.sent.pcap" "$1.back.pcap" --only tx,redirect
}

# unchanged MODE OBJECT PROGRAM VERDICTS [options of the capture]
unchanged() {
	local mode=$1 object=$2 program=$3 verdicts=$4

	shift 4
	need tcpdump
	# The inside end takes frames that XDP sends back only with a program of its own.
	ns_exec "$TOOLS/xload" --mode "$mode" load veth0 "$TOOLS/flood.bpf.o" flood_pass \
		>load.log 2>&1 || fail "cannot load"
	load --mode "$mode" "$object" "$program"
	run without
	load --mode "$mode" "$object" "$program"
	start_capture out.pcapng "$@"
	run with
	stop_capture
	diff without.counts with.counts || fail "other verdicts"
	same with.sent.pcap out.pcapng --only "$verdicts"
	all_captured
	[ "$(attached)" = "$PROGRAM_ID $mode" ] || fail "attached is $(attached)"
}

test_hook_native() {
	begin
	unchanged native verdict_hook verdict_hook aborted,drop -t hook
}

test_hook_generic() {
	begin
	unchanged skb verdict_hook verdict_hook aborted,drop -t hook
}

test_hook_all_actions() {
	begin
	unchanged native verdict_hook verdict_hook aborted,drop,pass,tx,redirect -t hook -a all
}

test_wrap_native() {
	begin
	unchanged native verdict verdict aborted,drop -t wrap
}

test_wrap_generic() {
	begin
	unchanged skb verdict verdict aborted,drop -t wrap
}

test_wrap_all_actions() {
	begin
	unchanged native verdict verdict aborted,drop,pass,tx,redirect -t wrap -a all
}

# A capture that was killed changes nothing either, before and after it has disarmed itself.
test_hook_then_killed() {
	begin
	need tcpdump
	local total

	ns_exec "$TOOLS/xload" load veth0 "$TOOLS/flood.bpf.o" flood_pass >load.log 2>&1 ||
		fail "cannot load"
	load verdict_hook verdict_hook
	run without
	load verdict_hook verdict_hook
	start_capture out.pcap -a all
	kill -KILL "$CAPTURE_PID"
	wait "$CAPTURE_PID" 2>/dev/null
	run with
	diff without.counts with.counts || fail "other verdicts"
}
