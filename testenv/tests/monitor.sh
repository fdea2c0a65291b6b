# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# xdpdrop-monitor: counts are those of what was sent, by program and reason, as lines and as JSON,
# and the verdicts are the program's.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../monitor_helpers.sh"

KERNELS=any # the counting is arithmetic
ALL_TESTS="test_count_hook test_count_wrap test_count_flood test_lines test_once test_short_duration
	test_filter
	test_reasons test_interfaces test_reload test_actions test_hostile_names test_no_rings
	test_blind test_detached test_replaced_wrap
	test_interface_gone test_terminated test_reader_gone
	test_full_output test_killed test_killed_all test_impossible_reasons test_misuse"

# count_sent EXPRESSION: of the final object, which must balance.
count_sent() {
	json_counts "$1" out
}

# json_counts EXPRESSION FILE: $all, $first and $last are objects; in each, the reasons add up.
json_counts() {
	jq -es '
		def adds(name): (if name == "frames" then .frames else .bytes end) ==
			([.reasons[][name]] | add // 0);
		. as $all | .[0] as $first | .[-1] as $last |
		all($all[]; adds("frames") and adds("bytes")) and
		($last | .type == "final" and .balanced and .status == 0 and
			.seen == .filtered + .frames) and ('"$1"')' "$2" >jq.log 2>&1 ||
		fail "$1 does not hold: $(tail -n 1 "$2")"
}

# The program counted 50 of each verdict; those of aborted and drop are the monitor's.
test_count_hook() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json "$NS"
	send_frames sent.pcap -n 150 -s 100 -V aborted,drop,pass
	stop_capture
	[ "$(counts)" = "aborted=50 drop=50 pass=50 tx=0 redirect=0 invalid=0" ] ||
		fail "other verdicts: $(counts)"
	count_sent '[$last.reasons[] | .interface, .program, .hook, .tap, .reason, .number,
		.frames, .bytes] == ["'"$NS"'", "verdict_hook", "xdpdrop_hook", "hook",
		"NUMBER_EVEN", 1, 50, 5000, "'"$NS"'", "verdict_hook", "xdpdrop_hook", "hook",
		"NUMBER_ODD", 2, 50, 5000]'
	count_sent '$last.seen == 100 and $last.captured == 0 and $last.lost == 0'
	says '^listening on .*, counting only$'
	says '^100 frames dropped by XDP \(10.0 kB\)$'
	says '^100 frames counted$'
	no_pins
}

test_count_wrap() {
	begin
	need jq
	load verdict verdict
	start_monitor --json -t wrap "$NS"
	send_frames sent.pcap -n 150 -s 100 -V aborted,drop,pass
	stop_capture
	count_sent '[$last.reasons[] | .tap, .reason, .frames, .bytes] ==
		["wrap", null, 100, 10000]'
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is: $(attached)"
}

# As many as a capture has counted, and in no interval a frame without its reason.
test_count_flood() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json -i 0.1 "$NS"
	send_frames sent.pcap -n 300000 -g 0
	stop_capture
	count_sent '$last.frames == '"$(count_of drop)"' and ($all | length) > 3'
	count_sent 'all($all[].reasons[]; .number > 0)'
	count_sent '[$all[].frames] == ([$all[].frames] | sort)'
}

test_lines() {
	begin
	load verdict_hook verdict_hook
	start_monitor -i 0.1 "$NS"
	send_frames sent.pcap -n 100 -s 100
	wait_for grep -Eq '^[-0-9]+ [0-9:]+ 0 frames/s, 0 bytes/s, 100 frames \(10.0 kB\)$' out ||
		fail "no line of a silent interval"
	stop_capture
	grep -Eq "^  NUMBER_ODD +$NS verdict_hook xdpdrop_hook: [0-9]+ frames/s, .* 50 fr" out ||
		fail "no line of a reason"
	says '^  NUMBER_EVEN  *50 frames \(5.0 kB\), 0 captured$'
}

# The end of the time is that of an interval.
test_short_duration() {
	begin
	need jq
	load verdict_hook verdict_hook
	launch_monitor --json --wait -i 3600 -d 6 "$NS"
	await_listening || fail "xdpdrop-monitor does not listen"
	send_frames sent.pcap -n 10
	end_capture 0
	count_sent '($all | length) == 2 and $first.type == "interval" and $first.frames == 10 and
		$first.interval >= 6'
	launch_monitor -i 3600 -d 0.2 "$NS"
	end_capture 0
	[ "$(wc -l <out)" = 1 ] || fail "not one line: $(cat out)"
	launch_monitor --json -i 2 -d 4 "$NS"
	end_capture 0
	count_sent '($all | length) == 3'
}

# One interval, of which the frames are sent in the middle.
test_once() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --once --json -i 5 "$NS"
	send_frames sent.pcap -n 100 -s 100
	end_capture 0
	count_sent '($all | length) == 2 and $first.type == "interval"'
	count_sent '$first | .frames == 100 and .frames_per_second > 10 and .interval >= 5'
	# as in EXAMPLES of xdpdrop-monitor(8)
	jq -r 'select(.type == "final").reasons[] | "\(.frames) \(.reason)"' out | sort >rows
	[ "$(<rows)" = $'50 NUMBER_EVEN\n50 NUMBER_ODD' ] || fail "the example: $(<rows)"
	launch_monitor --once -i 0.2 -q "$NS"
	end_capture 0
	[ ! -s capture.log ] || fail "messages in spite of -q"
	[ "$(wc -l <out)" = 1 ] || fail "not one line: $(cat out)"
}

# What does not match is neither a frame nor a reason of the monitor's.
test_filter() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json "$NS" less 200
	send_frames sent.pcap -n 60 -s 100
	send_frames more.pcap -n 40 -f 60 -s 300
	stop_capture
	count_sent '$last | .seen == 100 and .filtered == 40 and .frames == 60 and .bytes == 6000'
	count_sent '[$last.reasons[] | .reason, .frames, .bytes] ==
		["NUMBER_EVEN", 30, 3000, "NUMBER_ODD", 30, 3000]'
}

test_reasons() {
	begin
	need jq
	load verdict_hook verdict_hook
	echo '1 RENAMED' >reasons
	start_monitor --json --reasons reasons --reason RENAMED "$NS"
	send_frames sent.pcap -n 100 -s 100
	stop_capture
	count_sent '[$last.reasons[] | .reason, .frames] == ["RENAMED", 50]'
	count_sent '$last.filtered == 50'
}

# Two interfaces, each with its own rows.
test_interfaces() {
	begin
	need jq
	load verdict_hook verdict_hook
	ip link add other type veth peer name inside || fail "no second interface"
	ip link set other up && ip link set inside up
	"$TOOLS/xload" load other "$TOOLS/verdict_hook.bpf.o" verdict_hook >other.log 2>&1 ||
		fail "cannot load on other"
	start_monitor --json "$NS,other"
	send_frames sent.pcap -n 100
	"$TOOLS/send" --destination "$(</sys/class/net/other/address)" -n 30 \
		--reference other.pcap inside >send.log 2>&1 || fail "sending frames"
	settle_json_frames 130
	stop_capture
	ip link del other
	count_sent '[$last.reasons[] | select(.interface == "other") | .frames] == [15, 15]'
	count_sent '[$last.reasons[] | select(.interface == "'"$NS"'") | .frames] == [50, 50]'
}

# Intervals show so many frames.
settle_json_frames() {
	wait_for eval "tail -n 1 out | jq -e '.frames >= $1'" >/dev/null || fail "not $1 frames"
}

# The same program is loaded again: its rows go on.
test_reload() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json -i 0.1 "$NS"
	send_frames sent.pcap -n 100
	ip link set dev "$NS" xdpdrv off
	load verdict_hook verdict_hook
	wait_for grep -q "program verdict_hook (id $PROGRAM_ID) on $NS is followed from now on" \
		capture.log || fail "the new program is not counted"
	send_frames more.pcap -n 60 -f 100
	stop_capture
	count_sent '$last.frames == 160 and ($last.reasons | length) == 2'
	count_sent '[$all[].frames] == ([$all[].frames] | sort)'
}

test_actions() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json -a pass "$NS"
	send_frames sent.pcap -n 150 -V aborted,drop,pass
	stop_capture
	count_sent '$last.frames == 50'
	says '^50 frames seen by XDP'
}

# A reason's name may hold anything; lines stay clean, JSON stays valid.
test_hostile_names() {
	begin
	need jq
	load verdict_hook verdict_hook
	printf '1 quote"back\\slash\n2 \033[31m\377red\n' >reasons
	start_monitor --json --reasons reasons "$NS"
	send_frames sent.pcap -n 10
	stop_capture
	iconv -f utf-8 -t utf-8 out >/dev/null || fail "the text is not UTF-8"
	count_sent '[$last.reasons[].frames] == [5, 5]'
	start_monitor -i 0.1 --reasons reasons "$NS"
	send_frames sent.pcap -n 10
	wait_for grep -q 'red' out || fail "no line of that reason"
	stop_capture
	! grep -q $'\033' out capture.log || fail "an escape sequence on the terminal"
}

# Neither the process nor the kernel has a ring, whatever the number of CPUs.
test_no_rings() {
	begin
	need bpftool
	load verdict_hook verdict_hook
	start_monitor --json "$NS"
	[ -z "$(map_of_capture xdpdrop_ring)" ] || fail "there is a ring"
	[ -n "$(map_of_capture xdpdrop_states)" ] || fail "there are no counters"
	stop_capture
}

test_blind() {
	begin
	launch_monitor "$NS"
	end_capture 1
	says "^xdpdrop-monitor: .*$NS"
	[ ! -s out ] || fail "something is shown: $(cat out)"
	launch_monitor nothere
	end_capture 1
	says '^xdpdrop-monitor: .*nothere'
}

# As a capture, it says so and waits for the next program.
test_detached() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json "$NS"
	send_frames sent.pcap -n 100
	"$TOOLS/xload" detach "$NS" || fail "cannot detach"
	wait_for grep -q 'no program on .* has a hook now; waiting for one$' capture.log ||
		fail "it does not say so"
	stop_capture
	count_sent '$last.frames == 100 and all($last.reasons[]; .gone)'
}

# The row goes on with the next program.
test_replaced_wrap() {
	begin
	need jq
	load verdict verdict
	start_monitor --json -t wrap "$NS"
	send_frames sent.pcap -n 100
	ip link set dev "$NS" xdpdrv off
	wait_for grep -q "no program to follow on $NS; waiting for one" capture.log ||
		fail "it does not say so"
	load verdict verdict
	wait_for grep -q "(id $PROGRAM_ID) on $NS is followed from now on" capture.log ||
		fail "the new program is not followed"
	send_frames sent.pcap -n 50 -f 100
	stop_capture
	count_sent '$last.frames == 150 and $last.status == 0'
}

test_interface_gone() {
	begin
	ip link add other type veth peer name inside || fail "no second interface"
	"$TOOLS/xload" load other "$TOOLS/verdict_hook.bpf.o" verdict_hook >other.log 2>&1 ||
		fail "cannot load on other"
	start_monitor other
	ip link del other
	end_capture 1
	says '^xdpdrop-monitor: .*other'
	no_pins
}

test_terminated() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json "$NS"
	send_frames sent.pcap -n 100
	kill -TERM "$CAPTURE_PID"
	end_capture 0
	count_sent '$last.frames == 100'
}

# Whoever reads has gone: the end of the monitor, and no error.
test_reader_gone() {
	begin
	load verdict_hook verdict_hook
	"$MONITOR" -i 0.1 "$NS" 2>capture.log | head -n 1 >out
	[ "${PIPESTATUS[0]}" = 0 ] || fail "status ${PIPESTATUS[0]}"
	says 'the reader has closed the output$'
}

test_full_output() {
	begin
	load verdict_hook verdict_hook
	for format in --lines --json; do
		"$MONITOR" $format -i 0.1 "$NS" 2>capture.log >/dev/full
		[ $? = 1 ] || fail "no error"
		says '^xdpdrop-monitor: cannot write to standard output: No space left on device$'
		[ "$(grep -c '^xdpdrop-monitor' capture.log)" = 1 ] || fail "several messages"
	done
}

# The watchdog undoes; frames are dropped as before.
test_killed() {
	begin
	load verdict_hook verdict_hook
	start_monitor --json "$NS"
	send_frames sent.pcap -n 50
	kill_capture_only
	wait_for no_watchdog || fail "processes are left"
	send_frames more.pcap -n 50 -f 50
	[ "$(count_of drop)" = 100 ] || fail "other verdicts: $(counts)"
	no_pins
	launch_capture out.pcap
	await_listening || fail "no capture after it"
	stop_capture
}

# All at once: the lease ends, and the next one takes over.
test_killed_all() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json "$NS"
	send_frames sent.pcap -n 50
	kill_capture
	send_frames more.pcap -n 50 -f 50
	[ "$(count_of drop)" = 100 ] || fail "other verdicts: $(counts)"
	start_monitor --json "$NS"
	send_frames third.pcap -n 50 -f 100
	stop_capture
	count_sent '$last.frames == 50'
}

misused() {
	local status

	"$MONITOR" "$@" >out 2>capture.log
	status=$?
	[ $status = 2 ] || fail "$*: status $status"
	[ "$(wc -l <capture.log)" = 1 ] || fail "$*: not one line: $(cat capture.log)"
}

# No program has such a reason, ever: to count nothing would look like no drops.
test_impossible_reasons() {
	begin
	local list

	load verdict_hook verdict_hook
	for list in 4294967296 1,0x1ffffffff 99999999999999999999 12abc -1 "1, +2"; do
		misused "--reason=$list" "$NS"
		says "^xdpdrop-monitor: reason '.*' is neither a number up to 4294967295 nor a name"
		misused "--not-reason=$list" "$NS"
	done
	echo '1 12abc' >reasons
	start_monitor --json --reasons reasons --reason 12abc,4294967295 "$NS"
	send_frames sent.pcap -n 10
	stop_capture
	count_sent '$last.frames == 5'
}

test_misuse() {
	begin
	misused
	misused --lines --json "$NS"
	misused --once -d 3 "$NS"
	misused -i 0 "$NS"
	misused -q -v "$NS"
	misused "$NS,$NS,"
	misused --sample 0 "$NS"
	says "^xdpdrop-monitor: option --sample: '0' is not between 1 and 65535"
	misused --sample 5 "$NS"
	says '^xdpdrop-monitor: option --sample: .* samples need --events, --sflow or the screen'
	misused --rate 5 --json "$NS"
	says '^xdpdrop-monitor: option --rate: '
	misused --reasons missing "$NS"
	# What is missing is no interface.
	"$MONITOR" --netns missing "$NS" >out 2>capture.log
	[ $? = 1 ] || fail "--netns: another status"
	[ "$(wc -l <capture.log)" = 1 ] || fail "not one line: $(cat capture.log)"
	"$MONITOR" --help | grep -q '^Usage: xdpdrop-monitor ' || fail "--help"
	"$MONITOR" --version | grep -q '^xdpdrop-monitor [0-9]' || fail "--version"
	says '.'
}
