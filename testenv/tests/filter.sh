# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Filters: what matches is captured byte for byte, the rest is counted; tcpdump is the judge.
. "$(dirname "${BASH_SOURCE[0]}")/../helpers.sh"

ALL_TESTS="test_filter_hook test_filter_wrap test_filter_wrap_generic test_filter_exit
	test_filter_fragments test_filter_nothing_matches test_filter_all_match
	test_filter_from_file test_filter_unoptimized test_filter_of_500_hosts
	test_filter_too_big test_filter_wrong test_filter_reasons test_filter_not_reasons"

# Expressions that the frames of send divide in different ways.
EXPRESSIONS=("udp src port 9001" "ip6" "arp or vlan" "not ip" "greater 200" "less 64"
	"ether[6] & 1 = 0" "ip[8] > 1 and udp[4:2] > 20" "len > 1000 or arp")

# filtered TAP: each expression gives what tcpdump takes from the same frames.
filtered() {
	local expression

	need tcpdump
	for expression in "${EXPRESSIONS[@]}"; do
		start_filtered "$1" "$expression"
		send_each "$expression"
	done
}

# start_filtered TAP EXPRESSION
start_filtered() {
	: >capture.log
	env --default-signal=INT "$CAPTURE" -t "$1" "$NS" out.pcap "$2" >capture.out 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "does not listen with '$2'"
}

# One reference file of all kinds: sent in one go, so that its order is that of the frames.
send_each() {
	send_frames sent.pcap -n 200 -s 60,64,200,1500 -k udp4,udp6,vlan,arp,garbage -p 9001 -e 3
	stop_capture
	tcpdump -r sent.pcap -w wanted.pcap "$1" 2>tcpdump.log || fail "tcpdump '$1'"
	agree "$1"
}

# out.pcap holds the frames of wanted.pcap, and the counters say so.
agree() {
	local wanted

	tcpdump -xx -t -n -r wanted.pcap 2>/dev/null >wanted.txt
	tcpdump -xx -t -n -r out.pcap 2>/dev/null >out.txt
	cmp wanted.txt out.txt >compare.log 2>&1 || fail "other frames with '$1'"
	read -r wanted _ <<<"$(tcpdump --count -r wanted.pcap 2>/dev/null)"
	[ "$(summary captured)" = "$wanted" ] || fail "$(summary captured) captured with '$1'"
	[ "$(summary seen)" = 200 ] || fail "$(summary seen) seen with '$1'"
}

test_filter_hook() {
	begin
	load verdict_hook verdict_hook
	filtered hook
}

test_filter_wrap() {
	begin
	load verdict verdict
	filtered wrap
}

test_filter_wrap_generic() {
	begin
	load --mode skb verdict verdict
	filtered wrap
}

test_filter_exit() {
	begin
	need_trampolines
	load verdict verdict
	filtered exit
}

# The end of a large frame is not in its linear part.
test_filter_fragments() {
	begin
	need_frags
	set_mtu 9000
	load verdict verdict_frags
	start_filtered wrap "ether[8000] & 1 = 1 and greater 8500"
	send_frames sent.pcap -n 200 -s 100,9000 -e 5
	stop_capture
	tcpdump -r sent.pcap -w wanted.pcap "ether[8000] & 1 = 1 and greater 8500" 2>/dev/null
	agree "ether[8000]"
}

test_filter_nothing_matches() {
	begin
	load verdict_hook verdict_hook
	start_filtered hook "host 203.0.113.77"
	send_frames sent.pcap -n 100
	stop_capture
	[ "$(summary seen) $(summary captured)" = "100 0" ] || fail "$(cat capture.log)"
	says "^100 frames .*filter"
}

test_filter_all_match() {
	begin
	load verdict_hook verdict_hook
	start_filtered hook "greater 1"
	send_frames sent.pcap -n 100
	stop_capture
	same sent.pcap out.pcap
	all_captured
}

test_filter_from_file() {
	begin
	load verdict_hook verdict_hook
	printf 'ip6 # and\nor arp\n' >filter
	start_capture out.pcap -f filter
	send_each "ip6 or arp"
}

test_filter_unoptimized() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap -O -f <(echo "udp port 9001 and not vlan")
	send_each "udp port 9001 and not vlan"
}

test_filter_of_500_hosts() {
	begin
	local n

	load verdict_hook verdict_hook
	for n in {1..499}; do
		printf 'host 10.%d.%d.1 or ' $((n / 250)) $((n % 250))
	done >filter
	printf 'ip6' >>filter
	start_capture out.pcap -f filter
	send_each ip6
}

# More than any verifier follows: the message says how much, and the program stays as it is.
test_filter_too_big() {
	begin
	local n

	load verdict verdict
	for n in {1..500}; do
		printf 'port %d or ' $((n * 7))
	done >filter
	printf 'ip6' >>filter
	"$CAPTURE" -t wrap -O -f filter "$NS" out.pcap 2>capture.log
	[ $? = 1 ] || fail "exit status"
	says "filter of [0-9]+ instructions .* is too big for this kernel's verifier"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

test_filter_wrong() {
	begin
	load verdict_hook verdict_hook
	"$CAPTURE" "$NS" out.pcap udp port 2>capture.log && fail "accepted"
	says "filter 'udp port': .*syntax error"
	[ ! -e out.pcap ] || fail "a file is left"
}

test_filter_reasons() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap --reason 9999
	send_frames sent.pcap -n 50
	stop_capture
	[ "$(summary seen) $(summary captured)" = "50 0" ] || fail "$(cat capture.log)"
}

test_filter_not_reasons() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcap --not-reason 9999
	send_frames sent.pcap -n 50
	stop_capture
	same sent.pcap out.pcap
	all_captured
}
