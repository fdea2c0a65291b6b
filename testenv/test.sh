#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds and tests everything, from a machine with only git and a shell on: packages, build, unit
# tests, style, installation, system tests here and on the kernels of kernels.txt. The last line
# has the totals; exit 1 on any failure.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.." || exit

usage() {
	cat <<END
Usage: sudo testenv/test.sh [options]

  -j, --jobs N    system tests at once, which mostly wait [3]
  --no-vm         only this machine's kernel, no virtual machines
  --no-packages   install nothing; what is missing fails the build
  -h, --help
END
}

die() {
	echo "test.sh: $*" >&2
	exit 2
}

jobs=3 packages=1 vm=1
while [ $# -gt 0 ]; do
	case $1 in
	-j | --jobs) jobs=${2:-} && shift ;;
	--no-vm) vm=0 ;;
	--no-packages) packages=0 ;;
	-h | --help) usage && exit ;;
	*) die "unknown argument '$1'; see --help" ;;
	esac
	shift
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs takes a number, not '$jobs'"
[ "$(id -u)" = 0 ] || die "needs root, for namespaces and XDP programs: sudo $0"

passed=0 failed=0 skipped=0
summary=''
log=$(mktemp) running='' making=''

# Whoever ends us ends what we run, which cleans up.
stop() {
	local pid
	for pid in $running $making; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	wait
	exit "$1"
}
trap 'rm -f "$log" "$log.vm" "$log.tests" "$log.failures"' EXIT
trap 'stop 130' INT
trap 'stop 143' HUP TERM

# A group of processes of its own in the background; sets pid.
background() {
	set -m
	"$@" </dev/null &
	pid=$!
	set +m
}

# Its output to the terminal and to the log.
logged() {
	"$@" 2>&1 | tee "$log"
	exit "${PIPESTATUS[0]}"
}

# What a step printed of its failures, to be read again at the end: tests that failed with what
# they printed, on one kernel or several at once, or else the step's last lines.
failures_of() {
	local found

	found=$(awk '
		{ kernel = match($0, /^\[[^]]*\] /) ? substr($0, 1, RLENGTH) : "" }
		{ line = substr($0, length(kernel) + 1) }
		line !~ /^(    |\[)/ { left[kernel] = 0 }
		line ~ /^FAIL / { left[kernel] = 50 }
		line ~ /^vm: .*(unexpected skip|expected.txt|complained:)/ { left[kernel] = 50 }
		line ~ /^vm: .*: (no output|not done|ended)/ { left[kernel] = 50 }
		left[kernel]-- > 0 { print }' "$log")
	printf -- '-- %s\n%s\n' "$1" "${found:-$(tail -n 20 "$log")}"
}

# Run a step. Its totals are the last line of the form "N passed, N failed, N skipped"; a step
# without one counts as one test, which exit status 249 skips.
step() {
	local name=$1 began=$SECONDS status totals p f s pid

	shift
	printf '\n== %s\n' "$name"
	background logged "$@"
	running=$pid
	wait "$running"
	status=$?
	running=''
	totals=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	case $status in
	0) totals=${totals:-1 passed, 0 failed, 0 skipped} ;;
	249) totals=${totals:-0 passed, 0 failed, 1 skipped} ;;
	*) totals=${totals:-0 passed, 1 failed, 0 skipped} ;;
	esac
	read -r p _ f _ s _ <<<"$totals"
	[ "$status" = 0 ] || [ "$status" = 249 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" = 0 ] || failures_of "$name" >>"$log.failures"
	summary+=$(printf '%7d %7d %7d %8d  %s' "$p" "$f" "$s" $((SECONDS - began)) "$name")$'\n'
	return "$status"
}

# What the virtual machines are made of mostly waits for the archive, while other tests run.
make_vms() {
	nice testenv/vm.sh --make >"$log.vm" 2>&1
}

# If it failed, the tests on all kernels try again, and fail.
await_vms() {
	wait "$making"
	making=''
	printf '\n== virtual machines\n'
	cat "$log.vm"
}

build() {
	./configure && make -j"$(nproc)" all testenv
}

finish() {
	[ ! "$making" ] || kill -TERM -- "-$making" 2>/dev/null
	wait
	[ $failed = 0 ] || printf '\n== what failed\n%s\n' "$(<"$log.failures")"
	printf '\n%7s %7s %7s %8s\n%s\n' passed failed skipped seconds "$summary"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
	exit
}

if [ $packages = 1 ]; then
	groups=(build style test)
	[ $vm = 0 ] || groups+=(vm)
	step packages testenv/packages.sh "${groups[@]}" || finish
fi
if [ $vm = 1 ]; then
	background make_vms
	making=$pid
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
cp "$log" "$log.tests"
if [ $vm = 1 ]; then
	await_vms
	step 'system tests on all kernels' testenv/vm.sh --all
	step "README's table of compatibility" testenv/vm/compatibility.sh --check README.md
	step 'fault table' testenv/fault-table.sh "$log.tests" \
		"${XDPDROP_VM_CACHE:-build/vm}"/*.output
else
	step 'fault table' testenv/fault-table.sh --skips "$log.tests"
fi
finish
