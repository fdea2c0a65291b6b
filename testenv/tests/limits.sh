# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Bounded cost under floods: sampling, rate limits, the bound of the run time. Whatever is left
# out is counted, to the frame, and the verdicts are the program's.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # samples and budgets are arithmetic
ALL_TESTS="test_sample_hook test_sample_wrap test_sample_exit test_sample_of_one
	test_sample_pcap test_rate_hook test_rate_wrap test_rate_exit test_rate_per_reason
	test_all_limits test_limits_and_filter test_limits_two_threads test_max_overhead_hook
	test_max_overhead_wrap test_max_overhead_exit test_max_overhead_not_needed
	test_stopped_under_flood test_all_stopped_under_flood"

# measures what a CPU has for them
ALONE_TESTS="test_max_overhead_hook test_max_overhead_wrap test_max_overhead_exit"

FRAMES=200000

flood() {
	ns_exec "$TOOLS/flood" --count $FRAMES --seconds 30 "$@" "$TOOLS/flood.bpf.o" veth0 \
		>flood.log 2>&1 || fail "flood"
	settle counts
}

# flooded OBJECT PROGRAM TAP [options of the capture]: FLOOD are those of the flood. What the
# user's program counted is what was seen, and every sum holds.
FLOOD=()
flooded() {
	local object=$1 program=$2 tap=$3

	shift 3
	need jq
	load "$object" "$program"
	start_capture out.pcapng -t "$tap" --json json "$@"
	flood "${FLOOD[@]}"
	stop_capture
	check_totals "$(count_of drop)"
}

# That many frames were seen, and the file has as many as were written.
check_totals() {
	[ "$1" -gt 5000 ] || fail "only $1 frames arrived"
	json_holds "\$last.seen == $1" json
	json_holds '$last.written == $last.captured' json
	records=$(capinfos -Mc out.pcap* 2>/dev/null | sed -n 's/^Number of packets: *//p')
	json_holds "\$last.written == $records" json
}

# One in 100, give or take what chance does not do in a lifetime: the sum of as many draws has a
# deviation of their number's root times N / sqrt(3).
check_sample() {
	json_holds '$last | .sampled_out + .captured + .lost == .seen' json
	json_holds '$last |
		(.captured + .lost - .seen / 100 | fabs) < 7 * (.seen / 300 | sqrt)' json
	json_holds '$last.sample == 100' json
}

check_comments() {
	need tshark
	fields out.pcapng frame.comment | sed 's/.*,//' | sort | uniq -c >comments
	grep -Eqx " *$(json_value captured) sample 1 in 100" comments || fail "$(head comments)"
	tshark -n -X 'read_format:MIME Files Format' -r out.pcapng -c 1 -V 2>tshark.log |
		grep -q 'Comment: sample 1 in 100$' || fail "the header does not say it"
}

json_value() {
	tail -n 1 json | jq -r ".$1"
}

test_sample_hook() {
	begin
	flooded verdict_hook verdict_hook hook --sample 100
	check_sample
	check_comments
	says ' frames left out by sampling$'
	json_holds '[$last.reasons[] | .name, .frames, .captured] ==
		["NUMBER_EVEN", $last.seen, $last.captured]' json
}

test_sample_wrap() {
	begin
	flooded verdict verdict wrap --sample 100
	check_sample
	check_comments
}

test_sample_exit() {
	begin
	need_trampolines
	flooded verdict verdict exit --sample 100
	check_sample
}

# All of them: sampling that is of no use must not leave any out.
test_sample_of_one() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcapng --sample 1 --json json
	send_frames sent.pcap -n 300 -s 60,200
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	json_holds '$last.sampled_out == 0 and $last.sample == 1' json
}

# A file that cannot tell of it; what there is are frames that were sent, in their order.
test_sample_pcap() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcap --sample 3 --json json
	send_frames sent.pcap -n 3000
	stop_capture
	says 'warning: not every frame is captured, which a pcap file does not record'
	same sent.pcap out.pcap --subset
	[ "$COMPARED $MISSING" = "$(json_value captured) $(json_value sampled_out)" ] ||
		fail "other frames than were sent"
	json_holds '$last.captured > 800 and $last.captured < 1200' json
}

# On each CPU at most so many a second and one second's more, at least those of the flood's time.
check_rate() {
	local flooded

	flooded=$(sed -n 's/.* sent in \([0-9.]*\) s,.*/\1/p' flood.log)
	json_holds "\$last.captured <= $1 * $(nproc) * (\$last.elapsed + 1.1)" json
	# a machine that stands still for longer than a second loses tokens
	json_holds "\$last.captured >= $1 * ($flooded + 0.9) / 2 - 1" json
	json_holds '$last | .limited > 0 and .limited == .seen - .captured' json
	says ' frames over the rate limit$'
}

# On one CPU, because the limit is each CPU's.
test_rate_hook() {
	begin
	FLOOD=(--cpu 0)
	flooded verdict_hook verdict_hook hook --rate 100
	check_rate 100
}

test_rate_wrap() {
	begin
	FLOOD=(--cpu 0)
	flooded verdict verdict wrap --rate 1
	check_rate 1
}

test_rate_exit() {
	begin
	need_trampolines
	FLOOD=(--cpu 0)
	flooded verdict verdict exit --rate 100
	check_rate 100
}

# Frames of a rare reason come in the middle of a flood for another one: all of them are captured.
test_rate_per_reason() {
	local flooder

	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcapng --rate-per-reason 100 --json json
	(flood --cpu 0) &
	flooder=$!
	send_frames sent.pcap -n 200 -f 1 -p 4001
	wait $flooder || exit
	stop_capture
	check_totals "$(count_of drop)"
	json_holds '[$last.reasons[].name] == ["NUMBER_EVEN", "NUMBER_ODD"]' json
	json_holds '$last.reasons[1] | .frames == 100 and .captured == 100' json
	json_holds '$last.reasons[0].frames > 5000 and
		$last.reasons[0].captured < 100 * 2 * ($last.elapsed + 1.1)' json
	json_holds '$last | .limited == .seen - .captured' json
}

# Everything at once, with a filter that some frames do not match.
test_all_limits() {
	begin
	echo 'len > 60' >filter
	flooded verdict_hook verdict_hook hook --sample 10 --rate 100 --rate-per-reason 20 \
		--max-overhead 50 -f filter -B 256
	json_holds '$last | .sampled_out > .limited and .limited > 0 and .captured >= 20' json
	json_holds '$last.sample >= 10' json
}

# The filter decides first: what does not match takes no tokens and is not sampled.
test_limits_and_filter() {
	begin
	echo 'not udp' >filter
	flooded verdict verdict wrap --sample 10 --rate 1000 -f filter
	json_holds '$last.filtered == $last.seen' json
}

test_limits_two_threads() {
	begin
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	FLOOD=(--threads 2)
	flooded verdict_hook verdict_hook hook --sample 3 --rate 100
	json_holds '$last.sampled_out > 0 and $last.limited > 0' json
}

# The median of what the capture took of a CPU while frames came, in percent.
median_overhead() {
	jq -s '[range(1; length) as $i |
		select(.[$i].seen > .[$i - 1].seen + 100) | .[$i].overhead] |
		sort | .[length / 2 | floor]' json
}

# overhead OBJECT PROGRAM TAP: first what it takes without a bound that matters, then with a third
# of that.
overhead() {
	local free bound

	FRAMES=300000
	FLOOD=(--rate 100000 --cpu 0)
	flooded "$@" --max-overhead 100 --stats 0.1
	free=$(median_overhead)
	bound=$(awk "BEGIN { printf \"%.3f\", $free / 3 }")
	flooded "$@" --max-overhead "$bound" --stats 0.1 -v
	echo "$free % without bound, $(median_overhead) % with $bound %"
	# a busy machine's clock runs on while we wait
	json_holds "$(median_overhead) < 0.75 * $free" json
	json_holds 'any($all[]; .sample > 1)' json
	json_holds '$last | .sampled_out > .captured / 4 and .captured > 0' json
	says 'takes [0-9.]+ % of a CPU: from now on it samples 1 in [0-9]+, not 1 in 1$'
	need tshark
	fields out.pcapng frame.comment | grep -q 'sample 1 in [1-9]' ||
		fail "no sample in the file"
}

test_max_overhead_hook() {
	begin
	overhead verdict_hook verdict_hook hook
}

test_max_overhead_wrap() {
	begin
	overhead verdict verdict wrap
}

test_max_overhead_exit() {
	begin
	need_trampolines
	overhead verdict verdict exit
}

# A few frames are no load: all of them are captured.
test_max_overhead_not_needed() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcapng --max-overhead 50 --json json
	send_frames sent.pcap -n 300 -s 60,200
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	json_holds '$last.sampled_out == 0 and $last.sample == 1' json
}

# The capture sleeps for 30 s of a flood: the pipeline goes on, what had no room is counted, and
# the file is in the order of time.
test_stopped_under_flood() {
	local flooder told

	begin
	need jq
	need tshark
	load verdict_hook verdict_hook
	start_capture out.pcapng -s 64 -B 256 --json json
	(flood --rate 100000 --count 3300000 --seconds 33) &
	flooder=$!
	sleep 1
	kill -STOP "$CAPTURE_PID"
	sleep 30
	kill -CONT "$CAPTURE_PID"
	wait $flooder || exit
	sleep 0.3
	stop_capture
	check_totals "$(count_of drop)"
	json_holds '$last | .lost > 5000 and .captured + .lost == .seen' json
	fields out.pcapng frame.time_epoch frame.drop_count >times.txt
	sort -s -n -k 1,1 times.txt | cmp - times.txt || fail "not in the order of time"
	told=$(awk '{ lost += $2 } END { print lost + 0 }' times.txt)
	[ "$told" -gt 0 ] || fail "the frames do not tell of the losses"
	json_holds "\$last.lost >= $told" json
}

# The capture and whoever stands by for it.
processes() {
	local pid

	echo "$1"
	for pid in $(pgrep -P "$1"); do
		processes "$pid"
	done
}

# Nobody extends the lease for seven seconds: those frames are lost, and counted.
test_all_stopped_under_flood() {
	local flooder pids

	begin
	need jq
	load verdict_hook verdict_hook
	start_capture out.pcapng --json json
	(flood --rate 20000 --count 200000 --seconds 10) &
	flooder=$!
	sleep 1
	readarray -t pids < <(processes "$CAPTURE_PID")
	[ "${#pids[@]}" -gt 1 ] || fail "nobody stands by"
	kill -STOP "${pids[@]}"
	sleep 7
	kill -CONT "${pids[@]}"
	wait $flooder || exit
	stop_capture
	check_totals "$(count_of drop)"
	json_holds '$last | .lost > 1000 and .captured > 1000' json
}
