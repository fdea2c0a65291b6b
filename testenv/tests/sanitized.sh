# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Library and tools under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer: captures
# that start, get frames and stop, again and again, and captures whose calls fail. Each process of
# a capture reports, also the one that has no privileges any more. And the library under
# ThreadSanitizer.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about our own memory
ALL_TESTS="test_leaks_are_seen test_hook_starts test_wrap_starts test_tag_starts test_exit_starts
	test_hook_errors test_wrap_errors test_exit_errors test_other_errors
	test_questions test_replays test_replay_errors test_two_threads test_replay_jobs"
SLOW_TESTS=$ALL_TESTS

# Emulated machines start less often, and one call in so many fails there.
if [ -z "${XDPDROP_VM:-}$FEW" ]; then
	STARTS=50 THREAD_STARTS=20 CYCLES=200 EVERY=1 RATE=20000
elif [ -z "${XDPDROP_VM:-}" ]; then
	STARTS=5 THREAD_STARTS=4 CYCLES=20 EVERY=15 RATE=20000
elif [ "$FEW" ]; then
	STARTS=1 THREAD_STARTS=2 CYCLES=3 EVERY=301 RATE=500
else
	STARTS=2 THREAD_STARTS=3 CYCLES=8 EVERY=101 RATE=1000
fi

CAPTURE=$TOOLS/sanitized-capture LOADER=$TOOLS/sanitized-loader REPLAY=$TOOLS/sanitized-replay
export XDPDROP_WATCHDOG=$TOOLS/sanitized-watchdog

# Reports go to files, one for each process, which any user can write.
begin_sanitized() {
	begin
	[ -x "$CAPTURE" ] || skip "built without ASan and UBSan"
	chmod 711 .
	mkdir -m 1777 reports
	export ASAN_OPTIONS=log_path=$PWD/reports/report:exitcode=99
	export UBSAN_OPTIONS=log_path=$PWD/reports/report:print_stacktrace=1
}

# What $1 reported is shown.
nothing_reported() {
	local report

	for report in reports/*; do
		[ ! -e "$report" ] || { head -n 40 "$report" && fail "$1: a report"; }
	done
}

# Asked for the members of a dispatcher, libxdp 1.3 leaves descriptors open. All known ones lose
# memory when they fail, so no calls are made to fail with tap tag here.
need_tight_libxdp() {
	case $(pkg-config --modversion libxdp) in
	1.[0-3].*) skip "this libxdp leaks descriptors and memory" ;;
	esac
}

use() {
	local program

	TAP=$1
	case $TAP in
	hook) load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook ;;
	wrap) load verdict verdict ;;
	exit)
		need_trampolines
		load verdict verdict
		;;
	tag)
		need_members
		need_tight_libxdp
		for program in tagger dropper; do
			"$XDP_LOADER" load -n $program "$NS" "$TOOLS/tagger.bpf.o" >load.log 2>&1 ||
				fail "xdp-loader does not load $program"
		done
		;;
	esac
}

flood() {
	ns_exec "$TOOLS/flood" --packet --rate $RATE --count 2000000000 --seconds 86400 \
		"$TOOLS/flood.bpf.o" veth0 >flood.log 2>&1 &
}

# -- reports --------------------------------------------------------------------------------------

# seen FAULT [PROCESS]: in the capture, or in a helper of this name.
seen() {
	env FAULT="$1" ${2:+FAULT_IN="$2"} "$CAPTURE" -q -t "$TAP" -d 0.1 "$NS" out.pcap
	STATUS=$?
	grep -q 'detected memory leaks' reports/* || fail "a leak at $1 is not seen"
	rm reports/*
}

# The capture has become another user when it comes to fsync().
test_leaks_are_seen() {
	begin_sanitized
	use wrap
	seen fsync:1:leak
	[ $STATUS = 99 ] || fail "status $STATUS"
	seen bpf:1:leak xdpdrop-control
	seen bpf:1:leak xdpdrop-watchdo
}

# -- starts and stops ----------------------------------------------------------------------------

# By one process, and by as many as there are captures.
starts() {
	local n status

	flood
	"$TOOLS/sanitized-cycle" "$NS" "$TAP" $CYCLES >cycle.log 2>&1 || fail "status $?"
	nothing_reported "$CYCLES captures by one process"
	cat cycle.log
	[ "$(sed -n 's/.* of \([0-9]*\) frames.*/\1/p' cycle.log)" -gt $CYCLES ] ||
		fail "only few frames"
	for ((n = 0; n < STARTS; n++)); do
		"$CAPTURE" -t "$TAP" -c 20 "$NS" out.pcapng 2>capture.log
		status=$?
		nothing_reported "capture number $n"
		[ $status = 0 ] || fail "status $status"
		[ "$("$TOOLS/readable" out.pcapng)" = 20 ] || fail "not 20 frames"
	done
	wait_for no_watchdog || fail "a watchdog is left"
}

test_hook_starts() {
	begin_sanitized
	use hook
	starts
}

test_wrap_starts() {
	begin_sanitized
	use wrap
	starts
}

test_tag_starts() {
	begin_sanitized
	use tag
	starts
}

test_exit_starts() {
	begin_sanitized
	use exit
	starts
}

# -- calls that fail -----------------------------------------------------------------------------

# error_of N: in turn, so that all of them meet all calls in some runs.
error_of() {
	local errors=(ENOMEM EPERM EINVAL)

	echo "${errors[($1 + SHIFT) % 3]}"
}

# Each call of the capture into the kernel's BPF fails, then each of its control process's.
errors() {
	local n calls SHIFT=$RANDOM

	FAULT_COUNTS=$PWD/counted "$CAPTURE" -q -t "$TAP" -d 0.001 "$NS" out.pcap ||
		fail "status $?"
	calls=$(sed -n 's/^bpf //p' counted)
	for ((n = 1 + RANDOM % EVERY; n <= calls; n += EVERY)); do
		fails "bpf:$n:$(error_of $n)"
	done
	: >struck
	for ((n = 1 + RANDOM % EVERY; n < 1000; n += EVERY)); do
		rm struck
		FAULT_IN=xdpdrop-control fails "bpf:$n:$(error_of $n)"
		[ -e struck ] || break
	done
	echo "$calls calls of the capture, $n of its control process, each $EVERY. one"
}

# fails FAULT: with or without success, but in order.
fails() {
	local status

	FAULT=$1 FAULT_STRUCK=$PWD/struck "$CAPTURE" -q -t "$TAP" -d 0.1 "$NS" out.pcap \
		2>capture.log
	status=$?
	nothing_reported "$1"
	[ $status -le 1 ] || fail "status $status after $1"
	wait_for no_watchdog || fail "a watchdog is left after $1"
}

test_hook_errors() {
	begin_sanitized
	use hook
	errors
}

test_wrap_errors() {
	begin_sanitized
	use wrap
	errors
}

test_exit_errors() {
	begin_sanitized
	use exit
	errors
}

test_other_errors() {
	begin_sanitized
	local fault

	use wrap
	for fault in ringbuf:1:EINVAL load:{3..12}:refuse btf:1+:EINVAL fork:{1,2}:EAGAIN \
		socketpair:{1,2}:EMFILE send:1+:EPERM unlink:1+:EPERM write:{1,2}+:EIO \
		write:1+:short fsync:1:EIO close:1:EDQUOT clock:{9,99}:-3600; do
		fails "$fault"
	done
}

# -- what captures nothing -----------------------------------------------------------------------

# right COMMAND ...: no report, status 0.
right() {
	"$@" >>answers || fail "status $? of: $*"
	nothing_reported "$*"
}

test_questions() {
	begin_sanitized
	use wrap
	echo "1 one" >reasons
	right "$CAPTURE" -D
	right "$CAPTURE" --explain "$NS"
	right "$CAPTURE" --dump-filter --reasons reasons --reason one 'tcp port 80 or vlan'
	right "$CAPTURE" --help
	right "$LOADER" --help
	right "$LOADER" features
	right "$LOADER" clean "$NS"
	start_capture out.pcap -t wrap
	kill_capture
	right "$LOADER" clean "$NS"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# replayed STATUS ARGUMENT ...: no report, and this status.
replayed() {
	local expected=$1 status

	shift
	"$REPLAY" "$@" >>answers 2>&1
	status=$?
	nothing_reported "$*"
	[ $status = "$expected" ] || fail "status $status of: $*"
}

test_replays() {
	begin_sanitized
	local firewall=$TOOLS/firewall.bpf.o

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	send_frames dns.pcap -n 40 -k udp4,udp6 -p 53 -s 60,1514
	printf '%s\n' 'udp => drop DNS_REPLY' 'default => pass' >rules.txt
	replayed 0 -v "$firewall" dns.pcap out.pcapng 'udp or arp'
	replayed 0 -a all "$firewall" out.pcapng again.pcapng
	replayed 0 --modified "$firewall" dns.pcap out.pcap
	replayed 1 "$firewall" --against "$TOOLS/flood.bpf.o:flood_pass" dns.pcap out.pcapng
	replayed 1 "$firewall" --expect rules.txt --strict --tap dns.pcap
	replayed 0 --json summary.json --pad "$firewall" dns.pcap
	replayed 0 --live "$NS" dns.pcap out.pcapng
	replayed 0 --copy-maps-from "$PROGRAM_ID" "$TOOLS/verdict_hook.bpf.o" dns.pcap
	[ "$(nproc)" = 1 ] || replayed 0 -j 2 -a all "$firewall" out.pcapng again.pcapng
	head -c 1000 dns.pcap >cut.pcap
	replayed 1 "$firewall" cut.pcap out.pcapng
	replayed 1 nothing.bpf.o dns.pcap
	replayed 2 "$TOOLS/replayed.bpf.o" --tail steps:x=push dns.pcap
}

# Each call into the kernel's BPF fails, of a replay with maps to copy.
test_replay_errors() {
	begin_sanitized
	local n calls status SHIFT=$RANDOM

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	send_frames sent.pcap -n 3
	set -- -q --copy-maps-from "$PROGRAM_ID" "$TOOLS/verdict_hook.bpf.o" sent.pcap out.pcapng
	FAULT_COUNTS=$PWD/counted "$REPLAY" "$@" || fail "status $?"
	calls=$(sed -n 's/^bpf //p' counted)
	for ((n = 1 + RANDOM % EVERY; n <= calls; n += EVERY)); do
		FAULT=bpf:$n:$(error_of "$n") "$REPLAY" "$@" >replay.log 2>&1
		status=$?
		nothing_reported "call $n"
		[ $status -le 2 ] || fail "status $status after call $n"
	done
	echo "$calls calls, each $EVERY. one"
}

# Captures in two threads, broken from two more; each thread has an interface of its own.
test_two_threads() {
	begin
	[ -x "$TOOLS/threads" ] || skip "built without TSan"
	load verdict verdict
	ip link add other type veth peer name otherpeer || fail "no other interface"
	ip link set other up || fail "the other interface is not up"
	ip link set otherpeer up || fail "its other end is not up"
	"$TOOLS/xload" load other "$TOOLS/verdict.bpf.o" verdict >other.log || fail "not loaded"
	XDPDROP_WATCHDOG=$TOOLS/../xdpdrop-watchdog TSAN_OPTIONS=exitcode=99 \
		"$TOOLS/threads" "$NS" other wrap "$THREAD_STARTS" 2>threads.log ||
		{ head -n 60 threads.log && fail "status $?"; }
	[ ! -s threads.log ] || { cat threads.log && fail "messages"; }
}

# Frames on two CPUs, with rules, with another program beside, and until a signal.
test_replay_jobs() {
	begin
	[ -x "$TOOLS/tsan-replay" ] || skip "built without TSan"
	[ "$(nproc)" -gt 1 ] || skip "one CPU only"
	export XDPDROP_WATCHDOG=$TOOLS/../xdpdrop-watchdog TSAN_OPTIONS=exitcode=99
	send_frames sent.pcap -n $((RATE / 4)) -V drop,pass
	echo 'default => drop' >rules.txt
	raced 0 -a all
	raced 1 --expect rules.txt
	raced 1 --against "$TOOLS/flood.bpf.o:flood_pass"
	raced_until_signal
}

# raced STATUS OPTION ...
raced() {
	local expected=$1

	shift
	"$TOOLS/tsan-replay" -j 2 "$@" "$TOOLS/verdict_hook.bpf.o" sent.pcap out.pcapng \
		2>threads.log
	not_raced $? "$expected"
}

# not_raced STATUS EXPECTED
not_raced() {
	! grep -q ThreadSanitizer threads.log || { head -n 60 threads.log && fail "a race"; }
	[ "$1" = "$2" ] || { head -n 60 threads.log && fail "status $1"; }
}

# The input does not end by itself.
raced_until_signal() {
	local feed replay

	rm -f out.pcapng
	mkfifo frames
	exec {feed}<>frames
	"$TOOLS/tsan-replay" -j 2 "$TOOLS/verdict_hook.bpf.o" frames out.pcapng {feed}<&- \
		2>threads.log &
	replay=$!
	cat sent.pcap >frames
	wait_for [ -e out.pcapng ] || fail "no replay"
	kill -INT $replay
	exec {feed}<&-
	wait $replay
	not_raced $? 0
	grep -q interrupted threads.log || fail "no message"
}
