# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What does not work when it should must not cost the user's program its place, or anybody else
# what is theirs: who cannot be asked is not gone, and what may be in use stays.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # the faults are made by a library, whatever the kernel
ALL_TESTS="test_link_out_of_reach test_attach_answer_lost test_detach_answer_lost
	test_link_of_another_namespace test_unload_spares_wrapped test_unload_spares_orphan
	test_clean_without_descriptors test_failed_start_keeps_file test_bad_reasons
	test_reasons_of_another_user test_gone_interface_is_closed"
SLOW_TESTS="test_clean_without_descriptors"

# Frames get their verdicts from the program that was loaded, whatever is in front of it.
still_decides() {
	local before

	before=$(count_of drop)
	send_frames sent.decide -n 10 -V drop
	[ "$(count_of drop)" = $((before + 10)) ] || fail "the program does not run: $(counts)"
}

restored() {
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	still_decides
	no_pins
}

clean() {
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
}

make_pair() {
	{ ip link add "$1" type veth peer name "$1-in" && ip link set "$1" up &&
		ip link set "$1-in" up; } || fail "no interface $1"
}

# The link cannot even be opened when the program is to get its place back.
test_link_out_of_reach() {
	begin
	need prlimit
	load --mode native --link "$PINS/link" verdict verdict
	start_capture out.pcap -t wrap
	prlimit --pid "$(control)" --nofile=3:3 || fail "prlimit"
	kill -INT "$CAPTURE_PID"
	end_capture 1
	says "cannot restore interface .* to program id $PROGRAM_ID: Too many open files"
	still_decides
	clean
	restored
	rm "$PINS/link"
}

# faulty FAULT [options]: a short capture, with all privileges to its end.
faulty() {
	FAULT=$1 FAULT_STRUCK=$PWD/struck LD_PRELOAD=$TOOLS/faults.so "$CAPTURE" -Z root -t wrap \
		-d 0.2 "${@:2}" "$NS" out.pcap 2>capture.log
	STATUS=$?
	[ -e struck ] || fail "no answer was lost"
}

# The kernel did as it was told, and had no memory to say so.
test_attach_answer_lost() {
	begin
	load --mode native verdict verdict
	faulty answer:1:ENOBUFS
	[ $STATUS = 0 ] || fail "status $STATUS"
	restored
}

test_detach_answer_lost() {
	begin
	load --mode native verdict verdict
	faulty answer:2:ENOBUFS
	[ $STATUS = 0 ] || fail "status $STATUS"
	says_not 'cannot restore'
	restored
}

# The same program, on interfaces of the same number: links do not say in which namespace.
test_link_of_another_namespace() {
	begin
	local n

	for n in other ours; do
		{ ip netns add $n && ip -n $n link add "$NS" index 7777 type veth peer name veth0 &&
			ip -n $n link set "$NS" up && ip -n $n link set veth0 up; } ||
			fail "no interface"
	done
	PROGRAM_ID=$(nsenter --net=/run/netns/other "$TOOLS/xload" --mode native --link \
		"$PINS/other" load "$NS" "$TOOLS/verdict.bpf.o" verdict) || fail "cannot load"
	nsenter --net=/run/netns/ours "$TOOLS/xload" --mode native --link "$PINS/ours" link \
		"$NS" "$PROGRAM_ID" || fail "cannot link"
	nsenter --net=/run/netns/ours "$CAPTURE" -t wrap -c 10 -d 20 "$NS" out.pcap \
		2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	[ "$(nsenter --net=/run/netns/other "$TOOLS/xload" id "$NS")" = "$PROGRAM_ID native" ] ||
		fail "the other interface has a wrapper"
	for n in other ours; do
		nsenter --net=/run/netns/$n "$TOOLS/send" -n 10 -V drop --reference $n.pcap veth0 \
			>send.log 2>&1 || fail "sending"
	done
	wait "$CAPTURE_PID" || fail "xdpdrop-capture ended with status $?"
	same ours.pcap out.pcap
	for n in other ours; do
		[ "$(nsenter --net=/run/netns/$n "$TOOLS/xload" id "$NS")" = \
			"$PROGRAM_ID native" ] || fail "$n has another program"
	done
	no_pins
	rm "$PINS/other" "$PINS/ours"
}

# refuses_unload HOW: the wrapper stays, and with it the user's program.
refuses_unload() {
	local wrapper

	wrapper=$(attached)
	for how in -a "-i ${wrapper% *}" "-i $PROGRAM_ID"; do
		# shellcheck disable=SC2086 # words on purpose
		! "$LOADER" unload "$NS" $how >unload.log 2>&1 || fail "unload $how does something"
		grep -q "$1" unload.log || fail "unload $how says something else"
		[ "$(attached)" = "$wrapper" ] || fail "attached is $(attached)"
	done
	still_decides
}

test_unload_spares_wrapped() {
	begin
	load --mode native verdict verdict
	start_capture out.pcap -t wrap
	refuses_unload "wrapped by the xdpdrop session with pid $CAPTURE_PID; end that first"
	stop_capture
	restored
}

test_unload_spares_orphan() {
	begin
	load --mode native verdict verdict
	start_capture out.pcap -t wrap
	killed kill_capture
	refuses_unload "wrapped by a dead session (pid $CAPTURE_PID); clean that up first"
	grep -q "'xdpdrop-loader clean' removes" unload.log || fail "unload names no remedy"
	clean
	restored
}

# Whose owner cannot be looked up, for want of descriptors, is not a dead session's.
test_clean_without_descriptors() {
	begin
	need prlimit
	local n slots

	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	start_capture out.pcap
	slots=$("$TOOLS/xload" slots "$PINS/hook")
	for ((n = 4; n < 20; n++)); do
		prlimit --nofile=$n "$LOADER" clean "$NS" >clean.log 2>&1
		[ "$("$TOOLS/xload" slots "$PINS/hook")" = "$slots" ] ||
			fail "with $n descriptors, what a live capture has is cleaned away"
	done
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcap
}

# A second interface that cannot be captured: then the first one's file is as it was.
test_failed_start_keeps_file() {
	begin
	local name

	for name in left right; do
		make_pair $name
		"$TOOLS/xload" --pin "xdpdrop_hook=$PINS/$name" load $name \
			"$TOOLS/verdict_hook.bpf.o" verdict_hook >load.log 2>&1 || fail "load"
	done
	"$TOOLS/xload" slot "$PINS/right" 1 "$TOOLS/verdict.bpf.o" verdict || fail "slot"
	head -c 100000 /dev/urandom >old.pcapng
	cp old.pcapng out.pcapng
	! "$CAPTURE" -t hook left,right out.pcapng 2>capture.log || fail "it starts"
	says 'already has program verdict'
	cmp old.pcapng out.pcapng || fail "the file is another"
	[ "$("$TOOLS/xload" slots "$PINS/left")" = "0 0 0 0 0" ] || fail "left is still captured"
}

test_bad_reasons() {
	begin
	load verdict_hook verdict_hook
	echo 'one ONE' >reasons
	for file in reasons none; do
		launch_capture out.pcapng --reasons $file
		end_capture 2
		[ "$(wc -l <capture.log)" = 1 ] || fail "not one line: $(cat capture.log)"
	done
	says 'cannot open the file of reasons none: No such file'
	[ ! -e out.pcapng ] || fail "a file was made"
}

# Names are read once, by whoever starts the capture: what looks after it has fewer rights.
test_reasons_of_another_user() {
	begin
	need tshark setpriv
	mkdir private
	printf '1 EINS\n' >private/reasons
	chown -R 1000:1000 private
	chmod -R go= private
	load verdict_hook verdict_hook
	start_capture out.pcapng --reasons private/reasons --reason EINS
	send_frames first.pcap -n 40
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	wait_for hook_is_armed || fail "the new hook is not taken"
	send_frames second.pcap -n 40 -f 40
	stop_capture
	fields out.pcapng frame.number frame.comment >found
	[ "$(grep -c EINS found)" = 40 ] || fail "not 20 and 20: $(<found)"
	! grep -v EINS found || fail "frames of other reasons"
}

test_gone_interface_is_closed() {
	begin
	need jq
	local name

	for name in left right; do
		make_pair $name
		"$TOOLS/xload" load $name "$TOOLS/verdict.bpf.o" verdict >load.log 2>&1 ||
			fail "load"
	done
	NS=left,right start_capture out.pcapng -t wrap --json json --stats 0.5
	ip link del left
	wait_for grep -q 'interface left has gone' capture.log || fail "nothing is said"
	stop_capture
	tail -n 1 json >last
	jq -e '[.points[] | .gone] == [true, false]' last >jq.log || fail "$(<last)"
	no_pins
}
