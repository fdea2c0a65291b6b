# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What a start does: it loads no program that it knows to be refused, and a signal ends it at once.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # a hook accepts one type of program on all kernels
ALL_TESTS="test_type_is_found_once test_type_of_other_hooks
	test_interrupted_start test_interrupted_at_each_load test_interrupted_wait_for_lock"

SHIM=$TOOLS/faults.so

# loads [options of the capture]: programs that a capture loads, or tries to, from start to end.
loads() {
	FAULT_COUNTS=$PWD/counted LD_PRELOAD=$SHIM "$CAPTURE" -t hook -d 0.001 "$@" "$NS" \
		out.pcap >capture.log 2>&1 || fail "no capture"
	sed -n 's/^load //p' counted
}

# A program for each further slot, and nothing beside it: all are copies of one template.
test_type_is_found_once() {
	begin
	need_frags
	local one all

	"$TOOLS/xload" load "$NS" "$TOOLS/firewall_frags.bpf.o" firewall >/dev/null 2>load.log ||
		fail "cannot load firewall"
	one=$(loads -a drop)
	all=$(loads -a all)
	echo "$one loads for one slot, $all for five"
	[ $((all - one)) -le 4 ] || fail "$((all - one)) loads for four more slots"
	[ "$all" -gt "$one" ] || fail "no load for four more slots"
}

# For each further hook, one look at its type beside the program.
test_type_of_other_hooks() {
	begin
	local two twenty slot

	load --pin "table_parts=$PINS/table" table table
	for slot in $(seq 20); do
		"$TOOLS/xload" slot "$PINS/table" "$slot" "$TOOLS/verdict_hook.bpf.o" \
			verdict_hook || fail "cannot fill slot $slot"
		[ "$slot" != 2 ] || two=$(loads -a drop)
	done
	twenty=$(loads -a drop)
	echo "$two loads for 2 hooks, $twenty for 20"
	[ $((twenty - two)) -le 36 ] || fail "$((twenty - two)) loads for 18 more hooks"
	[ $((twenty - two)) -ge 18 ] || fail "$((twenty - two)) loads for 18 more hooks"
}

# ends_early CALL NUMBER [options of the capture]: a signal comes with that call; nothing is said,
# nothing is left.
ends_early() {
	local when=$1:$2 status

	shift 2
	FAULT=$when:interrupt FAULT_COUNTS=$PWD/counted LD_PRELOAD=$SHIM \
		"$CAPTURE" "$@" -d 5 "$NS" out.pcap >capture.log 2>&1
	status=$?
	[ "$status" = 0 ] || fail "status $status at $when"
	says_not 'listening|captured|error'
	hook_is_empty || fail "slots are in use after $when"
	no_pins
	[ ! -e out.pcap ] || fail "a file is left after $when"
}

# Of the programs for 20 hooks only those that were being loaded come after the signal.
test_interrupted_start() {
	begin
	local all slot

	load --pin "table_parts=$PINS/table" table table
	for slot in $(seq 20); do
		"$TOOLS/xload" --pin "xdpdrop_hook=$PINS/hook" slot "$PINS/table" "$slot" \
			"$TOOLS/verdict_hook.bpf.o" verdict_hook || fail "cannot fill slot $slot"
		[ "$slot" = 20 ] || rm "$PINS/hook"
	done
	all=$(loads)
	rm -f out.pcap
	ends_early load 30 -t hook
	echo "$(sed -n 's/^load //p' counted) of $all loads"
	[ "$(sed -n 's/^load //p' counted)" -le 60 ] || fail "$(grep load counted) after a signal"
}

test_interrupted_at_each_load() {
	begin
	local all n

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	all=$(loads -a all)
	rm -f out.pcap
	# the last ones are loaded when it listens, and at the end
	for ((n = 1; n <= all - 4; n++)); do
		ends_early load "$n" -t hook -a all
	done
}

test_interrupted_wait_for_lock() {
	begin
	local holder tap status

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	exec {holder}>/run/xdpdrop.lock
	flock "$holder" || fail "no lock"
	for tap in hook wrap; do
		: >capture.log
		env --default-signal=INT "$CAPTURE" -t "$tap" "$NS" out.pcap 2>capture.log &
		CAPTURE_PID=$!
		wait_for grep -q 'waiting for' capture.log || fail "it does not wait for the lock"
		kill -INT "$CAPTURE_PID"
		wait "$CAPTURE_PID"
		status=$?
		[ "$status" = 0 ] || fail "status $status with tap $tap"
		says_not listening
	done
	exec {holder}>&-
	hook_is_empty || fail "slots are in use"
}
