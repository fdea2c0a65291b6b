# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Frames on several CPUs at once: whole, in order of time, and every single one accounted for.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # rings and the order of frames are the same on all kernels
ALL_TESTS="test_hook_two_cpus test_wrap_two_cpus test_hook_two_cpus_native
	test_capture_on_other_cpu test_capture_on_same_cpu
	test_hook_flood test_wrap_flood test_flood_two_threads"

need_cpus() {
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	# The first two that this process may use.
	read -r FIRST_CPU SECOND_CPU _ <<<"$(
		taskset -pc $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r first last; do
			seq -s ' ' "$first" "${last:-$first}"
		done | paste -s -d ' '
	)"
}

# two_cpus OBJECT PROGRAM TAP MODE: in generic mode a frame stays on its sender's CPU.
two_cpus() {
	load --mode "$4" "$1" "$2"
	start_capture out.pcapng -t "$3"
	send_frames first.pcap -n 20000 -i 1 -c "$FIRST_CPU" -s 64,200,1500 -e 1 &
	local first=$!
	send_frames second.pcap -n 20000 -i 2 -c "$SECOND_CPU" -s 60,300,1000 -e 2 &
	local second=$!
	{ wait $first && wait $second; } || exit 1
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcapng --any-order
	all_captured
}

test_hook_two_cpus() {
	begin
	need_cpus
	two_cpus verdict_hook verdict_hook hook skb
}

test_wrap_two_cpus() {
	begin
	need_cpus
	two_cpus verdict verdict wrap skb
}

test_hook_two_cpus_native() {
	begin
	need_cpus
	two_cpus verdict_hook verdict_hook hook native
}

# capture_on CAPTURE_CPU SENDER_CPU
capture_on() {
	load --mode skb verdict_hook verdict_hook
	: >capture.log
	env --default-signal=INT taskset -c "$1" "$CAPTURE" "$NS" out.pcap 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	send_frames sent.pcap -n 5000 -c "$2"
	stop_capture
	same sent.pcap out.pcap
	all_captured
}

test_capture_on_other_cpu() {
	begin
	need_cpus
	capture_on "$FIRST_CPU" "$SECOND_CPU"
	capture_on "$SECOND_CPU" "$FIRST_CPU"
}

test_capture_on_same_cpu() {
	begin
	need_cpus
	capture_on "$SECOND_CPU" "$SECOND_CPU"
}

# flood OBJECT PROGRAM TAP [flood's options]: rings of the least size, so that frames are lost;
# what the user's program counted is what the capture saw, and what is in the file was written.
flood() {
	local object=$1 program=$2 tap=$3 seen word records

	shift 3
	need capinfos
	load --mode native "$object" "$program"
	start_capture out.pcapng -t "$tap" -B 256
	ns_exec "$TOOLS/flood" --count 500000 "$@" "$TOOLS/flood.bpf.o" veth0 >flood.log 2>&1 ||
		fail "flood"
	settle counts
	stop_capture
	seen=$(count_of drop)
	[ "$seen" -gt 100000 ] || fail "only $seen frames arrived"
	[ "$(summary seen)" = "$seen" ] || fail "saw $(summary seen) of $seen frames"
	[ $(($(summary captured) + $(summary lost))) = "$seen" ] || fail "the sums do not add up"
	[ "$(summary written)" = "$(summary captured)" ] || fail "not all captured is written"
	records=$(capinfos -Mc out.pcapng 2>/dev/null | sed -n 's/^Number of packets: *//p')
	[ "$records" = "$(summary written)" ] || fail "$records records in the file"
}

test_hook_flood() {
	begin
	flood verdict_hook verdict_hook hook
}

test_wrap_flood() {
	begin
	flood verdict verdict wrap --size 1500
}

test_flood_two_threads() {
	begin
	need_cpus
	flood verdict verdict wrap --threads 2
}
