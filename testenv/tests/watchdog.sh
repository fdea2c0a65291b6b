# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The process that stands behind a capture: when that is killed, stopped, or held up.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # processes and signals are the same on all kernels
ALL_TESTS="test_watchdog_of_hook test_watchdog_of_wrap test_watchdog_while_stopped
	test_watchdog_stopped_at_the_end test_control_stopped_at_the_end
	test_control_stopped_and_capture_killed test_both_stopped_at_the_end
	test_both_stopped_for_good
	test_application_is_let_go
	test_watchdog_while_output_is_full test_watchdog_is_replaced test_watchdog_in_its_place
	test_watchdog_looks_small test_watchdog_signal_while_it_starts
	test_watchdog_is_killed_last"

# The watchdog cleans up at once behind a capture that is killed alone.
test_watchdog_of_hook() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	killed kill_capture_only
	wait_for hook_is_empty || fail "slots are in use"
	wait_for no_watchdog || fail "the watchdog stays"
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] || fail "something was left to clean"
	capture_again
}

wrapper_is_gone() {
	[ "$(attached)" = "$PROGRAM_ID native" ]
}

test_watchdog_of_wrap() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	killed kill_capture_only
	wait_for wrapper_is_gone || fail "attached is $(attached)"
	wait_for no_watchdog || fail "the watchdog stays"
	no_pins
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] || fail "something was left to clean"
	capture_again
}

# It cannot keep the capture from ending.
test_watchdog_stopped_at_the_end() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 50
	kill -STOP "$(watchdog)"
	stop_capture
	same sent.pcap out.pcap
	all_captured
	wrapper_is_gone || fail "attached is $(attached)"
	wait_for no_watchdog || fail "the watchdog stays"
}

# Who has no privileges may not continue it: the watchdog does.
test_control_stopped_at_the_end() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 50
	stop_processes "$(control)"
	stop_capture
	same sent.pcap out.pcap
	all_captured
	wrapper_is_gone || fail "attached is $(attached)"
	wait_for no_watchdog || fail "processes are left"
	no_pins
}

test_control_stopped_and_capture_killed() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	stop_processes "$(control)"
	killed kill_capture_only
	wait_for hook_is_empty || fail "slots are in use"
	wait_for no_watchdog || fail "processes are left"
}

# Once one of the two goes on, the other one does.
test_both_stopped_at_the_end() {
	begin
	local both

	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 50
	both="$(watchdog) $(control)"
	# shellcheck disable=SC2086 # words on purpose
	stop_processes $both
	kill -INT "$CAPTURE_PID"
	kill -CONT "${both%% *}"
	end_capture 0
	same sent.pcap out.pcap
	all_captured
	wrapper_is_gone || fail "attached is $(attached)"
	wait_for no_watchdog || fail "processes are left"
}

# The capture ends without them, and its programs do nothing more; later they are removed.
test_both_stopped_for_good() {
	begin
	local both

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	send_frames sent.pcap -n 50
	both="$(watchdog) $(control)"
	# shellcheck disable=SC2086 # words on purpose
	stop_processes $both
	kill -INT "$CAPTURE_PID"
	end_capture 1
	says 'the control process .* is stopped: the capture programs are turned off'
	same sent.pcap out.pcap
	all_captured
	# shellcheck disable=SC2086 # words on purpose
	kill -CONT $both
	wait_for hook_is_empty || fail "slots are in use"
	wait_for no_watchdog || fail "processes are left"
}

# What a program around the library has open is not held by processes of the library.
test_application_is_let_go() {
	begin
	local tap delegate

	load verdict_hook verdict_hook
	for tap in hook wrap; do
		for delegate in '' delegate; do
			"$TOOLS/embed" "$NS" $tap $delegate >embed.log 2>&1 ||
				fail "$tap $delegate"
			wait_for no_watchdog || fail "processes are left"
		done
	done
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# A capture that is stopped loses nothing while its rings have room: the lease goes on.
test_watchdog_while_stopped() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	kill -STOP "$CAPTURE_PID"
	sleep 7
	send_frames sent.pcap -n 100
	kill -CONT "$CAPTURE_PID"
	stop_capture
	same sent.pcap out.pcap
	all_captured
}

# The same when it waits for a reader that does not read.
test_watchdog_while_output_is_full() {
	begin
	load verdict_hook verdict_hook
	mkfifo pipe
	exec 7<>pipe # a reader that does not read
	start_capture pipe
	send_frames sent.pcap -n 2000 -s 1000
	sleep 7
	send_frames more.pcap -n 500 -s 1000 -f 2000
	kill -INT "$CAPTURE_PID"
	wait "$CAPTURE_PID"
	exec 7>&-
	grep -q '^2500 frames dropped' capture.log || fail "frames were not seen"
	grep -q '^2500 frames captured' capture.log || fail "frames were not captured"
}

test_watchdog_is_replaced() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	kill -KILL "$(watchdog)"
	wait_for grep -q "watchdog process was killed" capture.log ||
		fail "nothing is said of it"
	send_frames sent.pcap -n 20
	# said before it is done
	wait_for watchdog >/dev/null || fail "there is no other"
	stop_capture
	same sent.pcap out.pcap
	all_captured
}

# The other can do what the first one could.
test_watchdog_in_its_place() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	kill -KILL "$(watchdog)"
	wait_for grep -q "watchdog process was killed" capture.log ||
		fail "nothing is said of it"
	wait_for has_journal || fail "there is no other"
	send_frames sent.pcap -n 20
	kill -KILL "$(control)"
	wait_for wrapper_is_gone || fail "attached is $(attached)"
	wait_for no_watchdog || fail "the watchdog stays"
	no_pins
}

# It may take long, and a signal that asks for something else is no reason not to wait for it.
test_watchdog_signal_while_it_starts() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	cat >late <<-EOF
		#!/bin/sh
		sleep 0.3
		kill -USR1 \$PPID
		sleep 0.3
		exec "$BUILD/xdpdrop-watchdog" "\$@"
	EOF
	chmod 755 late
	XDPDROP_WATCHDOG=$PWD/late start_capture out.pcap
	says_not 'watchdog'
	wait_for has_journal || fail "there is no watchdog"
	kill -KILL "$(control)"
	end_capture 1
	hook_is_empty || fail "slots are in use"
}

resident_kib() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

# The capture's helpers, one a line; not before there is a watchdog.
helpers() {
	wait_for eval '[ "$(watchdog)" ]' || fail "there is no watchdog"
	control
	watchdog
}

all_small() {
	local pid most=$(($(resident_kib "$CAPTURE_PID") / 2))

	for pid in $(helpers); do
		[ "$(resident_kib "$pid")" -lt $most ] || return
	done
}

# To a kernel that is short of memory, and looks for who has most of it.
test_watchdog_looks_small() {
	begin
	local user

	load verdict_hook verdict_hook
	for user in nobody root; do
		start_capture out.pcap -Z $user
		wait_for all_small || fail "it looks as large as the capture"
		stop_capture
	done
}

# all_have SCORE: as oom_score_adj.
all_have() {
	local pid

	for pid in $(helpers); do
		[ "$(<"/proc/$pid/oom_score_adj")" = "$1" ] || return
	done
}

# Last of all that the kernel may kill, but not never, unless that is what the user has set.
test_watchdog_is_killed_last() {
	begin
	local user

	(echo -1000 >/proc/self/oom_score_adj) 2>/dev/null ||
		skip "root has no CAP_SYS_RESOURCE here"
	load verdict_hook verdict_hook
	for user in nobody root; do
		start_capture out.pcap -Z $user
		wait_for all_have -999 || fail "it may be killed first"
		[ "$(<"/proc/$CAPTURE_PID/oom_score_adj")" = "$(</proc/self/oom_score_adj)" ] ||
			fail "the capture's own has changed"
		stop_capture
	done
	echo -1000 >/proc/self/oom_score_adj
	start_capture out.pcap
	wait_for all_have -1000 || fail "it may be killed, but the capture not"
	stop_capture
}
