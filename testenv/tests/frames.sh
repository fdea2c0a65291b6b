# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Whatever is in a frame, it is captured as it is.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # what is in a frame does not matter to the kernel
ALL_TESTS="test_hook_ipv6 test_wrap_ipv6 test_hook_vlan test_wrap_vlan test_hook_vlan_generic
	test_wrap_vlan_generic test_hook_arp test_wrap_arp test_hook_garbage test_wrap_garbage
	test_mixed_pcapng test_tshark_reads_all
	test_own_reader_agrees"

# frames KIND OBJECT PROGRAM TAP MODE
frames() {
	load --mode "$5" "$2" "$3"
	start_capture out.pcap -t "$4"
	send_frames sent.pcap -n 200 -s 60,64,200,1500 -k "$1" -V drop,aborted,pass -e 7
	stop_capture
	same sent.pcap out.pcap --only drop,aborted
	all_captured
}

test_hook_ipv6() {
	begin
	frames udp6 verdict_hook verdict_hook hook native
}

test_wrap_ipv6() {
	begin
	frames udp6 verdict verdict wrap native
}

test_hook_vlan() {
	begin
	frames vlan verdict_hook verdict_hook hook native
}

test_wrap_vlan() {
	begin
	frames vlan verdict verdict wrap native
}

test_hook_vlan_generic() {
	begin
	frames vlan verdict_hook verdict_hook hook skb
}

test_wrap_vlan_generic() {
	begin
	frames vlan verdict verdict wrap skb
}

test_hook_arp() {
	begin
	frames arp verdict_hook verdict_hook hook native
}

test_wrap_arp() {
	begin
	frames arp verdict verdict wrap native
}

test_hook_garbage() {
	begin
	frames garbage verdict_hook verdict_hook hook native
}

test_wrap_garbage() {
	begin
	frames garbage verdict verdict wrap native
}

test_mixed_pcapng() {
	begin
	load verdict verdict
	start_capture out.pcapng
	send_frames sent.pcap -n 2000 -s 14,42,64,333,1514 -k udp4,udp6,vlan,arp,garbage \
		-V drop,aborted,pass,tx,redirect
	stop_capture
	same sent.pcap out.pcapng --only drop,aborted
	all_captured
}

# tshark says the same of the capture as of the reference.
test_tshark_reads_all() {
	begin
	need tshark
	load verdict_hook verdict_hook
	start_capture out.pcapng
	send_frames sent.pcap -n 60 -s 100 -k udp4,udp6,vlan,arp
	stop_capture
	for file in sent.pcap out.pcapng; do
		fields $file frame.protocols eth.src udp.srcport frame.len >$file.txt
	done
	diff sent.pcap.txt out.pcapng.txt || fail "tshark reads something else"
}

# Our own reader, which stands for tshark on emulated machines, says what tshark says.
test_own_reader_agrees() {
	begin
	need tshark
	local name names=(frame.number frame.len frame.cap_len frame.time_epoch
		frame.interface_id frame.interface_name frame.comment frame.drop_count
		frame.interface_queue frame.verdict.ebpf_xdp) options=()

	load verdict_hook verdict_hook
	start_capture out.pcapng -a drop,exception -s 70 --sample 2
	send_frames sent.pcap -n 200 -s 60,61,300 -V drop,aborted
	stop_capture
	"$TOOLS/pcapng" fields out.pcapng "${names[@]}" >own.txt || fail "our reader"
	for name in "${names[@]}"; do
		options+=(-e "$name")
	done
	tshark -r out.pcapng -T fields "${options[@]}" >tshark.txt 2>tshark.log || fail "tshark"
	[ "$(cut -f 5 own.txt | sort -u | wc -l)" = 2 ] || fail "not two interfaces"
	diff tshark.txt own.txt >fields.log || fail "tshark reads something else"
	part out.pcapng "$NS:verdict_hook:*" part.pcap
	tshark -r out.pcapng -Y 'frame.interface_id == 0' -F nsecpcap -w tshark.pcap \
		2>tshark.log || fail "tshark"
	same tshark.pcap part.pcap --snaplen 70
}
