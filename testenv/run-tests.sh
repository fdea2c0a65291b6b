#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs system tests, each in network, mount and process namespaces of its own, several at once.
# A test file is in the format of xdp-tools: sourced, ALL_TESTS names its functions, and they use
# check_run, ns_exec, start_background, stop_background, NS, INSIDE_IP4 ...; exit 249 is a skip.
# Of them SLOW_TESTS may take five times as long, and beside ALONE_TESTS no other runs. For KERNELS
# and ANY_TESTS see kernels.sh.

set -u
here=${BASH_SOURCE[0]%/*}
[[ $here == /* ]] || here=$(cd "$here" && pwd) # called for each test: few processes
# shellcheck source-path=SCRIPTDIR source=netns.sh
. "$here/netns.sh"
# shellcheck source-path=SCRIPTDIR source=kernels.sh
. "$here/kernels.sh"

export FEW=''

SKIPPED_TEST=249
jobs=2
# For a test that hangs, and not for a machine that is slow; emulated ones are.
seconds=300
[ ! "${XDPDROP_VM:-}" ] || seconds=500
verbose=0
list=0
more=0
kernel=''

usage() {
	cat <<END
Usage: run-tests.sh [options] [PATTERN ...]

Runs the tests of testenv/tests/*.sh that match a PATTERN: FILE, TEST or FILE/TEST, where FILE is
without directory and .sh, and * and ? stand for any text. Without a PATTERN, all.

  -k, --kernel K   the tests that kernel K of kernels.txt has to run, or this machine if K is
                   "here"; those that match a PATTERN besides
  -f, --few        with fewer repetitions, for tests that repeat something
  -m, --more       and tests that standard input names, one PATTERN a line, as they come
  -j, --jobs N     tests at once [$jobs]
  -t, --timeout N  seconds after which a test counts as hanging [$seconds]
  -v, --verbose    show the output of tests that pass, too
  -l, --list       only list the tests
  -h, --help

Environment: XDPDROP_BUILD, directory of what was built [build];
XDPDROP_CAPTURE, XDPDROP_LOADER: tools to test instead of those built.
END
}

die() {
	echo "run-tests.sh: $*" >&2
	exit 2
}

# is_one_of WORD WORDS
is_one_of() {
	[[ " $2 " == *[[:space:]]"$1"[[:space:]]* ]]
}

# -- inside the namespaces of one test, as process 1 ---------------------------------------------

# Names that test files of xdp-tools know.
XDP_LOADER=${XDP_LOADER:-xdp-loader}
XDP_FILTER=${XDP_FILTER:-xdp-filter}
export SKIPPED_TEST XDP_LOADER XDP_FILTER

ns_exec() {
	ip netns exec "$NS" "$@"
}

check_run() {
	"$@" || exit
}

# Run a command line with its output in a file; prints its process id for stop_background.
start_background() {
	local output

	output=$(mktemp "$STATEDIR/background.XXXXXX")
	# A shell's background jobs ignore SIGINT; this one must not.
	{ setsid env --default-signal=INT,QUIT bash -c "$*" & } >"$output" 2>&1
	mv "$output" "$STATEDIR/background.$!"
	sleep 0.5
	echo $!
}

start_background_no_stderr() {
	start_background "exec 2>/dev/null; $*"
}

wait_gone() {
	local n

	for ((n = 0; n < $2 * 20; n++)); do
		kill -0 -- "$1" 2>/dev/null || return 0
		sleep 0.05
	done
	return 1
}

# End the process group and print what it wrote.
stop_background() {
	kill -INT -- "-$1" 2>/dev/null
	wait_gone "-$1" 5 || kill -TERM -- "-$1" 2>/dev/null
	wait_gone "-$1" 5 || kill -KILL -- "-$1" 2>/dev/null
	cat "$STATEDIR/background.$1"
	rm -f "$STATEDIR/background.$1"
}

enter_test() {
	private_mounts /run/test || exit 1
	# what counts frames must not meet those by which interfaces join multicast groups
	STATEDIR=/run/test TMPDIR=/run/test NS=xdptest NO_IP6=1
	[ ! -d /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	# the namespaces, and the BPF file system, end with the test, and so does its interface
	XDPDROP_UNSAFE_BPFFS=1
	export STATEDIR TMPDIR NS XDPDROP_UNSAFE_BPFFS
	netns_addresses 1
	netns_setup "$NS" 1500 lo || exit 1
}

# end_late SECONDS PID: a test that takes longer fails.
end_late() {
	sleep "$1"
	echo "still running after $1 seconds:"
	ps -e -o pid,stat,wchan:20,args 2>/dev/null
	kill -KILL "$2"
}

run_inside() {
	local file=$1 test=$2 pid

	enter_test
	TEST_PROG_DIR=$here TOOL_TESTS_DIR=${file%/*}
	export TEST_PROG_DIR TOOL_TESTS_DIR
	# shellcheck source=/dev/null
	. "$file"
	! is_one_of "$test" "${SLOW_TESTS:-}" || seconds=$((seconds * 5))
	export TEST_SECONDS=$seconds
	cd "$STATEDIR" || exit 1
	("$test") &
	pid=$!
	end_late "$seconds" $pid &
	# One at a time: processes without a parent become children of this one, number 1, and
	# "wait -n" may then miss the test's end.
	wait $pid
	# The kernel ends whatever is left when this process is gone: no cleanup_tests().
	exit
}

# -- outside -------------------------------------------------------------------------------------

declare -A name_of=() start_of=() started=()
passed=0 failed=0 skipped=0

matches() {
	local name=$1 pattern

	shift
	[ $# -gt 0 ] || return 0
	for pattern; do
		# shellcheck disable=SC2254 # the pattern is meant to be one
		case $name in
		$pattern | $pattern/* | */$pattern) return 0 ;;
		esac
	done
	return 1
}

# Is it one of the kernel's, or does it match a pattern?
is_wanted() {
	local kernels=$1 name=$2 first=$3

	shift 3
	[ "$kernel" ] || {
		matches "$name" "$@"
		return
	}
	runs_on "$kernels" "$name" "$first" || { [ $# -gt 0 ] && matches "$name" "$@"; }
}

# tests_of FILE [PATTERN ...]: "FILE function", or "FILE function alone", for each test that is
# wanted.
tests_of() {
	local file=$1 name test kernels first=first
	local KERNELS='' ALL_TESTS='' ALONE_TESTS='' ANY_TESTS='' SLOW_TESTS=''

	shift
	# shellcheck source=/dev/null
	. "$file" >/dev/null
	[[ $KERNELS =~ ^(any|taps|newest)$ ]] || die "$file: no line KERNELS=any, taps or newest"
	name=${file##*/}
	for test in $ALL_TESTS; do
		kernels=$KERNELS
		! is_one_of "$test" "$ANY_TESTS" || kernels=any
		if is_wanted "$kernels" "${name%.sh}/$test" "$first" "$@"; then
			! is_one_of "$test" "$ALONE_TESTS" || test+=' alone'
			echo "$file $test"
		fi
		[ $kernels = any ] || first=''
	done
}

# In one process for all files, which are many: to be called in one of its own. A pattern that names
# a file needs that alone.
find_tests() {
	local file files=("$here"/tests/*.sh)

	if [ ! "$kernel" ] && [ $# = 1 ] && [ -e "$here/tests/${1%/*}.sh" ]; then
		files=("$here/tests/${1%/*}.sh")
	fi
	for file in "${files[@]}"; do
		tests_of "$file" "$@"
	done
}

start() {
	local file=$1 test=$2 name

	name=${file##*/}
	name=${name%.sh}/$test
	unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
		"$here/run-tests.sh" --timeout "$seconds" ${FEW:+--few} --inside "$file" "$test" \
		</dev/null >"$logs/${name//\//.}" 2>&1 &
	name_of[$!]=$name start_of[$!]=$SECONDS
}

report() {
	local name=$1 status=$2 took=$3 log

	log=$logs/${name//\//.}
	case $status in
	0)
		echo "PASS $name ($took s)"
		passed=$((passed + 1))
		[ $verbose = 0 ] || sed 's/^/    /' "$log"
		;;
	"$SKIPPED_TEST")
		echo "SKIP $name: $(tail -n 1 "$log")"
		skipped=$((skipped + 1))
		;;
	*)
		echo "FAIL $name (status $status, $took s)"
		failed=$((failed + 1))
		sed 's/^/    /' "$log"
		;;
	esac
}

reap() {
	local pid='' status

	wait -n -p pid "${!name_of[@]}"
	status=$?
	[ -n "$pid" ] || return
	report "${name_of[$pid]}" $status $((SECONDS - start_of[$pid]))
	unset "name_of[$pid]" "start_of[$pid]"
}

reap_all() {
	while [ ${#name_of[@]} -gt 0 ]; do
		reap
	done
}

# The first process of a test dies with unshare, and all others of the test with it.
finish() {
	trap - EXIT INT TERM
	exec 2>/dev/null
	[ ${#name_of[@]} -eq 0 ] || kill -KILL "${!name_of[@]}"
	wait
	rm -rf "$logs"
	exit "$1"
}

# Each line of the argument is one of tests_of.
run_some() {
	local file test alone

	while read -r file test alone; do
		[ ! "${started[$file/$test]-}" ] || continue
		started[$file/$test]=yes
		[ "$alone" ] && reap_all
		[ ${#name_of[@]} -lt "$jobs" ] || reap
		start "$file" "$test"
		[ "$alone" ] && reap_all
	done <<<"$1"
}

# Tests are started as soon as they are named, and reported soon after they have ended.
run_more() {
	local pattern some ended

	while :; do
		read -r -t 2 pattern
		ended=$?
		if [ $ended = 0 ]; then
			[ ! "${started[$here/tests/${pattern/\//.sh/}]-}" ] || continue
			some=$(kernel='' find_tests "$pattern") && run_some "$some"
		elif [ $ended -le 128 ]; then
			break
		elif [ "$(jobs -pr | wc -l)" -lt ${#name_of[@]} ]; then
			reap
		fi
	done
}

run_all() {
	logs=$(mktemp -d)
	# Where tests leave for each other what they found out about the machine.
	export PROBED=$logs
	trap 'finish $?' EXIT
	trap 'finish 130' INT TERM
	[ ! "$1" ] || run_some "$1"
	[ $more = 0 ] || run_more
	reap_all
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
}

while [ $# -gt 0 ]; do
	case $1 in
	-k | --kernel) kernel=${2:-} && shift ;;
	-j | --jobs) jobs=${2:-} && shift ;;
	-j[0-9]*) jobs=${1#-j} ;;
	-t | --timeout) seconds=${2:-} && shift ;;
	-v | --verbose) verbose=1 ;;
	-l | --list) list=1 ;;
	-f | --few) FEW=yes ;;
	-m | --more) more=1 ;;
	-h | --help) usage && exit ;;
	--inside) run_inside "$2" "$3" ;;
	-*) die "unknown option '$1'; see --help" ;;
	*) break ;;
	esac
	shift
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs takes a number, not '$jobs'"
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "--timeout takes seconds, not '$seconds'"
[ ! "${XDPDROP_VM:-}" ] || ! is_other_architecture "$XDPDROP_VM" || FEW=yes
[ ! "$kernel" ] || choose_kernel "$kernel" || die "--kernel takes no '$kernel'"

tests=''
if [ $more = 0 ] || [ "$kernel" ] || [ $# -gt 0 ]; then
	tests=$(find_tests "$@") || exit
fi
[ -n "$tests" ] || [ $more = 1 ] || die "no test matches: ${kernel:+--kernel $kernel }$*"
if [ $list = 1 ]; then
	while read -r file test _; do
		name=${file##*/}
		echo "${name%.sh}/$test"
	done <<<"$tests"
	exit
fi
[ "$(id -u)" = 0 ] || die "needs root: sudo $0 $*"
run_all "$tests"
