# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Faults of the output, of the kernel and of the machine; testenv/faults.md has the table of all.
# What hardly ever fails is made to by testenv/shim/faults.c.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # the faults are made by a library, whatever the kernel
ALL_TESTS="test_no_inode test_write_error_pcap test_write_error_pcapng test_short_writes
	test_interrupted_writes test_sync_error test_close_error test_slow_pipe
	test_failed_start test_failed_start_threads test_failed_start_series
	test_signals_that_go_on test_signals_that_end test_signals_at_start
	test_namespace_deleted test_mode_changed
	test_bpffs_missing test_bpffs_read_only
	test_bpffs_unmounted test_pin_removed
	test_memlock_limit test_memory_cgroup test_hook_bpf_errors test_wrap_bpf_errors
	test_hook_few_descriptors test_wrap_few_descriptors test_no_watchdog
	test_clock_set_back test_date_set_back test_cpu_unplugged
	test_no_bpf test_no_ring_buffers test_no_descriptor_for_a_ring test_no_ring_beside_filter
	test_no_btf test_no_kernel_btf test_no_fexit
	test_fexit_not_attached test_exit_btf_unreadable
	test_foreign_program_stays"
SLOW_TESTS="test_foreign_program_stays test_hook_bpf_errors test_wrap_bpf_errors"
ALONE_TESTS="test_date_set_back test_cpu_unplugged"

SHIM=$TOOLS/faults.so

# The user's program is where it was, and nothing else is left.
untouched() {
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	wait_for no_watchdog || fail "a watchdog is left"
	wait_for eval '[ -z "$("$TOOLS/xload" left ids)" ]' ||
		fail "left: $("$TOOLS/xload" left ids)"
	no_pins
}

# start_faulty FAULT FILE [options]: as start_capture, with these faults.
launch_faulty() {
	local fault=$1 file=$2

	shift 2
	: >capture.log
	FAULT=$fault FAULT_IDS=$PWD/ids LD_PRELOAD=$SHIM env --default-signal=INT "$CAPTURE" \
		"$@" "$NS" "$file" >capture.out 2>capture.log &
	CAPTURE_PID=$!
}

start_faulty() {
	launch_faulty "$@"
	await_listening || fail "xdpdrop-capture does not listen"
}

# refused FAULT PATTERN [options]: status 1, the message, no trace.
refused() {
	local fault=$1 pattern=$2

	shift 2
	launch_faulty "$fault" refused.pcap "$@"
	end_capture 1
	says "$pattern"
	says_not '^listening'
	[ ! -e refused.pcap ] || fail "a file for a capture that did not start"
	untouched
}

# -- output --------------------------------------------------------------------------------------

# left_alone FAULT MESSAGE FILES [options]: a capture that fails last of all changes no old file.
left_alone() {
	local fault=$1 message=$2 files=$3 file

	shift 3
	load verdict verdict
	for file in $files; do
		echo precious >"$file"
	done
	launch_faulty "$fault" out.pcap "$@"
	end_capture 1
	says "$message"
	says_not '^listening'
	for file in $files; do
		[ "$(cat "$file")" = precious ] || fail "$file was overwritten"
	done
	# shellcheck disable=SC2086 # names without blanks
	[ "$(echo out*)" = "$(echo $files)" ] || fail "files are left: $(echo out*)"
	untouched
}

NO_CONTROL="cannot start a control process: Resource temporarily unavailable"

test_failed_start() {
	begin
	left_alone fork:2:EAGAIN "$NO_CONTROL" out.pcap
}

test_failed_start_threads() {
	begin
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	left_alone fork:2:EAGAIN "$NO_CONTROL" "out.0.pcap out.1.pcap" --threads 2
}

# Before there is a file, and when the file cannot be written.
test_failed_start_series() {
	begin
	left_alone fork:3:EAGAIN "$NO_CONTROL" out.pcap0 -C 1 -W 2
	left_alone write:1+:EIO "cannot write 'out.pcap0': Input/output error" out.pcap0 -C 1 -W 2
}

# Room for bytes, but none for one more file.
test_no_inode() {
	begin
	mkdir disk
	mount -t tmpfs -o size=1m,nr_inodes=1 tmpfs disk || fail "cannot mount"
	load verdict verdict
	launch_capture disk/out.pcap
	end_capture 1
	says "disk/out.pcap.*No space left"
	says_not '^listening'
	untouched
	umount disk
}

# A later write and all after it: what the earlier ones have written stays, whole.
write_error() {
	load verdict verdict
	start_faulty write:4+:EIO "$1"
	send_frames sent.pcap -n 1000 -g 5000
	end_capture 1
	says "cannot write '$1': Input/output error"
	[ $(($(summary written) + $(summary not))) = "$(summary captured)" ] ||
		fail "the sums do not add up"
	same sent.pcap "$1" --prefix
	[ "$(summary written)" = $((COMPARED + UNMARKED)) ] || fail "the summary is not true"
	untouched
}

test_write_error_pcap() {
	begin
	write_error out.pcap
}

test_write_error_pcapng() {
	begin
	write_error out.pcapng
}

# unharmed FAULT: the file has every byte.
unharmed() {
	load verdict verdict
	start_faulty "$1" out.pcapng
	send_frames sent.pcap -n 3000 -s 64,1500
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	untouched
}

test_short_writes() {
	begin
	unharmed write:1+:short
}

test_interrupted_writes() {
	begin
	unharmed write:2:EINTR
	rm out.pcapng
	unharmed write:1:EINTR
}

# fails_at_end CALL ERROR TEXT: after the last frame.
fails_at_end() {
	load verdict verdict
	start_faulty "$1:1+:$2" out.pcapng
	send_frames sent.pcap -n 100
	kill -INT "$CAPTURE_PID"
	end_capture 1
	says "$3"
	same sent.pcap out.pcapng
	untouched
}

test_sync_error() {
	begin
	fails_at_end fsync ENOSPC "out.pcapng.*No space left"
}

test_close_error() {
	begin
	fails_at_end close EDQUOT "out.pcapng.*[Qq]uota"
}

# A reader that sleeps loses frames, which are counted, but changes no verdict; status 0.
test_slow_pipe() {
	begin
	local seen

	load verdict_hook verdict_hook
	mkfifo pipe
	{ wait_for [ -e go ] && cat; } <pipe >piped.pcapng &
	start_capture pipe -B 256
	ns_exec "$TOOLS/flood" --count 200000 --size 512 "$TOOLS/flood.bpf.o" veth0 \
		>flood.log 2>&1 || fail "flood"
	settle counts
	: >go
	stop_capture
	wait
	seen=$(count_of drop)
	[ "$(summary seen)" = "$seen" ] || fail "saw $(summary seen) of $seen frames"
	[ "$(summary lost)" -gt 0 ] || fail "nothing was lost"
	[ $(($(summary captured) + $(summary lost))) = "$seen" ] || fail "the sums do not add up"
	[ "$(summary written)" = "$(summary captured)" ] || fail "not all captured is written"
	[ "$("$TOOLS/readable" piped.pcapng)" = "$(summary written)" ] || fail "other frames"
}

# -- signals -------------------------------------------------------------------------------------

# storm SIGNAL ...: some hundred, at random, until the capture has gone.
storm() {
	local signals=("$@") n

	for ((n = 0; n < 500; n++)); do
		kill "-${signals[RANDOM % $#]}" "$CAPTURE_PID" 2>/dev/null || break
		sleep 0.002
	done
}

test_signals_that_go_on() {
	begin
	load verdict verdict
	start_faulty '' out.pcapng
	send_frames sent.pcap -n 2000 -g 500 &
	storm USR1 PIPE
	wait $! || exit 1
	[ "$(grep -c captured capture.log)" -gt 10 ] || fail "no counters"
	kill -INT "$CAPTURE_PID"
	end_capture 0
	same sent.pcap out.pcapng
	untouched
}

test_signals_that_end() {
	begin
	load verdict verdict
	start_faulty '' out.pcapng
	send_frames sent.pcap -n 500
	storm HUP TERM INT QUIT USR1 PIPE
	end_capture 0
	same sent.pcap out.pcapng
	captured $((COMPARED + UNMARKED))
	untouched
}

# From the first instant on: the signal's own end, before there are handlers, or a good one.
test_signals_at_start() {
	begin
	local n status

	load verdict verdict
	for n in {1..20}; do
		launch_faulty '' out.pcapng -t wrap
		sleep "0.0$((RANDOM % 9))"
		storm HUP TERM INT QUIT USR1
		wait "$CAPTURE_PID"
		status=$?
		{ [ $status = 0 ] || [ $status -gt 128 ]; } || fail "status $status"
		untouched
	done
}

# -- what is captured from -----------------------------------------------------------------------

# The other end of the pair goes with its namespace, and so does this one.
test_namespace_deleted() {
	begin
	{
		ip netns add xdpdrop-other &&
			ip link add xdpdrop-t0 type veth peer name xdpdrop-t1 netns xdpdrop-other &&
			ip link set xdpdrop-t0 up && ip -n xdpdrop-other link set xdpdrop-t1 up
	} || fail "cannot make a pair"
	"$TOOLS/xload" load xdpdrop-t0 "$TOOLS/verdict.bpf.o" verdict >load.log 2>&1 ||
		fail "cannot load"
	NS=xdpdrop-t0 start_capture out.pcapng
	ip netns exec xdpdrop-other "$TOOLS/send" -n 50 -r sent.pcap xdpdrop-t1 >send.log 2>&1 ||
		fail "sending frames"
	ip netns del xdpdrop-other
	end_capture 1
	says 'xdpdrop-t0.*gone'
	same sent.pcap out.pcapng
	all_captured
	no_pins
}

test_mode_changed() {
	begin
	load verdict_hook verdict_hook
	start_capture out.pcapng
	send_frames first.pcap -n 50
	"$TOOLS/xload" detach "$NS"
	wait_for grep -q 'waiting' capture.log || fail "nothing is said"
	load --mode skb --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	wait_for hook_is_armed || fail "the new hook is not taken"
	send_frames second.pcap -n 50 -f 50
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcapng
	all_captured
}

# -- the BPF file system -------------------------------------------------------------------------

own_bpffs() {
	mkdir -p /run/bpf
	mount -t bpf bpf /run/bpf || fail "cannot mount"
	export LIBXDP_BPFFS=/run/bpf
}

test_bpffs_missing() {
	begin
	export LIBXDP_BPFFS=/run/nothing
	load verdict verdict
	refused '' 'no BPF file system at /run/nothing.*mount -t bpf' -t wrap
	load verdict_hook verdict_hook
	start_capture out.pcap
	send_frames sent.pcap -n 10
	stop_capture
	same sent.pcap out.pcap
}

test_bpffs_read_only() {
	begin
	own_bpffs
	mount -o remount,ro /run/bpf || fail "cannot remount"
	load verdict verdict
	refused '' 'cannot wrap.*Read-only file system' -t wrap
	umount /run/bpf
}

# Without the pin a kill would leave the interface without the program: the capture ends.
test_bpffs_unmounted() {
	begin
	own_bpffs
	load verdict verdict
	start_faulty '' out.pcapng -t wrap
	send_frames sent.pcap -n 100 -V drop,pass
	umount -l /run/bpf || fail "cannot unmount"
	send_frames more.pcap -n 100 -f 100 -V drop,pass
	end_capture 1
	says 'pin.*removed|removed the pin'
	[ "$(counts)" = "aborted=0 drop=100 pass=100 tx=0 redirect=0 invalid=0" ] ||
		fail "other verdicts: $(counts)"
	join sent.pcap more.pcap >all.pcap
	same all.pcap out.pcapng --only drop --prefix
	untouched
}

test_pin_removed() {
	begin
	load verdict verdict
	start_faulty '' out.pcapng -t wrap
	rm /sys/fs/bpf/xdpdrop/*
	rmdir /sys/fs/bpf/xdpdrop
	wait_for eval 'ls /sys/fs/bpf/xdpdrop/wrap-* >/dev/null 2>&1' || fail "no new pin"
	wait_for grep -q 'pinned again' capture.log || fail "nothing is said"
	send_frames sent.pcap -n 100 -V drop,pass
	stop_capture
	same sent.pcap out.pcapng --only drop
	untouched
}

# -- memory and descriptors ----------------------------------------------------------------------

# Before 5.11 the limit of locked memory counts for BPF.
test_memlock_limit() {
	begin
	need setpriv prlimit
	load verdict verdict
	: >capture.log
	setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource prlimit --memlock=65536 \
		"$CAPTURE" -d 0.1 "$NS" out.pcap 2>capture.log
	case $?:${XDPDROP_VM:-} in
	1:5.10) says 'RLIMIT_MEMLOCK.*raise it' ;;
	0:5.10) fail "the limit did not count" ;;
	0:*) says '^listening' ;;
	*) fail "status is not 0" ;;
	esac
	untouched
}

test_memory_cgroup() {
	begin
	[ "${XDPDROP_VM:-}" != 5.10 ] || skip "this kernel does not charge BPF to memory cgroups"
	make_cgroup
	limit_memory 33554432
	load verdict verdict
	: >capture.log
	# shellcheck disable=SC2016
	FAULT_IDS=$PWD/ids LD_PRELOAD=$SHIM sh -c 'echo $$ >"$0"/cgroup.procs && exec "$@"' \
		"$CGROUP" "$CAPTURE" -B 65536 "$NS" out.pcap 2>capture.log
	[ $? = 1 ] || fail "status is not 1"
	says 'Cannot allocate memory'
	says 'smaller ring buffers \(-B\)'
	untouched
}

# bpf_errors TAP: each call into the kernel's BPF fails once. Either the capture does without, or
# it says what is wrong and leaves nothing.
bpf_errors() {
	local tap=$1 calls n status good=0 every=1 error

	[ -z "${XDPDROP_VM:-}" ] || every=13
	FAULT_COUNTS=$PWD/counted FAULT_IDS=$PWD/ids LD_PRELOAD=$SHIM \
		"$CAPTURE" -t "$tap" -d 0.001 "$NS" out.pcap 2>capture.log || fail "without faults"
	calls=$(sed -n 's/^bpf //p' counted)
	for ((n = 1 + RANDOM % every; n <= calls; n += every)); do
		error=$(printf 'ENOMEM\nEPERM\nEINVAL\n' | sed -n "$((n % 3 + 1))p")
		FAULT=bpf:$n:$error FAULT_IDS=$PWD/ids LD_PRELOAD=$SHIM \
			"$CAPTURE" -t "$tap" -d 0.001 "$NS" out.pcap 2>capture.log
		status=$?
		case $status in
		0) good=$((good + 1)) ;;
		1) says '^xdpdrop-capture: ' ;;
		*) fail "status $status when call $n fails with $error" ;;
		esac
		untouched
		: >ids
	done
	echo "$calls calls, every $every. failed, $good captures did without"
}

test_hook_bpf_errors() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	bpf_errors hook
	hook_is_empty || fail "slots are in use"
}

test_wrap_bpf_errors() {
	begin
	load verdict verdict
	bpf_errors wrap
}

# "Cannot ask" is not "is free": a slot keeps somebody else's program, whatever call fails.
test_foreign_program_stays() {
	begin
	local calls n before every=1

	[ -z "${XDPDROP_VM:-}" ] || every=13
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	put_foreign
	before=$("$TOOLS/xload" slots "$PINS/hook")
	FAULT_COUNTS=$PWD/counted LD_PRELOAD=$SHIM "$CAPTURE" -t hook -d 0.001 "$NS" out.pcap \
		2>capture.log && fail "the hook is in use, and is captured"
	says 'already has program flood_pass'
	calls=$(sed -n 's/^bpf //p' counted)
	for ((n = 1 + RANDOM % every; n <= calls; n += every)); do
		FAULT=bpf:$n:ENOMEM LD_PRELOAD=$SHIM "$CAPTURE" -t hook -d 0.001 "$NS" out.pcap \
			2>capture.log && fail "captured when call $n fails"
		FAULT=bpf:$n+:ENOMEM LD_PRELOAD=$SHIM "$CAPTURE" -t hook -d 0.001 "$NS" out.pcap \
			2>capture.log && fail "captured when all calls from $n on fail"
		[ "$("$TOOLS/xload" slots "$PINS/hook")" = "$before" ] ||
			fail "call $n: slots are $("$TOOLS/xload" slots "$PINS/hook"), not $before"
	done
	echo "$calls calls"
}

# few_descriptors TAP: with so few that the tool cannot even start, up to enough.
few_descriptors() {
	local tap=$1 n status good=0

	need prlimit
	for ((n = 5; n < 60 && good < 3; n++)); do
		FAULT_IDS=$PWD/ids LD_PRELOAD=$SHIM prlimit --nofile=$n \
			"$CAPTURE" -t "$tap" -d 0.001 "$NS" out.pcap 2>capture.log
		status=$?
		case $status in
		0) good=$((good + 1)) ;;
		1) says '^xdpdrop-capture: .' && says_not 'this kernel has no' ;;
		*) fail "status $status with $n descriptors" ;;
		esac
		untouched
	done
	[ $good = 3 ] || fail "it never works"
	echo "works with $((n - 3)) descriptors"
}

test_hook_few_descriptors() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	few_descriptors hook
	hook_is_empty || fail "slots are in use"
}

test_wrap_few_descriptors() {
	begin
	load verdict verdict
	few_descriptors wrap
}

test_no_watchdog() {
	begin
	load verdict verdict
	launch_faulty fork:1+:EAGAIN out.pcapng
	end_capture 1
	says 'cannot start a control process: Resource temporarily unavailable'
	untouched
	start_faulty fork:1+:EAGAIN out.pcapng -Z root
	says 'cannot start a watchdog.*have to be cleaned up'
	send_frames sent.pcap -n 100
	stop_capture
	same sent.pcap out.pcapng
	untouched
}

# -- clocks and CPUs -----------------------------------------------------------------------------

# span FILE: seconds from its first to its last frame, and the least step between two.
span() {
	"$TOOLS/pcapcmp" --any-order "$1" "$1" >/dev/null || fail "$1 cannot be read"
	tcpdump -tt -nr "$1" 2>/dev/null |
		awk 'NR == 1 { first = $1 } NR > 1 && $1 - last < least { least = $1 - last }
			{ last = $1 } END { printf "%d %d", last - first, least }'
}

# Times are those of the wall clock; frames stay in the order in which they came.
goes_back() {
	join first.pcap second.pcap >sent.pcap
	"$TOOLS/pcapcmp" sent.pcap out.pcapng >compare.log 2>&1 || fail "other frames"
	COMPARED=100 UNMARKED=0
	says 'set back by 3[56][0-9][0-9]'
	[ "$(span out.pcapng | cut -d ' ' -f 2 | cut -c 1-2)" = -3 ] ||
		fail "times do not follow the clock: $(span out.pcapng)"
}

test_clock_set_back() {
	begin
	need tcpdump
	load verdict verdict
	FAULT_WHEN=$STATEDIR/now start_faulty clock:1+:-3600 out.pcapng
	send_frames first.pcap -n 50
	await_written first.pcap out.pcapng
	: >"$STATEDIR/now"
	wait_for grep -q "set back" capture.log || fail "nothing is said"
	send_frames second.pcap -n 50 -f 50
	stop_capture
	goes_back
	all_captured
}

# The same by setting it: in a virtual machine of our own.
test_date_set_back() {
	begin
	need tcpdump
	[ "${XDPDROP_VM:-}" ] || skip "only in a virtual machine: it sets the date"
	load verdict verdict
	start_capture out.pcapng
	send_frames first.pcap -n 50
	await_written first.pcap out.pcapng
	date -s "@$(($(date +%s) - 3600))" >/dev/null || fail "cannot set the date"
	sleep 1
	send_frames second.pcap -n 50 -f 50
	stop_capture
	date -s "@$(($(date +%s) + 3600))" >/dev/null
	goes_back
	all_captured
}

test_cpu_unplugged() {
	begin
	local cpu=/sys/devices/system/cpu/cpu1/online

	[ "${XDPDROP_VM:-}" ] || skip "only in a virtual machine: it takes a CPU away"
	[ -e $cpu ] || skip "this kernel cannot take a CPU away"
	load --mode skb verdict_hook verdict_hook
	start_capture out.pcapng
	send_frames first.pcap -n 500 -c 1
	echo 0 >$cpu || fail "cannot take CPU 1 away"
	send_frames second.pcap -n 500 -f 500 -c 0
	echo 1 >$cpu || fail "cannot give CPU 1 back"
	sleep 1
	send_frames third.pcap -n 500 -f 1000 -c 1
	stop_capture
	join first.pcap second.pcap third.pcap >sent.pcap
	same sent.pcap out.pcapng
	all_captured
}

# -- kernels that lack something -----------------------------------------------------------------

test_no_ring_buffers() {
	begin
	load verdict verdict
	refused ringbuf:1+:EINVAL 'this kernel has no BPF ring buffers'
}

# Filters of system calls hide it in this way.
test_no_bpf() {
	begin
	load verdict verdict
	refused bpf:1+:ENOSYS 'this kernel has no bpf\(2\), or a filter of system calls'
}

# With many CPUs the rings alone may need more than the limit.
test_no_descriptor_for_a_ring() {
	begin
	load verdict_hook verdict_hook
	refused ringbuf:1+:EMFILE \
		'CPUs needs [0-9]+ file descriptors, .* RLIMIT_NOFILE is [0-9]+: raise it'
}

# Beside the filter's compilation the rings are created without a word, and again if that fails.
test_no_ring_beside_filter() {
	begin
	echo udp >filter
	load verdict_hook verdict_hook
	refused ringbuf:1+:EMFILE 'CPUs needs [0-9]+ file descriptors' -f filter
	[ "$(grep -c 'file descriptors' capture.log)" = 1 ] || fail "said twice"
	start_faulty ringbuf:1:EMFILE out.pcap -f filter
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcap
}

# Only names are missing.
test_no_btf() {
	begin
	load verdict_hook verdict_hook
	start_faulty btf:1+:EINVAL out.pcapng
	send_frames sent.pcap -n 100
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	untouched
}

# Only tap exit and exceptions need it.
test_no_kernel_btf() {
	begin
	[ -d /sys/kernel/btf ] || skip "this kernel has no BTF of its own"
	mount -t tmpfs tmpfs /sys/kernel/btf || fail "cannot hide it"
	load verdict verdict
	refused '' 'trampolines|types of its own \(BTF\)' -t exit
	refused '' 'types of its own \(BTF\)|tracepoints' -a exception -F pcapng
	start_faulty '' out.pcapng
	says 'tap wrap'
	send_frames sent.pcap -n 100
	stop_capture
	same sent.pcap out.pcapng
	untouched
	umount /sys/kernel/btf
}

without_fexit() {
	begin
	load verdict verdict
	refused "$1" 'trampolines' -t exit
	start_faulty "$1" out.pcapng
	says 'tap wrap'
	send_frames sent.pcap -n 100
	stop_capture
	same sent.pcap out.pcapng
	untouched
}

test_no_fexit() {
	without_fexit tracing:1+:EPERM
}

# As on arm64 before Linux 6.0.
test_fexit_not_attached() {
	need_trampolines
	without_fexit attach:1+:ENOTSUPP
}

# Types that cannot be read now are not types that the program has been loaded without.
test_exit_btf_unreadable() {
	begin
	need_trampolines
	load verdict verdict
	refused types:1+:ENOMEM 'BTF of verdict .* cannot be read: Cannot allocate' -t exit
	says_not 'without BTF'
}
