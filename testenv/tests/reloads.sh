# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Programs that are replaced by the same ones while a capture runs, and many of them at once.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about the table of capture points
ALL_TESTS="test_hook_reloads test_hook_10000_reloads
	test_hook_replaced_while_taken_up test_hook_replaced_while_started
	test_hook_reload_described
	test_hook_reload_stalled test_hook_reload_reported test_hook_reasons_stalled
	test_exit_reloads test_many_hooks test_too_many_hooks test_long_table"
SLOW_TESTS="test_hook_reloads test_hook_10000_reloads test_too_many_hooks"

# reload [reload's options]: sets SENT.
reload() {
	SENT=$("$TOOLS/reload" "$@" "$NS" "$TOOLS/verdict_hook.bpf.o" verdict_hook 2>reload.log)
	case $? in
	0) ;;
	2) skip "$(<reload.log)" ;;
	*) fail "reload: $(<reload.log)" ;;
	esac
}

# one_point N: the N frames are those of sent.pcap, all at the one capture point that there is.
one_point() {
	[ "$SENT" = "$1" ] || fail "$SENT frames were sent, not $1"
	same sent.pcap out.pcapng
	all_captured
	json_holds '($last.points | length) == 1 and $last.refused == 0 and $last.balanced and
		$last.points[0].seen == '"$1" stats.json
	[ "$(tcpdump -r out.pcapng 2>/dev/null | wc -l)" = "$1" ] || fail "tcpdump reads less"
}

test_hook_reloads() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcapng -t hook --json stats.json
	reload -n 150 -f 3 -r sent.pcap
	stop_capture
	one_point 450
}

test_hook_reload_reported() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap -t hook
	ip link set dev "$NS" xdpdrv off
	rm "$PINS/verdicts"
	wait_for grep -q 'is no longer on' capture.log || fail "the end is not reported"
	load verdict_hook verdict_hook
	wait_for grep -Eq "program verdict_hook \(id $PROGRAM_ID\) on $NS is followed from now on, \
at hook xdpdrop_hook" capture.log || fail "the new one is not reported"
	stop_capture
}

# Each of them with a hook of its own; a capture that looks twice a second sees some of them.
test_hook_10000_reloads() {
	begin
	local reloads=10000

	[ -z "${XDPDROP_VM:-}$FEW" ] || reloads=500
	load --pin "table_parts=$PINS/table" table table
	"$TOOLS/xload" slot "$PINS/table" 0 "$TOOLS/verdict_hook.bpf.o" verdict_hook
	start_capture out.pcapng -t hook --json stats.json
	reload -n $reloads -e 100 -f 10 -t "$PINS/table" -r sent.pcap
	stop_capture
	one_point $((reloads / 10))
}

# described FILE: "NUMBER INTERFACE DESCRIPTION" of each frame of a pcapng file.
described() {
	tshark -r "$1" -T fields -e frame.number -e frame.interface_id \
		-e frame.interface_description 2>tshark.log || fail "tshark cannot read $1"
}

# A program goes while its hook is being taken up: each map that is opened by its id is gone once.
# The next program is captured, and the capture has not failed. The process that opens the maps is
# stopped until the program is there: a look before would use up the number.
test_hook_replaced_while_taken_up() {
	begin
	local n process

	for n in 1 2 3 4 5 6 7 8; do
		rm -f "$PINS/hook" now struck
		load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
		FAULT=map:$n:ENOENT FAULT_IN=xdpdrop-control FAULT_WHEN=$PWD/now \
			FAULT_STRUCK=$PWD/struck LD_PRELOAD=$TOOLS/faults.so \
			start_capture out.pcapng -t hook
		process=$(control)
		stop_processes "$process"
		rm "$PINS/hook"
		load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
		: >now
		kill -CONT "$process"
		wait_for eval '[ -e struck ]' || fail "map $n is not opened"
		rm "$PINS/hook"
		load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
		wait_for hook_is_armed || fail "the next program is not captured after map $n"
		send_frames sent.pcap -n 4
		stop_capture
		same sent.pcap out.pcapng
		cat capture.log >>all.log
	done
	grep -q "was replaced while its hook xdpdrop_hook" all.log ||
		fail "it was never that moment"
}

# A start that meets such a change is tried again by itself; so is that of a tool that counts.
test_hook_replaced_while_started() {
	begin
	local n tool words
	local -A tools=([capture]="$CAPTURE" [monitor]="$BUILD/xdpdrop-monitor")

	load verdict_hook verdict_hook
	for tool in capture monitor; do
		words=("${tools[$tool]}" -t hook -d 0.01 "$NS")
		[ $tool = monitor ] || words+=(out.pcapng)
		for n in 1 2 3 4 5 6 7 8; do
			FAULT=map:$n:ENOENT LD_PRELOAD=$TOOLS/faults.so \
				"${words[@]}" >start.log 2>&1 ||
				grep -q "no program on $NS has a hook" start.log ||
				fail "$tool after map $n"
			cat start.log >>"$tool.out"
		done
		grep -q "was replaced while its hook xdpdrop_hook" "$tool.out" ||
			fail "no start of $tool met a change"
	done
}

# A frame's interface has the ids of the program that dropped it, whatever came later. A program
# that dropped nothing is none.
test_hook_reload_described() {
	begin
	local n=0 ids=() map

	[ -z "${XDPDROP_VM:-}" ] || skip "tshark takes too long here"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcapng -t hook --json stats.json
	for n in 0 1 2 3; do
		[ $n = 0 ] || {
			rm "$PINS/hook"
			load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
		}
		wait_for hook_is_armed || fail "program $n is not captured"
		ids[n]=$PROGRAM_ID
		[ $n = 1 ] || send_frames "part.$n" -n 2 -f $((2 * n))
	done
	stop_capture
	join part.0 part.2 part.3 >sent.pcap
	same sent.pcap out.pcapng
	described out.pcapng | sed 's/, tap.*//' >fields
	for n in "1 0 0" "2 0 0" "3 1 2" "4 1 2" "5 2 3" "6 2 3"; do
		read -r frame interface n <<<"$n"
		echo "$frame	$interface	XDP program verdict_hook (id ${ids[n]}) on $NS"
	done >expected
	diff expected fields || fail "frames have other interfaces"
	json_holds '($last.points | length) == 1 and $last.points[0].program_id == '"${ids[3]} and
		"'$last.points[0].captured == 6' stats.json
	capinfos -M -c out.pcapng >capinfos.log 2>&1 || fail "capinfos: $(<capinfos.log)"
}

# Records that are in the rings when their program is replaced are those of the old one.
test_hook_reload_stalled() {
	begin
	local first

	[ -z "${XDPDROP_VM:-}" ] || skip "tshark takes too long here"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	first=$PROGRAM_ID
	start_capture out.pcapng -t hook --json stats.json
	stall_capture
	send_frames first.pcap -n 3
	rm "$PINS/hook"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	wait_for hook_is_armed || fail "the second program is not captured"
	send_frames second.pcap -n 3 -f 3
	continue_capture out.pcapng
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcapng
	described out.pcapng | cut -f 3 | sed 's/.*(id \(.*\)) on.*/\1/' | uniq -c >fields
	[ "$(tr -s ' \n' ' ' <fields)" = " 3 $first 3 $PROGRAM_ID " ] ||
		fail "frames are $(<fields)"
}

# The reader is stuck while programs come with 300 names of reasons each, and with all that -vv has
# to report of them: what has the lock does not wait for it, and no name is lost.
test_hook_reasons_stalled() {
	begin
	local n

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcapng -t hook -vv --json stats.json
	stall_capture
	for n in 1 2 3 4 5; do
		rm "$PINS/hook"
		load --pin "xdpdrop_hook=$PINS/hook" verdict_reasons verdict_reasons
		wait_for hook_is_armed || fail "program $n is not captured"
	done
	[ "$("$LOADER" clean "$NS" 2>clean.log)" = "nothing to remove" ] || fail "clean"
	! grep -q 'waiting for' clean.log || fail "the lock is held: $(<clean.log)"
	send_frames sent.pcap -n 300
	continue_capture out.pcapng
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	hook_is_empty || fail "slots are in use"
	json_holds '$last.balanced and ([$last.reasons[].name] | unique | length) == 300 and
		all($last.reasons[]; .name | startswith("MANY_"))' stats.json
}

test_exit_reloads() {
	begin
	need_trampolines
	local n reloads=70

	[ -z "${XDPDROP_VM:-}" ] || reloads=15
	[ -z "${XDPDROP_VM:+$FEW}" ] || reloads=5
	load verdict verdict
	start_capture out.pcapng -t exit -v --json stats.json
	for ((n = 0; n < reloads; n++)); do
		load verdict verdict
		wait_for grep -q "id $PROGRAM_ID.* is followed" capture.log ||
			fail "program $n is not captured"
		send_frames "part.$(printf %02d "$n")" -n 1 -f "$n"
	done
	stop_capture
	join part.* >sent.pcap
	SENT=$reloads
	one_point $reloads
}

# fill FIRST LAST: programs with hooks behind a tail-call table.
fill() {
	local slot

	for slot in $(seq "$1" "$2"); do
		"$TOOLS/xload" slot "$PINS/table" "$slot" "$TOOLS/verdict_hook.bpf.o" \
			verdict_hook || fail "cannot fill slot $slot"
	done
}

test_many_hooks() {
	begin
	load --pin "table_parts=$PINS/table" table table
	fill 0 69
	fill 1500 1504
	start_capture out.pcapng -t hook --json stats.json
	send_frames low.pcap -n 70
	send_frames high.pcap -n 5 -f 1500
	stop_capture
	join low.pcap high.pcap >sent.pcap
	same sent.pcap out.pcapng
	all_captured
	says_not 'room for|not looked at'
	json_holds '($last.points | length) == 75 and $last.refused == 0 and
		([$last.points[].captured] | unique) == [1]' stats.json
}

# What comes on top of 256 is named, is in the statistics, and the status is not 0.
test_too_many_hooks() {
	begin
	load --pin "table_parts=$PINS/table" table table
	fill 0 9
	start_capture out.pcapng -t hook --json stats.json
	fill 10 259
	wait_for eval '[ "$(grep -c "is not followed: there is room for 256" \
		capture.log)" = 4 ]' || fail "not said of 4 hooks"
	kill -INT "$CAPTURE_PID"
	end_capture 1
	says '^xdpdrop-capture: 4 hooks or programs could not be captured'
	json_holds '($last.points | length) == 256 and $last.refused == 4 and $last.balanced
		and $last.status == 1' \
		stats.json
}

# Slots that are not looked at are counted, and the table is named.
test_long_table() {
	begin
	load long_table long_table
	start_capture out.pcap -t hook
	send_frames sent.pcap -n 10
	stop_capture
	same sent.pcap out.pcap
	says 'warning: .*10 slots of tail-call tables .*not looked at.*map id [0-9]+'
}
