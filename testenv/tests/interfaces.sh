# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Several interfaces in one capture: left and right, whose other ends are in a namespace aside.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # several interfaces are several times one
ALL_TESTS="test_two_hook test_two_wrap test_two_exit test_two_tag test_two_different_taps
	test_shared_hook test_shared_hook_first_goes test_shared_hook_second_goes
	test_shared_hook_on_a_third test_shared_program_exit
	test_one_deleted test_one_moved test_one_program_gone test_all_deleted
	test_count_over_all test_two_killed test_explain_two
	test_refuses_same_twice test_refuses_unknown test_refuses_without_program
	test_refuses_too_many test_comma_in_a_name test_comma_between_the_same"

make_pairs() {
	local name

	ip netns add aside || fail "cannot make a namespace"
	for name; do
		{ ip link add "$name" type veth peer name "$name" netns aside &&
			ip link set "$name" up && ip -n aside link set "$name" up; } ||
			fail "cannot make a pair of interfaces"
	done
}

# attach INTERFACE PROGRAM: with an object of the same name; its id is the output.
attach() {
	"$TOOLS/xload" load "$1" "$TOOLS/$2.bpf.o" "$2" 2>load.log || fail "cannot load $2"
}

# share ID INTERFACE: attach a program that is on another one.
share() {
	bpftool net attach xdp id "$1" dev "$2" || fail "cannot attach program $1 to $2"
}

# send_to INTERFACE REFERENCE [send's options]
send_to() {
	local name=$1 reference=$2

	shift 2
	ip netns exec aside "$TOOLS/send" --reference "$reference" "$@" "$name" >send.log 2>&1 ||
		fail "sending frames to $name"
}

capture_two() {
	need tshark
	NS=${PORTS:-left,right} start_capture out.pcapng "$@"
}

# of_interface NAME: what out.pcapng has of it.
of_interface() {
	part out.pcapng "$1:*" "$1.pcap"
}

both_captured() {
	send_to left left.ref -n 30 -s 60,700
	send_to right right.ref -n 20 -f 30 -s 100,1514
	stop_capture
	join left.ref right.ref >sent.ref
	same sent.ref out.pcapng
	captured 50
	of_interface left
	same left.ref left.pcap
	of_interface right
	same right.ref right.pcap
}

still_on() {
	[ "$("$TOOLS/xload" id "$1")" = "$2 native" ] || fail "on $1 is $("$TOOLS/xload" id "$1")"
}

# -- two programs --------------------------------------------------------------------------------

two() {
	local left right

	begin
	make_pairs left right
	left=$(attach left "$2") right=$(attach right "$2")
	capture_two -t "$1"
	says "tap $1 on left $2 \(id $left\).*, tap $1 on right $2 \(id $right\)"
	both_captured
	still_on left "$left"
	still_on right "$right"
	no_pins
}

test_two_hook() { two hook verdict_hook; }
test_two_wrap() { two wrap verdict; }

test_two_exit() {
	need_trampolines
	two exit verdict
}

# A tag member of its own for each.
test_two_tag() {
	begin
	need_members
	local name

	make_pairs left right
	for name in left right; do
		{ "$XDP_LOADER" load -P 40 -n tagger "$name" "$TOOLS/tagger.bpf.o" &&
			"$XDP_LOADER" load -P 60 -n dropper "$name" "$TOOLS/tagger.bpf.o"; } \
			>load.log 2>&1 || fail "cannot load"
	done
	capture_two -t tag
	both_captured
	"$XDP_LOADER" status >status.log
	grep -q xdpdrop_tag_tap status.log && fail "a tag member is left"
	for name in left right; do
		"$XDP_LOADER" unload "$name" --all >unload.log 2>&1 || fail "unload"
	done
}

# Each interface has the tap that suits it.
test_two_different_taps() {
	begin
	local other="wrap"

	if has_trampolines; then
		other="exit"
	fi
	make_pairs left right
	attach left verdict_hook >id
	attach right verdict >id
	capture_two
	says "tap hook on left verdict_hook .*, tap $other on right verdict"
	both_captured
}

# -- one program on several ----------------------------------------------------------------------

shared_hook() {
	begin
	make_pairs left right "$@"
	SHARED=$("$TOOLS/xload" --pin "xdpdrop_hook=$PINS/hook" load left \
		"$TOOLS/verdict_hook.bpf.o" verdict_hook 2>load.log) || fail "cannot load"
	share "$SHARED" right
	capture_two -t hook
}

test_shared_hook() {
	shared_hook
	both_captured
	hook_is_empty || fail "slots are in use"
}

# one_goes GONE REST: the hook serves the other interface as before.
one_goes() {
	shared_hook
	send_to "$1" gone.ref -n 20
	ip link del "$1"
	wait_for grep -q "interface $1 has gone" capture.log || fail "nothing is said"
	send_to "$2" rest.ref -n 20 -f 20
	stop_capture
	join gone.ref rest.ref >sent.ref
	same sent.ref out.pcapng
	captured 40
	hook_is_empty || fail "slots are in use"
}

test_shared_hook_first_goes() { one_goes left right; }
test_shared_hook_second_goes() { one_goes right left; }

# The program drops there, too, but that interface is not captured.
test_shared_hook_on_a_third() {
	shared_hook third
	share "$SHARED" third
	send_to third third.ref -n 20 -f 50
	both_captured
}

test_shared_program_exit() {
	begin
	need_trampolines
	local id

	make_pairs left right third
	id=$(attach left verdict)
	share "$id" right
	share "$id" third
	capture_two -t exit
	send_to third third.ref -n 20 -f 50
	both_captured
}

# -- one goes ------------------------------------------------------------------------------------

# lose INTERFACE COMMAND ...: it is said, and the capture of the other goes on to a good end.
lose() {
	local name=$1 left right

	shift
	begin
	make_pairs left right
	left=$(attach left verdict) right=$(attach right verdict)
	capture_two -t wrap
	send_to left left.ref -n 20
	"$@" || fail "$*"
	wait_for grep -Eq "$name.*(gone|followed no more)" capture.log || fail "nothing is said"
	send_to right right.ref -n 20 -f 20
	stop_capture
	join left.ref right.ref >sent.ref
	same sent.ref out.pcapng
	captured 40
	still_on right "$right"
	no_pins
}

test_one_deleted() {
	lose left ip link del left
}

test_one_moved() {
	lose left ip link set left netns aside name moved
}

test_one_program_gone() {
	lose left "$TOOLS/xload" detach left
}

capture_is_over() {
	! kill -0 "$CAPTURE_PID" 2>/dev/null
}

test_all_deleted() {
	begin
	make_pairs left right
	attach left verdict >id
	attach right verdict >id
	capture_two -t wrap
	send_to left sent.ref -n 20
	ip link del left
	ip link del right
	wait_for capture_is_over || fail "the capture goes on"
	end_capture 1
	says "interface left has gone"
	says "interface right has gone"
	same sent.ref out.pcapng
	no_pins
}

# -- the whole -----------------------------------------------------------------------------------

test_count_over_all() {
	begin
	make_pairs left right
	attach left verdict_hook >id
	attach right verdict_hook >id
	capture_two -t hook -c 50
	send_to left left.ref -n 30
	send_to right right.ref -n 20 -f 30
	end_capture 0
	join left.ref right.ref >sent.ref
	same sent.ref out.pcapng
	captured 50
}

test_two_killed() {
	begin
	local left right

	make_pairs left right
	left=$(attach left verdict) right=$(attach right verdict)
	capture_two -t wrap
	kill_capture_only
	wait_for no_watchdog || fail "the watchdog stays"
	still_on left "$left"
	still_on right "$right"
	no_pins
}

test_explain_two() {
	begin
	make_pairs left right
	attach left verdict_hook >id
	attach right verdict >id
	"$CAPTURE" --explain left,right >explain 2>&1 || fail "explain: $(cat explain)"
	grep -q "^left would be captured by tap hook" explain || fail "$(cat explain)"
	grep -Eq "^right would be captured by tap (exit|wrap)" explain || fail "$(cat explain)"
}

# -- refusals ------------------------------------------------------------------------------------

# refuses STATUS INTERFACES MESSAGE: and left has the program that it had.
refuses() {
	NS=$2 launch_capture out.pcapng -t wrap
	end_capture "$1"
	says "$3"
	[ ! -e out.pcapng ] || fail "a file for a capture that did not start"
	still_on left "$(cat id)"
	no_pins
}

test_refuses_same_twice() {
	begin
	make_pairs left
	attach left verdict >id
	refuses 2 left,left "interface left is named twice"
}

test_refuses_unknown() {
	begin
	make_pairs left
	attach left verdict >id
	refuses 1 left,right "there is no interface right"
}

# A capture of less than what was asked for does not begin.
test_refuses_without_program() {
	begin
	make_pairs left right
	attach left verdict >id
	refuses 1 left,right "no XDP program is attached to right"
}

test_refuses_too_many() {
	begin
	make_pairs left n1 n2 n3 n4 n5 n6 n7 n8
	attach left verdict >id
	refuses 2 left,n1,n2,n3,n4,n5,n6,n7,n8 "more than 8 interfaces"
}

# comma_in_a_name NAME [NAME ...]: the first one is an interface's.
comma_in_a_name() {
	make_pairs "$@"
	attach "$1" verdict_hook >id
	PORTS=$1 capture_two -t hook
	send_to "$1" sent.ref -n 20
	stop_capture
	same sent.ref out.pcapng
	captured 20
}

test_comma_in_a_name() {
	begin
	comma_in_a_name left,right left right
}

test_comma_between_the_same() {
	begin
	comma_in_a_name left,left left
}
