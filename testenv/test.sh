#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds and tests everything, from a machine with only git and a shell on. The last line has the
# totals; exit 1 on any failure. Which system tests run on which kernel: see kernels.sh.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.." || exit
# shellcheck source-path=SCRIPTDIR source=kernels.sh
. testenv/kernels.sh

usage() {
	cat <<END
Usage: sudo testenv/test.sh [options]

Packages, build, unit tests, style, installation, demo, fuzzers, filter oracle, the system tests
on this machine, and in a virtual machine with the newest kernel those that this one skipped.

      --all-kernels  also the system tests of each kernel of testenv/kernels.txt
      --full         all system tests on all of these kernels
      --only PATTERN only steps with such a name and system tests that match: FILE, TEST or
                     FILE/TEST, where * and ? stand for any text; may be repeated
      --failed       only what failed in the last run
  -l, --list         what would run, and where
  -j, --jobs N       system tests at once, which mostly wait [3]
      --no-vm        only this machine's kernel, no virtual machines
      --no-packages  install nothing; what is missing fails the build
  -h, --help
END
}

die() {
	echo "test.sh: $*" >&2
	exit 2
}

# -- options -------------------------------------------------------------------------------------

FAILURES=build/test.failed # "step NAME", "here TEST" or "KERNEL TEST" of the last run
VM_CACHE=${XDPDROP_VM_CACHE:-build/vm}

jobs=3 packages=1 vm=1 matrix='' full='' only=() again='' list=''
while [ $# -gt 0 ]; do
	case $1 in
	--all-kernels) matrix=yes ;;
	--full) matrix=yes full=--full ;;
	--only) only+=("${2:-}") && shift ;;
	--failed) again=yes ;;
	-l | --list) list=yes ;;
	-j | --jobs) jobs=${2:-} && shift ;;
	--no-vm) vm=0 ;;
	--no-packages) packages=0 ;;
	-h | --help) usage && exit ;;
	*) die "unknown argument '$1'; see --help" ;;
	esac
	shift
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs takes a number, not '$jobs'"
[ ${#only[@]} = 0 ] || [ ! "$again" ] || die "either --only or --failed"
if [ "$again" ]; then
	[ -s $FAILURES ] || die "nothing failed in the last run"
	last=$(<$FAILURES)
fi
newest=$(newest_kernel)

everything() {
	[ ${#only[@]} = 0 ] && [ ! "$again" ]
}

# Does a step have to run?
chosen() {
	local pattern

	! everything || return 0
	[ ! "$again" ] || {
		grep -qxF "step $1" <<<"$last"
		return
	}
	for pattern in "${only[@]}"; do
		# shellcheck disable=SC2053 # a pattern on purpose
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# Sets tests to the arguments of run-tests.sh on a kernel, or here; fails if it has nothing to do.
# What this machine skips is not known before it has run.
tests_on() {
	local name=$1

	if [ "$again" ]; then
		readarray -t tests < <(sed -n "s/^${name//./\\.} //p" <<<"$last")
		[ ${#tests[@]} -gt 0 ] || return
		[[ " ${tests[*]} " != *' * '* ]] || tests=(--kernel "$name")
	elif [ ${#only[@]} -gt 0 ]; then
		tests=("${only[@]}")
		testenv/run-tests.sh --list "${tests[@]}" >/dev/null 2>&1 || return
	elif [ "$full" ]; then
		tests=()
	else
		tests=(--kernel "$name")
	fi
}

# Prints the kernels that a virtual machine runs, the newest last.
vm_kernels() {
	[ $vm = 1 ] || return
	if [ "$again" ]; then
		kernels | cut -d ' ' -f 1 | grep -xF "$(cut -d ' ' -f 1 <<<"$last")"
	elif [ "$matrix" ]; then
		kernels | cut -d ' ' -f 1
	fi
}

# -- steps ---------------------------------------------------------------------------------------

passed=0 failed=0 skipped=0
summary=''
log=$(mktemp) children=() making='' older=''
: >"$log.failed"

# Whoever ends us ends what we run, which cleans up.
stop() {
	local pid
	for pid in "${children[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	wait
	exit "$1"
}
trap 'rm -f "$log" "$log".*' EXIT
trap 'stop 130' INT
trap 'stop 143' HUP TERM

# A group of processes of its own in the background; sets pid.
background() {
	set -m
	"$@" </dev/null &
	pid=$!
	set +m
	children+=("$pid")
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

# The lines of $FAILURES for a step: its tests and where they failed. A virtual machine in which
# something else went wrong has to run all its tests again.
names_of_failures() {
	case $1 in
	'system tests' | 'kernel '* | 'older kernels')
		awk -v where="${1#kernel }" '
			where == "system tests" { where = "here" }
			{ kernel = where }
			match($0, /^\[[^]]*\] /) {
				kernel = substr($0, 2, RLENGTH - 3)
				$0 = substr($0, RLENGTH + 1)
			}
			/^FAIL / { print kernel, $2; named[kernel] = 1 }
			/^vm: .*: unexpected skip of / { sub(/:$/, "", $6); print kernel, $6 }
			/^vm: .* passed, but expected.txt / { print kernel, $3 }
			/^vm: .*: (kernel complained|no output|not done|ended|no VM)/ {
				print kernel, "*"
			}' "$log" | sort -u
		;;
	*) echo "step $1" ;;
	esac
}

TOTALS='[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped'

# Run a step. Its totals are the last line of this form, or that of testenv/vm.sh; a step without
# one counts as one test, which exit status 249 skips.
step() {
	local name=$1 began=$SECONDS status totals p f s pid

	shift
	printf '\n== %s\n' "$name"
	background logged "$@"
	wait "$pid"
	status=$?
	totals=$(sed -nE "s/^(vm: .*: )?($TOTALS)(, [0-9]+ s)?\$/\2/p" "$log" | tail -n 1)
	case $status in
	0) totals=${totals:-1 passed, 0 failed, 0 skipped} ;;
	249) totals=${totals:-0 passed, 0 failed, 1 skipped} ;;
	*) totals=${totals:-0 passed, 1 failed, 0 skipped} ;;
	esac
	read -r p _ f _ s _ <<<"$totals"
	[ "$status" = 0 ] || [ "$status" = 249 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$f" -gt 0 ]; then
		failures_of "$name" >>"$log.failures"
		names_of_failures "$name" >>"$log.failed"
	fi
	summary+=$(printf '%7d %7d %7d %8d  %s' "$p" "$f" "$s" $((SECONDS - began)) "$name")$'\n'
	return "$status"
}

maybe() {
	! chosen "$1" || step "$@"
}

finish() {
	local pid
	for pid in $making $older; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	wait
	mkdir -p build && cp "$log.failed" $FAILURES
	[ $failed = 0 ] || printf '\n== what failed\n%s\n' "$(<"$log.failures")"
	printf '\n%7s %7s %7s %8s\n%s\n' passed failed skipped seconds "$summary"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
	exit
}

# Afresh, but for a run of a few tests.
build() {
	{ [ -e config.mk ] && ! everything; } || ./configure || return
	make -j"$(nproc)" all testenv
}

# -- virtual machines ----------------------------------------------------------------------------

# What they are made of mostly waits for the archive, while other tests run. If this fails, those
# that run them try again, and fail.
make_vms() {
	local name=$newest
	[ ! "$matrix" ] || name=''
	nice testenv/vm.sh --make ${name:+"$name"} >"$log.vm" 2>&1
}

# All but the newest kernel, one at a time and with what this machine's tests leave of its time.
run_older() {
	nice testenv/vm.sh --older --jobs 1 ${full:+"$full"} >"$log.older" 2>&1
	echo $? >"$log.older.status"
}

follow_older() {
	tail -n +1 -f -s 0.5 --pid="$older" "$log.older"
	return "$(<"$log.older.status")"
}

# What the step before has skipped here.
skipped_here() {
	sed -n 's/^SKIP \([^ ]*\):.*/\1/p' "$log.tests" 2>/dev/null
}

# The newest kernel gets what was skipped here as well as its own.
run_vm() {
	local name=$1 skips=()

	tests=()
	if [ "$matrix" ] || [ "$again" ]; then
		tests_on "$name" || return 0
	fi
	if [ "$name" = "$newest" ] && [ ! "$full" ]; then
		readarray -t skips < <(skipped_here)
		tests+=("${skips[@]}")
	fi
	[ ${#tests[@]} -gt 0 ] || [ "$full" ] || return 0
	step "kernel $name" testenv/vm.sh "$name" testenv/run-tests.sh "${tests[@]}"
}

# -- all of it -----------------------------------------------------------------------------------

STEPS=(packages build 'unit tests' 'golden files' style installation demo fuzzers 'filter oracle')

list() {
	local name tests

	for name in "${STEPS[@]}"; do
		! chosen "$name" || echo "step $name"
	done
	for name in here $(vm_kernels); do
		! tests_on "$name" || testenv/run-tests.sh --list "${tests[@]}" | sed "s/^/$name /"
	done
	[ $vm = 0 ] || [ "$again" ] || echo "$newest and what is skipped here"
}

if [ "$list" ]; then
	list
	exit
fi
[ "$(id -u)" = 0 ] || die "needs root, for namespaces and XDP programs: sudo $0"

if [ $packages = 1 ]; then
	groups=(build style test)
	[ $vm = 0 ] || groups+=(vm)
	step packages testenv/packages.sh "${groups[@]}" || finish
fi
if [ $vm = 1 ] && everything; then
	rm -f "$VM_CACHE"/*.output
	background make_vms
	making=$pid
	if [ "$matrix" ]; then
		background run_older
		older=$pid
	fi
fi
step build build || finish
maybe 'unit tests' make check
maybe 'golden files' testenv/golden.sh
maybe style make check-style
maybe installation testenv/install-test.sh
maybe demo testenv/demo.sh
maybe fuzzers testenv/run-fuzz.sh
maybe 'filter oracle' build/filter_oracle testenv/filter/expressions.txt
if tests_on here; then
	step 'system tests' testenv/run-tests.sh --jobs "$jobs" "${tests[@]}"
	cp "$log" "$log.tests"
fi
if [ $vm = 0 ]; then
	! everything || step 'fault table' testenv/fault-table.sh --skips "$log.tests"
	finish
fi
if everything; then
	run_vm "$newest"
	if [ "$matrix" ]; then
		step 'older kernels' follow_older
		step "README's table of compatibility" testenv/vm/compatibility.sh --check README.md
	fi
	step 'fault table' testenv/fault-table.sh "$log.tests" "$VM_CACHE"/*.output
else
	for name in $(vm_kernels); do
		[ "$name" = "$newest" ] || run_vm "$name"
	done
	run_vm "$newest"
fi
finish
