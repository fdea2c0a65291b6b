#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs each fuzzer for a bounded number of inputs from a fixed seed: as many as find out that
# something broke, not as many as find something new; with --few, a quarter of them.
set -u
cd "$(dirname "$0")/.." || exit 2

[ "${1-}" = --few ] && runs=5000 || runs=20000
runs=${FUZZ_RUNS:-$runs}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0

make fuzz >"$work/make.log" 2>&1 || {
	cat "$work/make.log"
	exit 1
}
for fuzzer in build/fuzz/fuzz_*; do
	name=${fuzzer##*/}
	if "$fuzzer" -runs="$runs" -seed=1 -max_len=512 -len_control=0 -artifact_prefix="$work/" \
		>"$work/log" 2>&1; then
		echo "PASS $name ($runs inputs)"
		passed=$((passed + 1))
	else
		echo "FAIL $name"
		tail -n 40 "$work/log"
		for input in "$work"/crash-*; do
			[ -f "$input" ] && od -An -tx1 "$input" | head -n 40
		done
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
