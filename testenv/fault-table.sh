#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks testenv/faults.md: each line names tests, and each of them exists.
#
#   fault-table.sh [--skips] [RESULTS ...]
#
# With outputs of run-tests.sh, on one machine or several: none of the tests has failed in any, and
# each has passed in one; with --skips, it may have been skipped in all.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
enough='PASS'
if [ "${1-}" = --skips ]; then
	enough='PASS|SKIP'
	shift
fi
status=0

problem() {
	echo "$*"
	status=1
}

known=$("$here/run-tests.sh" --list) || exit 1
lines=$(grep '^|' "$here/faults.md" | tail -n +3)
named=$(echo "$lines" | grep -o '[a-z_]*/test_[a-z0-9_]*' | sort -u)

while IFS= read -r line; do
	case $line in
	*/test_*) ;;
	*) problem "no test: $line" ;;
	esac
done <<END
$lines
END

for test in $named; do
	echo "$known" | grep -qx "$test" || problem "there is no test $test"
	[ $# -gt 0 ] || continue
	grep -aEqs "^($enough) $test(:| |\$)" "$@" || problem "$test was run nowhere"
	grep -aEqs "^FAIL $test(:| |\$)" "$@" && problem "$test failed"
done
echo "$(echo "$lines" | wc -l) faults, $(echo "$named" | wc -l) tests"
exit $status
