# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# A capture as a service: it waits for what it captures, and reports to its manager.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # what is tested here does not depend on the kernel
ALL_TESTS="test_wait_program test_wait_interface test_wait_gone_at_start test_wait_directory
	test_wait_interrupted
	test_wait_duration
	test_wait_misuse test_notify test_notify_while_waiting test_unit test_unit_by_systemd
	test_monitor_unit test_monitor_unit_by_systemd"

waits() {
	wait_for grep -q '^xdpdrop-capture: waiting: ' capture.log || fail "it does not wait"
}

# From the first frame on that comes when it listens.
captures_when_it_listens() {
	await_listening || fail "xdpdrop-capture does not listen"
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcap
}

test_wait_program() {
	begin
	launch_capture out.pcap --wait
	waits
	load verdict verdict
	captures_when_it_listens
	[ "$(grep -c waiting capture.log)" = 1 ] || fail "not one message"
}

has_waited_twice() {
	[ "$(grep -c waiting capture.log)" = 2 ]
}

# What is missing changes: first the interface, then its program.
test_wait_interface() {
	begin
	: >capture.log
	env --default-signal=INT "$CAPTURE" --wait later out.pcap 2>capture.log &
	CAPTURE_PID=$!
	waits
	says 'waiting: .*later'
	ip link add later type veth peer name later1 || fail "cannot add an interface"
	wait_for has_waited_twice || fail "what is missing has changed without a message"
	"$TOOLS/xload" load later "$TOOLS/verdict.bpf.o" verdict >load.log 2>&1 ||
		fail "cannot load"
	await_listening || fail "xdpdrop-capture does not listen"
	stop_capture
	ip link del later
}

# faulty_bpf N [options]: with the Nth call of bpf() failing as if the interface had gone.
faulty_bpf() {
	FAULT=bpf:$1:ENODEV FAULT_COUNTS=$PWD/counts LD_PRELOAD=$TOOLS/faults.so \
		"$CAPTURE" --wait -t wrap -d 0.01 "$NS" out.pcap 2>capture.log
}

# What there is may go between the choice of the tap and the start: then it is waited for, too, and
# the file has one header. The call is one of the last ones.
test_wait_gone_at_start() {
	begin
	local n calls

	load verdict verdict
	faulty_bpf 9999 || fail "status $?"
	calls=$(sed -n 's/^bpf //p' counts)
	for ((n = calls; n > calls / 2; n--)); do
		! faulty_bpf "$n" || ! grep -q 'waiting: cannot wrap' capture.log || break
	done
	says "waiting: cannot wrap program id $PROGRAM_ID on $NS: No such device"
	FAULT=bpf:$n:ENODEV LD_PRELOAD=$TOOLS/faults.so launch_capture out.pcap --wait -t wrap
	captures_when_it_listens
	says "waiting: cannot wrap"
}

# An output that is missing is an error.
test_wait_directory() {
	begin
	load verdict verdict
	launch_capture missing/x.pcap --wait -C 1
	end_capture 1
	says "cannot write 'missing/x.pcap': No such file or directory; the capture ends"
	[ "$(wc -l <capture.log)" = 1 ] || fail "not one message"
}

test_wait_interrupted() {
	begin
	launch_capture out.pcap --wait
	waits
	stop_capture
	[ ! -e out.pcap ] || fail "a file of a capture that did not start"
}

# The duration is that of the capture; the wait is no part of it.
test_wait_duration() {
	begin
	launch_capture out.pcap --wait -d 0.3
	waits
	pause 0.6
	load verdict verdict
	end_capture 0
	says '^listening on '
	says_not '^xdpdrop-capture: .*error'
}

# Only what may come is waited for.
test_wait_misuse() {
	begin
	load verdict verdict
	launch_capture out.pcap --wait --reasons missing
	end_capture 2
	says 'cannot open the file of reasons'
	says_not waiting
}

# start_manager: its socket, and what it gets.
start_manager() {
	need socat
	socat -u UNIX-RECV:manager.socket OPEN:manager.log,creat,append &
	wait_for [ -S manager.socket ] || fail "no socket"
	export NOTIFY_SOCKET=$PWD/manager.socket WATCHDOG_USEC=400000
}

manager_got() {
	wait_for grep -aq "$1" manager.log || fail "the manager did not get $1: $(cat manager.log)"
}

# Ready when it listens, and alive without frames, as another user and in its sandbox.
test_notify() {
	begin
	start_manager
	load verdict verdict
	start_capture out.pcap
	manager_got 'READY=1'
	manager_got "STATUS=capturing on $NS"
	manager_got 'WATCHDOG=1WATCHDOG=1WATCHDOG=1'
	stop_capture
}

test_notify_while_waiting() {
	begin
	start_manager
	launch_capture out.pcap --wait
	manager_got 'STATUS=waiting: '
	manager_got 'WATCHDOG=1WATCHDOG=1'
	load verdict verdict
	await_listening || fail "xdpdrop-capture does not listen"
	manager_got "STATUS=capturing on $NS"
	[ "$(grep -ao READY=1 manager.log | wc -l)" = 1 ] || fail "ready more than once"
	stop_capture
}

# check_unit NAME TOOL: what it is exposed to is less than "medium", and no word of it is unknown.
check_unit() {
	need systemd-analyze
	mkdir units
	sed "s|^ExecStart=[^ ]*|ExecStart=$2|; s/%[iI]/eth0/g" "$BUILD/systemd/$1@.service" \
		>"units/$1-eth0.service"
	systemd-analyze verify --man=no "units/$1-eth0.service" >verify.log 2>&1 || fail "verify"
	! grep xdpdrop verify.log || fail "verify has warnings"
	systemd-analyze security --offline=yes --threshold=50 "units/$1-eth0.service" \
		>security.log 2>&1 || fail "$(tail -n 3 security.log)"
}

test_unit() {
	begin
	check_unit xdpdrop "$CAPTURE"
}

test_monitor_unit() {
	begin
	check_unit xdpdrop-monitor "$BUILD/xdpdrop-monitor"
}

# -- the unit, started by systemd -----------------------------------------------------------------

SYSTEMD=/lib/systemd/systemd

# start_systemd UNIT TOOL: as the first process of a process namespace, in a cgroup of its own, with
# no other units than this one and what every unit needs. Its pid in the namespace of the test is
# MANAGER.
start_systemd() {
	local name

	UNIT=$1
	mkdir -p /run/cgroup /run/build "units/$UNIT@.service.d" log
	mount -t cgroup2 cgroup2 /run/cgroup 2>/dev/null || skip "no cgroups of version 2"
	CGROUP=$(mktemp -d /run/cgroup/xdpdrop-test.XXXXXX) || skip "no cgroup can be made here"
	trap remove_cgroup EXIT
	mount --bind "$BUILD" /run/build || fail "cannot mount $BUILD"
	for name in sysinit basic shutdown default; do
		printf '[Unit]\nDefaultDependencies=no\n' >units/$name.target
	done
	sed "s|^ExecStart=[^ ]*|ExecStart=/run/build/$2|" "$BUILD/systemd/$UNIT@.service" \
		>"units/$UNIT@.service"
	printf '[Service]\nStandardError=append:%s/capture.log\n' "$PWD" \
		>"units/$UNIT@.service.d/log.conf"
	: >capture.log
	(
		echo "$BASHPID" >"$CGROUP/cgroup.procs"
		exec unshare --cgroup --pid --mount --fork --kill-child --mount-proc sh -c '
			umount -R /sys/fs/cgroup 2>/dev/null
			mount -t cgroup2 cgroup2 /sys/fs/cgroup && mount --bind log /var/log &&
				exec env -i container=test PATH="$PATH" \
					SYSTEMD_UNIT_PATH="$PWD/units" "$@"' sh $SYSTEMD --system \
			--log-target=console --log-level=info --show-status=no
	) >systemd.log 2>&1 &
	wait_for systemctl_is_answered || fail "systemd does not start: $(cat systemd.log)"
}

# What systemctl asks, it asks the manager whose namespaces it is in.
of_systemd() {
	MANAGER=$(pgrep -x systemd) && nsenter -t "$MANAGER" -p -m -C --wd="$PWD" "$@"
}

systemctl_is_answered() {
	of_systemd systemctl list-units >systemctl.log 2>&1
}

property() {
	of_systemd systemctl show -P "$1" "$UNIT@$NS"
}

file_ends() {
	FILE=$(find log/xdpdrop -name "$NS-*.pcapng*" | sort | sed -n "$1p")
	[ "$FILE" ]
}

# Ready when it captures, the next file at a reload, started again after a kill, stopped with
# everything in its files.
test_unit_by_systemd() {
	begin
	local pid

	need nsenter
	[ -x $SYSTEMD ] || skip "no systemd"
	load verdict_hook verdict_hook
	start_systemd xdpdrop xdpdrop-capture
	of_systemd systemctl start "xdpdrop@$NS" || fail "$(cat capture.log systemd.log)"
	[ "$(property ActiveState) $(property Type)" = "active notify" ] || fail "it is not active"
	send_frames first.pcap -n 40
	of_systemd systemctl reload "xdpdrop@$NS" || fail "no reload"
	wait_for file_ends 2 || fail "no second file: $(ls log/xdpdrop)"
	send_frames second.pcap -n 40 -f 40
	await_written second.pcap "$FILE"
	pid=$(property MainPID)
	of_systemd kill -KILL "$pid"
	wait_for eval '[ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ]' ||
		fail "it is not started again"
	send_frames third.pcap -n 40 -f 80
	of_systemd systemctl stop "xdpdrop@$NS" || fail "it does not stop"
	[ "$(property Result)" = success ] || fail "$(property Result)"
	join first.pcap second.pcap third.pcap >sent.pcap
	find log/xdpdrop -name "$NS-*.pcapng*" | sort | xargs cat >out.pcapng
	same sent.pcap out.pcapng
	[ "$(stat -c %a log/xdpdrop)" = 750 ] || fail "mode of the directory"
	[ -z "$(find log/xdpdrop -type f ! -perm 600)" ] || fail "modes of files"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q "nothing to remove" clean.log || fail "left behind: $(cat clean.log)"
}

# metrics_have FRAMES: over all reasons.
metrics_have() {
	curl -sf http://localhost:9471/metrics |
		awk -v frames="$1" '/^xdpdrop_frames/ { sum += $2 } END { exit sum != frames }'
}

# Ready when it counts, with metrics, started again after a kill, and nothing is left when it stops.
test_monitor_unit_by_systemd() {
	begin
	local pid

	need nsenter
	need curl
	[ -x $SYSTEMD ] || skip "no systemd"
	ip link set lo up
	load verdict_hook verdict_hook
	start_systemd xdpdrop-monitor xdpdrop-monitor
	of_systemd systemctl start "$UNIT@$NS" || fail "$(cat capture.log systemd.log)"
	[ "$(property ActiveState) $(property Type)" = "active notify" ] || fail "it is not active"
	send_frames first.pcap -n 40
	wait_for metrics_have 40 || fail "no 40 frames"
	pid=$(property MainPID)
	of_systemd kill -KILL "$pid"
	wait_for eval '[ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ]' ||
		fail "it is not started again"
	send_frames second.pcap -n 30 -f 40
	wait_for metrics_have 30 || fail "no 30 frames"
	of_systemd systemctl stop "$UNIT@$NS" || fail "it does not stop"
	[ "$(property Result)" = success ] || fail "$(property Result)"
	[ ! -s capture.log ] || fail "it is not quiet: $(cat capture.log)"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q "nothing to remove" clean.log || fail "left behind: $(cat clean.log)"
}
