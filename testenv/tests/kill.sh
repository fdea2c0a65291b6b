# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Captures that are killed, they and their guardians, at each of their calls into the kernel's BPF
# in turn.
. "$(dirname "${BASH_SOURCE[0]}")/../helpers.sh"

ALL_TESTS="test_hook_at_each_call test_wrap_at_each_call test_tag_at_each_call
	test_exit_at_each_call test_hook_guardian_at_each_call test_wrap_guardian_at_each_call
	test_tag_guardian_at_each_call"

# Emulated machines take one call in so many, from a random one on.
EVERY=${XDPDROP_KILL_EVERY:-$([ -z "${XDPDROP_VM:-}" ] && echo 1 || echo 13)}

# -- what has to be there, and what not ----------------------------------------------------------

intact() {
	[ "$(attached)" = "$PROGRAM_ID native" ]
}

# Of a hook that is not pinned the kernel empties the slots when nobody has it open any more.
use_hook() {
	TAP=hook
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
}

use_verdict() {
	TAP=$1
	load verdict verdict
}

# The ids of the user's members stay the same.
use_members() {
	local program

	TAP=$1
	need_dispatcher
	[ "$TAP" != tag ] || "$LOADER" features | grep -q "libxdp's dispatcher *yes$" ||
		skip "members of libxdp's dispatcher cannot tail-call or adjust frames here"
	for program in tagger dropper; do
		"$XDP_LOADER" load -p "$PINS" -n $program "$NS" "$TOOLS/tagger.bpf.o" \
			>load.log 2>&1 || fail "xdp-loader does not load $program"
	done
	members >before
	intact() {
		members | cmp -s before -
	}
}

members() {
	"$XDP_LOADER" status "$NS" | awk '$1 == "=>" { print $3, $4 }'
}

programs_gone() {
	! "$TOOLS/xload" left ids | grep -q '^prog'
}

all_gone() {
	[ -z "$("$TOOLS/xload" left ids)" ]
}

# Nothing that the killed captures made is left.
dismantled() {
	wait_for 10 programs_gone || fail "programs are left: $("$TOOLS/xload" left ids)"
	wait_for 10 no_guardian || fail "a guardian is left"
	wait_for 10 all_gone || fail "maps are left: $("$TOOLS/xload" left ids)"
	wait_for 10 intact || fail "the user's programs are not as they were"
	no_pins
	: >ids
}

# -- killing -------------------------------------------------------------------------------------

# shimmed COMMAND ...: what it creates goes to the file ids, what FAULT says fails.
shimmed() {
	LD_PRELOAD=$TOOLS/faults.so FAULT_IDS=$PWD/ids "$@"
}

short_capture() {
	shimmed "$CAPTURE" -t "$TAP" -d 0.001 "$NS" out.pcap 2>capture.log
}

# killed_at CALL: at each of them. A whole run has counted the calls; not all make the very same.
killed_at() {
	local call=$1 calls n every=$EVERY status

	calls=$(sed -n "s/^$call //p" counts)
	[ "$calls" -gt $((every * 2)) ] || every=1
	for ((n = 1 + RANDOM % every; n <= calls; n += every)); do
		FAULT=$call:$n:kill short_capture
		status=$?
		[ $status = 137 ] || { [ $status = 0 ] && [ $n -gt $((calls - 20)) ]; } ||
			fail "$call $n of $calls did not kill it"
		dismantled
		[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] ||
			fail "something was left to clean"
	done 2>/dev/null
	echo "killed at every $every. of $calls calls of $call"
}

at_each_call() {
	local call

	FAULT_COUNTS=$PWD/counts short_capture || fail "a capture without faults"
	dismantled
	[ "$(sed -n 's/^bpf //p' counts)" -gt 50 ] || fail "only few calls"
	for call in bpf send unlink; do
		killed_at $call
	done
}

# guardian_killed_at CALL: after its capture; at a later one each time until it lives to the end.
guardian_killed_at() {
	local call=$1 n lives=0

	for ((n = 1; n < 1000 && lives < 2; n++)); do
		: >capture.log
		FAULT=$call:$n:kill FAULT_IN=child FAULT_IDS=$PWD/ids LD_PRELOAD=$TOOLS/faults.so \
			"$CAPTURE" -t "$TAP" "$NS" out.pcap 2>capture.log &
		CAPTURE_PID=$!
		await_listening || fail "xdpdrop-capture does not listen"
		kill_capture_only
		wait_for 10 no_guardian || fail "a guardian is left"
		if [ $((n % 2)) = 0 ]; then
			"$LOADER" clean "$NS" >clean.log || fail "clean"
			! grep -q 'nothing to remove' clean.log || lives=$((lives + 1))
		else
			short_capture || fail "the next capture"
		fi
		dismantled
	done 2>/dev/null
	echo "guardian killed at up to $n calls of $call"
}

guardian_at_each_call() {
	local call

	for call in bpf send unlink; do
		guardian_killed_at $call
	done
}

test_hook_at_each_call() {
	begin
	use_hook
	at_each_call
}

test_wrap_at_each_call() {
	begin
	use_verdict wrap
	at_each_call
}

test_tag_at_each_call() {
	begin
	use_members tag
	at_each_call
}

test_exit_at_each_call() {
	begin
	need_trampolines
	use_verdict exit
	at_each_call
}

test_hook_guardian_at_each_call() {
	begin
	use_hook
	guardian_at_each_call
}

test_wrap_guardian_at_each_call() {
	begin
	use_verdict wrap
	guardian_at_each_call
}

test_tag_guardian_at_each_call() {
	begin
	use_members tag
	guardian_at_each_call
}
