# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# xdpdrop-monitor --sflow: what collectors from elsewhere decode is what was sent and dropped, with
# rates and codes; and a collector that is not there changes nothing.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../monitor_helpers.sh"

KERNELS=any # about what becomes of records
ALL_TESTS="test_sflow_sfacctd test_sflow_sfcapd test_sflow_tshark test_sflow_codes
	test_sflow_ip6 test_sflow_rates test_sflow_budget test_sflow_discard test_sflow_counters
	test_sflow_subagents test_sflow_netns test_sflow_with_events test_sflow_no_collector
	test_sflow_collector_returns test_sflow_no_route test_sflow_misuse"

# start_sink [ADDRESS]: a collector that decodes nothing; datagrams go to datagrams.pcap.
start_sink() {
	local family=4

	[[ ${1-} != *:* ]] || family=6
	socat -u "UDP$family-RECV:6343" OPEN:/dev/null &
	SINK_PID=$!
	rm -f tcpdump.log # an earlier "listening on" would do for this one
	tcpdump -U --immediate-mode -i lo -w datagrams.pcap 'udp port 6343 or udp port 9' \
		2>tcpdump.log &
	TCPDUMP_PID=$!
	wait_for is_bound 6343 || fail "nothing listens"
	wait_for grep -q '^tcpdump: listening' tcpdump.log || fail "tcpdump does not listen"
}

# tcpdump has all that was sent before.
tcpdump_is_here() {
	echo "end of the datagrams" >/dev/udp/127.0.0.1/9
	grep -qa "end of the datagrams" datagrams.pcap
} 2>/dev/null

stop_sink() {
	wait_for tcpdump_is_here || fail "tcpdump writes nothing"
	kill -INT "$TCPDUMP_PID"
	kill "$SINK_PID"
	wait "$TCPDUMP_PID" "$SINK_PID" 2>/dev/null
	tcpdump -r datagrams.pcap -w only.pcap 'udp port 6343' 2>/dev/null
	mv only.pcap datagrams.pcap
}

# decoded FIELD ...: of the datagrams, one value of one sample a line, for a field; several fields
# of a datagram have one line.
decoded() {
	fields datagrams.pcap "$@" | tr ',' '\n' | sed '/^$/d'
}

# has_flow: sfacctd has printed one, if need be of one more frame.
has_flow() {
	[ ! -s flows ] || return 0
	FIRST=$((FIRST + 1))
	send_frames first.pcap -n 1 -f $FIRST -k udp4
	false
}

# has_flows_of REFERENCE: a line in found for each of its frames, which have sources of their own.
has_flows_of() {
	fields "$1" eth.src >sources
	jq -r '[.mac_src, .ip_src, .ip_dst, .port_src, .port_dst, .packets, .bytes, .iface_in,
		.iface_out] | map(tostring) | join(" ")' flows 2>/dev/null |
		grep -F -f sources | sort >found
	[ "$(wc -l <found)" -ge "$(wc -l <sources)" ]
}

# Each sampled frame as sfacctd counts it: bytes with the frame check sequence. The output is
# 0x40000000 and the code, 367. ZeroMQ is between its processes, because from the queue of its own
# its plugin can read the last sample twice: it takes a wake-up that comes after the sample was read
# for lost samples ("Missing data detected"). ZeroMQ loses what comes before the plugin has
# subscribed, so a first flow is waited for.
test_sflow_sfacctd() {
	begin
	need jq sfacctd ss
	load verdict_hook verdict_hook
	cat >sfacctd.conf <<-END
		daemonize: false
		sfacctd_ip: 127.0.0.1
		sfacctd_port: 6343
		plugins: print
		plugin_pipe_zmq: true
		aggregate: src_mac,src_host,dst_host,src_port,dst_port,proto,in_iface,out_iface
		print_output: json
		print_output_file: $PWD/flows
		print_output_file_append: true
		print_refresh_time: 1
	END
	sfacctd -f sfacctd.conf >sfacctd.log 2>&1 &
	collector=$!
	wait_for is_bound 6343 || fail "sfacctd does not listen"
	start_monitor --json --sflow 127.0.0.1 --sample 1 "$NS"
	FIRST=1000
	wait_for has_flow || fail "no flow"
	send_frames sent.pcap -n 80 -s 100,300 -k udp4,udp6,vlan,tcp4
	stop_capture
	final_holds '.sflow_sent == .frames and .sflow_over_budget == 0 and .sflow_failed == 0'
	wait_for has_flows_of sent.pcap || fail "too few flows: $(wc -l <found)"
	kill -INT "$collector"
	wait "$collector"
	has_flows_of sent.pcap
	index=$(<"/sys/class/net/$NS/ifindex")
	fields sent.pcap eth.src ip.src ipv6.src ip.dst ipv6.dst udp.srcport tcp.srcport \
		udp.dstport tcp.dstport frame.len | awk -F '\t' -v index_="$index" '{
			print $1, $2 $3, $4 $5, $6 $7, $8 $9, 1, $10 + 4, index_, 1073742191
		}' | sort >expected
	diff -u expected found >diff.log || fail "other flows: $(head -n 20 diff.log)"
}

test_sflow_sfcapd() {
	begin
	need jq sfcapd nfdump ss
	load verdict_hook verdict_hook
	mkdir flows
	sfcapd -w flows -b 127.0.0.1 -p 6343 -t 3600 >sfcapd.log 2>&1 &
	collector=$!
	wait_for is_bound 6343 || fail "sfcapd does not listen"
	printf '2 ODD sflow=258\n' >reasons
	start_monitor --json --sflow 127.0.0.1 --sample 1 --reasons reasons "$NS"
	send_frames sent.pcap -n 80 -s 100 -k udp4,tcp4
	stop_capture
	wait_for has_read 6343 || fail "sfcapd does not read"
	pause 1
	kill -TERM "$collector"
	wait "$collector"
	grep -q 'Bad Packets: 0' sfcapd.log || fail "sfcapd: $(tail -n 5 sfcapd.log)"
	nfdump -R flows -o json >flows.json 2>nfdump.log || fail "nfdump cannot read"
	index=$(<"/sys/class/net/$NS/ifindex")
	# frames of even numbers are UDP
	jq -e '[.[] | [.proto, .src4_addr, .dst4_addr, .src_port, .dst_port, .in_packets, .in_bytes,
		.input_snmp, .output_snmp]] | length == 80 and (group_by(.) | map([.[0], length]) ==
		[[[6, "198.51.100.2", "198.51.100.1", 9000, 9, 1, 104, '"$index"', 258], 40],
		[[17, "198.51.100.2", "198.51.100.1", 9000, 9, 1, 104, '"$index"', 367], 40]])' \
		flows.json >jq.log || fail "other flows: $(head -n 30 flows.json)"
}

# Bytes of the frames, and the numbers of the samples.
test_sflow_tshark() {
	begin
	need jq tshark tcpdump socat ss
	load verdict_hook verdict_hook
	start_sink
	start_monitor --json --sflow 127.0.0.1:6343 --sflow-agent 192.0.2.7 --sample 1 "$NS"
	send_frames sent.pcap -n 80 -s 100,300 -k udp4,udp6,vlan,tcp4
	stop_capture
	stop_sink
	fields sent.pcap frame.len >lengths
	found=$(decoded sflow_245.sampletype | grep -c "^1\$")
	[ "$found" = 80 ] || fail "$found flow samples, not 80: $(
		grep -o "\"sflow_[^,]*" out | tail -n 3
		tail -n 3 tcpdump.log
	)"
	decoded sflow.flow_sample.sequence_number | sort -n >numbers
	seq 80 | diff - numbers >/dev/null || fail "samples have other numbers"
	decoded sflow_245.header.frame_length | awk '{ print $1 - 4 }' >found
	diff -u lengths found >diff.log ||
		fail "frames have other lengths: $(head diff.log)"
	[ "$(decoded sflow_245.agent | sort -u)" = 192.0.2.7 ] || fail "another agent"
	[ "$(decoded sflow.flow_sample.sampling_rate | sort -u)" = 1 ] || fail "another rate"
	decoded sflow.flow_sample.sample_pool | sort -n | tail -n 1 | grep -qx 80 ||
		fail "the pool is not 80"
	# the first 128 bytes of each frame are somewhere in the datagrams
	fields datagrams.pcap udp.payload | tr -d '\n' >payload
	tshark -r sent.pcap -T json -x 2>tshark.log |
		jq -r '.[]._source.layers.frame_raw[0][:256]' |
		while read -r bytes; do
			grep -q "$bytes" payload || fail "no sample of $bytes"
		done || exit 1
	wc -c <payload | awk '{ exit $1 < 80 * 200 }' || fail "nothing to compare"
	[ "$(decoded udp.length | sort -n | tail -n 1)" -le 1408 ] || fail "a datagram is too long"
}

# Of reasons, and of rules before these; names in an access list.
test_sflow_codes() {
	begin
	need tshark tcpdump socat ss
	load verdict_rule verdict_rule
	printf '1 EVEN\n2 ODD sflow=258\n[rules]\n1099511627777 first sflow=1073741823\n' >reasons
	start_sink
	start_monitor --sflow localhost --sample 1 --reasons reasons "$NS"
	send_frames sent.pcap -n 4
	stop_capture
	stop_sink
	decoded sflow.flow_sample.output_interface_value >codes ||
		decoded sflow.flow_sample.output_interface >codes
	fields datagrams.pcap udp.payload | tr -d '\n' >payload
	for code in 4000016f 7fffffff 40000102; do
		grep -q "$(printf '%08x' "$(<"/sys/class/net/$NS/ifindex")")$code" payload ||
			fail "no drop for $code"
	done
	# extended_acl: number of the reason, "verdict_rule:EVEN", ingress
	name=$(printf verdict_rule:EVEN | od -An -tx1 | tr -d ' \n')
	grep -q "0000040d000000200000000100000011${name}00000000000001" payload ||
		fail "no access list"
	name=$(printf verdict_rule | od -An -tx1 | tr -d ' \n')
	grep -q "0000040e000000100000000c$name" payload || fail "no function"
}

test_sflow_ip6() {
	begin
	need jq tshark tcpdump socat ss
	load verdict_hook verdict_hook
	start_sink ::1
	start_monitor --json --sflow '[::1]:6343' --sample 1 "$NS"
	send_frames sent.pcap -n 10
	stop_capture
	stop_sink
	final_holds '.sflow_sent == 10'
	[ "$(decoded sflow_245.agent.v6 | sort -u)" = ::1 ] ||
		[ "$(fields datagrams.pcap udp.payload | cut -c 1-48 | sort -u)" = \
			"000000050000000200000000000000000000000000000001" ] || fail "another agent"
}

# Rate times samples is what was sent, but for chance; the pool is exactly that.
test_sflow_rates() {
	begin
	need jq tshark tcpdump socat ss
	load verdict_hook verdict_hook
	start_sink
	start_monitor --json --sflow 127.0.0.1 --sample 50 --rate 100000 --sflow-rate 10000 "$NS"
	send_frames sent.pcap -n 20000
	stop_capture
	stop_sink
	[ "$(decoded sflow.flow_sample.sampling_rate | sort -u)" = 50 ] || fail "another rate"
	samples=$(decoded sflow.flow_sample.sequence_number | wc -l)
	estimate=$((samples * 50))
	[[ estimate -gt 17000 && estimate -lt 23000 ]] ||
		fail "$samples samples of 20000 frames"
	final_holds ".frames == 20000 and .captured == $samples and .sflow_sent == $samples"
}

# What is beyond 100 a second is counted, and is in the drops of the samples.
test_sflow_budget() {
	begin
	need jq tshark tcpdump socat ss
	load verdict_hook verdict_hook
	start_sink
	start_monitor --json --sflow 127.0.0.1 --sample 1 --rate 1000000 "$NS"
	send_frames sent.pcap -n 3000
	send_frames more.pcap -n 100 -f 3000 -g 20000
	stop_capture
	stop_sink
	final_holds '.frames == 3100 and .captured == 3100 and .sflow_failed == 0'
	final_holds '.sflow_sent >= 100 and .sflow_over_budget > 2000 and
		.sflow_sent + .sflow_over_budget == 3100'
	says '^[0-9]+ samples not sent: over the budget of --sflow-rate$'
	decoded sflow.flow_sample.dropped_packets | sort -n | tail -n 1 >drops
	[ "$(<drops)" -gt 2000 ] || fail "the samples report $(<drops) drops"
}

# In datagrams of their own.
test_sflow_discard() {
	begin
	need jq tshark tcpdump socat ss
	load verdict_hook verdict_hook
	start_sink
	start_monitor --json --sflow 127.0.0.1 --sflow-discard --sample 1 "$NS"
	send_frames sent.pcap -n 20
	stop_capture
	stop_sink
	final_holds '.sflow_sent == 20'
	index=$(printf '%08x' "$(<"/sys/class/net/$NS/ifindex")")
	# type, length; number, class, index, drops, input, output, reason
	fields datagrams.pcap udp.payload | grep -o "00000005000000[0-9a-f][0-9a-f]000000..00000000\
${index}00000000${index}000000000000016f" >samples
	[ "$(wc -l <samples)" = 20 ] || fail "$(wc -l <samples) discarded packets"
	[ "$(fields datagrams.pcap sflow_245.sampletype | tr ',' ' ' | awk '
		/5/ && /2/ { mixed++ } END { print mixed + 0 }')" = 0 ] || fail "mixed datagrams"
}

# As the kernel counts.
test_sflow_counters() {
	begin
	need tshark tcpdump socat ss
	load verdict_hook verdict_hook
	send_frames sent.pcap -n 50 -s 100 -V pass
	before=$(<"/sys/class/net/$NS/statistics/rx_bytes")
	start_sink
	start_monitor --sflow 127.0.0.1 "$NS"
	wait_for eval 'fields datagrams.pcap sflow_245.ifindex 2>/dev/null | grep -q .' ||
		fail "no counters"
	after=$(<"/sys/class/net/$NS/statistics/rx_bytes")
	stop_capture
	stop_sink
	[ "$(decoded sflow_245.ifindex | head -n 1)" = "$(<"/sys/class/net/$NS/ifindex")" ] ||
		fail "another interface"
	[ "$(decoded sflow_245.iftype | head -n 1)" = 6 ] || fail "another type"
	octets=$(decoded sflow_245.ifinoct | head -n 1)
	[[ octets -ge before && octets -le after && octets -gt 3000 ]] ||
		fail "$octets bytes, not $before to $after"
}

# numbers_of SUB_AGENT: of its datagrams, in the order in which they came.
numbers_of() {
	fields datagrams.pcap sflow_245.sub_agent_id sflow_245.sequence_number |
		awk -v wanted="$1" '$1 == wanted { print $2 }'
}

# Each monitor numbers its datagrams, as a sub-agent of its own.
test_sflow_subagents() {
	local other

	begin
	need tshark tcpdump socat ss
	load verdict_hook verdict_hook
	start_sink
	start_monitor --sflow 127.0.0.1 --sample 1 "$NS"
	other=$CAPTURE_PID
	start_monitor --sflow 127.0.0.1 --sflow-subagent 0 --sample 1 "$NS"
	send_frames sent.pcap -n 20
	stop_capture
	kill -INT "$other"
	wait "$other" || fail "the first monitor fails"
	stop_sink
	for agent in "$(<"/sys/class/net/$NS/ifindex")" 0; do
		numbers_of "$agent" >numbers
		[ -s numbers ] || fail "no datagrams of sub-agent $agent"
		seq "$(wc -l <numbers)" | diff - numbers >/dev/null ||
			fail "sub-agent $agent numbers them $(tr '\n' ' ' <numbers)"
	done
	[ "$(fields datagrams.pcap sflow_245.sub_agent_id | sort -u | wc -l)" = 2 ] ||
		fail "there are other sub-agents"
}

# The collector is here, the interface and its counters are there.
test_sflow_netns() {
	begin
	need tshark tcpdump socat ss
	nsenter --net="/run/netns/$NS" "$TOOLS/xload" --pin "verdicts=$PINS/verdicts" load veth0 \
		"$TOOLS/verdict_hook.bpf.o" verdict_hook >load.out 2>load.log || fail "cannot load"
	ns_exec ip -j link show veth0 | sed 's/.*"ifindex":\([0-9]*\).*/\1/' >index
	start_sink
	: >capture.log
	env --default-signal=INT "$MONITOR" --netns "$NS" --sflow 127.0.0.1 veth0 \
		>out 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-monitor does not listen"
	wait_for eval 'fields datagrams.pcap sflow_245.ifindex 2>/dev/null | grep -q .' ||
		fail "no counters"
	stop_capture
	stop_sink
	decoded sflow_245.ifindex | head -n 1 | diff index - >diff.log ||
		fail "another interface: $(<diff.log)"
}

# Both get each sample.
test_sflow_with_events() {
	begin
	need jq socat ss tcpdump
	load verdict_hook verdict_hook
	start_sink
	start_monitor --json --sflow 127.0.0.1 --events events --sample 1 "$NS"
	send_frames sent.pcap -n 50
	stop_capture
	stop_sink
	final_holds '.sflow_sent == 50 and .events_written == 50'
	[ "$(wc -l <events)" = 50 ] || fail "not 50 events"
}

# Datagrams that came to where nobody listens.
refused() {
	awk '/^Udp: [0-9]/ { print $3 }' /proc/net/snmp
}

await_refused() {
	wait_for eval '[ "$(refused)" -gt '"$1"' ]' || fail "no datagram is sent"
}

# Returns once their samples were refused. The first datagram has counters alone.
send_refused() {
	local before

	before=$(refused)
	send_frames "$@"
	await_refused "$before"
	settle refused
}

# Nobody listens: said once, counted, and the frames are counted all the same.
test_sflow_no_collector() {
	begin
	need jq
	load verdict_hook verdict_hook
	start_monitor --json --sflow 127.0.0.1 --sample 1 "$NS"
	await_refused 0
	for first in 0 10 20; do
		send_refused sent.pcap -n 10 -f $first
	done
	stop_capture
	final_holds '.frames == 30 and .status == 0 and .sflow_failed >= 10 and
		.sflow_sent + .sflow_failed == 30'
	says 'warning: the sFlow collector 127.0.0.1 does not receive: Connection refused; samples'
	[ "$(grep -c 'does not receive' capture.log)" = 1 ] || fail "said more than once"
	says '^[0-9]+ samples that the collector did not receive$'
}

test_sflow_collector_returns() {
	begin
	need jq socat ss tcpdump tshark
	load verdict_hook verdict_hook
	start_monitor --json --sflow 127.0.0.1 --sample 1 "$NS"
	await_refused 0
	send_refused sent.pcap -n 10
	start_sink
	send_frames more.pcap -n 10 -f 10
	send_frames more.pcap -n 10 -f 20
	stop_capture
	stop_sink
	came=$(decoded sflow.flow_sample.sequence_number | wc -l)
	[ "$came" -ge 20 ] || fail "only $came samples"
	final_holds ".sflow_failed > 0 and .sflow_failed + .sflow_sent == 30 and
		.sflow_sent == $came"
}

# The test's network has no way there, and no name server.
test_sflow_no_route() {
	begin
	load verdict_hook verdict_hook
	monitor_refused 1 "cannot send sFlow to '192.0.2.1': Network is unreachable" \
		--sflow 192.0.2.1 "$NS"
	monitor_refused 1 "cannot send sFlow to 'collector.invalid': " \
		--sflow collector.invalid "$NS"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is: $(attached)"
	no_pins
}

test_sflow_misuse() {
	begin
	load verdict_hook verdict_hook
	for collector in : '[::1' '[::1]6343' host: host:port '[::1]:' host:0 host:65536; do
		monitor_refused 2 "it is HOST, HOST:PORT or \[ADDRESS\]:PORT" \
			--sflow "$collector" "$NS"
	done
	monitor_refused 2 'the agent is an address of IPv4 or IPv6' \
		--sflow ::1 --sflow-agent eth0 "$NS"
	monitor_refused 2 'need --sflow' --sflow-agent 192.0.2.1 "$NS"
	monitor_refused 2 'need --sflow' --sflow-discard "$NS"
	monitor_refused 2 'need --sflow' --sflow-subagent 0 "$NS"
	monitor_refused 2 "option --sflow-subagent: '4294967296' is not between 0 and 4294967295" \
		--sflow ::1 --sflow-subagent 4294967296 "$NS"
	monitor_refused 2 'option --sflow-rate: ' --sflow ::1 --sflow-rate 0 "$NS"
}
