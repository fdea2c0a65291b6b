#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks testenv/faults.md: each line names tests, and each of them exists. With the output of
# run-tests.sh as argument, each has passed or was skipped there, and says why.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
results=${1:-}
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
	[ ! "$results" ] || grep -Eq "^(PASS|SKIP) $test(:| |\$)" "$results" ||
		problem "$test was not run, or failed"
done
echo "$(echo "$lines" | wc -l) faults, $(echo "$named" | wc -l) tests"
exit $status
