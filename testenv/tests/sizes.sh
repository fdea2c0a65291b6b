# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Frames of every size class of the rings, whole and cut, byte for byte.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # kernels differ in fragments, and their verifiers in bounds of lengths
ALL_TESTS="test_hook_sizes test_wrap_sizes test_hook_sizes_generic test_wrap_sizes_generic
	test_hook_jumbo test_wrap_jumbo test_hook_jumbo_generic test_wrap_jumbo_generic
	test_hook_snaplen test_wrap_snaplen test_snaplen_jumbo test_snaplen_one
	test_hook_tiny_linear_part test_wrap_tiny_linear_part test_every_size_to_1514
	test_capinfos"
ANY_TESTS="test_wrap_snaplen test_snaplen_one test_capinfos test_wrap_sizes_generic"

SMALL=14,15,31,32,33,60,64,65,127,128,129,255,256,257,511,512,513,1023,1024,1025,1514
LARGE=14,1514,1535,1536,1537,3000,3500,4095,4096,4097,8999,9000,9014

# sizes OBJECT PROGRAM LIST MODE TAP FILE [options]
sizes() {
	local object=$1 program=$2 list=$3 mode=$4 tap=$5 file=$6 items

	shift 6
	IFS=, read -ra items <<<"$list"
	load --mode "$mode" "$object" "$program"
	start_capture "$file" -t "$tap" "$@"
	send_frames sent.pcap -n $((4 * ${#items[@]})) -s "$list" -V drop,pass
	stop_capture
	same sent.pcap "$file" --only drop
	all_captured
}

test_hook_sizes() {
	begin
	sizes verdict_hook verdict_hook $SMALL native hook out.pcap
}

test_wrap_sizes() {
	begin
	sizes verdict verdict $SMALL native wrap out.pcapng
}

test_hook_sizes_generic() {
	begin
	sizes verdict_hook verdict_hook $SMALL skb hook out.pcapng
}

test_wrap_sizes_generic() {
	begin
	sizes verdict verdict $SMALL skb wrap out.pcap
}

# Frames larger than a page reach the program in several buffers.
test_hook_jumbo() {
	begin
	need_frags
	set_mtu 9000
	sizes verdict_hook verdict_hook_fr $LARGE native hook out.pcap
}

test_wrap_jumbo() {
	begin
	need_frags
	set_mtu 9000
	sizes verdict verdict_frags $LARGE native wrap out.pcap
}

# In generic mode the kernel hands over large frames in one buffer to a program without frags.
test_hook_jumbo_generic() {
	begin
	set_mtu 9000
	sizes verdict_hook verdict_hook $LARGE skb hook out.pcap
}

test_wrap_jumbo_generic() {
	begin
	set_mtu 9000
	sizes verdict verdict $LARGE skb wrap out.pcap
}

# snaplen OBJECT PROGRAM TAP LIST SNAPLEN
snaplen() {
	load "$1" "$2"
	start_capture out.pcap -t "$3" -s "$5"
	send_frames sent.pcap -n 60 -s "$4"
	stop_capture
	same sent.pcap out.pcap --snaplen "$5"
	all_captured
}

test_hook_snaplen() {
	begin
	snaplen verdict_hook verdict_hook hook 14,63,64,65,1514 64
	snaplen verdict_hook verdict_hook hook 14,63,64,65,1514 100
}

test_wrap_snaplen() {
	begin
	snaplen verdict verdict wrap 14,127,128,129,1514 128
	snaplen verdict verdict wrap 14,127,128,129,1514 96
}

# The cut is in the linear part, at its end, and beyond it.
test_snaplen_jumbo() {
	begin
	need_frags
	set_mtu 9000
	for length in 100 3500 4096 8999; do
		snaplen verdict verdict_frags wrap 64,5000,9000 $length
	done
}

# Some drivers pass on large frames with little or nothing in the linear part.
tiny_linear_part() {
	local tap=$1 object=$2 program=$3 linear wrapped

	load "$object" "$program"
	start_capture out.pcap -t "$tap"
	read -r wrapped _ <<<"$(attached)"
	for linear in 0 1 13 14 15 64 128; do
		"$TOOLS/testrun" -n 5 -s 9000 -l $linear -r sent.$linear.pcap "$wrapped" "$NS" \
			>run.log 2>&1
		case $? in
		0) ;;
		2) stop_capture && skip "this kernel runs no frames with a short linear part" ;;
		*) fail "running $program" ;;
		esac
	done
	stop_capture
	join sent.{0,1,13,14,15,64,128}.pcap >sent.pcap
	# The numbers start again with each length.
	same sent.pcap out.pcap
	captured 35
}

test_hook_tiny_linear_part() {
	begin
	need_frags
	tiny_linear_part hook verdict_hook verdict_hook_fr
}

test_wrap_tiny_linear_part() {
	begin
	need_frags
	tiny_linear_part wrap verdict verdict_frags
}

# No mark fits into one byte: what counts is that nothing breaks, and the lengths.
test_snaplen_one() {
	begin
	need capinfos
	load verdict_hook verdict_hook
	start_capture out.pcapng -s 1
	send_frames sent.pcap -n 10 -s 100
	stop_capture
	captured 10
	[ "$(fields out.pcapng frame.cap_len frame.len | sort -u)" = "1	100" ] ||
		fail "not 1 byte of 100"
}

test_every_size_to_1514() {
	begin
	local list i references=()

	load verdict_hook verdict_hook
	start_capture out.pcap
	for ((i = 14; i <= 1514; i += 50)); do
		list=$(seq -s, $i $((i + 49 < 1514 ? i + 49 : 1514)))
		send_frames "sent.$i.pcap" -n 50 -s "$list" -f "$i"
	done
	stop_capture
	captured $((31 * 50))
	for ((i = 14; i <= 1514; i += 50)); do
		references+=("sent.$i.pcap")
	done
	join "${references[@]}" >sent.pcap
	same sent.pcap out.pcap
}

# capinfos finds nothing wrong with either format, and the snapshot length in the header.
test_capinfos() {
	begin
	need capinfos
	load verdict_hook verdict_hook
	for file in out.pcap out.pcapng; do
		start_capture $file -s 200
		send_frames sent.pcap -n 20 -s 60,1000
		stop_capture
		capinfos -M $file >info.log 2>warnings.log || fail "capinfos refuses $file"
		grep -v 'Running as user' warnings.log && fail "capinfos warns of $file"
		grep -Eq 'Number of packets: *20$' info.log || fail "not 20 packets in $file"
		# In the file's header, or in the interface's description.
		grep -Eq 'Packet size limit:.* 200|Capture length = 200' info.log ||
			fail "no snapshot length in $file"
	done
}
