# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Filters: what matches is captured byte for byte, the rest is counted; tcpdump is the judge.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # each kernel has its own verifier
ALL_TESTS="test_filter_oracle test_filter_hook test_filter_wrap test_filter_wrap_generic
	test_filter_exit
	test_filter_fragments test_filter_fragments_exit test_filter_nothing_matches
	test_filter_all_match
	test_filter_from_file test_filter_unoptimized test_filter_of_500_hosts
	test_filter_too_big test_filter_wrong test_filter_wrong_and_long
	test_filter_protochain
	test_filter_hook_reasons test_filter_two_hooks_reasons test_filter_tag_reasons
	test_filter_wrap_verdicts test_filter_exit_verdicts test_filter_reasons_refused"
ANY_TESTS="test_filter_wrap_generic test_filter_nothing_matches test_filter_all_match
	test_filter_from_file test_filter_unoptimized test_filter_too_big test_filter_wrong
	test_filter_wrong_and_long test_filter_protochain test_filter_two_hooks_reasons
	test_filter_wrap_verdicts test_filter_exit_verdicts test_filter_reasons_refused"
SLOW_TESTS="test_filter_of_500_hosts test_filter_too_big"

# Expressions that the frames of send divide in different ways. Emulated machines take some of them:
# there the oracle shows what the verifier makes of many.
EXPRESSIONS=("udp src port 9001" "ip[8] > 1 and udp[4:2] > 20" "len > 1000 or arp")
[ "${XDPDROP_VM:-}" ] || EXPRESSIONS+=("ip6" "arp or vlan" "not ip" "greater 200" "less 64"
	"ether[6] & 1 = 0")

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

# A part of what test.sh does in full on the machine that it runs on; each kernel gets another.
test_filter_oracle() {
	begin
	local seed part=(-e 40 -f 75 -r 15)

	[ ! "$FEW" ] || part=(-e 80 -f 50 -r 10)
	seed=$(uname -r | cksum | cut -d ' ' -f 1)
	"$BUILD/filter_oracle" -s "$seed" "${part[@]}" "$TESTENV/filter/expressions.txt" ||
		fail "seed $seed"
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

# fragments TAP: the end of a large frame is not in its linear part.
fragments() {
	local expression="ether[8000] & 1 = 1 and greater 8500"

	need tcpdump
	need_frags
	set_mtu 9000
	load verdict verdict_frags
	start_filtered "$1" "$expression"
	send_frames sent.pcap -n 200 -s 100,9000 -e 5
	stop_capture
	tcpdump -r sent.pcap -w wanted.pcap "$expression" 2>tcpdump.log || fail tcpdump
	agree "$expression"
	same sent.pcap out.pcap --subset
}

test_filter_fragments() {
	begin
	fragments wrap
}

test_filter_fragments_exit() {
	begin
	need_frags_at_exit
	fragments exit
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

# Emulated machines translate and verify 50 of them.
test_filter_of_500_hosts() {
	begin
	local n hosts=$((500 / SLOWER))

	load verdict_hook verdict_hook
	for ((n = 1; n < hosts; n++)); do
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
	for n in {1..250}; do
		printf 'port %d or ' $((n * 7))
	done >filter
	printf 'ip6' >>filter
	"$CAPTURE" -t wrap -O -f filter -d 0.1 "$NS" out.pcap 2>capture.log
	case $? in
	# Linux 7.2 takes it.
	0) says '^listening on' ;;
	1) says "filter of [0-9]+ instructions .* is too big for this kernel's verifier" ;;
	*) fail "exit status" ;;
	esac
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

# What is wrong, in libpcap's words or ours, and where; the capture does not begin.
test_filter_wrong() {
	begin
	local expression message

	load verdict_hook verdict_hook
	while IFS='|' read -r expression message; do
		"$CAPTURE" "$NS" out.pcap "$expression" 2>capture.log
		[ $? = 2 ] || fail "exit status of '$expression'"
		grep -Fxq "xdpdrop-capture: filter '$expression': $message" capture.log ||
			fail "message on '$expression'"
		[ ! -e out.pcap ] || fail "a file is left"
	done <<-END
		udp port|$SYNTAX
		udp or (tcp and port|$SYNTAX
		udp foo port 3|$SYNTAX
		tcp and ) or udp|$SYNTAX
		host 1.2.3.4.5|unknown host '1.2.3.4.5'
		ip and ether[-1] = 0|$BYTES: instruction 2: $ANCILLARY
		ether[0xfffff000:2] = 1|$BYTES: instruction 0: $ANCILLARY
	END
	hook_is_empty || fail "the hook is armed"
}
SYNTAX="can't parse filter expression: syntax error"
BYTES="XDP provides no direction, interface or other metadata of a frame, only its bytes"
ANCILLARY="load from a negative offset (Linux' ancillary data)"

# The beginning of a filter that is too long for a message.
test_filter_wrong_and_long() {
	begin
	local ports="port 1 or port 2 or port 3 or port 4 or port 5 or port 6 or port 7 or port 8 "

	seq -f 'port %g or' 1500 >filter
	echo "port 9 and and udp" >>filter
	"$CAPTURE" --dump-filter -f filter 2>capture.log && fail "it compiles"
	diff - capture.log <<-END || fail "message"
		xdpdrop-capture: filter '${ports:0:72}...': $SYNTAX
	END
}

# The one primitive of which libpcap makes a loop.
test_filter_protochain() {
	begin
	load verdict_hook verdict_hook
	start_filtered hook "ip6 protochain 17 and udp src port 9001"
	send_each "ip6 and udp src port 9001"
}

# -- reasons, verdicts and programs together with an expression ----------------------------------

# Of the frames that combined() sends: number, verdict.
ODD="ether[10] & 1 = 1" EVEN="ether[10] & 1 = 0"
DROPPED="ether[11] & 15 = 1" PASSED="ether[11] & 15 = 2" ABORTED="ether[11] & 15 = 0"
EXPRESSION="udp src port 9001 or arp"

# combined SEEN WANTED [xdpdrop-capture's options]: with EXPRESSION, of 240 frames these arrive at
# the capture, of which those are captured; both are expressions.
combined() {
	local seen=$1 wanted=$2

	shift 2
	# not the machine's own frames, which pass
	printf '(%s) and ether[6:2] = 0x5a78' "$EXPRESSION" >filter
	start_capture out.pcap -f filter "$@"
	send_frames sent.pcap -n 240 -s 60,200,200,60 -k udp4,udp6,vlan,arp,garbage -p 9001 -e 2 \
		-V drop,pass,aborted
	stop_capture
	tcpdump -r sent.pcap -w seen.pcap "$seen" 2>tcpdump.log || fail "tcpdump '$seen'"
	tcpdump -r seen.pcap -w wanted.pcap "($EXPRESSION) and ($wanted)" 2>tcpdump.log ||
		fail "tcpdump '$wanted'"
	combined_agrees
}

frames_of() {
	tcpdump --count -r "$1" 2>/dev/null | cut -d ' ' -f 1
}

combined_agrees() {
	local seen wanted

	seen=$(frames_of seen.pcap) wanted=$(frames_of wanted.pcap)
	[ "$wanted" -gt 0 ] || fail "of $seen frames none matches"
	[ "$wanted" -lt "$seen" ] || fail "all $seen frames match"
	tcpdump -xx -t -n -r wanted.pcap 2>/dev/null >wanted.txt
	tcpdump -xx -t -n -r out.pcap 2>/dev/null >out.txt
	cmp wanted.txt out.txt || fail "other frames"
	[ "$(summary captured) $(summary written)" = "$wanted $wanted" ] || fail "counters"
	[ "$(summary seen)" -ge "$seen" ] || fail "frames not seen"
	[ "$(summary rejected)" = $(($(summary seen) - wanted)) ] || fail "frames not counted"
}

test_filter_hook_reasons() {
	begin
	need tcpdump
	load verdict_hook verdict_hook
	local both="$DROPPED or $ABORTED" all="$DROPPED or $ABORTED or $PASSED"

	combined "$both" "$ODD" --reason NUMBER_ODD
	combined "$both" "$EVEN" --not-reason NUMBER_ODD -t hook
	combined "$both" "$EVEN" --reason 1,77
	combined "$PASSED or $DROPPED" "$ODD" --reason NUMBER_ODD -a drop,pass -p verdict_hook
	combined "$all" "$ODD" --not-reason 7,NUMBER_EVEN -a all -p "$PROGRAM_ID"
	combined "$PASSED" "len > 0" --reason NUMBER_EVEN,NUMBER_ODD -a pass
}

# Of two hooks each program's reasons mean what they mean there.
test_filter_two_hooks_reasons() {
	begin
	need tcpdump
	load verdict_two verdict_two
	EXPRESSION="greater 100"
	combined "$DROPPED or $ABORTED" "$EVEN" --reason FIRST_ONLY
	says "has no reason 'FIRST_ONLY'"
	printf '900 third\n' >reasons
	combined "$DROPPED or $ABORTED" "$ODD or $EVEN" --reason FIRST_ONLY,900,third,901,902 \
		--reasons reasons
}

test_filter_tag_reasons() {
	begin
	need tcpdump
	need_members
	local program

	# a reason is the frame's number, plus 1
	for program in tagger:40 dropper:60; do
		"$XDP_LOADER" load -p "$PINS" -n "${program%:*}" -P "${program#*:}" "$NS" \
			"$TOOLS/tagger.bpf.o" >load.log 2>&1 || fail "load ${program%:*}"
	done
	printf '%d REASON_%d\n' 1 1 4 4 16 16 19 19 >reasons
	EXPRESSION="udp or arp"
	combined "$DROPPED" "ether[10] = 0 or ether[10] = 3 or ether[10] = 15 or ether[10] = 18" \
		--tap tag --reasons reasons --reason REASON_1,REASON_4,REASON_16,19,500
	combined "$DROPPED" "ether[10] != 0 and ether[10] != 3" --tap tag -p dropper -a drop \
		--reasons reasons --not-reason REASON_1,REASON_4
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "unload"
}

test_filter_wrap_verdicts() {
	begin
	need tcpdump
	load verdict verdict
	combined "$PASSED or $DROPPED" "len > 0" -t wrap -a drop,pass -p verdict
	combined "$ABORTED" "len > 0" -t wrap -a aborted -p "$PROGRAM_ID"
	combined "$DROPPED or $ABORTED or $PASSED" "len > 0" -t wrap -a all
}

# Two programs, and only one of them is asked for.
test_filter_exit_verdicts() {
	begin
	need tcpdump
	need_dispatcher
	local program=drop_whatever_asks_to_be_dropped name

	for name in drop_sender_1 $program; do
		"$XDP_LOADER" load "$NS" "$TOOLS/members.bpf.o" -n "$name" >load.log 2>&1 ||
			fail "load $name"
	done
	combined "$DROPPED or $ABORTED" "len > 0" -t exit
	combined "$ABORTED" "len > 0" -t exit -a aborted,tx -p $program
	combined "$DROPPED or $ABORTED or $PASSED" "len > 0" -t exit -a all -p $program
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "unload"
}

# Where nobody says why, nothing can be chosen by it, and auto takes no such tap.
test_filter_reasons_refused() {
	begin
	local tap

	load verdict verdict
	for tap in wrap exit auto; do
		launch_capture out.pcap --reason 5 -t $tap
		end_capture 1
		says "it cannot record reasons"
		launch_capture out.pcap --not-reason 5 -t $tap
		end_capture 1
		says "it cannot record reasons"
	done
	launch_capture out.pcap --reason "$(seq -s , 1 17)"
	end_capture 2
	says "17 reasons in the list; there is room for 16"
	[ ! -e out.pcap ] || fail "a file is left"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}
