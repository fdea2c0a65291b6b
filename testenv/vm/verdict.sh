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
# shellcheck source-path=SCRIPTDIR source=../kernels.sh
. "$(dirname "${BASH_SOURCE[0]}")/../kernels.sh"
kernel=$1 libxdp=$2 output=$3
passed=0 failed=0 skipped=0 wrong=0

wrong() {
	echo "vm: $kernel: $*"
	wrong=$((wrong + 1))
	failed=$((failed + 1))
}

while read -r result test why; do
	case $result in
	FAIL) failed=$((failed + 1)) ;;
	SKIP)
		if expected "$kernel" "$libxdp" "${test%:}" >/dev/null; then
			skipped=$((skipped + 1))
		else
			wrong "unexpected skip of ${test%:}: $why"
		fi
		;;
	PASS)
		if reason=$(expected "$kernel" "$libxdp" "$test"); then
			wrong "$test passed, but expected.txt says: $reason"
		else
			passed=$((passed + 1))
		fi
		;;
	esac
done < <(grep -aE '^(PASS|FAIL|SKIP) [^ ]+/[^ ]+' "$output" | tr -d '\r')

echo "$passed passed, $failed failed, $skipped skipped"
[ $wrong = 0 ]
