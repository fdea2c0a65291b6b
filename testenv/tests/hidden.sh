# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Dispatchers whose pins are in another BPF file system than ours, as in containers and after "ip
# netns exec": libxdp does not find their members from here.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # what leads to the members is the kernel's
ALL_TESTS="test_hidden_members test_hidden_single_member test_hidden_hook
	test_hidden_chain test_hidden_arrives test_hidden_out_of_reach test_namesake"

FIRST=drop_sender_1 SECOND=drop_whatever_asks_to_be_dropped GO_ON=drop_and_go_on

# hidden COMMAND: in a mount namespace with a BPF file system of its own, which is kept.
hidden() {
	rm -f hidden.done
	unshare --mount sh -c "mount -t bpf bpf /sys/fs/bpf && { $*; } >load.log 2>&1 &&
		: >hidden.done && exec sleep 10000" &
	HIDDEN=$!
	wait_for [ -e hidden.done ] || fail "cannot load a hidden dispatcher"
}

load_of() {
	echo "'$XDP_LOADER' load $NS '$TOOLS/$1.bpf.o' -n $2"
}

two_members() {
	hidden "$(load_of members $FIRST) && $(load_of members "${1:-$SECOND}")"
}

# Do the kernel's links say what they are attached to? Not before Linux 5.13.
need_targets() {
	hidden "$(load_of members $FIRST)"
	[ "$("$TOOLS/xload" targets)" ] ||
		skip "the links of this kernel do not say what they are attached to"
	unhide
}

# The pins, and with them the members, end with the process; the kernel takes its time.
unhide() {
	kill "$HIDDEN"
	wait "$HIDDEN" 2>/dev/null
	"$TOOLS/xload" detach "$NS"
	wait_for nothing_attached || fail "the dispatcher stays"
}

test_hidden_members() {
	begin
	need tshark
	need_dispatcher
	need_targets
	two_members
	start_capture out.pcapng -t exit
	says "tap exit on $FIRST \(id [0-9]+\), tap exit on $SECOND \(id"
	send_frames first.ref -n 30 -i 1 -V drop,pass,aborted
	send_frames second.ref -n 30 -V drop,pass,aborted
	stop_capture
	part out.pcapng "$NS:$FIRST" first.pcap
	same first.ref first.pcap
	part out.pcapng "$NS:$SECOND" second.pcap
	same second.ref second.pcap --only drop,aborted
	captured 50
	unhide
}

test_hidden_single_member() {
	begin
	need_dispatcher
	need_targets
	hidden "$(load_of members $GO_ON)"
	start_capture out.pcap -t exit
	send_frames sent.ref -n 30
	stop_capture
	same sent.ref out.pcap
	captured 30
	unhide
}

# The dispatcher's configuration says what is not final.
test_hidden_chain() {
	begin
	need_dispatcher
	need_targets
	two_members $GO_ON
	start_capture out.pcapng -t exit -a all
	send_frames sent.ref -n 60 -V drop,pass,aborted
	stop_capture
	part out.pcapng "$NS:$FIRST" first.pcap
	same sent.ref first.pcap --only pass,drop
	part out.pcapng "$NS:$GO_ON" go_on.pcap
	same sent.ref go_on.pcap --only aborted
	captured 60
	unhide
}

test_hidden_hook() {
	begin
	need tshark
	need_members
	need_targets
	hidden "$(load_of verdict_hook verdict_hook)"
	start_capture out.pcapng -t hook
	says "tap hook on verdict_hook"
	send_frames sent.ref -n 30
	stop_capture
	same sent.ref out.pcapng
	fields out.pcapng frame.comment | sort | uniq -c | grep -q '15 NUMBER_ODD' || fail reasons
	unhide
}

# The one that comes from another mount namespace in mid-capture is captured, too.
test_hidden_arrives() {
	begin
	need_dispatcher
	need_targets
	"$XDP_LOADER" load "$NS" "$TOOLS/members.bpf.o" -n $SECOND >load.log 2>&1 ||
		fail "xdp-loader does not load"
	start_capture out.pcap -t exit -v
	send_frames one.ref -n 20
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "xdp-loader does not unload"
	wait_for grep -q 'no longer on' capture.log || fail "nothing is said"
	two_members
	wait_for sh -c 'grep -c "is followed\$" capture.log | grep -qx 3' ||
		fail "it is not captured"
	send_frames two.ref -n 20 -f 20
	stop_capture
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap
	captured 40
	unhide
}

# Where links do not say it: what helps is said, and no capture goes on in silence.
test_hidden_out_of_reach() {
	begin
	need_dispatcher
	two_members
	[ ! "$("$TOOLS/xload" targets)" ] ||
		skip "the links of this kernel say what they are attached to"
	launch_capture out.pcap -t exit
	end_capture 1
	says "nsenter --mount"
	says LIBXDP_BPFFS
	unhide
	"$XDP_LOADER" load "$NS" "$TOOLS/members.bpf.o" -n $SECOND >load.log 2>&1 ||
		fail "xdp-loader does not load"
	start_capture out.pcap -t exit
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "xdp-loader does not unload"
	wait_for grep -q 'no longer on' capture.log || fail "nothing is said"
	two_members
	end_capture 1
	says "interface $NS is followed no more: the members of xdp_dispatcher .* cannot be found \
from here"
	says "nsenter --mount"
	unhide
}

# A program of the dispatcher's name that has no members is captured as any other.
test_namesake() {
	begin
	load namesake xdp_dispatcher
	start_capture wrap.pcap -t wrap
	send_frames one.ref -n 20
	stop_capture
	same one.ref wrap.pcap
	start_capture hook.pcap -t hook
	load --pin "xdpdrop_hook=$PINS/hook" namesake xdp_dispatcher
	wait_for hook_is_armed || fail "the new program is not captured"
	send_frames two.ref -n 20
	stop_capture
	same two.ref hook.pcap
	captured 20
}
