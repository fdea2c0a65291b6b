# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Beside bpfilter: its programs have no BTF, are pinned, and are attached by links, which its daemon
# makes anew for each change of a chain. What its rules count is what we capture.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=newest # sid alone has the package
ALL_TESTS="test_bpfilter_drops test_bpfilter_restarted test_bpfilter_changed"

# start_bpfilter [options of its daemon]
start_bpfilter() {
	bpfilter --no-iptables --no-nftables "$@" >>bpfilter.log 2>&1 &
	BPFILTER_PID=$!
	wait_for eval 'bfcli ruleset get >/dev/null 2>&1' || fail "bpfilter does not start"
}

stop_bpfilter() {
	kill "$BPFILTER_PID"
	wait "$BPFILTER_PID" || fail "bpfilter ended with status $?"
}

# set_chain PORT: drop what comes from there.
set_chain() {
	local index hook

	index=$(<"/sys/class/net/$NS/ifindex")
	hook="BF_HOOK_XDP{ifindex=$index}"
	bfcli chain set --from-str "chain wall $hook ACCEPT rule udp.sport eq $1 counter DROP" \
		>bfcli.log 2>&1 || fail "bfcli chain set"
}

# "DROPPED PASSED", as bpfilter counts them since the chain was set.
chain_counts() {
	bfcli chain get --name wall | awk '
		$1 == "counters" && $2 == "policy" { passed = $3 }
		$1 == "counters" && $3 == "packets" { dropped = $2 }
		END { print dropped + 0, passed + 0 }'
}

chain_counted() {
	[ "$(chain_counts)" = "$*" ] || fail "bpfilter counts $(chain_counts), not $*"
}

begin_bpfilter() {
	begin
	need bpfilter bfcli
}

# The capture waits for the chain.
test_bpfilter_drops() {
	begin_bpfilter
	local before

	start_bpfilter --transient
	launch_capture out.pcapng --wait
	wait_for grep -q waiting capture.log || fail "it does not wait"
	set_chain 53
	before=$(bfcli ruleset get)
	await_listening || fail "xdpdrop-capture does not listen"
	says "tap wrap on bf_prog "
	[ "$(bfcli ruleset get)" = "$before" ] || fail "the ruleset is another one"
	send_frames sent.pcap -n 20 -p 53
	send_frames passed.pcap -n 30 -f 20 -p 54
	chain_counted 20 30
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	[ "$(fields out.pcapng frame.verdict.ebpf_xdp | sort -u)" = 1 ] || fail "another verdict"
	send_frames more.pcap -n 20 -f 50 -p 53
	chain_counted 40 30
	no_pins
	stop_bpfilter
	wait_for nothing_attached || fail "attached is $(attached)"
}

# Its link and program stay pinned while the daemon is away, and it finds them again.
test_bpfilter_restarted() {
	begin_bpfilter
	local before

	start_bpfilter
	set_chain 53
	before=$(attached)
	start_capture out.pcap
	send_frames one.ref -n 20 -p 53
	stop_bpfilter
	send_frames two.ref -n 20 -f 20 -p 53
	start_bpfilter
	send_frames three.ref -n 20 -f 40 -p 53
	stop_capture
	join one.ref two.ref three.ref >sent.ref
	same sent.ref out.pcap
	all_captured
	[ "$(attached)" = "$before" ] || fail "attached is $(attached), not $before"
	chain_counted 60 0
	bfcli ruleset flush || fail "it cannot be flushed"
	wait_for nothing_attached || fail "attached is $(attached)"
	stop_bpfilter
}

# Its link and program are unpinned then, and others take their place, which are captured, too.
test_bpfilter_changed() {
	begin_bpfilter
	start_bpfilter
	set_chain 53
	start_capture out.pcap
	send_frames one.ref -n 20 -p 53
	set_chain 54
	wait_for grep -q 'is followed from now on' capture.log || fail "it is not followed"
	says "another process has (detached|replaced) the program "
	send_frames passed.ref -n 20 -f 20 -p 53
	send_frames two.ref -n 30 -f 40 -p 54
	stop_capture
	chain_counted 30 20
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap
	all_captured
	no_pins
	bfcli ruleset flush || fail "it cannot be flushed"
	wait_for nothing_attached || fail "attached is $(attached)"
	stop_bpfilter
}
