# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The wrap tap: the verdicts of a program that knows nothing of captures.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # kernels differ in tail calls, modes and links of programs
ALL_TESTS="test_wrap_native test_wrap_generic test_wrap_bpf_link test_wrap_bpf_link_generic
	test_wrap_frags test_wrap_attach_type_none test_wrap_is_chosen test_wrap_all_actions
	test_wrap_one_action test_wrap_returns_verdict test_wrap_invalid_action
	test_wrap_hook_program test_wrap_xdp_filter test_wrap_restores
	test_wrap_bpf_link_restores test_wrap_refuses_tail_called
	test_wrap_refuses_second test_wrap_refuses_owner
	test_wrap_nothing_attached"
ANY_TESTS="test_wrap_is_chosen test_wrap_one_action test_wrap_refuses_second
	test_wrap_refuses_owner test_wrap_nothing_attached"

# Capture 300 frames of all verdicts with the options given, compare those of verdicts $1; the
# program counts the frames itself, and is back when the capture has ended.
capture_verdicts() {
	local verdicts=$1 before

	shift
	before=$(attached)
	start_capture out.pcap "$@"
	[ "$(attached)" != "$before" ] || fail "nothing took the program's place"
	send_frames sent.pcap -n 300 -s 60,200 -V aborted,drop,pass,tx,redirect,invalid
	stop_capture
	same sent.pcap out.pcap --only "$verdicts"
	all_captured
	[ "$(counts)" = "aborted=50 drop=50 pass=50 tx=50 redirect=50 invalid=50" ] ||
		fail "the program gave other verdicts: $(counts)"
	[ "$(attached)" = "$before" ] || fail "attached is $(attached), not $before"
}

test_wrap_native() {
	begin
	load --mode native verdict verdict
	capture_verdicts aborted,drop,invalid -t wrap
}

test_wrap_generic() {
	begin
	load --mode skb verdict verdict
	capture_verdicts aborted,drop,invalid -t wrap
}

test_wrap_bpf_link() {
	begin
	load --link "$PINS/link" verdict verdict
	capture_verdicts aborted,drop,invalid -t wrap
	rm "$PINS/link"
}

test_wrap_bpf_link_generic() {
	begin
	load --mode skb --link "$PINS/link" verdict verdict
	capture_verdicts aborted,drop,invalid -t wrap
	rm "$PINS/link"
}

test_wrap_frags() {
	begin
	need_frags
	load verdict verdict_frags
	capture_verdicts aborted,drop,invalid -t wrap
}

test_wrap_attach_type_none() {
	begin
	load --attach-type none verdict verdict
	capture_verdicts aborted,drop,invalid -t wrap
}

# Where the kernel allows the exit tap, that is chosen: it changes nothing on the interface.
test_wrap_is_chosen() {
	begin
	load verdict verdict
	"$CAPTURE" --explain -t wrap "$NS" >explain 2>&1 || fail "$(<explain)"
	! grep 'not seen' explain || fail "something is not seen"
	if has_trampolines; then
		"$CAPTURE" --explain "$NS" | grep -q 'would be captured by tap exit' ||
			fail "not exit"
		return
	fi
	capture_verdicts aborted,drop,invalid
	says "^listening on $NS, tap wrap on verdict \(id $PROGRAM_ID\)"
}

test_wrap_all_actions() {
	begin
	load verdict verdict
	capture_verdicts aborted,drop,pass,tx,redirect,invalid -t wrap -a all
}

test_wrap_one_action() {
	begin
	load verdict verdict
	capture_verdicts redirect -t wrap -a redirect
}

# The wrapper returns what the program returned, also a number that is no action.
test_wrap_returns_verdict() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap -a all
	returns_every aborted drop pass tx redirect invalid
	stop_capture
	join run.{aborted,drop,pass,tx,redirect,invalid}.pcap >sent.pcap
	same sent.pcap out.pcap
	all_captured
}

# The kernel treats a number that is no action as XDP_ABORTED, and so does the capture.
test_wrap_invalid_action() {
	begin
	need tshark
	load verdict verdict
	start_capture out.pcapng -t wrap -a aborted
	send_frames sent.pcap -n 20 -V aborted,invalid
	stop_capture
	same sent.pcap out.pcapng
	[ "$(fields out.pcapng frame.verdict.ebpf_xdp | sort | uniq -c | tr -s ' ')" = " 20 0" ] ||
		fail "not 20 frames with verdict aborted"
}

# A program with a hook can be wrapped, too; its own tail call works under the wrapper.
test_wrap_hook_program() {
	begin
	load verdict_hook verdict_hook
	capture_verdicts aborted,drop,invalid -t wrap
}

test_wrap_xdp_filter() {
	begin
	need "$XDP_FILTER"
	"$XDP_FILTER" load "$NS" >filter.log 2>&1 || fail "xdp-filter does not load"
	"$XDP_FILTER" port 53 --mode src --proto udp >>filter.log 2>&1 || fail "xdp-filter"
	if "$XDP_LOADER" status "$NS" | grep -q '=>'; then
		"$XDP_FILTER" unload "$NS"
		skip "this kernel has a dispatcher, which cannot be wrapped"
	fi
	start_capture out.pcap -t wrap
	send_frames passed.pcap -n 20 -p 5353
	send_frames sent.pcap -n 30 -f 20 -p 53
	stop_capture
	same sent.pcap out.pcap
	captured 30
	"$XDP_FILTER" unload "$NS" >>filter.log 2>&1 || fail "xdp-filter does not unload"
}

test_wrap_restores() {
	begin
	local before

	load --mode skb verdict verdict
	before=$(attached)
	start_capture out.pcap -t wrap
	stop_capture
	[ "$(attached)" = "$before" ] || fail "attached is $(attached), not $before"
	[ -z "$(find /sys/fs/bpf -name '*xdpdrop*' ! -path "$PINS*")" ] || {
		find /sys/fs/bpf
		fail "pins are left"
	}
}

# The link is still the owner's: it can update it, and the interface is empty when it goes.
test_wrap_bpf_link_restores() {
	begin
	load --link "$PINS/link" verdict verdict
	start_capture out.pcap -t wrap
	stop_capture
	"$TOOLS/xload" --replace "$PROGRAM_ID" update "$PINS/link" "$TOOLS/xdpcap5.bpf.o" xdpcap5 \
		>update.log 2>&1 || fail "the owner cannot update its link"
	rm "$PINS/link"
	wait_for nothing_attached || fail "still attached: $(attached)"
}

# What chain_second decides comes from chain_first.
test_wrap_refuses_tail_called() {
	begin
	load --pin "chain_parts=$PINS/parts" chain chain_first
	"$TOOLS/xload" slot "$PINS/parts" 0 "$TOOLS/chain.bpf.o" chain_second ||
		fail "cannot fill the slot"
	launch_capture out.pcap -t wrap -p chain_second
	end_capture 1
	says "chain_second \(id [0-9]+\) is tail-called; its verdicts are those of chain_first"
	says "chain_first \(id $PROGRAM_ID\), which tap wrap can capture"
	start_capture out.pcap -t wrap -p "$PROGRAM_ID"
	send_frames sent.ref -n 20
	stop_capture
	same sent.ref out.pcap
}

test_wrap_refuses_second() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	local first=$CAPTURE_PID
	mv capture.log first.log
	launch_capture second.pcap -t wrap
	end_capture 1
	says "(process|pid) $first"
	"$CAPTURE" --explain "$NS" >explain.log 2>&1
	grep -q "^tap wrap: no, .*in use by the xdpdrop session with pid $first" explain.log ||
		fail "$(<explain.log)"
	# what the kernel has not got is not in use
	has_trampolines || grep -q '^tap exit: no, this kernel has no' explain.log ||
		fail "$(<explain.log)"
	CAPTURE_PID=$first
	send_frames sent.pcap -n 50
	stop_capture
	mv first.log capture.log
	same sent.pcap out.pcap
	all_captured
}

# An owner who replaces only what it attached itself is refused while the capture runs.
test_wrap_refuses_owner() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	"$TOOLS/xload" --replace "$PROGRAM_ID" load "$NS" "$TOOLS/xdpcap5.bpf.o" xdpcap5 \
		>update.log 2>&1 && fail "the kernel let the owner replace the wrapper"
	stop_capture
	"$TOOLS/xload" --replace "$PROGRAM_ID" load "$NS" "$TOOLS/xdpcap5.bpf.o" xdpcap5 \
		>update.log 2>&1 || fail "the owner cannot replace its program"
}

test_wrap_nothing_attached() {
	begin
	launch_capture out.pcap
	end_capture 1
	says "$NS"
	[ ! -e out.pcap ] || fail "a file for a capture that did not start"
}
