# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Runs the steps of test.sh, in turn or some of them early, and adds up what comes of them.

FAILURES=build/test.failed # "step NAME", "here TEST" or "KERNEL TEST" of the last run

passed=0 failed=0 skipped=0
summary=''
work=$(mktemp -d) log=$work/log
# shellcheck source-path=SCRIPTDIR source=spent.sh
. testenv/spent.sh

# Whoever ends us ends what we run, which cleans up.
stop() {
	end_children
	exit "$1"
}

end_children() {
	local pid
	for pid in $(jobs -pr); do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	wait
}
trap 'rm -rf "$work"' EXIT
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
	local status spent

	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	count_spent
	echo "$spent" >"$work/step.spent"
	exit "$status"
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

# Two lines at most for each failure, as the last of the output: who reads only its end needs them.
in_short() {
	awk '
		{ line = $0; sub(/^\[[^]]*\] /, "", line) }
		line ~ /^(--|FAIL|vm:) / {
			print
			why = line ~ /^FAIL/ ? "FAILED: " : line ~ /complained:$/ ? "." : "^$"
			next
		}
		$0 ~ why && NF { print; why = "^$" }' "$work/failures" | cut -c -160
	echo
}

# The lines of $FAILURES for a step: its tests and where they failed. A virtual machine in which
# something else went wrong has to run all its tests again.
names_of_failures() {
	local where=${1#kernel }

	case $1 in
	'system tests' | 'kernel '* | 'older kernels')
		awk -v where="${where%%,*}" '
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
	local name=$1 took=$SECONDS status totals p f s pid spent

	shift
	printf '\n== %s\n' "$name"
	background logged "$@"
	wait "$pid"
	status=$? took=$((SECONDS - took))
	spent=$(<"$work/step.spent")
	[ "$1" != outcome ] || read -r took spent <"$work/$2.took"
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
		failures_of "$name" >>"$work/failures"
		names_of_failures "$name" >>"$work/failed"
	fi
	summary+=$(printf '%7d %7d %7d %8d %8d  %s' "$p" "$f" "$s" "$took" "$spent" "$name")$'\n'
	return "$status"
}

# early NAME COMMAND: begins it, for outcome NAME to be the step. Its process is PID_OF[NAME].
declare -A PID_OF=()
early() {
	local name=$1

	shift
	: >"$work/$name.log"
	background recorded "$name" "$@"
	PID_OF[$name]=$pid
}

# With a file TURN it waits for the others that have it.
recorded() {
	local name=$1 began spent

	shift
	[ ! "${TURN-}" ] || { exec 9>"$TURN" && flock 9; }
	began=$SECONDS
	"$@" >"$work/$name.log" 2>&1
	echo $? >"$work/$name.status"
	count_spent
	echo $((SECONDS - began)) "$spent" >"$work/$name.took"
}

outcome() {
	tail -n +1 -f -s 0.5 --pid="${PID_OF[$1]}" "$work/$1.log"
	return "$(<"$work/$1.status")"
}

finish() {
	end_children
	mkdir -p build && cat "$work/failed" >$FAILURES 2>/dev/null
	[ $failed = 0 ] || printf '\n== what failed\n%s\n' "$(<"$work/failures")"
	printf '\n%7s %7s %7s %8s %8s\n%s\n' passed failed skipped seconds 'CPU time' "$summary"
	[ $failed = 0 ] || in_short
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
	exit
}
