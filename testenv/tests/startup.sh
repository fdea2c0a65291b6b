# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What a start does: it loads no program that it knows to be refused.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # a hook accepts one type of program on all kernels
ALL_TESTS="test_type_is_found_once test_type_of_other_hooks"

SHIM=$TOOLS/faults.so

# loads [options of the capture]: programs that a capture loads, or tries to, from start to end.
loads() {
	FAULT_COUNTS=$PWD/counted LD_PRELOAD=$SHIM "$CAPTURE" -t hook -d 0.001 "$@" "$NS" \
		out.pcap >capture.log 2>&1 || fail "no capture"
	sed -n 's/^load //p' counted
}

# A program for each further slot, and one of libbpf's beside it, which also may look for the same
# feature of the kernel in two threads.
test_type_is_found_once() {
	begin
	need_frags
	local one all

	"$TOOLS/xload" load "$NS" "$TOOLS/firewall_frags.bpf.o" firewall >/dev/null 2>load.log ||
		fail "cannot load firewall"
	one=$(loads -a drop)
	all=$(loads -a all)
	echo "$one loads for one slot, $all for five"
	[ $((all - one)) -le 14 ] || fail "$((all - one)) loads for four more slots"
	[ "$all" -gt "$one" ] || fail "no load for four more slots"
}

# For each further hook, one look at its type on top.
test_type_of_other_hooks() {
	begin
	local two ten slot

	load --pin "table_parts=$PINS/table" table table
	for slot in 1 2 3 4 5 6 7 8 9 10; do
		"$TOOLS/xload" slot "$PINS/table" "$slot" "$TOOLS/verdict_hook.bpf.o" \
			verdict_hook || fail "cannot fill slot $slot"
		[ "$slot" != 2 ] || two=$(loads -a drop)
	done
	ten=$(loads -a drop)
	echo "$two loads for 2 hooks, $ten for 10"
	[ $((ten - two)) -le 24 ] || fail "$((ten - two)) loads for eight more hooks"
	[ $((ten - two)) -ge 8 ] || fail "$((ten - two)) loads for eight more hooks"
}
