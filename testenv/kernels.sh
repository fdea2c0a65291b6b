# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Which tests run on which kernel. Each test file has a line "KERNELS=WORD # the reason":
#
#   any     on this machine: what is tested does not depend on the kernel
#   taps    on this machine and on all kernels of kernels.txt, because kernels differ in it. The
#           oldest and the newest run all tests of the file. One between them runs the first test,
#           those by which README's table is measured, and those with a line in expected.txt.
#   newest  on the newest kernel alone
#
# ANY_TESTS of a file with "taps" are as those of a file with "any": they are about the options,
# the messages or the output of a tap.
#
# A kernel of another architecture than the first one of kernels.txt runs what one between does. The
# newest one of an architecture also runs the kills of kill.sh: CPUs differ in the order in which
# others see what one has written. FEW is set there, for tests that repeat something.
# run-tests.sh --few sets it, too.
#
# The newest kernel also runs what this machine has skipped; testenv/test.sh sees to that.

TESTENV_DIR=${BASH_SOURCE[0]%/*}
[[ $TESTENV_DIR == /* ]] || TESTENV_DIR=$(cd "$TESTENV_DIR" && pwd)
EXPECTED=${XDPDROP_EXPECTED:-$TESTENV_DIR/expected.txt}

# "NAME KERNEL_SUITE USERLAND_SUITE ARCHITECTURE" for each kernel.
kernels() {
	sed 's/#.*//' "$TESTENV_DIR/kernels.txt" |
		awk 'NF == 3 { $4 = "amd64" } NF == 4 { $1 = $1; print }'
}

# Those of the first line's architecture; the others are an addition.
main_kernels() {
	kernels | awk '{ if (NR == 1) main = $4 } $4 == main { print $1 }'
}

# Of the architecture that is not named.
oldest_kernel() {
	main_kernels | head -n 1
}

newest_kernel() {
	main_kernels | tail -n 1
}

is_other_architecture() {
	! main_kernels | grep -qxF "$1"
}

runs_of_other() {
	kernels | awk -v name="$1" '
		{ newest[$4] = $1 } $1 == name { architecture = $4 }
		END { print (newest[architecture] == name) ? "kills" : "cross-section" }'
}

# expected KERNEL LIBXDP TEST: prints the reason for which expected.txt has the test skipped; fails
# if it has no such line.
expected() {
	local pattern on with reason

	while read -r pattern on with reason; do
		# shellcheck disable=SC2053 # patterns on purpose
		if [[ $pattern != '#'* && $3 == $pattern && $1 == $on && $2 == $with ]]; then
			echo "$reason"
			return
		fi
	done <"$EXPECTED"
	return 1
}

# choose_kernel NAME: for runs_on, which a slow machine asks hundreds of times. NAME is "here" or
# a name of kernels.txt.
choose_kernel() {
	KERNEL=$1 KERNEL_RUNS=cross-section MEASURED='' LIBXDP=''
	case $KERNEL in
	here) KERNEL_RUNS=here ;;
	"$(newest_kernel)") KERNEL_RUNS=newest ;;
	"$(oldest_kernel)") KERNEL_RUNS=all ;;
	*)
		kernels | grep -q "^${KERNEL//./\\.} " || return
		! is_other_architecture "$KERNEL" || KERNEL_RUNS=$(runs_of_other "$KERNEL")
		MEASURED=" $("$TESTENV_DIR/vm/compatibility.sh" --tests | paste -s -d ' ') "
		LIBXDP=$(pkg-config --modversion libxdp 2>/dev/null)
		;;
	esac
}

# runs_on WORD FILE/TEST [first]: does the chosen kernel run this test of a file with KERNELS=WORD?
runs_on() {
	case $KERNEL_RUNS,$1 in
	here,any | here,taps | all,taps | newest,taps | newest,newest) return 0 ;;
	kills,taps) [[ $2 != kill/*_at_* ]] || return 0 ;;
	cross-section,taps) ;;
	*) return 1 ;;
	esac
	[ "${3-}" ] || [[ $MEASURED == *" $2 "* ]] || expected "$KERNEL" "$LIBXDP" "$2" >/dev/null
}
