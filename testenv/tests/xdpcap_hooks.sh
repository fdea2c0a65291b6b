# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Hooks that were made for Cloudflare's xdpcap.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # kernels differ in which programs they let into a hook
ALL_TESTS="test_four_slots test_five_slots test_four_slots_redirect
	test_four_slots_redirect_only test_by_pin test_generic
	test_old_four_slots test_old_five_slots test_old_by_pin test_no_reason"
ANY_TESTS="test_four_slots_redirect_only test_old_four_slots test_old_five_slots
	test_no_reason"

# xdpcap SLOTS VERDICTS [options of the capture]
xdpcap() {
	local slots=$1 verdicts=$2

	shift 2
	load "${MODE[@]}" --pin "xdpcap_hook=$PINS/hook" "xdpcap$slots" "xdpcap$slots"
	start_capture out.pcap "$@"
	send_frames sent.pcap -n 300 -s 60,200 -V aborted,drop,pass,tx,redirect
	stop_capture
	same sent.pcap out.pcap --only "$verdicts"
	all_captured
	[ "$("$TOOLS/xload" slots "$PINS/hook" | tr -d ' 0')" = "" ] || fail "slots are in use"
	[ "$(counts)" = "aborted=60 drop=60 pass=60 tx=60 redirect=60 invalid=0" ] ||
		fail "other verdicts: $(counts)"
}

MODE=()

test_four_slots() {
	begin
	xdpcap 4 aborted,drop
	says "tap hook on xdpcap4 \(id $PROGRAM_ID\) at xdpcap_hook"
}

test_five_slots() {
	begin
	xdpcap 5 aborted,drop
}

# There is no slot for XDP_REDIRECT: the others are captured, and a warning names what is not.
test_four_slots_redirect() {
	begin
	xdpcap 4 aborted,drop,pass,tx -t hook -a all
	says 'warning: hook xdpcap_hook .* 4 slots, .* redirect: .* are not seen'
	rm "$PINS/hook"
	xdpcap 4 aborted,drop
	says_not 'redirect'
}

# Alone that is nothing for the hook, and another tap is chosen.
test_four_slots_redirect_only() {
	begin
	xdpcap 4 redirect -a redirect
	says 'tap (wrap|exit) on xdpcap4'
}

test_by_pin() {
	begin
	xdpcap 5 aborted,drop,pass,tx,redirect --hook "$PINS/hook" -a all
	rm "$PINS/hook"
	xdpcap 4 drop --hook "$PINS/hook" -a drop
}

test_generic() {
	begin
	MODE=(--mode skb)
	xdpcap 5 aborted,drop
}

# old SLOTS [options]: map and program without BTF, from instructions alone.
old() {
	"$TOOLS/oldhook" "$NS" "$PINS/hook" "$1" >load.log 2>&1 || fail "cannot load"
	shift
	start_capture out.pcap "$@"
	send_frames sent.pcap -n 100 -s 60,200
	stop_capture
	same sent.pcap out.pcap
	all_captured
	[ "$("$TOOLS/xload" slots "$PINS/hook" | tr -d ' 0')" = "" ] || fail "slots are in use"
}

test_old_four_slots() {
	begin
	old 4
	says "tap hook on old_hook .* at xdpcap_hook"
}

test_old_five_slots() {
	begin
	old 5
}

test_old_by_pin() {
	begin
	old 4 --hook "$PINS/hook"
}

test_no_reason() {
	begin
	need tshark
	load xdpcap5 xdpcap5
	start_capture out.pcapng
	send_frames sent.pcap -n 10
	stop_capture
	[ "$(fields out.pcapng frame.verdict.ebpf_xdp frame.comment | sort -u)" = "1	" ] ||
		fail "not verdict 1 without a reason"
}
