# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# A capture as a service: it waits for what it captures, and reports to its manager.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # what is tested here does not depend on the kernel
ALL_TESTS="test_wait_program test_wait_interface test_wait_interrupted test_wait_misuse
	test_notify test_notify_while_waiting test_unit"

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

test_wait_interrupted() {
	begin
	launch_capture out.pcap --wait
	waits
	stop_capture
	[ ! -e out.pcap ] || fail "a file of a capture that did not start"
}

# Only what may come is waited for.
test_wait_misuse() {
	begin
	load verdict verdict
	launch_capture out.pcap --wait --reasons missing
	end_capture 1
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

# What the unit is exposed to is less than "medium", and no word of it is unknown.
test_unit() {
	begin
	need systemd-analyze
	mkdir units
	sed "s|^ExecStart=[^ ]*|ExecStart=$CAPTURE|" "$BUILD/systemd/xdpdrop@.service" \
		>units/xdpdrop@.service
	sed 's/%i/eth0/g; s/%I/eth0/g' units/xdpdrop@.service >units/xdpdrop-eth0.service
	systemd-analyze verify --man=no units/xdpdrop-eth0.service >verify.log 2>&1 ||
		fail "verify"
	! grep xdpdrop verify.log || fail "verify has warnings"
	systemd-analyze security --offline=yes --threshold=50 units/xdpdrop-eth0.service \
		>security.log 2>&1 || fail "$(tail -n 3 security.log)"
}
