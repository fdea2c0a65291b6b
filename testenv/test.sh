#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds and tests everything, from a machine with only git and a shell on: packages, build, unit
# tests, style, installation, system tests. The last line has the totals; exit 1 on any failure.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.." || exit

usage() {
	cat <<END
Usage: sudo testenv/test.sh [options]

  -j, --jobs N    system tests at once [2]
  --no-packages   install nothing; what is missing fails the build
  -h, --help
END
}

die() {
	echo "test.sh: $*" >&2
	exit 2
}

jobs=2 packages=1
while [ $# -gt 0 ]; do
	case $1 in
	-j | --jobs) jobs=${2:-} && shift ;;
	--no-packages) packages=0 ;;
	-h | --help) usage && exit ;;
	*) die "unknown argument '$1'; see --help" ;;
	esac
	shift
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs takes a number, not '$jobs'"
[ "$(id -u)" = 0 ] || die "needs root, for namespaces and XDP programs: sudo $0"

passed=0 failed=0 skipped=0
failures=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

# Run a step. Its totals are the last line of the form "N passed, N failed, N skipped"; a step
# without one counts as one test, which exit status 249 skips.
step() {
	local name=$1 status totals p f s

	shift
	printf '\n== %s\n' "$name"
	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	totals=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	case $status in
	0) totals=${totals:-1 passed, 0 failed, 0 skipped} ;;
	249) totals=${totals:-0 passed, 0 failed, 1 skipped} ;;
	*) totals=${totals:-0 passed, 1 failed, 0 skipped} ;;
	esac
	read -r p _ f _ s _ <<<"$totals"
	[ "$status" = 0 ] || [ "$status" = 249 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" = 0 ] || failures+=("$name")
	return "$status"
}

build() {
	./configure && make -j"$(nproc)" all testenv
}

finish() {
	printf '\n'
	[ ${#failures[@]} = 0 ] || printf 'failed: %s\n' "${failures[@]}"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
	exit
}

if [ $packages = 1 ]; then
	step packages testenv/packages.sh build style test || finish
fi
step build build || finish
step 'unit tests' make check
step 'golden files' testenv/golden.sh
step style make check-style
step installation testenv/install-test.sh
step demo testenv/demo.sh
step fuzzers testenv/run-fuzz.sh
step 'filters against libpcap and the kernel' build/filter_oracle testenv/filter/expressions.txt
step 'system tests' testenv/run-tests.sh --jobs "$jobs"
finish
