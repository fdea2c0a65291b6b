# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What the taps rely on of kernels and of libxdp, where it differs between them.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # what differs between kernels is what this file is about
ALL_TESTS="test_single_program_without_trampolines test_hook_of_any_program_type
	test_wrap_of_any_program_type test_hook_refuses_other_type
	test_table_that_nobody_has_open_is_emptied
	test_dispatcher_is_not_wrapped test_dispatcher_is_rebuilt
	test_tail_call_in_wrapped_program test_wrapper_takes_one_tail_call
	test_wrapper_is_swapped_atomically
	test_updates_of_maps_of_maps_wait test_closed_tables_are_emptied_in_turn"

# Without trampolines libxdp silently attaches the program itself; both taps work there.
test_single_program_without_trampolines() {
	begin
	local tap

	! has_trampolines || skip "this kernel has trampolines, libxdp a dispatcher"
	"$XDP_LOADER" load "$NS" "$TOOLS/xdpcap5.bpf.o" >load.log 2>&1 ||
		fail "xdp-loader does not load"
	! "$XDP_LOADER" status "$NS" | grep -q '=>' || fail "libxdp made a dispatcher"
	for tap in hook wrap; do
		start_capture out.pcap -t $tap
		send_frames sent.pcap -n 50
		stop_capture
		same sent.pcap out.pcap
		all_captured
	done
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "xdp-loader does not unload"
}

# any_type TAP OBJECT PROGRAM FRAGS_PROGRAM: a PROG_ARRAY takes programs of one expected attach
# type, with fragments or without.
any_type() {
	local type program

	for type in none xdp; do
		for program in "$3" "$4"; do
			if [ "$program" = "$4" ] && ! "$TOOLS/xload" load "$NS" \
				"$TOOLS/$2.bpf.o" "$program" >/dev/null 2>&1; then
				continue # no fragments on this kernel
			fi
			load --attach-type $type "$2" "$program"
			start_capture out.pcap -t "$1"
			send_frames sent.pcap -n 20
			stop_capture
			same sent.pcap out.pcap
			all_captured
		done
	done
}

test_hook_of_any_program_type() {
	begin
	any_type hook verdict_hook verdict_hook verdict_hook_fr
}

test_wrap_of_any_program_type() {
	begin
	any_type wrap verdict verdict verdict_frags
}

# Why the table of a tag member that we place stays open until its hook is armed. How often it is
# emptied otherwise is a matter of when the kernel's workers run.
test_table_that_nobody_has_open_is_emptied() {
	begin
	"$TOOLS/reopen" 50 || fail "reopen"
	"$TOOLS/reopen" 50 held >held.log || fail "reopen held"
	grep -q '^0 of 50 ' held.log || fail "also when it was open all the time"
}

# Why the capture program has to be loaded like the hook's owner.
test_hook_refuses_other_type() {
	begin
	load --attach-type xdp --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	"$TOOLS/xload" --attach-type xdp slot "$PINS/hook" 1 "$TOOLS/flood.bpf.o" flood_pass ||
		fail "the kernel refuses a program of the same type"
	"$TOOLS/xload" --attach-type none slot "$PINS/hook" 1 "$TOOLS/flood.bpf.o" flood_pass \
		2>slot.log
	case $? in
	0) skip "this kernel does not look at the expected attach type" ;;
	2) ;;
	*) fail "refused for another reason" ;;
	esac
}

test_dispatcher_is_not_wrapped() {
	begin
	need_dispatcher
	"$XDP_LOADER" load "$NS" "$TOOLS/flood.bpf.o" -n flood_pass >load.log 2>&1 ||
		fail "xdp-loader does not load"
	launch_capture out.pcap -t wrap
	end_capture 1
	says dispatcher
	"$XDP_LOADER" unload "$NS" --all
}

# A program joins and leaves while a member's hook is captured.
test_dispatcher_is_rebuilt() {
	begin
	need_dispatcher
	"$XDP_LOADER" load "$NS" "$TOOLS/verdict_hook.bpf.o" -n verdict_hook >load.log 2>&1 ||
		skip "libxdp cannot load a program with a hook on this kernel"
	start_capture out.pcap -t hook
	send_frames first.pcap -n 50
	"$XDP_LOADER" load "$NS" "$TOOLS/flood.bpf.o" -n flood_pass -P 5 >load.log 2>&1 ||
		fail "a second program does not load"
	send_frames second.pcap -n 50 -f 50
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcap
	all_captured
}

# The wrapper's tail call is made in a subprogram; the program's own tail call works behind it,
# also while another capture is armed in its hook.
test_tail_call_in_wrapped_program() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture hook.pcap -t hook
	local hook=$CAPTURE_PID
	mv capture.log hook.log
	start_capture wrap.pcap -t wrap
	send_frames sent.pcap -n 100 -V drop,pass,aborted,invalid
	stop_capture
	same sent.pcap wrap.pcap --only drop,aborted,invalid
	all_captured
	CAPTURE_PID=$hook
	stop_capture
	mv hook.log capture.log
	same sent.pcap hook.pcap --only drop,aborted
	all_captured
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# Of as many as the kernel allows.
test_wrapper_takes_one_tail_call() {
	local alone both

	begin
	load --pin "chain_parts=$PINS/parts" chain chain_again
	bpftool map update pinned "$PINS/parts" key 1 0 0 0 value id "$PROGRAM_ID" ||
		fail "the program cannot call itself"
	send_frames alone.pcap -n 1
	alone=$(count_of drop)
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 1
	stop_capture
	both=$(count_of drop)
	echo "$alone runs alone, $((both - alone)) in a wrapper"
	[ $((both - alone)) = $((alone - 1)) ] || fail "$alone runs alone, $both with a wrapped one"
	same sent.pcap out.pcap
	captured 1
}

# Captures come and go under traffic, and not one frame passes unjudged.
test_wrapper_is_swapped_atomically() {
	begin
	load verdict verdict
	start_sending 20000 -g 50
	for _ in 1 2 3 4 5 6; do
		start_capture out.pcap -t wrap
		stop_capture
	done
	stop_sending
	[ "$(count_of drop)" = $SENT ] || fail "$(count_of drop) of $SENT frames were judged"
}

# graced WAY: sets GRACE to what the tool prints for a program that runs while it waits.
graced() {
	local status=2

	while [ $status = 2 ]; do
		"$TOOLS/grace" "$1" "$PINS/grace" >graced 2>grace.log &
		while kill -0 $! 2>/dev/null; do
			send_frames sent.pcap -n 1
		done
		wait $!
		status=$?
	done
	[ $status = 0 ] || fail "grace $1: status $status"
	GRACE=$(<graced)
}

# How a program's end is waited for: an update of a map of maps returns no sooner. That another
# map's update does shows that this would be seen.
test_updates_of_maps_of_maps_wait() {
	begin
	local way n

	[ "$(nproc)" -gt 1 ] || skip "needs two CPUs"
	"$TOOLS/xload" --pin "grace=$PINS/grace" load "$NS" "$TOOLS/grace.bpf.o" grace_runs \
		>id 2>load.log || fail "cannot load grace_runs"
	until [ "${GRACE:-}" = outlived ]; do
		graced array
	done
	for way in map rcu_wait membarrier; do
		for n in 1 2 3; do
			graced $way
			[ "$GRACE" = waited ] || fail "$way: the program has $GRACE the wait"
		done
	done
}

# A capture that ends waits until the kernel has emptied the hooks that it closed: the next one's
# programs would be lost. That a close alone may return sooner shows that this would be seen.
test_closed_tables_are_emptied_in_turn() {
	begin
	local n state

	until [ "${state:-}" = late ]; do
		state=$("$TOOLS/emptied" close 2>emptied.log) || fail "cannot close a table"
	done
	for ((n = 0; n < 50; n++)); do
		state=$("$TOOLS/emptied" wait 2>emptied.log) || fail "cannot wait"
		[ "$state" = emptied ] || fail "in round $n it was emptied later"
	done
}
