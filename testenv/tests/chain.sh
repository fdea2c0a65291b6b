# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Several captures at one hook: each has all frames, whichever others start, end or die.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # the type of a table of tail calls, and who keeps it filled, is the kernel's
ALL_TESTS="test_chain_two test_chain_three_orders test_chain_front_killed
	test_chain_middle_killed test_chain_last_killed test_chain_of_tags
	test_chain_all_killed test_chain_killed_one_by_one test_chain_status test_chain_slots
	test_chain_start_beside_end test_chain_sixteen
	test_chain_reload test_chain_shared_hook test_chain_shared_hook_one_goes
	test_chain_foreign_program test_chain_after_foreign_program test_chain_lets_go
	test_chain_of_xdpcap_hook test_chain_beside_monitor"
ANY_TESTS="test_chain_beside_monitor test_chain_sixteen test_chain_foreign_program
	test_chain_after_foreign_program test_chain_start_beside_end
	test_chain_shared_hook_one_goes test_chain_middle_killed test_chain_last_killed
	test_chain_status test_chain_slots"
SLOW_TESTS="test_chain_three_orders test_chain_sixteen test_chain_start_beside_end"

# Each portion has 10 frames of each of these verdicts.
VERDICTS=drop,pass,aborted PORTION=0

hooked() {
	begin
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
}

# start NUMBER [options]: its files are NUMBER.pcapng and NUMBER.log; FIRST is its first portion.
start() {
	local n=$1

	shift
	start_capture "$n.pcapng" -t hook -B 256 "$@"
	mv capture.log "$n.log"
	PIDS[n]=$CAPTURE_PID FIRST[n]=$PORTION
}

# turn_to NUMBER: the functions for the capture are for this one.
turn_to() {
	CAPTURE_PID=${PIDS[$1]} MESSAGES=$1.log
}

send() {
	send_frames "$PORTION.sent" -n 30 -f $((30 * PORTION)) -V $VERDICTS
	PORTION=$((PORTION + 1))
}

# has_all NUMBER [VERDICTS]: the capture has, and counts, the frames with these verdicts from its
# first portion to the last one.
has_all() {
	local n=$1 only=${2:-drop,aborted} portions verdicts

	portions=$(seq -f %.0f.sent "${FIRST[n]}" $((PORTION - 1)))
	# shellcheck disable=SC2086 # words on purpose
	join $portions >"$n.reference"
	same "$n.reference" "$n.pcapng" --only "$only"
	IFS=, read -ra verdicts <<<"$only"
	cp "$n.log" capture.log
	captured $(((PORTION - FIRST[n]) * 10 * ${#verdicts[@]}))
}

end() {
	turn_to "$1"
	stop_capture
	has_all "$1"
}

verdicts_hold() {
	local each=$((PORTION * 10))

	[ "$(counts)" = "aborted=$each drop=$each pass=$each tx=0 redirect=0 invalid=0" ] ||
		fail "other verdicts: $(counts)"
}

nothing_left() {
	wait_for no_watchdog || fail "processes are left"
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] || fail "something was left to clean"
	hook_is_empty || fail "slots are in use"
	verdicts_hold
	returns_every ${VERDICTS//,/ }
}

# Each with its own filter and reasons, and the same reasons and rules for the same frames.
test_chain_two() {
	begin
	need tshark
	load verdict_rule verdict_rule
	start 1 --reason NUMBER_ODD
	start 2
	echo "less 100" >filter
	start 3 -f filter
	send_frames small.sent -n 20 -s 60
	send_frames large.sent -n 20 -f 20 -s 200
	for n in 3 1 2; do
		turn_to $n
		stop_capture
	done
	join small.sent large.sent >all.sent
	same all.sent 2.pcapng
	same small.sent 3.pcapng
	fields 2.pcapng frame.comment >2.comments
	fields 1.pcapng frame.comment >1.comments
	fields 3.pcapng frame.comment >3.comments
	grep -q '^NUMBER_EVEN rule [0-9]*$' 2.comments || fail "no reasons"
	grep NUMBER_ODD 2.comments | diff - 1.comments || fail "other reasons in the first one"
	head -n 20 2.comments | diff - 3.comments || fail "other reasons in the last one"
	cp 2.log capture.log
	captured 40
	for n in 1 3; do
		cp $n.log capture.log
		[ "$(summary seen)" = 40 ] || fail "capture $n has seen $(summary seen) frames"
		[ "$(summary captured)" = 20 ] ||
			fail "capture $n has captured $(summary captured) frames"
	done
}

test_chain_three_orders() {
	hooked
	local order n

	for order in "1 2 3" "1 3 2" "2 1 3" "2 3 1" "3 1 2" "3 2 1"; do
		for n in 1 2 3; do
			start $n
		done
		for n in $order; do
			send
			end "$n"
		done
		hook_is_empty || fail "slots are in use after $order"
	done
	nothing_left
}

# killed_in_chain POSITION: processes of the capture there die in each way, and the others go on.
killed_in_chain() {
	local n way

	hooked
	for way in capture control watchdog all; do
		for n in 1 2 3; do
			start $n
		done
		send
		turn_to "$1"
		case $way in
		capture) kill_capture_only ;;
		control)
			kill -KILL "$(control)"
			wait_for capture_is_gone || fail "the capture goes on"
			wait "$CAPTURE_PID"
			;;
		watchdog) kill -KILL "$(watchdog)" ;;
		all) kill_capture ;;
		esac
		send
		start 4
		send
		if [ $way = all ]; then
			"$LOADER" clean "$NS" >clean.log || fail "clean"
			send
		fi
		for n in 1 2 3 4; do
			[ $n != "$1" ] || [ $way = watchdog ] || continue
			end $n
		done
		hook_is_empty || fail "slots are in use after $way"
	done
	nothing_left
}

test_chain_front_killed() { killed_in_chain 1; }
test_chain_middle_killed() { killed_in_chain 2; }
test_chain_last_killed() { killed_in_chain 3; }

test_chain_all_killed() {
	hooked
	local n

	for n in 1 2 3; do
		start $n
	done
	for n in 2 1 3; do
		send
		turn_to $n
		kill_capture
	done
	send
	hook_is_empty && fail "nothing was left to clean"
	"$LOADER" clean "$NS" >clean.log || fail "clean"
	hook_is_empty || fail "slots are in use"
	nothing_left
}

# The place of the killed one is taken over by the next start, while others run.
test_chain_killed_one_by_one() {
	hooked
	local n

	for n in 1 2 3; do
		start $n
	done
	for n in 4 5 6 7; do
		turn_to $((n - 3))
		kill_capture
		send
		start $n -v
		grep -q 'taking over the drop slot that a dead session' $n.log ||
			fail "no place is taken over"
		send
	done
	for n in 6 5 7; do
		end $n
	done
	nothing_left
}

# All are listed, however long the line is, also more than have room in one slot. The last one of
# each slot lives, and keeps the chain of the dead ones.
test_chain_status() {
	hooked
	local n dead

	for n in {1..9}; do
		start "$n" -a drop
	done
	for n in {10..17}; do
		start "$n" -a pass
	done
	for n in {1..8} {10..16}; do
		turn_to "$n"
		kill_capture
	done
	"$LOADER" status "$NS" >status.log || fail "no status"
	for n in {1..17}; do
		dead=" \\(dead, to be cleaned up\\)"
		case $n in 9 | 17) dead="" ;; esac
		grep -Eq "pid ${PIDS[n]}$dead(,|\$)" status.log ||
			fail "capture $n is missing in: $(grep 'in use by pid' status.log)"
	done
	"$LOADER" clean "$NS" >clean.log || fail "clean"
	send
	for n in 9 17; do
		turn_to "$n"
		stop_capture
	done
	has_all 9 drop
	has_all 17 pass
	nothing_left
}

# Captures of other verdicts have other places in each slot.
test_chain_slots() {
	hooked
	local n only=(none "drop" "drop,aborted" "pass" "pass,drop,aborted")

	for n in 1 2 3 4; do
		start $n -a "${only[n]}"
	done
	for n in 2 1 4 3; do
		send
		turn_to $n
		stop_capture
		has_all $n "${only[n]}"
	done
	nothing_left
}

# One starts while another one ends, and a third one has every frame.
test_chain_start_beside_end() {
	hooked
	local n

	start 1
	start 2
	start_sending 30 -V $VERDICTS
	for n in 3 4 5 6 7 8; do
		turn_to $((n - 1))
		[ $((n % 2)) = 0 ] || pause 0.1
		kill -INT "$CAPTURE_PID"
		PIDS[0]=$CAPTURE_PID
		start $n
		CAPTURE_PID=${PIDS[0]}
		end_capture 0
	done
	stop_sending
	turn_to 8
	stop_capture
	turn_to 1
	stop_capture
	join part.* >sent.pcap
	same sent.pcap 1.pcapng --only drop,aborted
	cp 1.log capture.log
	captured $((SENT * 2 / 3))
	PORTION=$((SENT / 30))
	nothing_left
}

test_chain_sixteen() {
	hooked
	local n

	for n in {1..16}; do
		start "$n"
	done
	MESSAGES=capture.log
	launch_capture 17.pcapng -t hook -B 256
	end_capture 1
	says "hook xdpdrop_hook \(map id [0-9]+\) is in use by 16 or more xdpdrop sessions, and \
one can follow at most 15: end some of them"
	send
	for n in 9 1 16 3; do
		end $n
	done
	send
	start 17
	send
	for n in 2 {4..8} {10..15} 17; do
		end "$n"
	done
	nothing_left
}

is_captured() {
	grep -Eq "program verdict_hook \(id $PROGRAM_ID\) on $NS is followed from now on" "$1"
}

# A new program with a new hook, which the captures take up in any order.
test_chain_reload() {
	hooked
	local n

	for n in 1 2 3; do
		start $n
	done
	send
	rm "$PINS/hook"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	for n in 1 2 3; do
		wait_for is_captured $n.log || fail "capture $n does not take up the new program"
	done
	send
	for n in 1 2 3; do
		end $n
	done
	hook_is_empty || fail "slots are in use"
}

make_pair() {
	ip netns add aside || fail "cannot make a namespace"
	for name in left right; do
		{ ip link add "$name" type veth peer name "$name" netns aside &&
			ip link set "$name" up && ip -n aside link set "$name" up; } ||
			fail "cannot make a pair of interfaces"
	done
}

# One program on two interfaces, and two captures of both.
shared_hook() {
	local id name

	begin
	need bpftool
	make_pair
	id=$("$TOOLS/xload" --pin "xdpdrop_hook=$PINS/hook" load left \
		"$TOOLS/verdict_hook.bpf.o" verdict_hook 2>load.log) || fail "cannot load"
	bpftool net attach xdp id "$id" dev right || fail "cannot attach"
	for n in 1 2; do
		NS=left,right start $n
	done
	send_to left 30 0
}

# send_to INTERFACE FRAMES FROM
send_to() {
	ip netns exec aside "$TOOLS/send" --reference "$PORTION.sent" -n "$2" -f "$3" "$1" \
		>send.log 2>&1 || fail "sending frames to $1"
	PORTION=$((PORTION + 1))
}

shared_frames() {
	local n

	join 0.sent 1.sent >sent.pcap
	for n; do
		turn_to "$n"
		stop_capture
		same sent.pcap "$n.pcapng"
		cp "$n.log" capture.log
		captured 50
	done
	hook_is_empty || fail "slots are in use"
}

test_chain_shared_hook() {
	shared_hook
	send_to right 20 30
	shared_frames 1 2
}

has_gone() {
	grep -q "interface left has gone" "$1"
}

test_chain_shared_hook_one_goes() {
	shared_hook
	ip link del left
	for n in 1 2; do
		wait_for has_gone $n.log || fail "nothing is said by $n"
	done
	send_to right 20 30
	shared_frames 2 1
}

# In front of the others, who have its place then.
test_chain_foreign_program() {
	hooked
	local n

	start 1
	start 2
	send
	put_foreign
	for n in 1 2; do
		wait_for grep -q 'another process has changed a slot' $n.log ||
			fail "capture $n does not see it"
		turn_to $n
		kill -INT "$CAPTURE_PID"
		wait "$CAPTURE_PID"
	done
	[ "$("$TOOLS/xload" slots "$PINS/hook" | tr ' ' '\n' | grep -vc '^0$')" = 1 ] ||
		fail "slots are $("$TOOLS/xload" slots "$PINS/hook")"
}

test_chain_after_foreign_program() {
	hooked
	put_foreign
	launch_capture out.pcapng -t hook
	end_capture 1
	says 'already has program flood_pass \(id [0-9]+\) in its drop slot; end the tool'
}

nothing_of() {
	! "$TOOLS/xload" left "$1" | grep -q .
}

# What ended before does not stay in memory because others, who come after it, go on.
test_chain_lets_go() {
	hooked
	local n

	for n in 1 2 3; do
		FAULT_IDS=$PWD/$n.ids LD_PRELOAD=$TOOLS/faults.so start $n
	done
	send
	end 1
	wait_for nothing_of 1.ids || fail "left of the first: $("$TOOLS/xload" left 1.ids)"
	end 2
	wait_for nothing_of 2.ids || fail "left of the second: $("$TOOLS/xload" left 2.ids)"
	send
	end 3
	nothing_left
}

# What only counts has a place as captures have, here between two of them.
test_chain_beside_monitor() {
	hooked
	need jq
	local n pid

	start 1
	env --default-signal=INT "$BUILD/xdpdrop-monitor" --json -t hook "$NS" >out 2>monitor.log &
	pid=$!
	wait_for grep -q '^listening' monitor.log || fail "xdpdrop-monitor does not listen"
	start 2
	send
	end 1
	send
	kill -INT $pid
	wait $pid || fail "xdpdrop-monitor fails"
	jq -es '.[-1] | .balanced and .seen == 40 and .frames == 40' out >jq.log 2>&1 ||
		fail "counts are $(tail -n 1 out)"
	send
	end 2
	nothing_left
}

test_chain_of_xdpcap_hook() {
	begin
	local n

	load --pin "xdpcap_hook=$PINS/hook" xdpcap4 xdpcap4
	for n in 1 2; do
		start $n
	done
	send
	end 1
	send
	end 2
	nothing_left
}

# With tags, the slot is not the action.
test_chain_of_tags() {
	begin
	need_members
	local n

	{
		"$XDP_LOADER" load -p "$PINS" "$NS" "$TOOLS/tagger.bpf.o" -n tagger &&
			"$XDP_LOADER" load -p "$PINS" "$NS" "$TOOLS/tagger.bpf.o" -n dropper &&
			"$XDP_LOADER" load -P 50 "$NS" "$BUILD/xdpdrop_tag.bpf.o" -n xdpdrop_tag_tap
	} >load.log 2>&1 || fail "cannot load the members"
	for n in 1 2; do
		start_capture $n.pcapng -t tag
		mv capture.log $n.log
		PIDS[n]=$CAPTURE_PID
	done
	send_frames sent.pcap -n 20 -V drop,pass
	for n in 1 2; do
		turn_to $n
		stop_capture
		same sent.pcap $n.pcapng --only drop
		cp $n.log capture.log
		captured 10
	done
	"$XDP_LOADER" unload "$NS" --all
}
