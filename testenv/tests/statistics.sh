# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What a capture tells of itself: intervals for people, JSON for programs, totals by program and
# reason, in the summary and in the file.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about words and sums
ALL_TESTS="test_stats_lines test_stats_quiet test_pcap_without_reasons test_json_file
	test_json_flood test_json_descriptor test_json_hostile_names test_json_slow_reader
	test_json_full_disk test_json_file_size_limit test_json_refused
	test_json_into_the_capture test_json_keeps_old_file test_totals_on_signal
	test_totals_in_file test_mismatch test_losses_hook test_losses_wrap test_losses_exit
	test_losses_beyond_a_record"

test_stats_lines() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap --stats 0.2
	wait_for grep -q ' s: 0 frames seen' capture.log || fail "no line before a frame"
	send_frames sent.pcap -n 100 -s 100
	wait_for grep -q ' s: 100 frames seen (10\.0 kB), 100 captured, 0 lost, 100 written; ' \
		capture.log || fail "no line with what was sent"
	wait_for grep -Eq 'written; 0/s seen, 0/s captured, 0/s lost$' capture.log ||
		fail "no line of a silent interval"
	says '^xdpdrop-capture: most frames since then: (NUMBER_[A-Z]+ [0-9]+/s(, )?){2}$'
	stop_capture
	says '^xdpdrop-capture: [0-9]+\.[0-9] s: 0 frames seen'
	captured 100
}

test_stats_quiet() {
	begin
	need jq
	load verdict_hook verdict_hook
	launch_capture out.pcap -q --stats 0.1 --json json
	wait_for grep -q '"interval"' json || fail "no interval"
	stop_capture
	[ ! -s capture.log ] || fail "messages in spite of -q"
	json_holds '$last.type == "final"' json
}

test_pcap_without_reasons() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	stop_capture
	says 'warning: a pcap file has no reasons'
	start_capture out.pcapng
	stop_capture
	says_not 'has no reasons'
	load verdict verdict
	start_capture out.pcap -t wrap
	stop_capture
	says_not 'has no reasons'
}

# Numbers of the end, and in between numbers that never go back.
test_json_file() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcapng --json json --stats 0.1
	send_frames sent.pcap -n 300 -s 100 -V aborted,drop,pass
	wait_for eval '[ "$(grep -c "\"interval\"" json)" -ge 3 ]' || fail "no intervals"
	stop_capture
	same sent.pcap out.pcapng --only aborted,drop
	json_holds '$first.type == "start" and $last.type == "final"' json
	json_holds '([$all[1:-1][].type] | unique) == ["interval"]' json
	json_holds '($all | length) > 4' json
	json_holds '$all == ($all | sort_by(.elapsed, .seen))' json
	json_holds '$last | .seen == 200 and .written == 200 and .bytes == 20000' json
	json_holds '$first | .interfaces == "'"$NS"'" and .file == "out.pcapng"' json
	json_holds '[$last.points[] | .tap, .interface, .program, .program_id, .hook] ==
		["hook", "'"$NS"'", "verdict_hook", '"$PROGRAM_ID"', "xdpdrop_hook"]' json
	json_holds '[$last.reasons[] | .reason, .name, .frames, .captured] ==
		[1, "NUMBER_EVEN", 100, 100, 2, "NUMBER_ODD", 100, 100]' json
	json_holds '$last.time - $first.time - $last.elapsed | fabs < 0.5' json
}

# In a flood, a frame that is still in a ring has no row yet: each frame has a reason.
test_json_flood() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcapng --json json --stats 0.1
	send_frames sent.pcap -n 300000 -g 0
	stop_capture
	json_holds '($all | length) > 4 and all($all[].reasons[]; .reason > 0)' json
}

test_json_descriptor() {
	begin
	need jq
	load verdict verdict
	start_capture out.pcapng -t wrap --json 7 7>json
	send_frames sent.pcap -n 50
	stop_capture
	json_holds '$last.seen == 50 and $last.points[0].tap == "wrap"' json
	json_holds '$last.points[0].hook == null' json
	json_holds '[$last.reasons[].reason] == [0]' json
}

# A reason's name may hold anything; the text stays JSON and valid UTF-8.
test_json_hostile_names() {
	begin
	need jq
	load verdict_hook verdict_hook
	printf '901 quote"back\\slash\n902 \033[31m\377red\n' >reasons
	start_capture 'out".pcapng' --reasons reasons --json json
	send_frames sent.pcap -n 10
	stop_capture
	iconv -f utf-8 -t utf-8 json >/dev/null || fail "the text is not UTF-8"
	json_holds '$last.file == "out\".pcapng" and $last.seen == 10' json
}

# The reader of the statistics sleeps: the capture goes on, and says how much it left out.
test_json_slow_reader() {
	begin
	need jq
	load verdict_hook verdict_hook
	mkfifo fifo
	exec 7<>fifo
	head -c 65000 /dev/zero | tr '\0' '\n' >&7 # of the 65536 that a pipe holds
	start_capture out.pcap --stats 0.1 --json 7
	exec 7>&-
	sleep 2
	send_frames sent.pcap -n 100
	wait_for eval '[ "$(stat -c %s out.pcap)" -gt 5000 ]' || fail "the capture stands still"
	cat fifo >json &
	sleep 1
	stop_capture
	same sent.pcap out.pcap
	wait
	json_holds '$last.type == "final" and $last.skipped > 0 and $last.seen == 100' json
}

test_json_full_disk() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap --json 7 7>/dev/full
	send_frames sent.pcap -n 100
	kill -INT "$CAPTURE_PID"
	end_capture 1
	same sent.pcap out.pcap
	says "cannot write statistics to '7': No space left on device; they are incomplete"
}

test_json_file_size_limit() {
	begin
	load verdict_hook verdict_hook
	ulimit -S -f 4
	start_capture out.pcap --json json --stats 0.1
	ulimit -S -f unlimited
	send_frames sent.pcap -n 10
	wait_for has_grown json 4095 || fail "the limit is not reached"
	pause 0.3
	kill -INT "$CAPTURE_PID"
	end_capture 1
	same sent.pcap out.pcap
	says "cannot write statistics to 'json': File too large; they are incomplete"
}

test_json_refused() {
	begin
	load verdict_hook verdict_hook
	launch_capture out --json 9
	end_capture 2
	says "cannot write statistics to '9': it is not a descriptor open for writing"
	launch_capture out --json 9 9</dev/null
	end_capture 2
	says "cannot write statistics to '9': it is not a descriptor open for writing"
	launch_capture out --json missing/file
	end_capture 1
	says "cannot write statistics to 'missing/file': its directory does not exist"
	[ ! -e out ] || fail "a file was left"
}

# into_the_capture JSON FILE: refused, with the old file as it was and no new one.
into_the_capture() {
	launch_capture "$2" --json "$1"
	end_capture 2
	says "option --json: '$1' is where the frames of '$2' go; name another file"
	[ "$(cat old)" = precious ] || fail "the old file is destroyed"
	[ ! -e new ] || fail "a file was left"
}

test_json_into_the_capture() {
	begin
	load verdict_hook verdict_hook
	echo precious >old
	ln old hard
	ln -s old soft
	into_the_capture old old
	into_the_capture ./old old
	into_the_capture hard old
	into_the_capture old soft
	into_the_capture new new
	into_the_capture 7 old 7>>hard
	into_the_capture 7 /dev/stdout 7>>capture.out
	start_capture /dev/null --json /dev/null
	stop_capture
}

test_json_keeps_old_file() {
	begin
	echo precious >old
	launch_capture out --json old
	end_capture 1
	[ "$(cat old)" = precious ] || fail "a capture that did not begin has destroyed a file"
	launch_capture out --json new
	end_capture 1
	[ ! -e new ] || fail "a capture that did not begin has left a file"
}

test_totals_on_signal() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcap --json json
	send_frames sent.pcap -n 99 -s 100
	await_written sent.pcap out.pcap
	kill -USR1 "$CAPTURE_PID"
	wait_for grep -q 'NUMBER_ODD' capture.log || fail "no totals"
	says "^$NS verdict_hook \\(id $PROGRAM_ID\\) xdpdrop_hook \\(id [0-9]+\\): 99 frames"
	says '^  NUMBER_EVEN +50 frames \(5\.0 kB\), 50 captured$'
	says '^  NUMBER_ODD +49 frames \(4\.9 kB\), 49 captured$'
	stop_capture
	captured 99
	json_holds '[$all[] | select(.type == "signal").seen] == [99]' json
}

# The statistics block at the end of a pcapng file, as another reader understands it.
test_totals_in_file() {
	begin
	need tshark
	load verdict_hook verdict_hook
	echo 'not udp' >filter
	start_capture out.pcapng -f filter
	send_frames sent.pcap -n 30 -s 100 -p 4001
	stop_capture
	tshark -n -X 'read_format:MIME Files Format' -r out.pcapng -V 2>tshark.log |
		sed -n 's/^ *\(Number of [^:]*\|Comment\): //p' >got
	printf '%s\n' 30 0 0 0 "left out: 30 by the filter, 0 by sampling, 0 by a rate limit" \
		"NUMBER_EVEN: 15 frames, 1500 bytes, 0 captured" \
		"NUMBER_ODD: 15 frames, 1500 bytes, 0 captured" |
		diff - got || fail "the statistics block"
}

# Somebody writes into the counters: the capture notices.
test_mismatch() {
	local id size

	begin
	need bpftool jq
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames sent.pcap -n 10
	id=$(map_of_capture xdpdrop_states)
	size=$(bpftool -j map show id "$id" | jq .bytes_value)
	# shellcheck disable=SC2046 # the bytes of the value: one frame too few
	bpftool map update id "$id" key 0 0 0 0 value 1 $(yes 0 | head -n $((size - 1))) ||
		fail "bpftool"
	kill -INT "$CAPTURE_PID"
	end_capture 3
	says "the counters do not add up"
	same sent.pcap out.pcap
}

# send_next COUNT: frames that follow in number on those that were sent, in one CPU's ring.
send_next() {
	send_frames sent.pcap -c 0 -s 64 -f "$SENT" -n "$1"
	SENT=$((SENT + $1))
}

# Of the file's frames, in order: does each tell exactly of the gap before its number, as far as a
# record can, and those after it of the rest? Prints the number after the last one, the frames
# that they told of, and what is left of the last gap.
losses_in_place() {
	fields out.pcapng eth.src frame.drop_count | awk '
		function digit(place) { return index("123456789abcdef", substr($1, place, 1)) }
		{
			number = 0
			for (place = 7; place <= 14; place++)
				if (place % 3)
					number = 16 * number + digit(place)
			gap += number - awaited
			awaited = number + 1
			expected = gap < 65535 ? gap : 65535
			if ($2 + 0 != expected)
				print "frame " number " tells of " $2 + 0 ", not " expected
			gap -= expected
			told += expected
		}
		END { print awaited, told + 0, gap }'
}

# losses COUNT [capture's options]: what a stalled reader loses of so many frames is told where it
# happened, between others, and after the last frame in the statistics. Generic mode, as its frames
# stay on the CPU that sends them.
losses() {
	local count=$1 result awaited told left dropped

	shift
	need tshark
	start_capture out.pcapng -B 256 "$@"
	SENT=0
	send_next 100
	stall_capture
	send_next "$count"
	continue_capture out.pcapng
	send_next 100
	stall_capture
	send_next 4000
	kill -INT "$CAPTURE_PID"
	kill -CONT "$CAPTURE_PID"
	end_capture 0
	result=$(losses_in_place)
	echo "$SENT frames sent; $result"
	read -r awaited told left <<<"$result"
	[[ $awaited =~ ^[0-9]+$ ]] || fail "losses are not where they happened"
	[ "$told" -gt $((count / 4)) ] || fail "only $told frames lost before others"
	[ "$awaited" -lt "$SENT" ] || fail "no frames lost after the last one"
	[ "$left" = 0 ] || fail "nobody tells of $left frames"
	dropped=$(dropped_by out.pcapng)
	[ "$dropped" = $((told + SENT - awaited)) ] ||
		fail "$dropped frames lost, not $told and $((SENT - awaited))"
	[ "$(summary lost)" = "$dropped" ] || fail "the summary: $(summary lost) frames lost"
}

test_losses_hook() {
	begin
	load --mode skb verdict_hook verdict_hook
	losses 5000
}

test_losses_wrap() {
	begin
	load --mode skb verdict verdict
	losses 5000 -t wrap
}

test_losses_exit() {
	begin
	need_trampolines
	load --mode skb verdict verdict
	losses 5000 -t exit
}

test_losses_beyond_a_record() {
	begin
	load --mode skb verdict_hook verdict_hook
	losses 140000
}
