#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the cmocka programs given as arguments: one line for each, the full output of those that
# fail, and the totals of their test functions. A program that dies counts as a failed function.

set -u

passed=0 failed=0 skipped=0
output=$(mktemp "${TMPDIR:-/tmp}/xdpdrop-unit.XXXXXX") || exit 1
trap 'rm -f "$output"' EXIT
trap 'exit 1' HUP INT TERM

# Prints PASSED FAILED SKIPPED of the TAP output; announced tests without a result have failed.
tally() {
	awk '
	/^[0-9]+\.\.[0-9]+/ { split($1, plan, /\.\./); planned += plan[2] }
	/^ok .*# *SKIP/ { skip++; next }
	/^ok / { pass++ }
	/^not ok .*# *SKIP/ { skip++; next }
	/^not ok / { fail++ }
	END {
		if (planned > pass + fail + skip)
			fail = planned - pass - skip
		print pass + 0, fail + 0, skip + 0
	}' "$1"
}

run_program() {
	CMOCKA_MESSAGE_OUTPUT=TAP "$1" >"$output" 2>&1
	status=$?
	# shellcheck disable=SC2046 # three words
	set -- "$1" $(tally "$output")
	pass=$2 fail=$3 skip=$4
	if [ $status -ne 0 ] && [ "$fail" -eq 0 ]; then
		fail=1
	elif [ $((pass + fail + skip)) -eq 0 ]; then
		echo "no test ran" >>"$output"
		fail=1
	fi
	passed=$((passed + pass)) failed=$((failed + fail)) skipped=$((skipped + skip))
	name=${1##*/}
	if [ "$fail" -gt 0 ]; then
		cat "$output"
		printf 'FAIL %-24s %d of %d failed, exit status %d\n' "$name" "$fail" \
			$((pass + fail)) $status
	elif [ "$skip" -gt 0 ]; then
		printf 'ok   %-24s %d passed, %d skipped\n' "$name" "$pass" "$skip"
		grep -i '# *SKIP' "$output" | sed 's/^/     /'
	else
		printf 'ok   %-24s %d passed\n' "$name" "$pass"
	fi
}

for program; do
	run_program "$program"
done
if [ $# -eq 0 ]; then
	echo "no unit test programs given" >&2
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
