# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Captures in namespaces other than the host's: what ends with them, and whose clock and process
# numbers count.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # namespaces are the same on all of them
ALL_TESTS="test_wrap_private_bpffs test_wrap_private_mounts test_wrap_killed_container
	test_wrap_lost_program test_clock_ahead test_clock_behind test_clock_behind_rings
	test_owner_boottime test_owner_unseen test_netns_taps test_netns_commands
	test_netns_failed_start test_netns_same_number test_netns_same_number_wrap test_netns_thread
	test_netns_wait"
SLOW_TESTS="test_wrap_killed_container"

# Containers that are killed, half of them with the watchdog stopped; 200 in a long run.
KILLS=${XDPDROP_KILLS:-10}

still_decides() {
	local before

	before=$(count_of drop)
	send_frames sent.decide -n 10 -V drop
	[ "$(count_of drop)" = $((before + 10)) ] || fail "the program does not run: $(counts)"
}

# -- the BPF file system -------------------------------------------------------------------------

# refused_in SETUP UNSHARE'S OPTIONS: the first message says how to do it right.
refused_in() {
	local setup=$1

	shift
	env -u XDPDROP_UNSAFE_BPFFS unshare "$@" sh -c "$setup"' && exec "$@"' sh \
		"$CAPTURE" -t wrap "$NS" out.pcap 2>capture.log
	[ $? = 1 ] || fail "another status than 1"
	says 'wrap: a kill of this container.* would leave .*nsenter --net=/run/netns/NAME'
	says_not '^listening|mount -t bpf'
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	still_decides
}

test_wrap_private_bpffs() {
	begin
	load verdict verdict
	refused_in 'mount -t bpf bpf /sys/fs/bpf' --mount
	refused_in 'mount -t bpf bpf /sys/fs/bpf' --mount --pid --fork --mount-proc
	refused_in true --pid --fork --kill-child
}

# As under ip netns exec, whose /sys has no BPF file system: to mount one there is no remedy.
test_wrap_private_mounts() {
	begin
	load verdict verdict
	refused_in 'umount /sys/fs/bpf' --mount
}

# start_container SETUP: a capture with a process namespace of its own; sets CAPTURE_PID to its
# first process as numbered here.
start_container() {
	: >capture.log
	unshare --mount --pid --fork --mount-proc sh -c "$1"' && "$@"; :' sh \
		"$CAPTURE" -t wrap --unsafe-bpffs "$NS" out.pcap >capture.out 2>capture.log &
	CONTAINER=$!
	wait_for grep -q '^listening' capture.log || fail "xdpdrop-capture does not listen"
	FIRST=$(pgrep -P "$CONTAINER")
	CAPTURE_PID=$(pgrep -P "$FIRST" -x xdpdrop-capture)
}

kill_container() {
	kill -KILL "$FIRST"
	wait "$CONTAINER" 2>/dev/null
	wait_for no_watchdog || fail "processes are left"
}

# The pin is in the host's BPF file system, which is in the container, too.
test_wrap_killed_container() {
	begin
	local n

	load verdict verdict
	for ((n = 0; n < KILLS; n++)); do
		start_container true
		((n % 2)) || stop_processes "$(watchdog)"
		kill_container
		still_decides
		"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
		[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	done
	still_decides
	no_pins
}

# What the option's name warns of: nobody promises more than can be done.
test_wrap_lost_program() {
	begin
	local all status

	load verdict verdict
	start_container 'mount -t bpf bpf /sys/fs/bpf'
	all="$(watchdog) $(control) $CAPTURE_PID"
	# shellcheck disable=SC2086 # words on purpose
	stop_processes $all
	kill_container
	wait_for wrapper_is_empty || fail "the program is still there: $(cat status.log)"
	! grep -q restores status.log || fail "status promises something"
	"$CAPTURE" --explain -t wrap "$NS" >explain.log 2>&1 && fail "--explain promises something"
	"$LOADER" clean "$NS" >clean.log 2>&1
	status=$?
	[ $status = 1 ] || fail "clean ends with status $status"
	grep -q "$NS: the wrapper .* had lost its program.* load the program again" clean.log ||
		fail "clean says something else"
	! grep -q 'nothing to remove' clean.log || fail "clean says nothing was there"
	nothing_attached || fail "attached is $(attached)"
	load verdict verdict
	still_decides
}

wrapper_is_empty() {
	! "$LOADER" status "$NS" >status.log 2>&1 &&
		grep -q 'the program that it wrapped is lost' status.log
}

# -- time namespaces -----------------------------------------------------------------------------

# A clock cannot start before 0: a machine that runs for less than 1000 seconds has less to go back.
BEHIND=$(awk '{ s = int($1) - 1; print s < 1000 ? s : 1000 }' /proc/uptime)

# start_shifted UNSHARE'S OPTIONS -- FILE [options]: a capture with other clocks; sets SHIFTED.
start_shifted() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	unshare --time --fork true 2>/dev/null || skip "this kernel has no time namespaces"
	: >capture.log
	unshare --time "${options[@]}" --fork --kill-child env --default-signal=INT \
		"$CAPTURE" "${@:3}" "$NS" "$2" >capture.out 2>capture.log &
	SHIFTED=$!
	wait_for grep -q '^listening' capture.log || fail "xdpdrop-capture does not listen"
	CAPTURE_PID=$(pgrep -P "$SHIFTED")
}

end_shifted() {
	wait "$SHIFTED" || fail "xdpdrop-capture ended with status $?"
}

# The time of each frame is when it was dropped, to the second.
times_between() {
	local first=$1 last=$2 file=$3 time

	for time in $(fields "$file" frame.time_epoch); do
		{ [ "${time%.*}" -ge "$first" ] && [ "${time%.*}" -le "$last" ]; } ||
			fail "a frame's time is $time, not $first to $last"
	done
}

test_clock_ahead() {
	begin
	local first offset

	load verdict_hook verdict_hook
	for offset in 86400 "-$BEHIND"; do
		start_shifted --monotonic "$offset" -- out.pcapng -c 5
		first=$EPOCHSECONDS
		send_frames sent.pcap -n 5
		end_shifted
		times_between "$first" $EPOCHSECONDS out.pcapng
		same sent.pcap out.pcapng
	done
}

# What is delivered does not wait for a clock that is behind to come up with the kernel's: the
# capture ends by itself when it has its frames, and not before.
test_clock_behind() {
	begin
	load verdict_hook verdict_hook
	start_shifted --monotonic "-$BEHIND" -- out.pcapng -c 3
	send_frames sent.pcap -n 10
	end_shifted
	[ "$(summary written)" = 3 ] || fail "$(summary written) frames written"
}

# Nor do rings fill up in that time: there are more frames than they hold, in parts that they do.
test_clock_behind_rings() {
	begin
	local n parts=()

	load verdict_hook verdict_hook
	start_shifted --monotonic "-$BEHIND" -- out.pcap -B 256
	for n in 0 1 2 3 4 5 6 7; do
		send_frames "sent.$n" -n 200 -f $((200 * n)) -s 500
		parts+=("sent.$n")
		join "${parts[@]}" >sent.pcap
		await_written sent.pcap out.pcap
	done
	kill -INT "$CAPTURE_PID"
	end_shifted
	same sent.pcap out.pcap
	all_captured
}

# Start times in /proc are shifted as the reader's clock is.
test_owner_boottime() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_shifted --boottime 1000 -- out.pcapng -t hook
	"$CAPTURE" -t hook -v -d 0.1 "$NS" second.pcapng >second.log 2>&1 ||
		fail "a second capture does not start"
	! grep -q 'taking over' second.log || fail "a second capture takes the place of a live one"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	hook_is_armed "$PINS/hook" || fail "clean takes the hook of a live capture"
	kill -INT "$CAPTURE_PID"
	end_shifted
}

# Its number is another one's here, and its clock is behind.
test_owner_unseen() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_shifted --monotonic "-$BEHIND" --pid --mount-proc -- out.pcapng -t hook
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q 'nothing to remove' clean.log || fail "clean says something else"
	hook_is_armed "$PINS/hook" || fail "clean takes the hook of a live capture"
	send_frames sent.pcap -n 10
	kill -KILL "$CAPTURE_PID"
	wait "$SHIFTED" 2>/dev/null
	wait_for no_watchdog || fail "processes are left"
	start_capture again.pcap -t hook
	stop_capture
}

# -- network namespaces --------------------------------------------------------------------------

# make_pods NAME ...: namespaces, each with a veth pair whose end eth0 has the same number as that
# of the others.
make_pods() {
	local pod

	for pod; do
		{ ip netns add "$pod" &&
			ip -n "$pod" link add eth0 index 7777 type veth peer name peer &&
			ip -n "$pod" link set eth0 up && ip -n "$pod" link set peer up; } ||
			fail "no network for $pod"
	done
}

in_pod() {
	nsenter --net="/run/netns/$1" "${@:2}"
}

# send_in POD REFERENCE [send's options]
send_in() {
	in_pod "$1" "$TOOLS/send" --reference "$2" "${@:3}" peer >send.log 2>&1 || fail "sending"
}

# launch_in NETNS FILE [options]: a capture of eth0 in another namespace.
launch_in() {
	: >"$2.log"
	env --default-signal=INT "$CAPTURE" --netns "$1" "${@:3}" eth0 "$2" >"$2.out" 2>"$2.log" &
	CAPTURE_PID=$!
}

# capture_in NETNS FILE [options]: what start_capture does, of eth0 in another namespace.
capture_in() {
	launch_in "$@"
	wait_for grep -q '^listening' "$2.log" || fail "xdpdrop-capture does not listen"
}

# By name, process and path; the pod's program, the host's BPF file system, which none of them
# takes to be private: nothing but the network is another one.
test_netns_taps() {
	begin
	local pod tap program before

	make_pods one two
	nsenter --net=/run/netns/one sleep 1000 &
	pod=$!
	wait_for [ /proc/$pod/ns/net -ef /run/netns/one ] || fail "no process in the namespace"
	in_pod two "$TOOLS/xload" load eth0 "$TOOLS/verdict.bpf.o" verdict >/dev/null ||
		fail "cannot load"
	for program in verdict verdict_hook; do
		tap=wrap
		[ $program = verdict ] || tap=hook
		before=$(in_pod one "$TOOLS/xload" load eth0 "$TOOLS/$program.bpf.o" $program) ||
			fail "cannot load"
		for netns in one $pod /run/netns/one; do
			capture_in "$netns" out.pcap -t $tap -c 20
			send_in one sent.pcap -n 20
			send_in two other.pcap -n 20
			end_capture 0
			same sent.pcap out.pcap
		done
		[ "$(in_pod one "$TOOLS/xload" id eth0)" = "$before native" ] ||
			fail "another program is attached"
		in_pod one "$TOOLS/xload" detach eth0 || fail "cannot detach"
	done
	kill -KILL $pod
	no_pins
}

# What is nobody's namespace, and what is not there; -D, --explain and the loader's commands.
test_netns_commands() {
	begin
	local id status

	make_pods one
	id=$(in_pod one "$TOOLS/xload" load eth0 "$TOOLS/verdict_hook.bpf.o" verdict_hook) ||
		fail "cannot load"
	"$CAPTURE" --netns one -D >list.log 2>&1 || fail "-D"
	grep -q "^eth0 *verdict_hook (id $id" list.log || fail "-D does not list it"
	! grep -q "^$NS " list.log || fail "-D lists another namespace's"
	"$CAPTURE" --netns all -D >list.log 2>&1 || fail "-D"
	sed '1,/^network namespace one:/d' list.log | grep -q "^eth0 *verdict_hook (id $id" ||
		fail "-D does not list it"
	grep -A 9 '^network namespace of this process:' list.log | grep -q "^$NS " ||
		fail "-D does not list this one's"
	"$CAPTURE" --netns one --explain eth0 >explain.log 2>&1 || fail "--explain"
	grep -q '^eth0 would be captured by tap hook' explain.log || fail "--explain says no"
	for command in "status" "--netns one status eth0"; do
		# shellcheck disable=SC2086 # words on purpose
		"$LOADER" --netns=one $command >status.log 2>&1 || fail "status"
		grep -q "^eth0 .*verdict_hook .* $id " status.log || fail "status does not list it"
	done
	"$LOADER" features --netns one eth0 >features.log 2>&1 || fail "features"
	grep -q '^tap hook: yes' features.log || fail "features says no"
	"$LOADER" --netns one clean eth0 >clean.log 2>&1 || fail "clean"
	for name in nobody 999999999 /dev/null "$PINS"; do
		"$CAPTURE" --netns "$name" --explain eth0 >refused.log 2>&1
		status=$?
		[[ $status$name =~ ^(1[^/]|2/) ]] || fail "namespace '$name': another status"
		grep -q "network namespace" refused.log ||
			fail "namespace '$name': $(cat refused.log)"
	done
	"$CAPTURE" --netns all --explain eth0 >refused.log 2>&1 && fail "all: no error"
	grep -q 'can only be listed' refused.log || fail "all: another message"
}

# One program on interfaces of the same number, a capture of each; what one of them does, its death
# and what is cleaned up after it, is not the other's.
test_netns_same_number() {
	begin
	local first second

	make_pods one two
	PROGRAM_ID=$(in_pod one "$TOOLS/xload" --pin "xdpdrop_hook=$PINS/hook" load eth0 \
		"$TOOLS/verdict_hook.bpf.o" verdict_hook) || fail "cannot load"
	in_pod two bpftool net attach xdp id "$PROGRAM_ID" dev eth0 2>/dev/null ||
		skip "needs bpftool, to attach the program once more"
	capture_in one one.pcapng -t hook
	send_in two none.pcap -n 20
	send_in one sent.pcap -n 20
	stop_capture
	same sent.pcap one.pcapng
	cp one.pcapng.log capture.log
	captured 20
}

# What was armed there is undone there, although the process has come back from there.
test_netns_failed_start() {
	begin
	local id n
	export FAULT FAULT_STRUCK=$PWD/struck

	make_pods one
	# one of the same number here
	ip link add eth0 index 7777 type veth peer name peer || fail "no interface"
	id=$(in_pod one "$TOOLS/xload" load eth0 "$TOOLS/verdict.bpf.o" verdict) ||
		fail "cannot load"
	for ((n = 1; n < 10; n++)); do
		rm -f struck
		FAULT=fork:$n:EAGAIN LD_PRELOAD=$TOOLS/faults.so "$CAPTURE" --netns one -t wrap \
			-d 0.1 eth0 out.pcap >out.log 2>>capture.log
		wait_for no_watchdog || fail "processes are left"
		[ "$(in_pod one "$TOOLS/xload" id eth0)" = "$id native" ] ||
			fail "fork $n: another program is attached"
		no_pins
		[ -e struck ] || break
	done
	says 'cannot start a control process: Resource temporarily unavailable'
	[ $n -lt 10 ] || fail "more than 9 processes"
}

# Wraps of two interfaces of the same number: one capture is killed, and cleaned up after.
test_netns_same_number_wrap() {
	begin
	local pod victim survivor id=()

	make_pods one two
	for pod in one two; do
		id+=("$(in_pod $pod "$TOOLS/xload" load eth0 "$TOOLS/verdict.bpf.o" verdict)")
	done
	capture_in two two.pcap -t wrap
	survivor=$CAPTURE_PID
	capture_in one one.pcap -t wrap
	kill_capture
	"$LOADER" --netns two clean eth0 >clean.log 2>&1 || fail "clean"
	[ "$(in_pod two "$TOOLS/xload" id eth0)" != "${id[1]} native" ] ||
		fail "the other capture's wrapper is gone"
	"$LOADER" --netns one clean eth0 >clean.log 2>&1 || fail "clean"
	[ "$(in_pod one "$TOOLS/xload" id eth0)" = "${id[0]} native" ] || fail "not given back"
	send_in two sent.pcap -n 20
	send_in one none.pcap -n 20
	CAPTURE_PID=$survivor
	stop_capture
	same sent.pcap two.pcap
	[ "$(in_pod two "$TOOLS/xload" id eth0)" = "${id[1]} native" ] || fail "not given back"
	no_pins
}

# The library: this thread is where it was, whatever it has called.
test_netns_thread() {
	begin
	make_pods one
	in_pod one "$TOOLS/xload" load eth0 "$TOOLS/verdict_hook.bpf.o" verdict_hook >/dev/null ||
		fail "cannot load"
	"$TOOLS/cycle" eth0 hook 30 one >cycle.log 2>&1 || fail "$(cat cycle.log)"
}

# faulty_in NETNS N FILE [options]: launch_in, with the Nth call of bpf() failing as if the
# interface had gone.
faulty_in() {
	FAULT=bpf:$2:ENODEV FAULT_COUNTS=$PWD/counts LD_PRELOAD=$TOOLS/faults.so \
		launch_in "$1" "${@:3}" --wait -t wrap
}

FAILED_START='waiting: cannot wrap program id .* on eth0: No such device'

# find_failed_start NETNS: CALL is the one without which a start fails half way, one of the last.
find_failed_start() {
	local calls

	faulty_in "$1" 9999 found.pcap -d 0.01
	wait "$CAPTURE_PID" || fail "status $?"
	calls=$(sed -n 's/^bpf //p' counts)
	for ((CALL = calls; CALL > calls / 2; CALL--)); do
		faulty_in "$1" $CALL found.pcap -d 0.01
		wait "$CAPTURE_PID"
		! grep -q "$FAILED_START" found.pcap.log || return 0
	done
	fail "no start fails half way"
}

# The start fails half way, and then the process that names the namespace ends: the session that
# takes the place of the one that failed is in the same namespace.
test_netns_wait() {
	begin
	local pid pod

	make_pods one two
	for pod in one two; do
		in_pod $pod "$TOOLS/xload" load eth0 "$TOOLS/verdict.bpf.o" verdict >/dev/null ||
			fail "cannot load"
	done
	find_failed_start one
	nsenter --net=/run/netns/one sleep 1000 &
	pid=$!
	wait_for [ /proc/$pid/ns/net -ef /run/netns/one ] || fail "no process in the namespace"
	faulty_in $pid $CALL out.pcap
	wait_for grep -q "$FAILED_START" out.pcap.log || fail "the start did not fail"
	kill -KILL $pid
	wait $pid 2>/dev/null
	wait_for grep -q '^listening' out.pcap.log || fail "xdpdrop-capture does not listen"
	send_in two other.pcap -n 20
	send_in one sent.pcap -n 20
	kill -INT "$CAPTURE_PID"
	end_capture 0
	same sent.pcap out.pcap
	no_pins
}
