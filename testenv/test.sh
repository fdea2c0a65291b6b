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
# shellcheck source-path=SCRIPTDIR source=steps.sh
. testenv/steps.sh

usage() {
	cat <<END
Usage: sudo testenv/test.sh [options]

Packages, build, unit tests, style, installation, completion, the tarball for distribution, demo,
fuzzers, filter oracle, the system tests on this machine, and in virtual machines with the newest
kernel those that this one skipped. Tests that repeat something do so fewer times than with
--all-kernels or --full.

      --all-kernels  also the system tests of each kernel of testenv/kernels.txt, and the unit
                     tests in their user lands, with gcc and clang; and packages for Debian
                     and Fedora, built and tried
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
few=()
[ "$matrix$again" ] || [ ${#only[@]} -gt 0 ] || few=(--few)

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

maybe() {
	! chosen "$1" || step "$@"
}

# Prints the kernels that have to run more than what is skipped here.
vm_kernels() {
	local name

	[ $vm = 1 ] || return
	while read -r name _; do
		if [ "$matrix" ] || { [ "$again" ] && grep -q "^${name//./\\.} " <<<"$last"; }; then
			echo "$name"
		fi
	done < <(kernels)
}

# Afresh, but for a run of a few tests.
build() {
	{ [ -e config.mk ] && ! everything; } || ./configure || return
	make -j"$(nproc)" all testenv
}

# -- virtual machines ----------------------------------------------------------------------------

# The newest first: what it runs takes longest of all. The others mostly wait for the archive, while
# other tests run. If this fails, those that run them try again, and fail.
make_vms() {
	testenv/vm.sh --make "$newest" || return
	[ ! "$matrix" ] || nice testenv/vm.sh --make
}

# With what other tests leave of this machine's time; one at a time beside the newest.
run_older() {
	nice testenv/vm.sh --older --jobs 2 --single "$work/newest.1.took" ${full:+"$full"}
}

# What has been skipped here so far; while tests run, then also what is skipped later.
skipped_here() {
	tail -n +1 -f -s 0.5 --pid="${PID_OF[here]}" "$work/here.log" |
		sed -un 's/^SKIP \([^ ]*\):.*/\1/p'
}

PATIENCE=3600 # seconds without output, while nothing is skipped here

# How many virtual machines share what is skipped here. One of them takes one CPU at most; with
# --all-kernels an older kernel runs beside it.
parts() {
	if [ ! "$matrix" ] && [ "$(nproc)" -gt 1 ]; then echo 2; else echo 1; fi
}

# run_newest PART PARTS [ARGUMENTS of run-tests.sh]: that, and of what is skipped here every PARTSth
# test from the PARTth on. It takes longest of all, so it goes before the tests here.
run_newest() {
	local part=$1 parts=$2 label=$newest

	shift 2
	[ "$parts" = 1 ] || label+=.$part
	skipped_here | sed -un "$part~${parts}p" |
		nice -n -5 testenv/vm.sh --idle "$PATIENCE" --stdin --label "$label" "$newest" \
			testenv/run-tests.sh "${few[@]}" --more "$@"
}

# -- all of it -----------------------------------------------------------------------------------

list() {
	local name tests

	for name in 'unit tests' 'golden files' style fuzzers 'filter oracle' installation \
		completion distribution demo 'user lands'; do
		! chosen "$name" ||
			{ everything && [ "$name" = 'user lands' ] && [ ! "$matrix" ]; } ||
			echo "step $name"
	done
	for name in here $(vm_kernels); do
		! tests_on "$name" || testenv/run-tests.sh --list "${tests[@]}" | sed "s/^/$name /"
	done
	[ $vm = 0 ] || [ "$again" ] || echo "$newest and what is skipped here"
}

prepare() {
	local groups=(build style test shells)

	if [ $packages = 1 ]; then
		[ $vm = 0 ] || groups+=(vm)
		step packages testenv/packages.sh "${groups[@]}" || finish
	fi
	if [ $vm = 1 ] && everything; then
		rm -f "$VM_CACHE"/*.output
		early make make_vms
		[ ! "$matrix" ] || early older run_older
	fi
	step build build || finish
}

# meanwhile NAME COMMAND: early, but one after the other, with what system tests leave of this
# machine's time.
meanwhile() {
	local name=$1

	shift
	TURN=$work/meanwhile early "$name" nice "$@"
}

# The newest kernel gets what is skipped here as soon as that is known.
run_all() {
	local tests skips=() part parts name

	parts=$(parts)
	step 'unit tests' make check
	step 'golden files' testenv/golden.sh
	tests_on here
	early here testenv/run-tests.sh "${few[@]}" --jobs "$jobs" "${tests[@]}"
	each_computation meanwhile
	if [ $vm = 1 ]; then
		tests=()
		[ ! "$matrix" ] || tests_on "$newest"
		[ ! "$full" ] || tests=('*')
		for ((part = 1; part <= parts; part++)); do
			early "newest.$part" run_newest $part "$parts" "${tests[@]}"
		done
	fi
	step 'system tests' outcome here
	each_computation outcome_of
	each_installation step
	if [ $vm = 0 ]; then
		step 'fault table' testenv/fault-table.sh --skips "$work/here.log"
		return
	fi
	[ ! "$matrix" ] || step 'user lands' testenv/userlands.sh
	printf '\n== virtual machines\n'
	cat "$work/make.log"
	for ((part = 1; part <= parts; part++)); do
		name="kernel $newest"
		[ "$parts" = 1 ] || name+=", $part of $parts"
		step "$name" outcome "newest.$part"
	done
	if [ "$matrix" ]; then
		step 'older kernels' outcome older
		step "README's table of compatibility" testenv/vm/compatibility.sh --check README.md
	fi
	# some tests pass on an older kernel alone
	[ "$matrix" ] || skips=(--skips)
	step 'fault table' testenv/fault-table.sh "${skips[@]}" "$work/here.log" \
		"$VM_CACHE"/*.output
}

# Those that package-test.sh makes in the user lands of virtual machines: everything with the first
# one.
packages_of() {
	[ $vm = 0 ] || echo rpm "$(kernels | awk '!seen[$3]++ { print $3 }' | sed '2s/^/--short /')"
}

# each_computation COMMAND: with the name and the command of each.
each_computation() {
	"$1" style make check-style
	"$1" fuzzers testenv/run-fuzz.sh "${few[@]}"
	"$1" 'filter oracle' build/filter_oracle ${few:+-f 150 -r 500} \
		testenv/filter/expressions.txt
}

each_installation() {
	"$1" installation testenv/install-test.sh
	"$1" completion testenv/completion-test.sh
	# shellcheck disable=SC2046 # words on purpose
	"$1" distribution testenv/package-test.sh tarball $([ ! "$matrix" ] || packages_of)
	"$1" demo testenv/demo.sh
}

outcome_of() {
	step "$1" outcome "$1"
}

# No virtual machine starts that has nothing to do.
run_part() {
	local name tests

	maybe 'unit tests' make check
	maybe 'golden files' testenv/golden.sh
	each_computation maybe
	each_installation maybe
	[ $vm = 0 ] || maybe 'user lands' testenv/userlands.sh
	if tests_on here; then
		early here testenv/run-tests.sh --jobs "$jobs" "${tests[@]}"
		step 'system tests' outcome here
	fi
	for name in $(vm_kernels); do
		! tests_on "$name" ||
			step "kernel $name" testenv/vm.sh "$name" testenv/run-tests.sh "${tests[@]}"
	done
	[ $vm = 1 ] && [ ! "$matrix$again" ] && [ "${PID_OF[here]-}" ] || return
	readarray -t tests < <(skipped_here)
	[ ${#tests[@]} = 0 ] ||
		step "kernel $newest" testenv/vm.sh "$newest" testenv/run-tests.sh "${tests[@]}"
}

if [ "$list" ]; then
	list
	exit
fi
[ "$(id -u)" = 0 ] || die "needs root, for namespaces and XDP programs: sudo $0"
prepare
if everything; then
	run_all
else
	run_part
fi
finish
