# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# How captures end: asked to, on their own, by force, or because what they capture from has gone.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # kernels differ in how programs and links come and go
ALL_TESTS="test_sigint test_sigterm test_sigusr1 test_count test_count_exact test_duration
	test_quiet test_hook_unloaded test_hook_reloaded test_hook_replaced
	test_hook_replaced_by_none test_hook_replaced_for_a_time
	test_wrap_unloaded test_wrap_replaced test_wrap_link_updated test_wrap_link_without_type
	test_wrap_link_gone test_wrap_taken_off test_wrap_bpffs_gone
	test_wrap_replaced_while_locked test_wrap_ends_while_locked
	test_wrap_follows_at_a_failure
	test_hook_interface_deleted test_wrap_interface_deleted
	test_hook_killed test_hook_killed_then_again test_wrap_killed test_wrap_killed_then_again
	test_wrap_killed_bpf_link test_killed_disarms test_clean_spares_the_living
	test_clean_without_leftovers"
ANY_TESTS="test_sigint test_sigterm test_sigusr1 test_count test_count_exact test_duration
	test_quiet test_hook_replaced_by_none test_hook_killed_then_again
	test_wrap_killed_then_again test_killed_disarms test_clean_spares_the_living
	test_clean_without_leftovers"
# clean everywhere: hooks of other tests' captures, too
ALONE_TESTS="test_clean_spares_the_living test_clean_without_leftovers"

capture_is_over() {
	! kill -0 "$CAPTURE_PID" 2>/dev/null
}

# -- asked to, and on their own ------------------------------------------------------------------

ends_by() {
	load verdict verdict
	start_capture out.pcap
	send_frames sent.pcap -n 100
	kill "-$1" "$CAPTURE_PID"
	end_capture 0
	same sent.pcap out.pcap
	all_captured
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

test_sigint() {
	begin
	ends_by INT
}

test_sigterm() {
	begin
	ends_by TERM
}

test_sigusr1() {
	begin
	load verdict verdict
	start_capture out.pcap
	send_frames sent.pcap -n 7
	kill -USR1 "$CAPTURE_PID"
	wait_for grep -q '7 captured' capture.log || fail "no counters"
	stop_capture
	captured 7
}

test_count() {
	begin
	load verdict verdict
	start_capture out.pcap -c 10
	send_frames sent.pcap -n 10
	end_capture 0
	same sent.pcap out.pcap
}

# Not one more is in the file, however many came at once.
test_count_exact() {
	begin
	load verdict verdict
	start_capture out.pcapng -c 123
	send_frames sent.pcap -n 1000 -b 0
	end_capture 0
	same sent.pcap out.pcapng --prefix
	[ "$COMPARED" = 123 ] || fail "$COMPARED frames, not 123"
	[ "$(summary written)" = 123 ] || fail "the summary does not say 123"
}

test_duration() {
	begin
	local start=${EPOCHREALTIME/[.,]/} took

	load verdict verdict
	start_capture out.pcap -d 5
	send_frames sent.pcap -n 10
	end_capture 0
	took=$((${EPOCHREALTIME/[.,]/} - start))
	same sent.pcap out.pcap
	[ $took -ge 5000000 ] || fail "it took $took us"
}

test_quiet() {
	begin
	load verdict verdict
	launch_capture out.pcap -q -d 1
	end_capture 0
	[ ! -s capture.log ] || fail "-q says something"
}

# -- what they capture from goes -----------------------------------------------------------------

test_hook_unloaded() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	send_frames sent.pcap -n 50
	"$TOOLS/xload" detach "$NS"
	wait_for grep -Eq 'no longer on|detached|unloaded' capture.log || fail "nothing is said"
	capture_is_over || stop_capture
	same sent.pcap out.pcap
	all_captured
	wait_for nothing_attached || fail "attached is $(attached)"
}

# The program comes back, with a new hook: the capture follows.
test_hook_reloaded() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	send_frames first.pcap -n 50
	"$TOOLS/xload" detach "$NS"
	wait_for grep -q 'waiting' capture.log || fail "nothing is said"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	wait_for hook_is_armed || fail "the new hook is not taken"
	send_frames second.pcap -n 50 -f 50
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcap
	all_captured
}

test_hook_replaced() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcapng
	send_frames first.pcap -n 50
	load --replace "$PROGRAM_ID" --pin "first_hook=$PINS/hook" \
		--pin "second_hook=$PINS/second" verdict_two verdict_two
	wait_for hook_is_armed || fail "the new hook is not taken"
	wait_for hook_is_armed "$PINS/second" || fail "the other new hook is not taken"
	send_frames second.pcap -n 50 -f 50
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcapng
	all_captured
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	hook_is_empty || fail "slots are in use"
}

# The drops of the new program are not seen: an error names the program, and the status is 1.
test_hook_replaced_by_none() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcapng -t hook
	send_frames sent.pcap -n 20
	load verdict verdict
	wait_for grep -q "drops by verdict .* are not seen" capture.log ||
		fail "nothing is said"
	send_frames unseen.pcap -n 20
	kill -INT "$CAPTURE_PID"
	end_capture 1
	says "$NS: no program was followed at the end: drops by verdict .* are not seen"
	same sent.pcap out.pcapng
	captured 20
}

# A capture that sees again what is dropped ends well, and for how long it did not is in its
# summary, with the program.
test_hook_replaced_for_a_time() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcapng -t hook
	send_frames first.pcap -n 20
	load verdict verdict
	wait_for grep -q "drops by verdict .* are not seen" capture.log ||
		fail "nothing is said"
	says_not incomplete
	send_frames unseen.pcap -n 20
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	wait_for hook_is_armed || fail "the new hook is not taken"
	send_frames second.pcap -n 20 -f 20
	stop_capture
	says "$NS: drops were not seen for [0-9.]+ of [0-9.]+ seconds: drops by verdict "
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcapng
	captured 40
}

# The program that is there now, PROGRAM_ID, is wrapped, too, and has its place at the end.
follows() {
	wait_for grep -q "(id $PROGRAM_ID) on $NS is followed from now on" capture.log ||
		fail "the new program is not followed"
	[ "$(attached)" != "$PROGRAM_ID native" ] || fail "it is not wrapped"
	send_frames second.pcap -n 50 -f 50
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcap
	captured 100
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

test_wrap_unloaded() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames first.pcap -n 50
	"$TOOLS/xload" detach "$NS"
	wait_for grep -q "there is no program to follow on $NS; waiting for one" capture.log ||
		fail "it does not wait"
	says "another process has detached the program from $NS, and verdict \(id $PROGRAM_ID\)"
	nothing_attached || fail "attached is $(attached)"
	# the watchdog lets go of it a moment later
	wait_for pins_gone || no_pins
	load verdict verdict
	follows
}

# Whoever replaces whatever is there gets what he wants, and has it again when the capture has
# ended. Most replace a program by another one of the same name.
test_wrap_replaced() {
	begin
	local old

	load verdict verdict
	old=$PROGRAM_ID
	start_capture out.pcap -t wrap
	send_frames first.pcap -n 50
	load verdict verdict
	follows
	says "replaced the program on $NS by verdict \(id $PROGRAM_ID\), and verdict \(id $old\)"
}

test_wrap_link_updated() {
	begin
	load --link "$PINS/link" verdict verdict
	start_capture out.pcap -t wrap
	send_frames first.pcap -n 50
	PROGRAM_ID=$("$TOOLS/xload" update "$PINS/link" "$TOOLS/verdict.bpf.o" verdict) ||
		fail "update"
	follows
}

# The owner of a link updates it under the wrapper to a program of the same expected attach type,
# none, and no other: the wrapper has the one of the program that it wraps.
test_wrap_link_without_type() {
	begin
	local update=("update" "$PINS/link" "$TOOLS/verdict.bpf.o" verdict)

	load --attach-type none --link "$PINS/link" verdict verdict
	start_capture out.pcap -t wrap
	"$TOOLS/xload" --attach-type xdp "${update[@]}" >update.log 2>&1 &&
		fail "the link takes a program of another type"
	send_frames first.pcap -n 50
	PROGRAM_ID=$("$TOOLS/xload" --attach-type none "${update[@]}" 2>update.log) ||
		fail "update: $(<update.log)"
	follows
}

# The capture does not keep a link alive that its owner has given up.
test_wrap_link_gone() {
	begin
	load --link "$PINS/link" verdict verdict
	start_capture out.pcap -t wrap
	send_frames first.pcap -n 50
	rm "$PINS/link"
	wait_for nothing_attached || fail "attached is $(attached)"
	wait_for grep -q 'waiting for one' capture.log || fail "it does not wait"
	load --link "$PINS/link" verdict verdict
	follows
}

# Who attaches his program whenever he finds another one is not to do that all the time.
test_wrap_taken_off() {
	begin
	local times

	load verdict verdict
	start_capture out.pcap -t wrap
	for _ in 1 2 3 4 5; do
		wait_for eval '[ "$(attached)" != "$PROGRAM_ID native" ]' || fail "not wrapped"
		load verdict verdict
	done
	wait_for grep -q "taken the wrapper off $NS 5 times in succession" capture.log ||
		fail "it is not said"
	times=$(grep -c 'followed from now on' capture.log)
	[ "$times" = 4 ] || fail "it was wrapped $times times"
	wait_for grep -q "drops by verdict (id $PROGRAM_ID) are not seen: it is not wrapped yet" \
		capture.log || fail "it is not said what is not seen"
	wait_for grep -q "(id $PROGRAM_ID) on $NS is followed from now on" capture.log ||
		fail "it is not wrapped later"
	stop_capture
	says "$NS: drops were not seen for [0-9.]+ of [0-9.]+ seconds: drops by verdict "
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# Without a BPF file system the new program cannot be wrapped.
test_wrap_bpffs_gone() {
	begin
	load verdict verdict
	cp "$TOOLS/verdict.bpf.o" .
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 50
	"$TOOLS/xload" detach "$NS"
	wait_for grep -q 'waiting for one' capture.log || fail "it does not wait"
	umount -l /sys/fs/bpf || fail "umount"
	PROGRAM_ID=$("$TOOLS/xload" load "$NS" verdict.bpf.o verdict 2>load.log) ||
		fail "cannot load: $(<load.log)"
	end_capture 1
	says "\(id $PROGRAM_ID\) stays attached to $NS, and is not followed: no BPF file system"
	same sent.pcap out.pcap
	captured 50
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# Another process arms, on descriptor 7, while the wrapper is replaced.
replaced_while_locked() {
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames first.pcap -n 50
	exec 7<>/run/xdpdrop.lock
	flock 7
	load verdict verdict
	wait_for grep -q "replaced the program on $NS by verdict (id $PROGRAM_ID)" capture.log ||
		fail "the loss is not said"
	wait_for grep -q "drops by verdict (id $PROGRAM_ID) are not seen: it is not wrapped yet" \
		capture.log || fail "it is not said what is not seen"
}

# It does not keep the loss a secret.
test_wrap_replaced_while_locked() {
	begin
	replaced_while_locked
	exec 7>&-
	follows
	[ "$(grep -c 'has replaced the program' capture.log)" = 1 ] || fail "it is said repeatedly"
}

# Nor at the end: a capture that did not see the last drops has not succeeded.
test_wrap_ends_while_locked() {
	begin
	replaced_while_locked
	send_frames unseen.pcap -n 20
	kill -INT "$CAPTURE_PID"
	wait_for grep -q "$NS: no program was followed at the end: drops by verdict" capture.log ||
		fail "the end does not say so"
	exec 7>&-
	end_capture 1
	says "drops by verdict \(id $PROGRAM_ID\) are not seen.*for [0-9.]+ of [0-9.]+ seconds"
	same first.pcap out.pcap
	captured 50
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# What fails for want of memory is tried again.
test_wrap_follows_at_a_failure() {
	begin
	local n

	for n in 4 14 24 34 44; do
		rm -f now struck
		load verdict verdict
		FAULT=bpf:$n:ENOMEM FAULT_IN=xdpdrop-control FAULT_WHEN=$PWD/now \
			FAULT_STRUCK=$PWD/struck LD_PRELOAD=$TOOLS/faults.so \
			start_capture out.pcap -t wrap
		: >now
		load verdict verdict
		wait_for grep -q "(id $PROGRAM_ID) on $NS is followed from now on" capture.log ||
			fail "not followed after failure $n: $(<capture.log)"
		[ -e struck ] || fail "there is no call $n"
		send_frames sent.pcap -n 20
		stop_capture
		same sent.pcap out.pcap
		[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
		no_pins
	done
}

# interface_deleted OBJECT PROGRAM TAP: on a pair of interfaces for this test.
interface_deleted() {
	ip link add xdpdrop-t0 type veth peer name xdpdrop-t1 || fail "cannot make a pair"
	ip link set xdpdrop-t0 up
	ip link set xdpdrop-t1 up
	"$TOOLS/xload" load xdpdrop-t0 "$TOOLS/$1.bpf.o" "$2" >load.log 2>&1 || fail "cannot load"
	: >capture.log
	env --default-signal=INT "$CAPTURE" -t "$3" xdpdrop-t0 out.pcap 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	"$TOOLS/send" -n 50 -r sent.pcap xdpdrop-t1 >send.log 2>&1 || fail "sending frames"
	ip link del xdpdrop-t0
	wait_for capture_is_over || fail "the capture goes on"
	end_capture 1
	says 'xdpdrop-t0.*(gone|vanished|deleted|no longer|removed|disappeared)'
	same sent.pcap out.pcap
	[ "$(summary written)" = "$((COMPARED + UNMARKED))" ] || fail "not all is written"
	no_pins
}

test_hook_interface_deleted() {
	begin
	interface_deleted verdict_hook verdict_hook hook
}

test_wrap_interface_deleted() {
	begin
	interface_deleted verdict verdict wrap
}

# -- by force ------------------------------------------------------------------------------------

clean() {
	"$LOADER" clean "$@" >clean.log 2>&1 || fail "clean"
}

test_hook_killed() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	killed kill_capture
	hook_is_empty && fail "the kill left nothing to clean"
	clean "$NS"
	hook_is_empty || fail "slots are in use after clean"
	capture_again
}

test_hook_killed_then_again() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	killed kill_capture
	capture_again
	hook_is_empty || fail "slots are in use"
}

test_wrap_killed() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	killed kill_capture
	[ "$(attached)" != "$PROGRAM_ID native" ] || fail "the kill left nothing to clean"
	clean "$NS"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached) after clean"
	no_pins
	capture_again
}

test_wrap_killed_then_again() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	killed kill_capture
	capture_again
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# The link is the owner's, not the capture's: the interface keeps a program.
test_wrap_killed_bpf_link() {
	begin
	load --link "$PINS/link" verdict verdict
	start_capture out.pcap -t wrap
	killed kill_capture
	clean "$NS"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached) after clean"
	no_pins
	rm "$PINS/link"
	wait_for nothing_attached || fail "attached is $(attached)"
}

# Id of the counters' map of the capture program in the hook.
counters_in_hook() {
	local program id

	program=$("$TOOLS/xload" slots "$PINS/hook" | cut -d ' ' -f 2)
	for id in $(bpftool -j prog show id "$program" |
		sed -n 's/.*"map_ids":\[\([0-9,]*\)\].*/\1/p' | tr ',' ' '); do
		bpftool map show id "$id" | grep -q 'name xdpdrop_states' && echo "$id"
	done
}

# What a killed capture leaves in a hook stops to capture by itself, some seconds later.
test_killed_disarms() {
	begin
	local map

	need jq
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	send_frames sent.pcap -n 20
	kill_capture
	map=$(counters_in_hook)
	[ -n "$map" ] || fail "the counters of the capture are gone"
	sleep 6
	captured_in "$map" >before
	send_frames more.pcap -n 20 -f 20
	captured_in "$map" >after
	# one of each CPU; so small that its bytes may be added
	[ $(($(grep -o '0x[0-9a-f]*' before | paste -s -d +))) = 20 ] ||
		fail "the counters have not what was captured: $(head -n 3 before)"
	cmp before after || fail "it still captures"
	[ "$(count_of drop)" = 40 ] || fail "other verdicts: $(counts)"
}

test_clean_spares_the_living() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	clean
	clean "$NS"
	send_frames sent.pcap -n 50
	stop_capture
	same sent.pcap out.pcap
	all_captured
}

test_clean_without_leftovers() {
	begin
	load --link "$PINS/link" verdict verdict
	find "$PINS" >before
	clean
	find "$PINS" | diff before - || fail "clean removed pins of others"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}
