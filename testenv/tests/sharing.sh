# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Two captures at one place: in the same instant, and one after another that has died, whose lock,
# process number or remains might deceive.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # locks and pins are the same on all kernels
ALL_TESTS="test_hook_two_at_once test_wrap_two_at_once test_hook_pid_reused
	test_wrap_pid_reused test_hook_not_waited_for test_wrap_not_waited_for
	test_reasons_beside_another_tool test_reasons_after_another_tool
	test_hook_emptied_at_the_start test_hook_emptied_again_and_again
	test_hook_emptied_at_the_end
	test_lock_left test_lock_of_the_killed test_lock_held test_wrap_beside_cleaning"

one_is_left() {
	! { kill -0 "$1" && kill -0 "$2"; } 2>/dev/null
}

# Both get it.
test_hook_two_at_once() {
	begin
	local n name one two

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	for n in {1..4}; do
		rm -f one.log two.log # an earlier "listening on" would do for this one
		"$CAPTURE" -t hook "$NS" one.pcap 2>one.log &
		one=$!
		"$CAPTURE" -t hook "$NS" two.pcap 2>two.log &
		two=$!
		for name in one two; do
			wait_for grep -q '^listening' $name.log || fail "$name does not listen"
		done
		kill -INT $one $two
		wait $one || fail "one fails"
		wait $two || fail "two fails"
		[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
		hook_is_empty || fail "slots are in use"
	done
}

# A tap that sees no reasons is taken beside another tool at the hook, and it says why.
test_reasons_beside_another_tool() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	put_foreign
	start_capture out.pcap
	says "warning: $NS: tap (wrap|exit) does not see the reasons of drops: tap hook cannot be \
used, since hook xdpdrop_hook \\(map id [0-9]+\\) already has program flood_pass \\(id [0-9]+\\) \
in its drop slot; end the tool that put it there"
	stop_capture
}

# It says so when that tool has ended.
test_reasons_after_another_tool() {
	begin
	need bpftool
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	put_foreign
	start_capture out.pcap
	says_not 'can be used now'
	bpftool map delete pinned "$PINS/hook" key 1 0 0 0 || fail "cannot empty the slot"
	wait_for grep -q 'can be used now' capture.log || fail "nothing is said"
	says "warning: $NS: the hook of verdict_hook \(id $PROGRAM_ID\) can be used now; a session \
that starts again takes tap hook, which can record reasons"
	stop_capture
}

# As the kernel does, some time after the last close before the start: all slots between two looks.
test_hook_emptied_at_the_start() {
	begin
	local n process

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	for n in {1..4}; do
		start_capture "$n.pcap" -t hook
		process=$(control)
		stop_processes "$process"
		"$TOOLS/xload" empty "$PINS/hook" || fail "cannot empty the hook"
		kill -CONT "$process"
		wait_for grep -q 'is followed from now on' capture.log || fail "it stays empty"
		says "warning: hook xdpdrop_hook \(map id [0-9]+\): its slots were emptied, by \
another process or by the kernel; the hook is closed"
		send_frames sent.pcap -n 5
		stop_capture
		same sent.pcap "$n.pcap"
	done
}

# A tool that does so again and again is named, not only once; what it lets through is captured.
test_hook_emptied_again_and_again() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap -t hook
	until grep -q 'this happens again and again' capture.log; do
		"$TOOLS/xload" empty "$PINS/hook" 2>empty.log || fail "cannot empty the hook"
	done
	wait_for hook_is_armed || fail "it stays empty"
	send_frames sent.pcap -n 5
	stop_capture
	same sent.pcap out.pcap
}

# Between the last look and the end.
test_hook_emptied_at_the_end() {
	begin
	local n

	need bpftool
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	for n in {1..4}; do
		start_capture "$n.pcap" -t hook
		bpftool map delete pinned "$PINS/hook" key 1 0 0 0 || fail "cannot empty the slot"
		stop_capture
		says "warning: hook xdpdrop_hook \(map id [0-9]+\): another process has changed a \
slot; (it missed drops|the hook is closed)"
	done
}

# Exactly one gets it, and the other says why not.
test_wrap_two_at_once() {
	begin
	local n one two results
	local why='in use by the xdpdrop session|another process changed the program'

	load verdict verdict
	for n in {1..4}; do
		rm -f one.log two.log # an earlier "listening on" would do for this one
		"$CAPTURE" -t wrap "$NS" one.pcap 2>one.log &
		one=$!
		"$CAPTURE" -t wrap "$NS" two.pcap 2>two.log &
		two=$!
		wait_for one_is_left $one $two || fail "both go on"
		wait_for grep -q '^listening' one.log two.log || fail "none listens"
		kill -INT $one $two 2>/dev/null
		wait $one
		results=$?
		wait $two
		results+=$?
		case $results in
		01) grep -Eq "$why" two.log || fail "two says something else" ;;
		10) grep -Eq "$why" one.log || fail "one says something else" ;;
		*) fail "statuses $results" ;;
		esac
		[ "$(cat one.log two.log | grep -c '^listening')" = 1 ] || fail "not one listens"
		[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	done
}

# Somebody else gets the number of the capture that was killed.
reuse_pid() {
	local last=/proc/sys/kernel/ns_last_pid old=$CAPTURE_PID n

	kill_capture
	for n in {1..100}; do
		echo $((old - 1)) >$last || skip "this kernel gives process numbers as it likes"
		sleep 300 &
		[ $! != "$old" ] || return 0
		kill $!
	done
	fail "process number $old does not come again"
}

test_hook_pid_reused() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	reuse_pid
	hook_is_empty && fail "nothing is left to take over"
	capture_again
	hook_is_empty || fail "slots are in use"
}

test_wrap_pid_reused() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	reuse_pid
	capture_again
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# not_waited_for TAP: the dead session's parent never asks how it ended.
not_waited_for() {
	: >capture.log
	# shellcheck disable=SC2016
	sh -c '"$@" 2>capture.log & echo $! >pid; exec sleep 300' sh \
		"$CAPTURE" -t "$1" "$NS" out.pcap &
	wait_for grep -q '^listening' capture.log || fail "xdpdrop-capture does not listen"
	CAPTURE_PID=$(cat pid)
	kill_capture
	wait_for grep -q '^State:.Z' "/proc/$CAPTURE_PID/status" ||
		fail "somebody has waited for it"
	capture_again
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

test_hook_not_waited_for() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	not_waited_for hook
	hook_is_empty || fail "slots are in use"
}

test_wrap_not_waited_for() {
	begin
	load verdict verdict
	not_waited_for wrap
}

test_lock_left() {
	begin
	load verdict verdict
	echo 1 >/run/xdpdrop.lock
	capture_again
}

test_lock_of_the_killed() {
	begin
	need flock
	local holder

	load verdict verdict
	flock /run/xdpdrop.lock sleep 300 &
	holder=$!
	wait_for pgrep -P $holder >/dev/null || fail "flock does not get the lock"
	kill -KILL "$(pgrep -P $holder)" $holder
	capture_again
}

# A capture starts while those that the one before it has left wait for the lock, to undo what it
# did; both orders come up.
test_wrap_beside_cleaning() {
	begin
	need flock
	local holder n

	load verdict verdict
	for n in {1..8}; do
		start_capture first.pcap -t wrap
		flock -o /run/xdpdrop.lock sleep 100 &
		holder=$!
		wait_for pgrep -P $holder >/dev/null || fail "flock does not get the lock"
		kill_capture_only
		launch_capture out.pcap -t wrap
		pause 0.$((n % 4 + 1))
		kill $holder
		await_listening || fail "xdpdrop-capture does not listen"
		stop_capture
		wait_for no_watchdog || fail "a watchdog is left"
		[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	done
}

# Who holds it is waited for.
test_lock_held() {
	begin
	need flock
	load verdict verdict
	local holder

	flock -o /run/xdpdrop.lock sleep 300 &
	holder=$!
	wait_for pgrep -P $holder >/dev/null || fail "flock does not get the lock"
	launch_capture again.pcap -t wrap
	wait_for grep -q "waiting for process $holder, which has /run/xdpdrop.lock locked" \
		capture.log || fail "the holder of the lock is not named"
	says_not '^listening'
	kill $holder
	await_listening || fail "xdpdrop-capture does not listen"
	stop_capture
}
