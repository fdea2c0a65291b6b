# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Drops are visible while the capture runs, also when they are rare.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about our own buffers
ALL_TESTS="test_file test_file_pcapng test_pipe test_fifo test_tcpdump_reads_live
	test_tshark_reads_live test_packet_buffered test_burst_then_silence"

has_a_record_more() {
	[ "$(stat -c %s "$1")" -ge $(($2 + 100)) ]
}

# grows FILE: after a single frame it gets its record, although no other frame comes.
grows() {
	local file=$1 n before

	for n in {1..5}; do
		before=$(stat -c %s "$file")
		ns_exec "$TOOLS/send" -n 1 -f "$n" -s 100 veth0 >send.log 2>&1 || fail "sending"
		wait_for has_a_record_more "$file" "$before" || fail "frame $n is not in $file"
	done
}

test_file() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	grows out.pcap
	stop_capture
	captured 5
}

test_file_pcapng() {
	begin
	load verdict verdict
	start_capture out.pcapng
	grows out.pcapng
	stop_capture
	captured 5
}

test_pipe() {
	begin
	load verdict_hook verdict_hook
	mkfifo pipe
	cat pipe >piped.pcapng &
	: >capture.log
	env --default-signal=INT "$CAPTURE" "$NS" - >pipe 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	grows piped.pcapng
	stop_capture
	captured 5
}

test_fifo() {
	begin
	load verdict_hook verdict_hook
	mkfifo pipe.pcap
	cat pipe.pcap >piped.pcap &
	start_capture pipe.pcap
	grows piped.pcap
	stop_capture
	captured 5
}

# reads_live NAME COMMAND ...: its output has a line for each frame while the capture runs.
reads_live() {
	local name=$1 reader

	shift
	load verdict verdict
	mkfifo pipe
	"$@" <pipe >"$name.out" 2>"$name.log" &
	reader=$!
	: >capture.log
	env --default-signal=INT "$CAPTURE" "$NS" - >pipe 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	# The reader may take its time to start, but then it must see frames as they come.
	send_frames sent.pcap -n 3 -p 4001
	wait_for eval "[ \$(grep -c '198\.51\.100\.2' $name.out) -ge 3 ]" ||
		fail "$name shows nothing"
	send_frames sent.pcap -n 4 -p 4002
	wait_for eval "[ \$(grep -c '198\.51\.100\.2' $name.out) -ge 7 ]" ||
		fail "$name does not show what came later"
	stop_capture
	wait $reader || fail "$name failed"
	[ "$(grep -c '198\.51\.100\.2' "$name.out")" = 7 ] || fail "$name shows something else"
}

test_tcpdump_reads_live() {
	begin
	need tcpdump
	reads_live tcpdump tcpdump -lnr -
}

test_tshark_reads_live() {
	begin
	need tshark
	reads_live tshark tshark -lni -
}

test_packet_buffered() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap -U
	send_frames sent.pcap -n 500 -s 60,200,1000
	await_written sent.pcap out.pcap
	same sent.pcap out.pcap # the capture still runs
	stop_capture
	same sent.pcap out.pcap
	all_captured
}

# What a burst leaves in the buffer does not wait for the next frame.
test_burst_then_silence() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap
	send_frames sent.pcap -n 777 -s 60,1000,333
	await_written sent.pcap out.pcap
	same sent.pcap out.pcap # the capture still runs
	stop_capture
	all_captured
}
