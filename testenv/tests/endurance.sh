# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Starts and stops, hundreds of times: nothing adds up. XDPDROP_STARTS sets another number.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # what adds up is memory and descriptors of our own
ALL_TESTS="test_hook_starts test_wrap_starts test_tool_starts"
SLOW_TESTS="test_hook_starts test_wrap_starts test_tool_starts"

[ -z "${XDPDROP_VM:-}$FEW" ] && STARTS=300 || STARTS=30
STARTS=${XDPDROP_STARTS:-$STARTS}

# cycle TAP N: by one process; the programs and maps of all captures are gone after.
cycle() {
	LD_PRELOAD=$TOOLS/faults.so FAULT_IDS=$PWD/ids "$TOOLS/cycle" "$NS" "$1" "$2" ||
		fail "the captures"
	nothing_left
}

nothing_left() {
	[ "$(wc -l <ids)" -gt $((STARTS * 5)) ] || fail "few programs and maps were made: $(<ids)"
	wait_for eval '[ -z "$("$TOOLS/xload" left ids)" ]' ||
		fail "left: $("$TOOLS/xload" left ids)"
	wait_for no_watchdog || fail "a watchdog is left"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

test_hook_starts() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	cycle hook "$STARTS"
	hook_is_empty || fail "slots are in use"
}

test_wrap_starts() {
	begin
	load verdict verdict
	cycle wrap "$STARTS"
}

# As many processes, and each a tenth.
test_tool_starts() {
	begin
	local n

	load verdict verdict
	for ((n = 0; n < STARTS / 10; n++)); do
		LD_PRELOAD=$TOOLS/faults.so FAULT_IDS=$PWD/ids \
			"$CAPTURE" -qd 0.001 "$NS" out.pcap || fail "status $?"
	done
	STARTS=$n nothing_left
	echo "$n starts of the tool"
}
