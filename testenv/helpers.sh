# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What the test files share beyond what their runner gives them (ours, or that of xdp-tools):
# frames with numbers from the inside end, captures on the outside end, and comparing the two.

TESTENV=${BASH_SOURCE[0]%/*}
TESTENV=${TESTENV%/tests/..}
[[ $TESTENV == /* ]] || TESTENV=$(cd "$TESTENV" && pwd)
BUILD=${XDPDROP_BUILD:-${TESTENV%/*}/build}
TOOLS=$BUILD/testenv
CAPTURE=${XDPDROP_CAPTURE:-$BUILD/xdpdrop-capture}
LOADER=${XDPDROP_LOADER:-$BUILD/xdpdrop-loader}
SKIPPED_TEST=${SKIPPED_TEST:-249}
XDP_LOADER=${XDP_LOADER:-xdp-loader}
XDP_FILTER=${XDP_FILTER:-xdp-filter}

# Messages of the tool under test.
MESSAGES=capture.log

# How much slower a machine is that is emulated.
SLOWER=${XDPDROP_VM:+10}
SLOWER=${SLOWER:-1}

# Where the test programs' maps and links are pinned.
PINS=/sys/fs/bpf/xdpdrop-test

fail() {
	echo "FAILED: $*"
	local log
	for log in *.log; do
		[ -s "$log" ] && sed "s/^/$log: /" "$log"
	done
	for log in "${TMPDIR:-/tmp}"/xdpdrop-verifier-*.log; do
		[ -s "$log" ] && tail -n 40 "$log" | sed 's/^/verifier: /'
	done
	[ -z "${CAPTURE_PID:-}" ] || kill -KILL "$CAPTURE_PID" 2>/dev/null
	exit 1
}

skip() {
	echo "$*"
	exit "$SKIPPED_TEST"
}

need() {
	local tool

	for tool; do
		command -v "$tool" >/dev/null || skip "needs $tool"
	done
}

# Every test starts with this: an empty directory to work in, a place for pins.
begin() {
	cd "$(mktemp -d "$STATEDIR/work.XXXXXX")" || exit 1
	mkdir -p "$PINS"
}

# Runners call this after each test, in case the next one has the same network.
cleanup_tests() {
	local mode

	rm -rf "$PINS"
	for mode in xdpdrv xdpgeneric; do
		ip link set dev "$NS" $mode off
		ns_exec ip link set dev veth0 $mode off
	done 2>/dev/null
	set_mtu 1500
}

# -- programs ------------------------------------------------------------------------------------

# load [xload's options] OBJECT PROGRAM: attach it to the outside end; sets PROGRAM_ID. The map
# of its counters is pinned.
load() {
	local options=("${@:1:$#-2}") object=${*: -2:1} program=${*: -1}

	rm -f "$PINS/verdicts"
	PROGRAM_ID=$("$TOOLS/xload" --pin "verdicts=$PINS/verdicts" "${options[@]}" load "$NS" \
		"$TOOLS/$object.bpf.o" "$program" 2>load.log) || fail "cannot load $program"
}

# "ID MODE" of what is attached to the outside end.
attached() {
	"$TOOLS/xload" id "$NS"
}

# The kernel ends a bpf_link some time after its last pin has gone.
nothing_attached() {
	[ "$(attached)" = "0 none" ]
}

counts() {
	"$TOOLS/xload" counts "$PINS/verdicts"
}

# The user's program got this many frames asking for a verdict: aborted, drop, pass ...
count_of() {
	counts | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# settle COMMAND: returns once the frames that a busy machine has put off are through, too, so that
# what it prints stands still.
settle() {
	local before=none now

	until now=$("$@") && [ "$now" = "$before" ]; do
		before=$now
		pause $((SLOWER > 1 ? 2 : 1))
	done
}

# Both ends' MTU, for frames larger than 1514 bytes; before a program is attached.
set_mtu() {
	{ ip link set "$NS" mtu "$1" && ns_exec ip link set veth0 mtu "$1"; } || fail "MTU $1"
}

# probed NAME COMMAND ...: does it succeed? One answer for all tests of a run.
probed() {
	local file=${PROBED:-.}/probed.$1 new answer=no

	shift
	if [ ! -e "$file" ]; then
		! "$@" >/dev/null 2>&1 || answer=yes
		new=$file.$EPOCHREALTIME
		echo $answer >"$new"
		mv "$new" "$file"
	fi
	[ "$(<"$file")" = yes ]
}

has_feature() {
	"$LOADER" features | grep -Eq "$1 *yes( |$)"
}

has_trampolines() {
	probed trampolines has_feature 'trampolines.*'
}

need_trampolines() {
	has_trampolines || skip "this kernel has no BPF trampolines"
}

gets_dispatcher() {
	local members

	"$XDP_LOADER" load "$NS" "$TOOLS/flood.bpf.o" -n flood_pass
	members=$("$XDP_LOADER" status "$NS" | grep -c '=>')
	"$XDP_LOADER" unload "$NS" --all
	[ "$members" -gt 0 ]
}

# The dispatcher of libxdp needs BPF trampolines.
need_dispatcher() {
	probed dispatcher gets_dispatcher || skip "libxdp loads no dispatcher on this kernel"
}

# A program that tail-calls or tags is a member like others.
need_members() {
	need_dispatcher
	probed members has_feature "^tail calls in members of libxdp's dispatcher" ||
		skip "members of libxdp's dispatcher cannot tail-call or adjust frames here"
}

takes_frags() {
	"$TOOLS/xload" load "$NS" "$TOOLS/verdict.bpf.o" verdict_frags &&
		"$TOOLS/xload" detach "$NS"
}

need_frags() {
	probed frags takes_frags || skip "this kernel has no XDP programs for frames in fragments"
}

need_frags_at_exit() {
	need_trampolines
	need_frags
	probed frags_at_exit has_feature 'fragments at the exits of programs' ||
		skip "on this kernel no fragments are found at the exits of programs"
}

# -- frames --------------------------------------------------------------------------------------

# send_frames REFERENCE [send's options]: from the inside end; what was sent goes to a file. When it
# returns, the programs on the outside end have had the frames.
send_frames() {
	local reference=$1

	shift
	ns_exec "$TOOLS/send" --destination "$(<"/sys/class/net/$NS/address")" \
		${XDPDROP_VM:+--yield} --reference "$reference" "$@" veth0 >send.log 2>&1 ||
		fail "sending frames"
}

# start_sending FRAMES [send's options]: so many after the others, again and again until
# stop_sending; what they were is in part.00000 and so on. SENDER, and SENT: how many in all.
start_sending() {
	PORTION=$1
	shift
	(
		n=0
		until [ -e enough ]; do
			send_frames "$(printf 'part.%05d' $n)" -n "$PORTION" \
				-f $((PORTION * n)) "$@"
			n=$((n + 1))
		done
	) &
	SENDER=$!
	wait_for [ -e part.00000 ] || fail "no frames are sent"
}

stop_sending() {
	: >enough
	wait "$SENDER" || exit 1 # it has said why
	set -- part.*
	SENT=$((PORTION * $#))
}

# join REFERENCE ...: one reference of several, in that order.
join() {
	local reference

	cat "$1"
	shift
	for reference; do
		tail -c +25 "$reference" # without the file's header
	done
}

# same REFERENCE CAPTURE [pcapcmp's options]: the capture has the frames that were sent.
same() {
	local reference=$1 file=$2

	shift 2
	"$TOOLS/pcapcmp" --ordered "$@" "$reference" "$file" >compare.log 2>&1 ||
		fail "$file differs from what was sent"
	# "N frames equal, N missing, N unmarked"
	read -r COMPARED _ _ MISSING _ UNMARKED _ <compare.log
	[ "$COMPARED" -gt 0 ] || fail "nothing to compare in $file"
}

# pause SECONDS, in this process: on emulated machines another one costs more than the pause.
[ "${PAUSE:-}" ] || exec {PAUSE}<> <(:)
pause() {
	read -r -t "$1" -u "$PAUSE" || :
}

# wait_for COMMAND ...: until it succeeds, or until there is just time to say what has not happened:
# a test has as long as its runner gives it.
wait_for() {
	local interval intervals=(0.02 0.05 0.05 0.1 0.1 0.2)

	until "$@"; do
		[ "$SECONDS" -lt $((${TEST_SECONDS:-120} - 5)) ] || return
		interval=${intervals[0]}
		[ ${#intervals[@]} = 1 ] || intervals=("${intervals[@]:1}")
		pause "$interval"
	done
}

# returns_every VERDICT ...: what runs on the outside end gives each verdict that a frame asks for.
returns_every() {
	local id verdict

	read -r id _ <<<"$(attached)"
	for verdict; do
		"$TOOLS/testrun" -n 10 -s 100 -V "$verdict" -r "run.$verdict.pcap" "$id" "$NS" \
			>run.log 2>&1
		case $? in
		0) ;;
		2) skip "this kernel makes no test runs for an interface" ;;
		*) fail "verdict $verdict" ;;
		esac
	done
}

# -- memory --------------------------------------------------------------------------------------

# Of version 2, unless version 1 has the controller of memory.
mount_cgroups() {
	mkdir -p /run/cgroup
	! mountpoint -q /run/cgroup || return 0
	mount -t cgroup2 cgroup2 /run/cgroup &&
		echo +memory >/run/cgroup/cgroup.subtree_control && return
	umount /run/cgroup
	mount -t cgroup -o memory cgroup /run/cgroup
} 2>/dev/null

# A memory cgroup of this test's own, without a limit, for as long as the test runs: CGROUP.
make_cgroup() {
	{ mount_cgroups && CGROUP=$(mktemp -d /run/cgroup/xdpdrop-test.XXXXXX); } ||
		skip "no memory cgroup can be made here"
	trap remove_cgroup EXIT
}

# With the groups that its processes have made in it.
remove_cgroup() {
	local pid

	[ -d "$CGROUP" ] || return 0
	find "$CGROUP" -name cgroup.procs -exec cat {} + | while read -r pid; do
		kill -KILL "$pid"
	done
	wait_for is_removed "$CGROUP"
} 2>/dev/null

is_removed() {
	find "$1" -depth -type d -exec rmdir {} \;
	[ ! -d "$1" ]
}

# limit_memory BYTES: nothing of it can be swapped out.
limit_memory() {
	if [ -e "$CGROUP/memory.max" ]; then
		[ ! -e "$CGROUP/memory.swap.max" ] || echo 0 >"$CGROUP/memory.swap.max"
		echo "$1" >"$CGROUP/memory.max"
	else
		echo 0 >"$CGROUP/memory.swappiness"
		echo "$1" >"$CGROUP/memory.limit_in_bytes"
	fi || fail "no limit of $1 bytes"
}

memory_in_use() {
	cat "$CGROUP/memory.current" 2>/dev/null || cat "$CGROUP/memory.usage_in_bytes"
}

# Sets OOM_KILLS: how many processes the kernel has killed there for want of memory. Without a
# process of its own, which would need some.
count_oom_kills() {
	local file=$CGROUP/memory.events name value

	[ -e "$file" ] || file=$CGROUP/memory.oom_control
	while read -r name value; do
		[ "$name" != oom_kill ] || OOM_KILLS=$value
	done <"$file"
}

# -- captures ------------------------------------------------------------------------------------

# start_capture FILE [options]: sets CAPTURE_PID once it says that it listens; its messages are
# in capture.log.
start_capture() {
	launch_capture "$@"
	await_listening || fail "xdpdrop-capture does not listen"
}

# The pid of the process that has the running capture's privileges; none with -Z root.
control() {
	pgrep -P "$CAPTURE_PID" -x xdpdrop-control
}

# The pid of the running capture's watchdog: a child of the capture, or, if it took the place of one
# that was killed, of the control process. The kernel keeps 15 characters of a name.
watchdog() {
	local parent

	parent=$(control)
	pgrep -P "$CAPTURE_PID${parent:+,$parent}" -r DRST -x xdpdrop-watchdo
}

# "NAME DESCRIPTORS KBYTES" of each process of the capture; programs and maps are descriptors.
resources() {
	local pid

	for pid in $CAPTURE_PID $(pgrep -P "$CAPTURE_PID"); do
		echo "$(<"/proc/$pid/comm") $(find "/proc/$pid/fd" -mindepth 1 | wc -l)" \
			"$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status")"
	done
}

# same_resources BEFORE AFTER: no process holds more than it did, but for a file that is just being
# changed for the next one, and pages that were not touched before.
same_resources() {
	paste -d ' ' - <(echo "$2") <<<"$1" | awk '
		$1 != $4 || $5 > $2 + 3 || $6 > $3 + 2000 { more = 1 }
		END { exit !NR || more }' || fail "resources were"$'\n'"$1, are"$'\n'"$2"
}

# process_of NAME: the pid of a process of the running capture.
process_of() {
	case $1 in
	reader) echo "$CAPTURE_PID" ;;
	files) pgrep -P "$CAPTURE_PID" -x xdpdrop-files ;;
	control) control ;;
	watchdog) watchdog ;;
	esac
}

# It has been told what to undo: the journal has the descriptors of maps, first those of the lease.
has_journal() {
	[ "$(cat "/proc/$(watchdog)"/fdinfo/* 2>/dev/null | grep -c '^map_id:')" -gt 1 ]
}

no_watchdog() {
	! pgrep -x 'xdpdrop-watchdo' >/dev/null && ! pgrep -x 'xdpdrop-control' >/dev/null
}

# The directory in /proc of the process that has the running capture's BPF objects open.
holder() {
	local pid

	pid=$(control)
	echo "/proc/${pid:-$CAPTURE_PID}"
}

# map_of_capture NAME: the id of a map that the capture has open.
map_of_capture() {
	local id

	sed -n 's/^map_id:[[:space:]]*//p' "$(holder)/fdinfo/"* | while read -r id; do
		bpftool map show id "$id" | grep -q " name $1 " && echo "$id" && break
	done
}

# The capture reads no records until it continues; those that keep it armed do not stop.
stall_capture() {
	kill -STOP "$CAPTURE_PID"
	wait_for grep -q '^State:.T' "/proc/$CAPTURE_PID/status" ||
		fail "xdpdrop-capture does not stop"
}

has_grown() {
	[ "$(stat -c %s "$1")" -gt "$2" ]
}

# continue_capture FILE: returns when what was left in the rings is in its file.
continue_capture() {
	local size

	size=$(stat -c %s "$1")
	kill -CONT "$CAPTURE_PID"
	wait_for has_grown "$1" "$size" || fail "xdpdrop-capture does not go on"
}

are_stopped() {
	local pid

	for pid; do
		grep -q '^State:.T' "/proc/$pid/status" || return
	done
}

# stop_processes PID ...: returns when all of them have stopped.
stop_processes() {
	{ kill -STOP "$@" && wait_for are_stopped "$@"; } || fail "cannot stop $*"
}

# Kill all processes of the capture, so that nobody cleans up: none may see another one die.
kill_capture() {
	local all

	all="$(watchdog) $(control) $CAPTURE_PID"
	# shellcheck disable=SC2086 # words on purpose
	stop_processes $all
	# shellcheck disable=SC2086 # words on purpose
	kill -KILL $all
	wait "$CAPTURE_PID" 2>/dev/null
}

kill_capture_only() {
	kill -KILL "$CAPTURE_PID"
	wait "$CAPTURE_PID" 2>/dev/null
}

is_written() {
	"$TOOLS/pcapcmp" "$1" "$2" >/dev/null 2>&1
}

# await_written REFERENCE CAPTURE: a capture that is about to be killed has the frames in its file.
await_written() {
	wait_for is_written "$1" "$2" || fail "$2 does not get what was sent"
}

# killed COMMAND: after the kill the program gives the same verdicts, and what was captured before
# is in the file.
killed() {
	send_frames sent.pcap -n 100
	await_written sent.pcap out.pcap
	"$1"
	same sent.pcap out.pcap
	send_frames more.pcap -n 60 -f 100 -V aborted,drop,pass
	[ "$(counts)" = "aborted=20 drop=120 pass=20 tx=0 redirect=0 invalid=0" ] ||
		fail "other verdicts: $(counts)"
}

capture_again() {
	start_capture again.pcap
	send_frames again.sent.pcap -n 50 -f 200
	stop_capture
	same again.sent.pcap again.pcap
	all_captured
}

# The counters "captured" in map $1, in any order of their bytes: the sixth of 8 bytes each, of each
# CPU and each of 256 capture points, with whose counters of 64 bytes the CPU's state begins.
captured_in() {
	bpftool -j map dump id "$1" |
		jq -c '.[].value | . as $value | range(40; 16384; 64) | $value[. : . + 8]'
}

# hook_is_armed [PIN]: for aborted and drop, whose slots are filled one after the other.
hook_is_armed() {
	local aborted drop

	read -r aborted drop _ < <("$TOOLS/xload" slots "${1:-$PINS/hook}")
	[ "${aborted:-0}" -gt 0 ] && [ "${drop:-0}" -gt 0 ]
}

hook_is_empty() {
	[ "$("$TOOLS/xload" slots "$PINS/hook" | tr -d ' 0')" = "" ]
}

# None of our own pins is there; those of the test are elsewhere.
foreign_pins() {
	find /sys/fs/bpf -path '*xdpdrop*' ! -path "$PINS*" -type f
}

pins_gone() {
	[ -z "$(foreign_pins)" ]
}

no_pins() {
	pins_gone || fail "pins are left: $(foreign_pins)"
}

launch_capture() {
	local file=$1

	shift
	: >capture.log
	env --default-signal=INT "$CAPTURE" "$@" "$NS" "$file" >capture.out 2>capture.log &
	CAPTURE_PID=$!
}

# Without a process, of which each costs emulated machines more than the capture can spare.
is_listening() {
	local line

	while read -r line; do
		[[ $line != "listening on "* ]] || return 0
	done <capture.log
	return 1
}

listens_or_is_gone() {
	is_listening || capture_is_gone
}

await_listening() {
	wait_for listens_or_is_gone
	is_listening
}

# Another tool's program is in the slot for drops of the pinned hook.
put_foreign() {
	"$TOOLS/xload" slot "$PINS/hook" 1 "$TOOLS/flood.bpf.o" flood_pass ||
		"$TOOLS/xload" --attach-type none slot "$PINS/hook" 1 "$TOOLS/flood.bpf.o" \
			flood_pass || fail "cannot fill the slot"
}

# By SIGINT; it must end well.
stop_capture() {
	kill -INT "$CAPTURE_PID"
	end_capture 0
}

# Also when the shell has not yet waited for it.
capture_is_gone() {
	local stat

	! kill -0 "$CAPTURE_PID" || ! read -r stat <"/proc/$CAPTURE_PID/stat" ||
		[[ $stat == *") Z "* ]]
} 2>/dev/null

# The capture ends by itself, with this status.
end_capture() {
	local status

	wait_for capture_is_gone || {
		ps -e -o pid,ppid,stat,wchan:20,args
		fail "xdpdrop-capture does not end"
	}
	wait "$CAPTURE_PID"
	status=$?
	[ $status = "$1" ] || fail "xdpdrop-capture ended with status $status, not $1"
}

# A message of the tool under test matches this extended regular expression, or none does.
says() {
	grep -Eq -- "$1" "$MESSAGES" || fail "no message matches: $1"
}

says_not() {
	! grep -Eq -- "$1" "$MESSAGES" || fail "a message matches: $1"
}

# The number in the summary's line "N frames WORD".
# "seen" is what the first line counts, which may be called dropped there.
summary() {
	local log word=$1

	log=$(<capture.log)
	[ "$word" != seen ] || word='(seen|dropped) by XDP'
	[[ ! $'\n'$log =~ $'\n'([0-9]+)\ frames?\ $word ]] || echo "${BASH_REMATCH[1]}"
}

# Nothing was lost, and this many frames were seen, captured and written.
captured() {
	local word count

	for word in seen captured written; do
		count=$(summary $word)
		[ "$count" = "$1" ] || fail "not $1 frames $word but $count"
	done
	count=$(summary lost)
	[ "$count" = 0 ] || fail "$count frames lost"
}

# What was just compared, and the unmarked frames beside it, is all there was.
all_captured() {
	captured $((COMPARED + UNMARKED))
}

# fields FILE NAME ...: what tshark reads, one line a frame. Its warnings about root do not count.
# An emulated machine takes seconds to start it: our own reader says the same there, of pcapng.
fields() {
	local file=$1 field options=()

	[ -z "${XDPDROP_VM:-}" ] || ! "$TOOLS/pcapng" fields "$@" 2>fields.log || return 0
	shift
	for field; do
		options+=(-e "$field")
	done
	tshark -r "$file" -T fields "${options[@]}" 2>tshark.log || fail "tshark cannot read $file"
}

# The frames that a pcapng file's statistics count as dropped.
dropped_by() {
	if [ "${XDPDROP_VM:-}" ]; then
		"$TOOLS/pcapng" dropped "$1"
	else
		tshark -n -X 'read_format:MIME Files Format' -r "$1" -V 2>tshark.log |
			sed -n 's/^ *Number of [^:]*: //p' | sed -n 2p
	fi
}

# part FILE PATTERN OUT: the frames of a pcapng file's interfaces whose names match, as pcap.
part() {
	"$TOOLS/pcapng" part "$@" 2>part.log || fail "no part of $1"
}

# json_holds EXPRESSION FILE: of the objects that --json has written, $all, with $first and $last;
# the sums of a final object must hold as well. EXPRESSION is jq's.
json_holds() {
	jq -es '
		def outcomes: .filtered + .sampled_out + .limited + .lost + .captured;
		def sums: if .type != "final" then true else . as $one | .balanced and
			all(., .points[]; .seen == outcomes) and
			.captured == .written + .write_failed + .over_limit + .unsent +
				.forgotten and
			all("seen", "bytes", "filtered", "sampled_out", "limited", "lost",
				"captured", "missed"; $one[.] == ([$one.points[][.]] | add)) and
			.seen == ([.reasons[].frames] | add // 0) and
			.bytes == ([.reasons[].bytes] | add // 0) and
			.captured == ([.reasons[].captured] | add // 0) end;
		. as $all | .[0] as $first | .[-1] as $last | ($last | sums) and ('"$1"')' "$2" \
		>/dev/null || fail "in $2 it is not true that $1: $(tail -n 1 "$2")"
}
