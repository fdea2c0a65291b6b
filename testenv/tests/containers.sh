# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Captures in namespaces other than the host's: what ends with them, and whose clock and process
# numbers count.
. "$(dirname "${BASH_SOURCE[0]}")/../helpers.sh"

KERNELS=any # namespaces are the same on all of them
ALL_TESTS="test_clock_ahead test_clock_behind test_clock_behind_rings
	test_owner_boottime test_owner_unseen"

# -- time namespaces -----------------------------------------------------------------------------

# start_shifted UNSHARE'S OPTIONS -- FILE [options]: a capture with other clocks; sets SHIFTED.
start_shifted() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	unshare --time --fork true 2>/dev/null || skip "this kernel has no time namespaces"
	: >capture.log
	unshare --time "${options[@]}" --fork --kill-child env --default-signal=INT \
		"$CAPTURE" "${@:3}" "$NS" "$2" >capture.out 2>capture.log &
	SHIFTED=$!
	wait_for 60 grep -q '^listening' capture.log || fail "xdpdrop-capture does not listen"
	CAPTURE_PID=$(pgrep -P "$SHIFTED")
}

end_shifted() {
	wait "$SHIFTED" || fail "xdpdrop-capture ended with status $?"
}

# The time of each frame is when it was dropped, to the second.
times_between() {
	local first=$1 last=$2 file=$3 time

	for time in $(fields "$file" frame.time_epoch); do
		{ [ "${time%.*}" -ge "$first" ] && [ "${time%.*}" -le "$last" ]; } ||
			fail "a frame's time is $time, not $first to $last"
	done
}

test_clock_ahead() {
	begin
	local first offset

	load verdict_hook verdict_hook
	for offset in 86400 -1000; do
		start_shifted --monotonic $offset -- out.pcapng -c 5
		first=$EPOCHSECONDS
		send_frames sent.pcap -n 5
		end_shifted
		times_between "$first" $EPOCHSECONDS out.pcapng
		same sent.pcap out.pcapng
	done
}

# What is delivered does not wait for a clock that is behind to come up with the kernel's: the
# capture ends by itself when it has its frames, and not before.
test_clock_behind() {
	begin
	load verdict_hook verdict_hook
	start_shifted --monotonic -1000 -- out.pcapng -c 3
	send_frames sent.pcap -n 10
	end_shifted
	[ "$(summary written)" = 3 ] || fail "$(summary written) frames written"
}

# Nor do rings fill up in that time: there are more frames than they hold.
test_clock_behind_rings() {
	begin
	local n parts=()

	load verdict_hook verdict_hook
	start_shifted --monotonic -1000 -- out.pcap -B 256
	for n in 0 1 2 3 4; do
		send_frames "sent.$n" -n 1000 -f $((1000 * n)) -s 500
		parts+=("sent.$n")
		join "${parts[@]}" >sent.pcap
		await_written sent.pcap out.pcap
	done
	kill -INT "$CAPTURE_PID"
	end_shifted
	same sent.pcap out.pcap
	all_captured
}

# Start times in /proc are shifted as the reader's clock is.
test_owner_boottime() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_shifted --boottime 1000 -- out.pcapng -t hook
	! "$CAPTURE" -t hook -d 1 "$NS" second.pcapng >second.log 2>&1 ||
		fail "a second capture takes the hook"
	grep -q 'is in use by the xdpdrop capture with pid' second.log || fail "another message"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	hook_is_armed "$PINS/hook" || fail "clean takes the hook of a live capture"
	kill -INT "$CAPTURE_PID"
	end_shifted
}

# Its number is another one's here, and its clock is behind.
test_owner_unseen() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_shifted --monotonic -1000 --pid --mount-proc -- out.pcapng -t hook
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q 'nothing to remove' clean.log || fail "clean says something else"
	hook_is_armed "$PINS/hook" || fail "clean takes the hook of a live capture"
	send_frames sent.pcap -n 10
	kill -KILL "$CAPTURE_PID"
	wait "$SHIFTED" 2>/dev/null
	wait_for 20 no_watchdog || fail "processes are left"
	start_capture again.pcap -t hook
	stop_capture
}
