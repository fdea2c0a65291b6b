# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The hook tap: what leaves a program through xdpdrop_exit() is captured, with its reason.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # kernels differ in which programs they let into a hook
ALL_TESTS="test_hook_native test_hook_generic test_hook_bpf_link test_hook_is_chosen
	test_hook_reasons test_hook_reasons_file test_hook_all_actions test_hook_one_action
	test_hook_returns_verdict test_hook_unknown_reason
	test_hook_attach_type_none test_hook_attach_type_verbose test_hook_two_hooks
	test_hook_two_programs test_hook_by_pin test_hook_by_program test_hook_is_emptied
	test_hook_beside_another_tap test_hook_other_verdicts
	test_hook_pinned_elsewhere test_hook_second_after_first test_hook_ownerless
	test_hook_pin_of_table test_hook_unsafe test_hook_drops_elsewhere
	test_hook_drops_elsewhere_generic test_hook_drops_nothing"
ANY_TESTS="test_hook_is_chosen test_hook_reasons_file test_hook_one_action
	test_hook_unknown_reason test_hook_by_program
	test_hook_beside_another_tap test_hook_other_verdicts test_hook_second_after_first
	test_hook_ownerless test_hook_pinned_elsewhere test_hook_drops_nothing"

# Capture 300 frames of all verdicts with the options given, compare those of verdicts $1.
capture_verdicts() {
	local verdicts=$1

	shift
	start_capture out.pcap "$@"
	send_frames sent.pcap -n 300 -s 60,200 -V aborted,drop,pass,tx,redirect,invalid
	stop_capture
	same sent.pcap out.pcap --only "$verdicts"
	all_captured
}

test_hook_native() {
	begin
	load --mode native verdict_hook verdict_hook
	capture_verdicts aborted,drop -t hook
}

test_hook_generic() {
	begin
	load --mode skb verdict_hook verdict_hook
	capture_verdicts aborted,drop -t hook
}

test_hook_bpf_link() {
	begin
	load --link "$PINS/link" verdict_hook verdict_hook
	capture_verdicts aborted,drop -t hook
	rm "$PINS/link"
}

test_hook_is_chosen() {
	begin
	load verdict_hook verdict_hook
	capture_verdicts aborted,drop
	says "^listening on $NS, tap hook on verdict_hook \(id $PROGRAM_ID\) at xdpdrop_hook"
}

# Verdict and the name of the reason, in every frame of a pcapng file.
test_hook_reasons() {
	begin
	need tshark
	load verdict_hook verdict_hook
	start_capture out.pcapng -t hook
	send_frames sent.pcap -n 60 -V drop,aborted
	stop_capture
	same sent.pcap out.pcapng
	# The frame's number, and with it the reason, alternates; the verdict does, too.
	fields out.pcapng frame.verdict.ebpf_xdp frame.comment frame.interface_queue >got
	for _ in {1..30}; do
		printf '1\tNUMBER_EVEN\t0\n0\tNUMBER_ODD\t0\n'
	done >expected
	diff expected got || fail "verdicts and reasons"
}

test_hook_reasons_file() {
	begin
	need tshark
	printf '7 ignored by enum\n901 second\n' >reasons
	load verdict_two verdict_two
	start_capture out.pcapng -t hook --reasons reasons
	send_frames sent.pcap -n 6
	stop_capture
	fields out.pcapng frame.comment | sort | uniq -c | sed 's/^ *//' >got
	# The second hook's program gives 900 + number % 3 to odd frames: 1, 3, 5.
	printf '1 reason 900\n1 reason 902\n1 second\n' >expected
	grep -v FIRST_ONLY got | grep -v ignored | diff expected - || fail "names of reasons"
}

test_hook_all_actions() {
	begin
	load verdict_hook verdict_hook
	capture_verdicts aborted,drop,pass,tx,redirect -t hook -a all
}

test_hook_one_action() {
	begin
	load verdict_hook verdict_hook
	capture_verdicts tx -t hook -a tx
}

# The capture program ends the run with the verdict for which it was called.
test_hook_returns_verdict() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap -a all
	returns_every aborted drop pass tx redirect
	stop_capture
	join run.{aborted,drop,pass,tx,redirect}.pcap >sent.pcap
	same sent.pcap out.pcap
	all_captured
}

test_hook_attach_type_none() {
	begin
	load --attach-type none verdict_hook verdict_hook
	capture_verdicts aborted,drop -t hook
}

# -v says as what the hook accepted the capture program.
test_hook_attach_type_verbose() {
	begin
	load --attach-type none verdict_hook verdict_hook
	start_capture out.pcap -v
	stop_capture
	cp capture.log none.log
	load verdict_hook verdict_hook
	start_capture out.pcap -v
	stop_capture
	grep -q 'expected attach type 0,' none.log || fail "attach type of a program without one"
	grep -q 'expected attach type 0,' capture.log &&
		skip "this kernel does not look at the expected attach type"
	grep -q 'expected attach type XDP,' capture.log ||
		fail "attach type of a program with one"
}

test_hook_two_hooks() {
	begin
	need tshark
	load verdict_two verdict_two
	start_capture out.pcapng -t hook
	says "at first_hook .*at second_hook|at second_hook .*at first_hook"
	send_frames sent.pcap -n 100
	stop_capture
	same sent.pcap out.pcapng
	captured 100
	# Each hook is an interface of the file.
	[ "$(fields out.pcapng frame.interface_id | sort | uniq -c | sed 's/^ *//' | cut -d' ' -f1 |
		tr '\n' ' ')" = "50 50 " ] || fail "not 50 frames on each of two interfaces"
}

test_hook_two_programs() {
	begin
	need_dispatcher
	"$XDP_LOADER" load "$NS" "$TOOLS/firewall.bpf.o" -n firewall -P 10 >load.log 2>&1 ||
		skip "libxdp cannot load a program with a hook on this kernel"
	"$XDP_LOADER" load "$NS" "$TOOLS/verdict_hook.bpf.o" -n verdict_hook -P 20 \
		>>load.log 2>&1 || fail "the second program does not load"
	start_capture out.pcapng -t hook
	says "firewall .*verdict_hook"
	send_frames dns.pcap -n 20 -p 53
	send_frames sent.pcap -n 50 -f 100 -V drop
	stop_capture
	captured 70
	"$XDP_LOADER" unload "$NS" --all
}

test_hook_by_pin() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	capture_verdicts aborted,drop --hook "$PINS/hook"
}

test_hook_by_program() {
	begin
	load verdict_hook verdict_hook
	capture_verdicts aborted,drop -p verdict_hook
	capture_verdicts aborted,drop -p "$PROGRAM_ID"
	launch_capture out.pcap -p nobody
	end_capture 1
	says nobody
}

# Nothing of the capture stays in the hook.
test_hook_is_emptied() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap -a all
	"$TOOLS/xload" slots "$PINS/hook" | grep -Eq '^[1-9][0-9]*( [1-9][0-9]*){4}$' ||
		fail "not all slots are in use: $("$TOOLS/xload" slots "$PINS/hook")"
	stop_capture
	[ "$("$TOOLS/xload" slots "$PINS/hook")" = "0 0 0 0 0" ] || fail "slots are still in use"
}

# One capture at the hook, and one at another tap.
test_hook_beside_another_tap() {
	begin
	local other=wrap

	if has_trampolines; then
		other="exit"
	fi
	load verdict_hook verdict_hook
	start_capture out.pcap
	local first=$CAPTURE_PID
	mv capture.log first.log
	start_capture second.pcap -t $other
	send_frames sent.pcap -n 50 -V drop
	stop_capture
	captured 50
	CAPTURE_PID=$first
	mv first.log capture.log
	stop_capture
	captured 50
	same sent.pcap out.pcap
	same sent.pcap second.pcap
}

# Other verdicts than drops may be missing from a hook, which is said.
test_hook_other_verdicts() {
	begin
	local list

	load verdict_hook verdict_hook
	for list in all aborted,drop,pass; do
		"$CAPTURE" -d 0.1 -a $list "$NS" out.pcap 2>capture.log || fail "-a $list"
		says 'taps wrap and exit show other verdicts'
	done
	"$CAPTURE" -d 0.1 -a all -t hook "$NS" out.pcap 2>capture.log || fail "-t hook"
	says_not 'capture other verdicts'
	"$CAPTURE" -d 0.1 "$NS" out.pcap 2>capture.log || fail "defaults"
	says_not 'capture other verdicts'
}

# Said once, of the program that does not know it.
test_hook_unknown_reason() {
	begin
	load verdict_hook verdict_hook
	"$CAPTURE" -d 0.1 --reason EVEN,nope "$NS" out.pcap 2>capture.log || fail "status $?"
	[ "$(grep -c nope capture.log)" = 1 ] || fail "said more than once, or not"
	says "program verdict_hook \\(id $PROGRAM_ID\\) on $NS has no reason 'nope', \
only NUMBER_EVEN, NUMBER_ODD$"
}

# A pinned hook of a program that is on another interface, or on none.
test_hook_pinned_elsewhere() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	"$CAPTURE" -d 0.1 --hook "$PINS/hook" "$NS" out.pcap 2>capture.log || fail "here"
	says_not 'no frames are seen there'
	"$CAPTURE" -d 0.1 --hook "$PINS/hook" lo out.pcap 2>capture.log || fail "elsewhere"
	says "no program on lo has the pinned hook $PINS/hook now: no frames are seen there"
}

test_hook_second_after_first() {
	begin
	load verdict_hook verdict_hook
	capture_verdicts aborted,drop
	capture_verdicts aborted,drop
}

# A hook whose program is not loaded yet would be locked by whoever inserts first.
test_hook_ownerless() {
	begin
	bpftool map create "$PINS/hook" type prog_array key 4 value 4 entries 5 name xdpcap_hook ||
		fail "cannot make a map"
	launch_capture out.pcap --hook "$PINS/hook"
	end_capture 1
	says "(owner|no program|not loaded|in use)"
	[ "$("$TOOLS/xload" slots "$PINS/hook")" = "0 0 0 0 0" ] || fail "slots are in use"
}

# A slot whose emptiness means something to the program stays empty: frames pass as before.
test_hook_pin_of_table() {
	begin
	local program map

	for program in "table table_parts" "table_of_five table_short"; do
		read -r program map <<<"$program"
		rm -f "$PINS/table"
		load --pin "$map=$PINS/table" table "$program"
		launch_capture out.pcap --hook "$PINS/table" -d 1
		returns_every pass
		end_capture 1
		case $map in
		table_parts) says "$PINS/table is not a hook" ;;
		*) says "$PINS/table may be a tail-call table.*unsafe-hook" ;;
		esac
		[ -z "$("$TOOLS/xload" slots "$PINS/table" | tr -d ' 0')" ] ||
			fail "slots are in use"
	done
}

# Who knows better can say so; a table of another size is never a hook.
test_hook_unsafe() {
	begin
	load --pin "table_short=$PINS/table" table table_unmarked
	start_capture out.pcap --hook "$PINS/table" --unsafe-hook
	send_frames sent.pcap -n 30 -V drop,pass,aborted
	stop_capture
	same sent.pcap out.pcap --only drop,aborted
	all_captured
	rm "$PINS/table"
	load --pin "table_parts=$PINS/table" table table
	launch_capture again.pcap --hook "$PINS/table" --unsafe-hook
	end_capture 1
	says "$PINS/table is not a hook"
}

# The program answers such frames without its hook; the driver counts them as dropped.
test_hook_drops_elsewhere() {
	begin
	load --mode native verdict_hook verdict_hook
	start_capture out.pcap -t hook
	send_frames sent.pcap -n 20 -V invalid
	stop_capture
	captured 0
	says 'counted 20 frames as dropped by XDP, and the (capture|session) saw 0:'
	says 'taps exit and wrap show'
}

# No driver counts what programs do behind it.
test_hook_drops_elsewhere_generic() {
	begin
	load --mode skb verdict_hook verdict_hook
	start_capture out.pcap -t hook
	send_frames sent.pcap -n 20 -V invalid
	stop_capture
	captured 0
	says 'no frame came to a hook; drops without a hook are not seen'
}

# Nothing is missing where nothing was dropped, or all was seen.
test_hook_drops_nothing() {
	begin
	load --mode native verdict_hook verdict_hook
	start_capture out.pcap -t hook
	send_frames sent.pcap -n 20 -V pass
	stop_capture
	says_not 'dropped by XDP, and|came to a hook'
	start_capture out.pcap -t hook
	send_frames sent.pcap -n 20 -V aborted,drop
	stop_capture
	captured 20
	says_not 'dropped by XDP, and|came to a hook'
}
