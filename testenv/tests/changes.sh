# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What happens to an interface while it is captured: its name, state, MTU and namespace change. All
# on a pair of interfaces of the test's own, with the end named aside in a namespace aside.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # kernels differ in what they report of interfaces, and in XDP for large MTUs
ALL_TESTS="test_hook_renamed test_wrap_renamed test_exit_renamed test_tag_renamed
	test_hook_down_up test_wrap_down_up test_exit_down_up test_tag_down_up
	test_hook_mtu test_wrap_mtu test_exit_mtu test_tag_mtu test_wrap_mtu_limit
	test_hook_moved test_wrap_moved test_wrap_moved_bpf_link test_wrap_moved_killed
	test_exit_moved test_tag_moved test_auto_hook_later test_wrap_hook_later
	test_exit_interface_deleted test_tag_interface_deleted test_hook_one_of_two_deleted"
ANY_TESTS="test_wrap_renamed test_exit_renamed test_tag_renamed test_hook_down_up
	test_exit_down_up test_tag_down_up"
# cleans everywhere: hooks of other tests' captures, too
ALONE_TESTS=test_wrap_moved_killed

# The captured end is xdpdrop-t0; far is where it may move to.
make_pair() {
	{ ip netns add aside && ip netns add far &&
		ip link add xdpdrop-t0 type veth peer name aside netns aside &&
		ip link set xdpdrop-t0 up && ip -n aside link set aside up; } ||
		fail "cannot make a pair of interfaces"
	PORT=xdpdrop-t0
}

# attach TAP: programs with which this tap works, that drop what asks for it.
attach() {
	case $1 in
	hook) attach_single verdict_hook ;;
	wrap) attach_single verdict ;;
	exit)
		need_trampolines
		attach_single verdict
		;;
	tag)
		need_members
		attach_member tagger 40
		attach_member dropper 60
		;;
	esac
}

# attach_single OBJECT [PROGRAM, if of another name]
attach_single() {
	PROGRAM_ID=$("$TOOLS/xload" --pin "verdicts=$PINS/verdicts" load "$PORT" \
		"$TOOLS/$1.bpf.o" "${2:-$1}" 2>load.log) || fail "cannot load $1"
}

attach_member() {
	"$XDP_LOADER" load -p "$PINS" -n "$1" -P "$2" "$PORT" "$TOOLS/tagger.bpf.o" \
		>load.log 2>&1 || fail "xdp-loader does not load $1"
}

capture() {
	make_pair
	attach "$1"
	NS=$PORT start_capture out.pcap -t "$1" "${@:2}"
}

aside_is_up() {
	ip -n aside link show aside | grep -q 'state UP'
}

# send_aside REFERENCE [send's options]
send_aside() {
	local reference=$1

	shift
	# until then, some time after the other end has come up, its frames go nowhere
	wait_for aside_is_up || fail "the other end does not come up"
	ip netns exec aside "$TOOLS/send" --reference "$reference" "$@" aside >send.log 2>&1 ||
		fail "sending frames"
}

drops() {
	if [ -e "$PINS/verdicts" ]; then
		count_of drop
	else
		"$TOOLS/xload" counts "$PINS/tagger_counts" | tr ' ' '\n' | sed -n 's/^drop=//p'
	fi
}

# Both halves are in the file, and all frames got their verdict.
ends_well() {
	stop_capture
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap
	captured 40
	[ "$(drops)" = 40 ] || fail "$(drops) frames dropped, not 40"
	no_pins
}

# -- a better tap --------------------------------------------------------------------------------

# attach_table: a program that calls others, which are put into $PINS/table.
attach_table() {
	make_pair
	NS=$PORT launch_capture out.pcap --wait "$@"
	"$TOOLS/xload" --pin "table_parts=$PINS/table" load "$PORT" "$TOOLS/table.bpf.o" table \
		>load.log 2>&1 || fail "cannot load table"
	await_listening || fail "xdpdrop-capture does not listen"
}

# add_hook SLOT: a program with a hook.
add_hook() {
	"$TOOLS/xload" slot "$PINS/table" "$1" "$TOOLS/verdict_hook.bpf.o" verdict_hook ||
		fail "cannot fill the slot"
}

# A message that comes with a look at the programs, after the second hook.
await_look() {
	add_hook 1
	ip link set "$PORT" down
	ip link set "$PORT" name xdpdrop-t1 || fail "renaming"
	wait_for grep -q "interface $PORT is now called xdpdrop-t1" capture.log ||
		fail "nothing is said"
	PORT=xdpdrop-t1
}

# The best tap at the start was one without reasons.
test_auto_hook_later() {
	begin
	attach_table
	says_not 'can be used now'
	add_hook 0
	wait_for grep -q 'can be used now' capture.log || fail "nothing is said"
	says "warning: $PORT: the hook of verdict_hook \(id [0-9]+\) can be used now; a \
session that starts again takes taps? hook( and exit)?, which can record reasons"
	await_look
	[ "$(grep -c 'can be used now' capture.log)" = 1 ] || fail "it is said more than once"
	stop_capture
}

# Nothing is better than what was asked for.
test_wrap_hook_later() {
	begin
	attach_table -t wrap
	add_hook 0
	await_look
	says_not 'can be used now'
	stop_capture
}

# -- the name ------------------------------------------------------------------------------------

renamed() {
	begin
	capture "$1"
	send_aside one.ref -n 20
	# only since Linux 6.2 for one that is up
	ip link set "$PORT" name xdpdrop-t1 2>/dev/null ||
		{ ip link set "$PORT" down && ip link set "$PORT" name xdpdrop-t1; } ||
		fail "renaming"
	ip link set xdpdrop-t1 up
	wait_for grep -q "interface $PORT is now called xdpdrop-t1" capture.log ||
		fail "nothing is said"
	send_aside two.ref -n 20 -f 20
	ends_well
}

test_hook_renamed() { renamed hook; }
test_wrap_renamed() { renamed wrap; }
test_exit_renamed() { renamed exit; }
test_tag_renamed() { renamed tag; }

# -- up and down ---------------------------------------------------------------------------------

down_up() {
	begin
	local said

	capture "$1"
	said=$(<capture.log)
	send_aside one.ref -n 20
	ip link set "$PORT" down
	sleep 0.7
	ip link set "$PORT" up
	send_aside two.ref -n 20 -f 20
	[ "$(<capture.log)" = "$said" ] || fail "something is said"
	ends_well
}

test_hook_down_up() { down_up hook; }
test_wrap_down_up() { down_up wrap; }
test_exit_down_up() { down_up exit; }
test_tag_down_up() { down_up tag; }

# -- the MTU -------------------------------------------------------------------------------------

# A program that takes frames in fragments gets them behind a capture, too.
mtu() {
	begin
	need_frags
	make_pair
	attach_frags "$1"
	NS=$PORT start_capture out.pcap -t "$1" -s 2000
	send_aside one.ref -n 20 -s 60,1514
	{ ip -n aside link set aside mtu 9000 && ip link set "$PORT" mtu 9000; } || fail "MTU 9000"
	send_aside two.ref -n 20 -f 20 -s 60,1514,5000,9014
	stop_capture
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap --snaplen 2000
	captured 40
	[ "$(drops)" = 40 ] || fail "$(drops) frames dropped, not 40"
}

# Some versions of xdp-loader do not see that a program takes fragments; ours does.
attach_frags() {
	local name prio=40

	case $1 in
	hook) attach_single verdict_hook verdict_hook_fr ;;
	wrap) attach_single verdict verdict_frags ;;
	exit)
		need_trampolines
		attach_single verdict verdict_frags
		;;
	tag)
		need_members
		for name in tagger dropper; do
			"$LOADER" load -n $name -p "$PINS" -P $prio "$PORT" \
				"$TOOLS/tagger.bpf.o" >load.log 2>&1 || fail "cannot load $name"
			prio=60
		done
		;;
	esac
}

test_hook_mtu() { mtu hook; }
test_wrap_mtu() { mtu wrap; }
test_exit_mtu() { mtu exit; }
test_tag_mtu() { mtu tag; }

# One that does not keeps its limit: the wrapper is of the same kind.
test_wrap_mtu_limit() {
	begin
	capture wrap
	send_aside one.ref -n 20
	ip -n aside link set aside mtu 9000 2>/dev/null && fail "frames in fragments are let in"
	{ ip -n aside link set aside mtu 2000 && ip link set "$PORT" mtu 2000; } || fail "MTU 2000"
	send_aside two.ref -n 20 -f 20 -s 60,2014
	ends_well
}

# -- the namespace -------------------------------------------------------------------------------

capture_is_over() {
	! kill -0 "$CAPTURE_PID" 2>/dev/null
}

move() {
	ip link set "$PORT" netns far || fail "cannot move $PORT"
	ip -n far link set "$PORT" up
}

# The program goes with the interface, as it was; the capture ends.
moved_well() {
	wait_for capture_is_over || fail "the capture goes on"
	end_capture 1
	says "interface $PORT has gone"
	same one.ref out.pcap
	captured 20
	send_aside two.ref -n 20 -f 20
	[ "$(drops)" = 40 ] || fail "$(drops) frames dropped, not 40"
	no_pins
}

# What is attached in the other namespace.
attached_far() {
	ip netns exec far "$TOOLS/xload" id "$PORT"
}

moved() {
	begin
	capture "$1"
	send_aside one.ref -n 20
	move
	moved_well
	[ "$(attached_far)" = "$PROGRAM_ID native" ] || fail "attached is $(attached_far)"
}

test_hook_moved() { moved hook; }
test_wrap_moved() { moved wrap; }
test_exit_moved() { moved exit; }

test_wrap_moved_bpf_link() {
	begin
	make_pair
	PROGRAM_ID=$("$TOOLS/xload" --pin "verdicts=$PINS/verdicts" --link "$PINS/link" \
		load "$PORT" "$TOOLS/verdict.bpf.o" verdict 2>load.log) || fail "cannot load"
	NS=$PORT start_capture out.pcap -t wrap
	send_aside one.ref -n 20
	move
	moved_well
	[ "$(attached_far)" = "$PROGRAM_ID native" ] || fail "attached is $(attached_far)"
	rm "$PINS/link"
}

# Nobody is left who could give the program back, but it runs; clean finds the interface.
test_wrap_moved_killed() {
	begin
	capture wrap
	send_aside one.ref -n 20
	await_written one.ref out.pcap
	kill_capture
	move
	send_aside two.ref -n 20 -f 20
	[ "$(drops)" = 40 ] || fail "$(drops) frames dropped, not 40"
	[ "$(attached_far)" != "$PROGRAM_ID native" ] || fail "the kill left nothing to clean"
	"$LOADER" clean >clean.log 2>&1 || fail "clean"
	[ "$(attached_far)" = "$PROGRAM_ID native" ] || fail "attached is $(attached_far)"
	no_pins
	same one.ref out.pcap
}

members_far() {
	nsenter --net=/run/netns/far "$XDP_LOADER" status "$PORT" |
		awk '$1 == "=>" { printf "%s%s", sep, $3; sep = " " }'
}

test_tag_moved() {
	begin
	capture tag
	send_aside one.ref -n 20
	move
	moved_well
	[ "$(members_far)" = "tagger dropper" ] || fail "members are: $(members_far)"
}

# -- deleted (the others are tests of lifecycle.sh) ----------------------------------------------

deleted() {
	begin
	capture "$1"
	send_aside one.ref -n 20
	ip link del "$PORT"
	wait_for capture_is_over || fail "the capture goes on"
	end_capture 1
	says "interface $PORT has gone"
	same one.ref out.pcap
	captured 20
	no_pins
}

test_exit_interface_deleted() { deleted exit; }
test_tag_interface_deleted() { deleted tag; }

# One of two: what is said of it later still has its name.
test_hook_one_of_two_deleted() {
	begin
	make_pair
	load verdict_hook verdict_hook
	"$TOOLS/xload" load "$PORT" "$TOOLS/verdict_hook.bpf.o" verdict_hook >id 2>load.log ||
		fail "cannot load"
	NS=$NS,$PORT start_capture out.pcap -t hook
	ip link del "$PORT"
	wait_for grep -q "interface $PORT has gone" capture.log || fail "nothing is said of it"
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcap
	says "$PORT: no frame came to a hook"
	says_not 'warning: :'
}
