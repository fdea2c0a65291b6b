#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Judges the output of run-tests.sh by testenv/expected.txt:
#
#   verdict.sh KERNEL LIBXDP OUTPUT
#
# names each skip that the table does not expect, and each expected skip that passed; ends with
# the totals, in which both count as failed. Exit status 1 if there are any, 0 if not.

set -u
table=${XDPDROP_EXPECTED:-$(dirname "${BASH_SOURCE[0]}")/../expected.txt}
kernel=$1 libxdp=$2 output=$3
passed=0 failed=0 skipped=0 wrong=0

# The table's reason for skipping the test here, if it has one.
expected() {
	local test=$1 pattern on with reason

	while read -r pattern on with reason; do
		# shellcheck disable=SC2053 # patterns on purpose
		if [[ $test == $pattern && $kernel == $on && $libxdp == $with ]]; then
			echo "$reason"
			return
		fi
	done < <(grep -v '^ *\(#\|$\)' "$table")
	return 1
}

wrong() {
	echo "vm: $kernel: $*"
	wrong=$((wrong + 1))
	failed=$((failed + 1))
}

while read -r result test why; do
	case $result in
	FAIL) failed=$((failed + 1)) ;;
	SKIP)
		if expected "${test%:}" >/dev/null; then
			skipped=$((skipped + 1))
		else
			wrong "unexpected skip of ${test%:}: $why"
		fi
		;;
	PASS)
		if reason=$(expected "$test"); then
			wrong "$test passed, but expected.txt says: $reason"
		else
			passed=$((passed + 1))
		fi
		;;
	esac
done < <(grep -aE '^(PASS|FAIL|SKIP) [^ ]+/[^ ]+' "$output" | tr -d '\r')

echo "$passed passed, $failed failed, $skipped skipped"
[ $wrong = 0 ]
