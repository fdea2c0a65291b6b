# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Programs that are loaded for one device alone (device-bound, for the metadata of its driver): the
# kernel takes them into no tail-call table.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # device-bound programs need Linux 6.3, their exits trampolines
ALL_TESTS="test_device_bound_wrap test_device_bound_comes test_device_bound_auto"

load_bound() {
	"$TOOLS/xload" --bound "$NS" --pin "verdicts=$PINS/verdicts" load "$NS" \
		"$TOOLS/verdict.bpf.o" verdict >id 2>load.log ||
		skip "this kernel has no device-bound programs"
	PROGRAM_ID=$(<id)
}

test_device_bound_wrap() {
	begin
	load_bound
	"$CAPTURE" --explain "$NS" >explain 2>&1
	grep -q '^tap wrap: no, verdict (id [0-9]*) is device-bound' explain ||
		fail "$(cat explain)"
	launch_capture out.pcap -t wrap
	end_capture 1
	says "verdict \(id $PROGRAM_ID\) is device-bound"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# It takes the place of the wrapped one, and cannot be wrapped.
test_device_bound_comes() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames sent.ref -n 50
	rm "$PINS/verdicts"
	load_bound
	end_capture 1
	says "\(id $PROGRAM_ID\) stays attached to $NS, and is not followed: .* device-bound"
	same sent.ref out.pcap
	captured 50
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	no_pins
}

test_device_bound_auto() {
	begin
	load_bound
	if ! has_trampolines; then
		launch_capture out.pcap
		end_capture 1
		says "wrap: verdict \(id $PROGRAM_ID\) is device-bound"
		return
	fi
	start_capture out.pcap
	says "tap exit on verdict \(id $PROGRAM_ID\)"
	send_frames sent.ref -n 60 -V drop,pass
	stop_capture
	same sent.ref out.pcap --only drop
	captured 30
}
