# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Beside xdp-tools' own: xdp-filter and xdp-loader load, change and unload around a running
# capture of each tap, and what xdp-filter counts as dropped is what we capture.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # each user land has its own xdp-tools
ALL_TESTS="test_filter_deny_all test_filter_deny_ethernet test_filter_deny_ip test_filter_deny_tcp
	test_filter_deny_udp test_filter_allow_all test_filter_allow_ethernet test_filter_allow_ip
	test_filter_allow_tcp test_filter_allow_udp
	test_filter_around_exit test_filter_around_hook test_filter_around_single_hook
	test_filter_around_tag test_filter_under_wrap test_loader_around_wrap
	test_sockets_and_wrap test_sockets_of_own_program"
ANY_TESTS="test_filter_deny_ethernet test_filter_deny_ip test_filter_deny_tcp
	test_filter_allow_ethernet test_filter_allow_ip test_filter_allow_udp"

filter() {
	"$XDP_FILTER" "$@" >filter.log 2>&1 || fail "xdp-filter $*"
}

# Packets of one action, by xdp-filter's own statistics.
filter_count() {
	"$XDP_FILTER" status | awk -v action="XDP_$1" '$1 == action { print $2 }'
}

# is_dispatcher: does xdp-filter run as a member, and not as the interface's only program?
is_dispatcher() {
	"$XDP_LOADER" status "$NS" | grep -q '=>'
}

loader_load() {
	"$XDP_LOADER" load "$NS" "$@" >load.log 2>&1 || fail "xdp-loader load $*"
}

is_captured() {
	"$LOADER" status "$NS" | grep -q 'in use by pid'
}

loader_unload() {
	"$XDP_LOADER" unload "$NS" "$@" >unload.log 2>&1 || fail "xdp-loader unload $*"
}

# -- xdp-filter's objects ------------------------------------------------------------------------

# Verdicts in the capture, as "aborted drop pass".
verdicts() {
	fields out.pcapng frame.verdict.ebpf_xdp |
		awk '{ n[$1]++ } END { print n[0] + 0, n[1] + 0, n[2] + 0 }'
}

filter_verdicts() {
	echo "$(filter_count ABORTED) $(filter_count DROP) $(filter_count PASS)"
}

# objects OBJECT POLICY FEATURES RULE...: frames with and without port 53, of all kinds. Some are
# cut off in their headers, which xdp-filter aborts.
objects() {
	local object=$1 policy=$2 features=$3 kinds=udp4,udp6,tcp4,vlan,arp tap="wrap"

	shift 3
	begin
	need "$XDP_FILTER" tshark
	ns_exec sh -c 'echo 1 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6' # has frames of its own
	sleep 0.5
	filter load "$NS" -p "$policy" -f "$features"
	"$XDP_FILTER" status | grep -q "$object" || fail "another object is loaded"
	filter "$@"
	if is_dispatcher; then
		tap="exit"
	fi
	start_capture out.pcapng -t "$tap" -a all
	says "tap $tap on $object"
	send_frames left.ref -n 50 -k $kinds -s 60,600,1514 -p 53
	send_frames right.ref -n 50 -f 50 -k $kinds -s 60,600,1514 -p 5353
	stop_capture
	join left.ref right.ref >sent.ref
	same sent.ref out.pcapng
	captured 100
	[ "$(verdicts)" = "$(filter_verdicts)" ] ||
		fail "captured $(verdicts), xdp-filter counts $(filter_verdicts)"
	[[ "$(verdicts)" =~ ^[0-9]+\ [1-9][0-9]*\ [1-9] ]] || fail "verdicts: $(verdicts)"
	filter unload "$NS"
}

# "allow" lets pass what no rule matches, by the objects named for what they deny.
test_filter_deny_all() {
	objects xdpfilt_dny_all deny all port 53 --mode src --proto udp
}

test_filter_deny_ethernet() {
	objects xdpfilt_dny_eth deny ethernet ether 5a:78:00:00:07:01 --mode src
}

test_filter_deny_ip() {
	objects xdpfilt_dny_ip deny ipv4,ipv6 ip 198.51.100.2 --mode src
}

test_filter_deny_tcp() {
	objects xdpfilt_dny_tcp deny tcp port 53 --mode src --proto tcp
}

test_filter_deny_udp() {
	objects xdpfilt_dny_udp deny udp port 53 --mode src --proto udp
}

test_filter_allow_all() {
	objects xdpfilt_alw_all allow all port 53 --mode src --proto udp
}

test_filter_allow_ethernet() {
	objects xdpfilt_alw_eth allow ethernet ether 5a:78:00:00:07:01 --mode src
}

test_filter_allow_ip() {
	objects xdpfilt_alw_ip allow ipv4,ipv6 ip 198.51.100.2 --mode src
}

test_filter_allow_tcp() {
	objects xdpfilt_alw_tcp allow tcp port 53 --mode src --proto tcp
}

test_filter_allow_udp() {
	objects xdpfilt_alw_udp allow udp port 53 --mode src --proto udp
}

# -- around captures -----------------------------------------------------------------------------

# It comes as one object, changes its rules, and comes back as another.
test_filter_around_exit() {
	begin
	need "$XDP_FILTER"
	need_dispatcher
	local port object n=0

	loader_load "$TOOLS/members.bpf.o" -n drop_sender_1
	start_capture out.pcap -t exit -v
	for object in udp all; do
		filter load "$NS" -p allow -f $object
		wait_for grep -q "xdpfilt_alw_$object .*is followed" capture.log ||
			fail "it is not captured"
		for port in 53 54; do
			filter port $port --mode src --proto udp
			send_frames drop$n.ref -n 20 -f $((n * 40)) -p $port
			send_frames pass.ref -n 20 -f $((n * 40 + 20)) -p 5353
			n=$((n + 1))
		done
		[ "$(filter_count DROP)" = 40 ] || fail "xdp-filter dropped $(filter_count DROP)"
		filter unload "$NS"
		wait_for grep -q "xdpfilt_alw_$object .*no longer on" capture.log ||
			fail "nothing is said"
	done
	send_frames last.ref -n 20 -f 200 -p 53 -i 1
	stop_capture
	join drop0.ref drop1.ref drop2.ref drop3.ref last.ref >sent.ref
	same sent.ref out.pcap
	captured 100
	loader_unload --all
}

# What xdp-filter drops never gets to the member with the hook.
test_filter_around_hook() {
	begin
	need "$XDP_FILTER"
	need_members
	loader_load "$TOOLS/verdict_hook.bpf.o" -n verdict_hook
	start_capture out.pcap -t hook
	send_frames one.ref -n 20 -p 53
	filter load "$NS" -p allow -f udp
	filter port 53 --mode src --proto udp
	send_frames dropped.ref -n 20 -f 20 -p 53
	send_frames two.ref -n 20 -f 40 -p 54
	[ "$(filter_count DROP)" = 20 ] || fail "xdp-filter dropped $(filter_count DROP)"
	filter unload "$NS"
	send_frames three.ref -n 20 -f 60 -p 53
	stop_capture
	join one.ref two.ref three.ref >sent.ref
	same sent.ref out.pcap
	captured 60
	says_not "no longer"
	loader_unload --all
}

# Without a dispatcher there is one program at a time; the capture waits for the next with a hook.
test_filter_around_single_hook() {
	begin
	need "$XDP_FILTER"
	! probed dispatcher gets_dispatcher ||
		skip "this kernel has a dispatcher, test_filter_around_hook is about it"
	loader_load "$TOOLS/verdict_hook.bpf.o" -n verdict_hook
	start_capture out.pcap -t hook
	send_frames one.ref -n 20 -p 53
	loader_unload --all
	wait_for grep -q 'waiting for one' capture.log || fail "nothing is said"
	filter load "$NS" -p allow -f udp
	filter port 53 --mode src --proto udp
	send_frames dropped.ref -n 20 -f 20 -p 53
	filter unload "$NS"
	loader_load "$TOOLS/verdict_hook.bpf.o" -n verdict_hook
	wait_for is_captured || fail "the new hook is not taken"
	send_frames two.ref -n 20 -f 40 -p 53
	stop_capture
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap
	captured 40
	loader_unload --all
}

test_filter_around_tag() {
	begin
	need "$XDP_FILTER"
	need_members
	loader_load -P 40 -n tagger "$TOOLS/tagger.bpf.o"
	loader_load -P 60 -n dropper "$TOOLS/tagger.bpf.o"
	start_capture out.pcap -t tag
	send_frames one.ref -n 20 -p 53
	filter load "$NS" -p allow -f udp
	filter port 53 --mode src --proto udp
	send_frames dropped.ref -n 20 -f 20 -p 53
	send_frames two.ref -n 20 -f 40 -p 54
	[ "$(filter_count DROP)" = 20 ] || fail "xdp-filter dropped $(filter_count DROP)"
	filter unload "$NS"
	send_frames three.ref -n 20 -f 60 -p 53
	stop_capture
	join one.ref two.ref three.ref >sent.ref
	same sent.ref out.pcap
	captured 60
	loader_unload --all
}

# Its rules are changed as ever. But where it looks for its program, it finds the wrapper, takes
# itself for unloaded, and removes what it knew its program by.
test_filter_under_wrap() {
	begin
	need "$XDP_FILTER"
	filter load "$NS" -p allow -f udp
	if is_dispatcher; then
		filter unload "$NS"
		skip "this kernel has a dispatcher, which cannot be wrapped"
	fi
	filter port 53 --mode src --proto udp
	start_capture out.pcap -t wrap
	send_frames one.ref -n 20 -p 53
	filter port 54 --mode src --proto udp
	send_frames two.ref -n 20 -f 20 -p 54
	filter port 53 --mode src --proto udp -r
	send_frames passed.ref -n 20 -f 40 -p 53
	"$XDP_FILTER" unload "$NS" >filter.log 2>&1 && fail "it unloads the wrapper"
	send_frames three.ref -n 20 -f 60 -p 54
	stop_capture
	join one.ref two.ref three.ref >sent.ref
	same sent.ref out.pcap
	captured 60
	[ "$(filter_count DROP)" = 60 ] || fail "xdp-filter dropped $(filter_count DROP)"
	"$XDP_FILTER" unload "$NS" >filter.log 2>&1 && fail "it knows its program again: say so"
	loader_unload --all
	[ "$(attached)" = "0 none" ] || fail "attached is $(attached)"
}

# It cannot load beside a program that is no dispatcher, wrapped or not, but unloads either.
test_loader_around_wrap() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	send_frames one.ref -n 20
	"$XDP_LOADER" load "$NS" "$TOOLS/flood.bpf.o" -n flood_pass >load.log 2>&1 &&
		fail "it loads beside a single program"
	send_frames two.ref -n 20 -f 20
	"$XDP_LOADER" status "$NS" | grep -q xdpdrop_wrap || fail "the wrapper is not shown"
	loader_unload --all
	wait_for grep -q 'waiting for one' capture.log || fail "it is not noticed"
	stop_capture
	says "another process has detached the program from $NS"
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap
	captured 40
	[ "$(attached)" = "0 none" ] || fail "attached is $(attached)"
	no_pins
}

# -- AF_XDP --------------------------------------------------------------------------------------

socket_is_open_or_gone() {
	grep -q open socket.out || ! kill -0 "$SOCKET_PID" 2>/dev/null
}

# open_socket: by libxdp, without a dispatcher; it ends when the file that is its standard input is
# closed.
open_socket() {
	rm -f socket.in
	mkfifo socket.in
	LIBXDP_SKIP_DISPATCHER=1 "$TOOLS/xsk" "$NS" <socket.in >socket.out 2>socket.log &
	SOCKET_PID=$!
	exec {SOCKET}>socket.in
	wait_for socket_is_open_or_gone
	grep -q open socket.out || skip "no AF_XDP socket here: $(<socket.log)"
}

close_socket() {
	exec {SOCKET}>&-
	wait "$SOCKET_PID" || fail "the socket does not end: $(cat socket.log)"
}

# libxdp detaches its program with the last socket, and finds it for the next one: no wrapper may
# stand in front of it. As Suricata's and Open vSwitch's sockets, which come and go.
test_sockets_and_wrap() {
	begin
	local n

	for n in 1 2; do
		open_socket
		! "$CAPTURE" -t wrap -d 1 "$NS" out.pcap 2>capture.log || fail "it is wrapped"
		says "xsk_def_prog is libxdp's program for AF_XDP sockets"
		"$CAPTURE" --explain "$NS" >explain.log 2>&1
		grep -q '^tap wrap: no, xsk_def_prog' explain.log || fail "--explain says yes"
		close_socket
		nothing_attached || fail "attached is $(attached)"
	done
}

# Its owner has ways of its own to attach and detach it; those by libxdp are named.
test_sockets_of_own_program() {
	begin
	"$TOOLS/xload" load "$NS" "$TOOLS/sockets.bpf.o" to_sockets >load.log 2>&1 ||
		fail "cannot load"
	start_capture out.pcap -t wrap
	says 'to_sockets .* has AF_XDP sockets: .* cannot detach it by libxdp'
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcap
}
