# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154,SC1091 source-path=SCRIPTDIR
#
# A replay gives each frame the verdict and reason that the same program gives it live.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../replay_helpers.sh"

KERNELS=taps # what test runs of programs take, and whether they load, is the kernel's
ALL_TESTS="test_hook_as_live test_verdicts_as_live test_filter_as_live
	test_denying_filter_as_live test_without_btf test_fragments"
ANY_TESTS=""

test_hook_as_live() {
	begin
	need tshark
	local some=$((FRAMES / 3))

	"$TOOLS/xload" load "$NS" "$FIREWALL" firewall >load.log 2>&1 || fail "cannot load"
	start_capture live.pcapng -t hook
	mixed_frames "$some"
	stop_capture
	replay 0 "$FIREWALL" live.pcapng replayed.pcapng
	as_live live.pcapng replayed.pcapng
	[ "$(fields replayed.pcapng frame.comment | sort -u)" = DNS_REPLY ] || fail "other reasons"
	# the same from all frames
	replay 0 "$FIREWALL" mixed.pcap dropped.pcapng
	same dns.pcap dropped.pcapng
	[ "$COMPARED" = "$some" ] || fail "$COMPARED frames"
	says "^ +$some DROP DNS_REPLY$"
	says "^ +$((2 * some)) PASS$"
}

test_verdicts_as_live() {
	begin
	need tshark
	load verdict verdict
	start_capture live.pcapng -t wrap -a all
	send_frames sent.pcap -n "$FRAMES" -k udp4,udp6,vlan,arp,garbage -b 32 \
		-s 20,60,61,64,65,100,128,129,512,1514 -V pass,drop,aborted,tx,redirect
	stop_capture
	replay 0 -a all "$TOOLS/verdict.bpf.o:verdict" live.pcapng replayed.pcapng
	as_live live.pcapng replayed.pcapng
	[ "$(wc -l <live.txt)" -ge "$FRAMES" ] || fail "not all frames"
	says "^ +$(wc -l <live.txt) frames read, $(wc -l <live.txt) run"
}

test_filter_as_live() {
	begin
	filter_as_live allow xdpfilt_alw_all.o
}

test_denying_filter_as_live() {
	begin
	filter_as_live deny xdpfilt_dny_all.o
}

# filter_as_live POLICY OBJECT: xdp-filter with all features. Its rules are in its maps.
filter_as_live() {
	need tshark "$XDP_FILTER"
	local object tap="wrap"

	object=$(find /usr/lib /usr/local/lib -name "$2" 2>/dev/null | head -n 1)
	[ "$object" ] || skip "needs the objects of xdp-filter"
	"$XDP_FILTER" load -p "$1" "$NS" >filter.log 2>&1 || fail "xdp-filter does not load"
	for rule in "port 53 --mode src --proto udp" "ip 2001:db8::1 --mode dst" \
		"ether 5a:78:00:00:00:07 --mode src"; do
		# shellcheck disable=SC2086 # words on purpose
		"$XDP_FILTER" $rule >>filter.log 2>&1 || fail "xdp-filter $rule"
	done
	PROGRAM_ID=$(attached)
	PROGRAM_ID=${PROGRAM_ID%% *}
	# as a member of a dispatcher, which cannot be wrapped
	if "$XDP_LOADER" status "$NS" | grep -q '=>'; then
		PROGRAM_ID=$("$XDP_LOADER" status "$NS" | awk '$1 == "=>" { print $4; exit }')
		tap="exit"
	fi
	start_capture live.pcapng -t "$tap" -a all
	mixed_frames $((FRAMES / 3))
	stop_capture
	replay 0 -a all --copy-maps-from "$PROGRAM_ID" "$object" live.pcapng replayed.pcapng
	as_live live.pcapng replayed.pcapng
	says 'map filter_ports: [0-9]* entries copied from map id [0-9]* \(percpu_array, key 4'
	cut -f 3 live.txt | sort | uniq -c >verdicts.log
	[ "$(wc -l <verdicts.log)" -ge 2 ] || fail "one verdict only"
	"$XDP_FILTER" unload "$NS" >>filter.log 2>&1 || fail "xdp-filter does not unload"
}

# As of loaders that make programs and maps from instructions, without types.
test_without_btf() {
	begin
	need tshark
	"$TOOLS/oldhook" "$NS" "$PINS/hook" 5 >load.log 2>&1 || fail "cannot load"
	start_capture live.pcapng -t hook
	send_frames sent.pcap -n "$FRAMES" -s 60,200
	stop_capture
	replay 0 --live "$NS" live.pcapng replayed.pcapng
	as_live live.pcapng replayed.pcapng
}

# An older kernel loads no program for them.
test_fragments() {
	begin
	send_frames sent.pcap -n 10 -p 53 -V drop
	if ! probed frags takes_frags; then
		replay 1 "$TOOLS/firewall_frags.bpf.o" sent.pcap
		says 'firewall is for frames in fragments \(section xdp.frags\), which this kernel'
		says_not 'Invalid argument'
		replay 0 "$FIREWALL" sent.pcap
		return
	fi
	replay 0 "$TOOLS/firewall_frags.bpf.o" sent.pcap
	says '^ +10 DROP DNS_REPLY$'
}
