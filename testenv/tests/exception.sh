# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Exceptions: what the kernel's tracepoints say of frames that XDP loses.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # tracepoints and their arguments are those of the kernel
ALL_TESTS="test_exception_native test_exception_generic test_exception_invalid_action
	test_exception_tx test_exception_redirect
	test_exception_beside_hook test_exception_beside_wrap test_exception_beside_exit
	test_exception_beside_tag test_exception_filter_and_snaplen test_exception_two_interfaces
	test_exception_other_interface test_exception_other_namespace
	test_exception_losses test_exception_without_program test_exception_only_if_asked
	test_exception_killed test_exception_explain test_exception_needs_pcapng"
ANY_TESTS="test_exception_beside_hook test_exception_beside_wrap test_exception_beside_exit
	test_exception_beside_tag test_exception_filter_and_snaplen test_exception_two_interfaces
	test_exception_losses test_exception_only_if_asked test_exception_explain
	test_exception_needs_pcapng"

need_exceptions() {
	need tshark
	probed exceptions has_feature "XDP's tracepoints" ||
		skip "this kernel has no BPF programs at XDP's tracepoints"
}

# What the comments of exceptions say, from the first colon on, with counts.
said() {
	fields out.pcapng frame.interface_name frame.comment | sed -n 's/^[^\t]*:exceptions\t//p' |
		sort | uniq -c | sed 's/^ *//'
}

# Frames that the exceptions of tracepoint $1 are about; one is not said.
frames_of() {
	fields out.pcapng frame.comment | awk -v name="$1:" '
		index($0, name) { n += match($0, /[0-9]+ frames$/) ? substr($0, RSTART) + 0 : 1 }
		END { print n + 0 }'
}

# Ids of the links by which processes of the capture are at tracepoints.
links() {
	cat /proc/[0-9]*/fdinfo/* 2>/dev/null | awk '
		/^link_type:/ { raw = /raw_tracepoint/ } /^link_id:/ && raw { print $2 }' | sort -u
}

no_links() {
	local id

	for id; do
		! bpftool link show id "$id" >/dev/null 2>&1 || return
	done
}

aborted() {
	begin
	need_exceptions
	load "$@" verdict verdict
	start_capture out.pcapng -a exception
	says "^listening on $NS, tap exception on $NS, link-type"
	[ "$(attached)" = "$PROGRAM_ID ${2:-native}" ] || fail "attached is $(attached)"
	send_frames sent.ref -n 30 -V aborted,drop,pass
	stop_capture
	captured 10
	[ "$(said)" = "10 xdp_exception: program id $PROGRAM_ID, action aborted" ] || fail "$(said)"
	[ "$(fields out.pcapng frame.len frame.cap_len frame.verdict.ebpf_xdp | sort -u)" = \
		$'0\t0\t0' ] || fail "lengths and verdicts"
	grep -q '^10 frames seen by XDP (0 bytes)' capture.log || fail "bytes"
}

test_exception_native() { aborted --mode native; }
test_exception_generic() { aborted --mode skb; }

test_exception_invalid_action() {
	begin
	need_exceptions
	load verdict verdict
	start_capture out.pcapng -a exception
	send_frames sent.ref -n 10 -V invalid
	stop_capture
	[ "$(said)" = "10 xdp_exception: program id $PROGRAM_ID, invalid action 42" ] ||
		fail "$(said)"
}

# Nobody takes frames at the other end. The driver sends several at once, or says it of each.
test_exception_tx() {
	begin
	need_exceptions
	load verdict verdict
	start_capture out.pcapng -a exception
	send_frames sent.ref -n 40 -V tx,drop
	stop_capture
	[ "$(frames_of xdp_bulk_tx)" = 20 ] || [ "$(frames_of xdp_exception)" = 20 ] ||
		fail "not 20 frames: $(said)"
	said | grep -q 'action tx' || fail "$(said)"
	[ "$(fields out.pcapng frame.verdict.ebpf_xdp | sort -u)" = 3 ] || fail "verdicts"
}

# Refused at once, or after the frames have been collected: that differs between kernels.
test_exception_redirect() {
	begin
	need_exceptions
	"$TOOLS/xload" load "$NS" "$TOOLS/redirect.bpf.o" redirect_back >load.log 2>&1 ||
		fail "cannot load"
	start_capture out.pcapng -a exception
	send_frames sent.ref -n 20
	stop_capture
	[ $(($(frames_of xdp_redirect_err) + $(frames_of xdp_devmap_xmit))) = 20 ] ||
		fail "not 20 frames: $(said)"
	said | grep -Eq 'action redirect, .*error [0-9]+ \([A-Z]' || fail "$(said)"
}

# -- beside a tap --------------------------------------------------------------------------------

# beside TAP [OPTIONS]: frames as ever, and exceptions for those that were aborted.
beside() {
	local n

	start_capture out.pcapng -t "$1" -a drop,exception
	says "tap $1 on"
	says "tap exception on $NS"
	send_frames sent.ref -n 60 -s 60,500 -V drop,aborted,pass
	stop_capture
	same sent.ref out.pcapng --only drop
	n=$(said | awk '/xdp_exception:.* action aborted/ { n += $1 } END { print n + 0 }')
	[ "$n" = 20 ] || fail "not 20 aborted: $(said)"
	all_captured
}

test_exception_beside_hook() {
	begin
	need_exceptions
	load verdict_hook verdict_hook
	beside hook
}

test_exception_beside_wrap() {
	begin
	need_exceptions
	load verdict verdict
	beside wrap
}

test_exception_beside_exit() {
	begin
	need_exceptions
	need_trampolines
	load verdict verdict
	beside exit
}

test_exception_beside_tag() {
	begin
	need_exceptions
	need_members
	"$XDP_LOADER" load -P 40 -n tagger "$NS" "$TOOLS/tagger.bpf.o" >load.log 2>&1 || fail tagger
	"$XDP_LOADER" load -P 60 -n drop_whatever_asks_to_be_dropped "$NS" \
		"$TOOLS/members.bpf.o" >load.log 2>&1 || fail "cannot load"
	beside tag
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1
}

# They have no bytes to match or to cut.
test_exception_filter_and_snaplen() {
	begin
	need_exceptions
	load verdict verdict
	: >capture.log
	env --default-signal=INT "$CAPTURE" -t wrap -a drop,exception -s 5 "$NS" out.pcapng \
		udp src port 53 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	send_frames sent.ref -n 20 -V drop,aborted -p 54
	stop_capture
	[ "$(said | cut -d ' ' -f 1,2)" = "10 xdp_exception:" ] || fail "$(said)"
	[ "$(summary 'rejected by the filter')" = 10 ] || fail "the filter does not apply to frames"
	[ "$(summary captured)" = 10 ] || fail "$(summary captured) captured"
}

# They have a capture point and losses of their own.
test_exception_losses() {
	begin
	need_exceptions
	load --mode skb verdict verdict
	start_capture out.pcapng -a exception -B 256
	send_frames sent.ref -c 0 -n 10 -V aborted
	stall_capture
	send_frames sent.ref -c 0 -n 6000 -V aborted
	continue_capture out.pcapng
	send_frames sent.ref -c 0 -n 10 -V aborted
	stop_capture
	[ "$(summary captured)" -lt 6000 ] || fail "nothing was lost"
	fields out.pcapng frame.drop_count >told
	[ "$(grep -n . told)" = "$(($(summary captured) - 9)):$(summary lost)" ] ||
		fail "$(summary lost) frames lost, $(summary captured) captured: $(grep -n . told)"
}

# -- whose they are ------------------------------------------------------------------------------

make_pair() {
	{ ip link add xdpdrop-t0 type veth peer name xdpdrop-t1 &&
		ip link set xdpdrop-t0 up && ip link set xdpdrop-t1 up; } ||
		fail "cannot make a pair"
}

test_exception_two_interfaces() {
	begin
	need_exceptions
	make_pair
	load verdict verdict
	"$TOOLS/xload" load xdpdrop-t0 "$TOOLS/verdict.bpf.o" verdict >other 2>load.log ||
		fail "cannot load"
	NS=$NS,xdpdrop-t0 start_capture out.pcapng -a exception
	send_frames sent.ref -n 10 -V aborted
	"$TOOLS/send" -n 5 -V aborted xdpdrop-t1 >other.log 2>&1 || fail "sending frames"
	stop_capture
	captured 15
	said | grep -qx "10 xdp_exception: program id $PROGRAM_ID, action aborted" || fail "$(said)"
	said | grep -qx "5 xdp_exception: program id $(cat other), action aborted" || fail "$(said)"
	ip link del xdpdrop-t0
}

test_exception_other_interface() {
	begin
	need_exceptions
	make_pair
	load verdict verdict
	"$TOOLS/xload" load xdpdrop-t0 "$TOOLS/verdict.bpf.o" verdict >other 2>load.log ||
		fail "cannot load"
	start_capture out.pcapng -a exception
	"$TOOLS/send" -n 5 -V aborted xdpdrop-t1 >other.log 2>&1 || fail "sending frames"
	send_frames sent.ref -n 10 -V aborted
	stop_capture
	captured 10
	ip link del xdpdrop-t0
}

# Numbers of interfaces are unique in one namespace only.
test_exception_other_namespace() {
	begin
	need_exceptions
	{ ip netns add aside && ip -n aside link add name a0 \
		index "$(cat "/sys/class/net/$NS/ifindex")" type veth \
		peer name a1 index 99 &&
		ip -n aside link set a0 up && ip -n aside link set a1 up; } ||
		fail "cannot make a pair"
	load verdict verdict
	ip netns exec aside "$TOOLS/xload" load a0 "$TOOLS/verdict.bpf.o" verdict >other \
		2>load.log || fail "cannot load"
	start_capture out.pcapng -a exception
	ip netns exec aside "$TOOLS/send" -n 5 -V aborted a1 >other.log 2>&1 ||
		fail "sending frames"
	send_frames sent.ref -n 10 -V aborted
	stop_capture
	captured 10
}

# -- the rest ------------------------------------------------------------------------------------

# A program may be attached later.
test_exception_without_program() {
	begin
	need_exceptions
	start_capture out.pcapng -a exception
	send_frames passed.ref -n 5 -V aborted
	load verdict verdict
	send_frames sent.ref -n 10 -V aborted
	stop_capture
	captured 10
}

test_exception_only_if_asked() {
	begin
	need_exceptions
	need bpftool
	local ids

	load verdict verdict
	start_capture out.pcapng -t wrap -a all
	[ -z "$(links)" ] || fail "programs are at tracepoints"
	stop_capture
	start_capture out.pcapng -t wrap -a all,exception
	mapfile -t ids < <(links)
	[ ${#ids[@]} -ge 2 ] || fail "no programs are at tracepoints"
	stop_capture
	wait_for no_links "${ids[@]}" || fail "programs are left at tracepoints"
}

test_exception_killed() {
	begin
	need_exceptions
	need bpftool
	local ids

	load verdict verdict
	start_capture out.pcapng -a exception
	mapfile -t ids < <(links)
	[ ${#ids[@]} -ge 2 ] || fail "no programs are at tracepoints"
	kill_capture
	wait_for no_links "${ids[@]}" || fail "programs are left at tracepoints"
}

test_exception_explain() {
	begin
	need_exceptions
	"$CAPTURE" --explain -a exception "$NS" >explain.log 2>&1 || fail "explain"
	grep -qx "$NS would be captured by tap exception" explain.log || fail "$(cat explain.log)"
}

test_exception_needs_pcapng() {
	begin
	load verdict verdict
	launch_capture out.pcap -a drop,exception
	end_capture 2
	says "pcap cannot store exceptions"
	[ ! -e out.pcap ] || fail "a file for a capture that did not start"
}
