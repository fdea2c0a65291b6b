# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# xdpdrop-monitor --events: each sampled frame is a line of JSON that the schema describes, and
# whoever reads them, or does not, changes nothing of the counts.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../monitor_helpers.sh"

KERNELS=any # about what becomes of records
ALL_TESTS="test_events_file test_events_schema test_events_rules test_events_standard_output
	test_events_descriptor test_events_fifo test_events_append test_events_hostile_names
	test_events_sampled test_events_slow_reader test_events_closed_pipe
	test_events_closed_standard_output test_events_full_disk test_events_file_size_limit
	test_events_locked test_events_misuse"

SCHEMA=${TESTENV%/*}/doc/events.schema.json

# events_hold EXPRESSION [FILE]: jq's, of the list of events.
events_hold() {
	jq -es "$1" "${2:-events}" >jq.log 2>&1 ||
		fail "$1 does not hold: $(tail -n 3 "${2:-events}")"
}

# Addresses and ports of an event, and its length, are those that tshark finds in the frame.
test_events_file() {
	begin
	need jq tshark
	load verdict_hook verdict_hook
	start_monitor --json --events events "$NS"
	send_frames sent.pcap -n 60 -s 100,300 -k udp4,udp6,vlan,tcp4,arp,garbage
	stop_capture
	events_hold 'length == 60 and all(.[]; .interface == "'"$NS"'" and .sample == 1 and
		.program == "verdict_hook" and .verdict == "drop" and .rule == null)'
	events_hold 'all(.[]; .host == "'"$(uname -n)"'")'
	events_hold '[.[].reason] | map(select(. == "NUMBER_EVEN")) | length == 30'
	events_hold 'all(.[]; .reason_number == (if .reason == "NUMBER_EVEN" then 1 else 2 end))'
	jq -r '[.length, .source, .destination, .source_port // "", .destination_port // ""] |
		join(" ")' events | sort >found
	fields sent.pcap frame.len ip.src ipv6.src ip.dst ipv6.dst udp.srcport tcp.srcport \
		udp.dstport tcp.dstport | awk -F '\t' '{
			print $1, $2 $3, $4 $5, $6 $7, $8 $9 }' | sort >expected
	diff -u expected found || fail "other frames"
	events_hold '[.[].ethertype | select(. == 2048)] | length == 30' # VLAN's too
	events_hold '[.[].protocol | select(. == 6)] | length == 10'
	final_holds '.events_written == 60 and .events_lost == 0 and .captured == 60'
	says '^60 events written$'
	says '^listening on .*, counting, and sampling$'
}

# In the words of its own specification.
test_events_schema() {
	begin
	need python3
	python3 -c 'import jsonschema' 2>python.log || skip "needs python3-jsonschema"
	load verdict_rule verdict_rule
	printf '1 quote"\\\n[rules]\n1099511627776 \033[31m\377red\n' >reasons
	start_monitor --events events --reasons reasons "$NS"
	send_frames sent.pcap -n 60 -s 14,64,300 -k udp4,udp6,vlan,tcp4,arp,garbage
	stop_capture
	cat >validate.py <<-'END'
		import json, sys
		from jsonschema import Draft202012Validator as Validator

		schema = json.load(open(sys.argv[1]))
		Validator.check_schema(schema)
		validator = Validator(schema)
		events = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
		for event in events:
		    validator.validate(event)
		    # all that is in an event is described
		    assert event.keys() == schema["properties"].keys(), event
		assert not validator.is_valid({**events[0], "length": "long"})
		print(len(events))
	END
	[ "$(python3 validate.py "$SCHEMA" events 2>python.log)" = 60 ] ||
		fail "not as the schema says: $(tail -n 5 python.log)"
}

# 2^40 + number: more than a float can count to is kept.
test_events_rules() {
	begin
	need jq
	load verdict_rule verdict_rule
	printf '2 ODD\n[rules]\n1099511627777 first\n' >reasons
	start_monitor --events events --reasons reasons "$NS"
	send_frames sent.pcap -n 2
	stop_capture
	events_hold '[.[] | .reason, .rule, .rule_name] ==
		["NUMBER_EVEN", 1099511627776, null, "ODD", 1099511627777, "first"]'
}

test_events_standard_output() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --events - "$NS"
	send_frames sent.pcap -n 100
	stop_capture
	events_hold 'length == 100' out # and no other lines
}

test_events_descriptor() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json --events 7 "$NS" 7>events
	send_frames sent.pcap -n 100
	stop_capture
	events_hold 'length == 100'
	final_holds '.events_written == 100'
}

# It waits for the reader.
test_events_fifo() {
	begin
	need jq
	load verdict_hook verdict_hook
	mkfifo fifo
	launch_monitor --events fifo "$NS"
	cat fifo >events &
	reader=$!
	await_listening || fail "xdpdrop-monitor does not listen"
	send_frames sent.pcap -n 100
	stop_capture
	wait "$reader"
	events_hold 'length == 100'
}

test_events_append() {
	begin
	need jq
	load verdict_hook verdict_hook
	for _ in 1 2; do
		start_monitor --events events "$NS"
		send_frames sent.pcap -n 10
		stop_capture
	done
	events_hold 'length == 20'
	[ "$(stat -c %a events)" = 600 ] || fail "others can read the events"
}

test_events_hostile_names() {
	begin
	need jq
	load verdict_hook verdict_hook
	{
		printf '1 quote"back\\slash\n2 \033[31m\377red '
		head -c 100000 /dev/zero | tr '\0' x
	} >reasons
	start_monitor --json --events events --reasons reasons "$NS"
	send_frames sent.pcap -n 10
	stop_capture
	iconv -f utf-8 -t utf-8 events >/dev/null || fail "the text is not UTF-8"
	! LC_ALL=C grep -q $'[\001-\011\013-\037\177]' events || fail "control characters"
	events_hold '[.[].reason] | unique == (["quote\"back\\slash", "?[31m?red " + "x" * 190] |
		sort)'
	final_holds '.events_written == 10 and .events_lost == 0'
}

# One in N, which says so; the counts are exact.
test_events_sampled() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json --events events --sample 10 --rate 100000 "$NS"
	send_frames sent.pcap -n 10000
	stop_capture
	final_holds '.frames == 10000 and .sample == 10'
	events_hold 'all(.[]; .sample == 10) and (length > 800 and length < 1200)'
	final_holds '.captured == '"$(wc -l <events)"
}

# A pipe that nobody reads is full at once: whole lines are lost, and only these.
test_events_slow_reader() {
	begin
	need jq
	load verdict_hook verdict_hook
	mkfifo fifo
	exec 7<>fifo
	start_monitor --json --events 7 --rate 1000000 "$NS"
	send_frames sent.pcap -n 5000
	send_frames more.pcap -n 5000 -f 5000
	kill -INT "$CAPTURE_PID"
	end_capture 0
	final_holds '.frames == 10000 and .captured == 10000 and .status == 0 and .lost == 0'
	final_holds '.events_written > 100 and .events_lost > 5000 and
		.events_written + .events_lost == 10000'
	says '^[0-9]+ events lost: the reader was slow'
	exec 8<fifo 7>&-
	cat <&8 >events
	events_hold "length == $(jq -s '.[-1].events_written' out)"
}

test_events_closed_pipe() {
	begin
	need jq
	load verdict_hook verdict_hook
	mkfifo fifo
	head -n 10 fifo >events &
	reader=$!
	start_monitor --json --events fifo "$NS"
	send_frames sent.pcap -n 100
	wait "$reader"
	send_frames more.pcap -n 100 -f 100
	stop_capture
	events_hold 'length == 10'
	final_holds '.frames == 200 and .events_lost >= 100 and .status == 0 and
		.events_written + .events_lost == 200'
	says 'warning: the reader of events has closed them; they are lost, and counted$'
	[ "$(grep -c 'has closed' capture.log)" = 1 ] || fail "said more than once"
}

test_events_closed_standard_output() {
	begin
	load verdict_hook verdict_hook
	mkfifo fifo
	head -n 10 fifo >events &
	reader=$!
	: >capture.log
	env --default-signal=INT "$MONITOR" --events - "$NS" >fifo 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-monitor does not listen"
	send_frames sent.pcap -n 100
	wait "$reader"
	send_frames more.pcap -n 100
	end_capture 0
	says 'the reader has closed the output'
	[ "$(wc -l <events)" = 10 ] || fail "not 10 events"
}

test_events_full_disk() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json --events 7 "$NS" 7>/dev/full
	send_frames sent.pcap -n 100
	kill -INT "$CAPTURE_PID"
	end_capture 1
	final_holds '.frames == 100 and .events_written == 0 and .events_lost == 100 and
		.status == 1'
	says 'cannot write events: No space left on device; they are lost, and counted$'
	[ "$(grep -c 'cannot write' capture.log)" = 1 ] || fail "said more than once"
}

# What is in the file are whole lines.
test_events_file_size_limit() {
	begin
	need jq
	load verdict_hook verdict_hook
	: >capture.log
	(
		ulimit -f 8
		exec env --default-signal=INT "$MONITOR" --json --events events --rate 100000 "$NS"
	) 2>capture.log > >(cat >out) &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-monitor does not listen"
	send_frames sent.pcap -n 100
	kill -INT "$CAPTURE_PID"
	end_capture 1
	wait_for grep -q final out || fail "no final object"
	final_holds '.frames == 100 and .status == 1 and .events_written > 10 and
		.events_lost > 10 and .events_written + .events_lost == 100'
	events_hold "length == $(jq -s '.[-1].events_written' out)"
	says 'cannot write events: File too large'
}

test_events_locked() {
	begin
	load verdict_hook verdict_hook
	start_monitor --events events "$NS"
	"$MONITOR" --events events "$NS" >other.out 2>other.log
	[ $? = 1 ] || fail "two monitors write one file"
	MESSAGES=other.log says "cannot write events to 'events': another capture writes it"
	stop_capture
}

test_events_misuse() {
	begin
	load verdict_hook verdict_hook
	monitor_refused 2 "cannot write events to '9': it is not a descriptor open for writing" \
		--events 9 "$NS"
	monitor_refused 2 "to '99999999999': it is not a descriptor" --events 99999999999 "$NS"
	monitor_refused 1 "cannot write events to 'no/file': its directory does not exist" \
		--events no/file "$NS"
	monitor_refused 2 'option --events -: standard output cannot have both' \
		--events - --json "$NS"
	monitor_refused 2 'option --events 1: standard output cannot have both' \
		--events 1 --lines "$NS"
}
