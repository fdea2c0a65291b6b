#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs a command, by default the kernel's system tests, on stock Debian kernels in QEMU.

set -u
testenv=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit
cache=${XDPDROP_VM_CACHE:-$(dirname "$testenv")/build/vm}

accel=tcg all='' build='' idle=1200 jobs=2 limit=5400 memory=3072
full='' input='' label='' make='' name='' older='' out='' refresh='' shell='' single=''

usage() {
	cat <<-END
	Usage: testenv/vm.sh [OPTION]... KERNEL [COMMAND [ARGUMENT]...]
	       testenv/vm.sh [OPTION]... --all [COMMAND [ARGUMENT]...]
	       testenv/vm.sh [OPTION]... --shell KERNEL
	       testenv/vm.sh [OPTION]... --make [KERNEL]
	       testenv/vm.sh --list | --help

	Boots a kernel of testenv/kernels.txt in QEMU, with a Debian user land and a built copy of
	this project as it is on disk in /xdpdrop. Runs COMMAND there, as root: one argument is a
	line for bash, several are a command and its arguments. Without COMMAND, the system tests
	that testenv/kernels.sh has this kernel run.
	Needs root, and the packages that testenv/packages.sh vm installs.

	  -a, --all          on every kernel; ends with a table and the totals
	      --older        the same on every kernel but the newest
	  -j, --jobs N       with --all, --older: this many VMs at a time [$jobs]
	      --single FILE  with them: only one at a time until FILE is there
	      --full         without COMMAND, all system tests
	  -i, --stdin        COMMAND gets this command's standard input, line by line
	  -s, --shell        an interactive shell; leave it with exit
	  -m, --make         only fetch and build what the VM, or those of all kernels, are made of
	  -l, --list         the kernels, with the suites that they and their user lands come from,
	                     and their architectures
	      --label NAME   of its output and logs in the cache [KERNEL]
	  -o, --out DIR      where what COMMAND leaves in /out goes; of several, to DIR/KERNEL
	      --no-build     do not build the project in the user land
	      --refresh      make everything anew, with the newest packages
	      --accel NAME   tcg, or kvm, or auto: kvm where it boots this kernel [$accel]
	      --memory MIB   of each VM [$memory]
	      --idle N       seconds without any output that make a hang [$idle]
	      --limit N      seconds that a run may take, from boot to end [$limit]
	  -h, --help

	Output streams as it comes. Lines SKIP and PASS of run-tests.sh are held against
	testenv/expected.txt.

	Exit status: that of COMMAND, or
	  $MISUSE    wrong use
	  $UNEXPECTED  a test was skipped, or passed, against expected.txt
	  $COMPLAINT  the kernel reported a bug, a warning or a crash; its log is shown
	  $HANG  no output for too long, or not done in time; both logs' ends are shown
	  $BROKEN  the VM could not be made or did not boot
	With --all, --older: 0 if all kernels gave 0, otherwise 1.

	Environment:
	  XDPDROP_VM_CACHE       images and logs [build/vm]
	  DEBIAN_MIRROR          Debian archive [the one in this machine's apt sources]
	  DEBIAN_SECURITY_MIRROR Debian security archive [likewise]
	END
}

note() {
	echo "vm: ${name:+$name: }$*" >&2
}

die() {
	local status=$1
	shift
	note "$@"
	exit "$status"
}

# shellcheck source-path=SCRIPTDIR source=vm/run.sh
. "$testenv/vm/run.sh"

# shellcheck source-path=SCRIPTDIR source=kernels.sh
. "$testenv/kernels.sh"
# shellcheck source-path=SCRIPTDIR source=spent.sh
. "$testenv/spent.sh"

# -- all kernels ----------------------------------------------------------------------------------

declare -A pid_of=()

stop_all() {
	local pid
	for pid in "${pid_of[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	wait
	exit "$1"
}

# Those of --all or --older, as kernels() has them.
chosen() {
	kernels | if [ "$older" ]; then grep -v "^$(newest_kernel) "; else cat; fi
}

# Kernels whose user land is another's too come last: it is then there.
in_order() {
	chosen | awk '{ print seen[$3]++, NR, $1 }' | sort -n | cut -d ' ' -f 3
}

start() {
	local name=$1
	shift
	# shellcheck disable=SC2016
	setsid bash -c 'set -o pipefail
		"${@:2}" </dev/null 2>&1 | sed -u "s/^/[$1] /" | tee "$0"' \
		"$cache/$name.log" "$name" "$testenv/vm.sh" "${options[@]}" \
		${out:+--out "$out/$name"} "$name" "$@" &
	pid_of[$name]=$!
}

# The kernel's own closing line: "RESULT: N passed, N failed, N skipped, N s".
closing_line() {
	sed -n "s/^\[$1\] vm: $1: \(.*: [0-9]* passed, .*\)/\1/p" "$cache/$1.log" | tail -n 1
}

table() {
	local name line count passed=0 failed=0 skipped=0
	printf '\n%-10s %8s %8s %8s %8s  %s\n' kernel passed failed skipped seconds result
	while read -r name _; do
		line=$(closing_line "$name")
		: "${line:=no VM: 0 passed, 1 failed, 0 skipped, 0 s}"
		read -r -a count <<<"${line##*: }"
		printf '%-10s %8d %8d %8d %8d  %s\n' "$name" "${count[0]}" "${count[2]}" \
			"${count[4]}" "${count[6]}" "${line%: *}"
		passed=$((passed + count[0])) failed=$((failed + count[2]))
		skipped=$((skipped + count[4]))
	done < <(chosen)
	printf '\n%d passed, %d failed, %d skipped\n' $passed $failed $skipped
	[ $failed = 0 ]
}

# How many VMs may run at this moment.
allowed() {
	if [ "$single" ] && [ ! -e "$single" ]; then echo 1; else echo "$jobs"; fi
}

run_all() {
	local kernel
	mkdir -p "$cache"
	trap 'stop_all 130' INT
	trap 'stop_all 143' HUP TERM
	for kernel in $(in_order); do
		while [ "$(jobs -pr | wc -l)" -ge "$(allowed)" ]; do
			sleep 1
		done
		start "$kernel" "$@"
	done
	wait
	table
}

# The parts of all kernels, one after the other: their archive is the limit.
make_all() {
	local kernel status=0
	trap 'kill $! 2>/dev/null; wait; exit 143' HUP INT TERM
	for kernel in $(in_order); do
		"$testenv/vm.sh" "${options[@]}" --make "$kernel" &
		wait $! || status=$BROKEN
	done
	return $status
}

# -------------------------------------------------------------------------------------------------

options=()
while [ $# -gt 0 ]; do
	option=$1
	case $1 in
	-o | --out | -j | --jobs | --single | --accel | --label | --memory | --idle | --limit)
		[ $# -ge 2 ] || die $MISUSE "$1 takes a value; see --help"
		value=$2
		shift
		;;
	esac
	case $option in
	-a | --all) all=yes ;;
	--older) all=yes older=yes ;;
	-i | --stdin) input=yes ;;
	--full) full=yes options+=("$option") ;;
	-s | --shell) shell=yes ;;
	-m | --make) make=yes ;;
	-l | --list) kernels; exit 0 ;;
	-h | --help) usage; exit 0 ;;
	-o | --out) out=$value ;;
	-j | --jobs) jobs=$value ;;
	--single) single=$value ;;
	--label) label=$value ;;
	--no-build) build=no-build options+=("$option") ;;
	--refresh) refresh=yes options+=("$option") ;;
	--accel) accel=$value ;;&
	--memory) memory=$value ;;&
	--idle) idle=$value ;;&
	--limit) limit=$value ;;&
	--accel | --memory | --idle | --limit) options+=("$option" "$value") ;;
	-*) die $MISUSE "unknown option '$option'; see --help" ;;
	*) break ;;
	esac
	shift
done
for value in "$jobs" "$memory" "$idle" "$limit"; do
	[[ $value =~ ^[1-9][0-9]*$ ]] || die $MISUSE "'$value' is not a number; see --help"
done
[[ $accel =~ ^(tcg|kvm|auto)$ ]] || die $MISUSE "--accel takes tcg, kvm or auto, not '$accel'"
[ "$(id -u)" = 0 ] || die $MISUSE "needs root"
for tool in qemu-system-x86_64 qemu-system-aarch64 debootstrap mke2fs; do
	command -v $tool >/dev/null ||
		die $BROKEN "no $tool here: run testenv/packages.sh vm"
done

if [ "$make" ] && [ $# = 0 ]; then
	make_all
elif [ "$all" ]; then
	[ ! "$shell" ] || die $MISUSE "--shell takes one kernel"
	run_all "$@"
else
	[ $# -gt 0 ] || die $MISUSE "which kernel? see --list"
	name=$1
	: "${label:=$name}"
	shift
	[ $# -gt 0 ] || set -- testenv/run-tests.sh ${full:---kernel "$name"}
	one "$@"
fi
