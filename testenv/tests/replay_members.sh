# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154,SC1091 source-path=SCRIPTDIR
#
# Replays of a live dispatcher: each frame gets the verdict that it got live, of the same member.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../replay_helpers.sh"

KERNELS=taps # trampolines are those of the kernel, dispatchers those of its libxdp
ALL_TESTS="test_three_members test_member_of_dispatcher test_hook_in_member
	test_tagged_frames"
ANY_TESTS=""

# member OBJECT PROGRAM PRIORITY
member() {
	"$XDP_LOADER" load -p "$PINS" -n "$2" -P "$3" "$NS" "$1" >load.log 2>&1 ||
		fail "xdp-loader does not load $2"
}

three_members() {
	need_dispatcher
	member "$TOOLS/members.bpf.o" drop_and_go_on 5
	member "$TOOLS/members.bpf.o" drop_sender_1 10
	member "$TOOLS/members.bpf.o" drop_whatever_asks_to_be_dropped 20
}

unload_all() {
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "xdp-loader does not unload"
}

# The interface of a capture's file has the name of the program.
deciders() {
	fields "$1" frame.interface_name frame.verdict.ebpf_xdp
}

# A drop of the first member is not the last word, so that each of the others decides, too.
test_three_members() {
	begin
	need tshark
	need_trampolines
	three_members
	start_capture live.pcapng -t exit -a all
	send_frames sent.pcap -n "$FRAMES" -i 1 -k udp4,udp6,vlan,arp,garbage \
		-s 60,64,100,512,1514 -V pass,drop,aborted,tx
	send_frames second.pcap -n "$FRAMES" -k udp4,udp6,vlan,arp,garbage \
		-s 60,64,100,512,1514 -V pass,drop,aborted,tx
	stop_capture
	replay 0 --live -a all "$NS" live.pcapng replayed.pcapng
	as_live live.pcapng replayed.pcapng
	[ "$(wc -l <live.txt)" -ge $((2 * FRAMES)) ] || fail "not all frames"
	deciders live.pcapng >live.deciders
	deciders replayed.pcapng | diff live.deciders - >differences.log || fail "other members"
	[ "$(cut -f 1 live.deciders | sort -u | grep -c "^$NS:drop_")" = 3 ] ||
		fail "not of three members"
	unload_all
}

test_member_of_dispatcher() {
	begin
	three_members
	send_frames sent.pcap -n 5 -V drop
	replay 1 --live "$("$XDP_LOADER" status "$NS" | awk '$1 == "=>" { print $4; exit }')" \
		sent.pcap
	says 'is a member of a dispatcher, which the kernel runs only as a whole'
	unload_all
}

# The hook of a member has the reason, its exit has the frames that reach no hook.
test_hook_in_member() {
	begin
	need tshark
	need_members
	need_trampolines
	member "$TOOLS/firewall.bpf.o" firewall 20
	member "$TOOLS/members.bpf.o" drop_sender_1 30
	start_capture live.pcapng
	send_frames dns.pcap -n 100 -p 53 -V drop
	send_frames rest.pcap -n 100 -i 1 -V drop
	stop_capture
	replay 0 --live "$NS" live.pcapng replayed.pcapng
	as_live live.pcapng replayed.pcapng
	deciders live.pcapng >live.deciders
	deciders replayed.pcapng | diff live.deciders - >differences.log || fail "other members"
	says '^ +100 DROP DNS_REPLY$'
	says '^ +100 DROP$'
	unload_all
}

# The reason comes with the tag, the verdict from a later member.
test_tagged_frames() {
	begin
	need tshark
	need_members
	member "$TOOLS/tagger.bpf.o" tagger 40
	member "$BUILD/xdpdrop_tag.bpf.o" xdpdrop_tag_tap 50
	member "$TOOLS/tagger.bpf.o" dropper 60
	start_capture live.pcapng -t tag
	send_frames sent.pcap -n 200 -s 60,300 -V drop,pass
	stop_capture
	replay 0 --live "$NS" sent.pcap
	says '^ +100 PASS$'
	replay 0 --live "$NS" live.pcapng replayed.pcapng
	as_live live.pcapng replayed.pcapng
	[ "$(wc -l <live.txt)" = 100 ] || fail "not 100 frames"
	unload_all
}
