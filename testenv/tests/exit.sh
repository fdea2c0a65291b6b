# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The exit tap: the final verdicts of the dispatcher's members or of a single program, and which
# member gave them.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # trampolines are those of the kernel, dispatchers those of its libxdp
ALL_TESTS="test_exit_two_members test_exit_one_of_two_members test_exit_chained_drop
	test_exit_chain_of_the_last_member test_exit_single_member_has_the_last_word
	test_exit_aborted test_exit_all_actions test_exit_single_native test_exit_single_generic
	test_exit_single_bpf_link test_exit_xdp_filter test_exit_sizes
	test_exit_snaplen test_exit_frames_in_fragments test_exit_fragments_out_of_reach
	test_exit_tiny_linear_part
	test_exit_member_comes_and_goes test_exit_rebuild_under_traffic test_exit_program_replaced
	test_exit_pipeline_empty_and_back test_exit_descriptors
	test_exit_unloaded_members_are_freed
	test_exit_two_captures test_exit_killed
	test_exit_other_interface test_exit_other_namespace
	test_exit_is_chosen test_exit_without_btf
	test_exit_tail_called test_exit_warns_of_tail_calls
	test_exit_refuses_wrapper test_exit_refuses_unknown_program
	test_exit_nothing_attached test_exit_needs_trampolines test_exit_starts_while_unloaded"
ANY_TESTS="test_exit_one_of_two_members test_exit_snaplen test_exit_descriptors
	test_exit_two_captures test_exit_other_interface test_exit_is_chosen
	test_exit_warns_of_tail_calls test_exit_refuses_wrapper test_exit_refuses_unknown_program
	test_exit_nothing_attached"

FIRST=drop_sender_1 SECOND=drop_whatever_asks_to_be_dropped GO_ON=drop_and_go_on

# member NAME [xdp-loader's options]
member() {
	local name=$1

	shift
	"$XDP_LOADER" load "$NS" "$TOOLS/members.bpf.o" -n "$name" "$@" >load.log 2>&1 ||
		fail "xdp-loader does not load $name"
}

# Id of a member of which the beginning of its name is enough.
member_id() {
	"$XDP_LOADER" status "$NS" |
		awk -v name="$1" '$1 == "=>" && index($3, name) == 1 { print $4 }'
}

unload() {
	"$XDP_LOADER" unload "$NS" "$@" >unload.log 2>&1 || fail "xdp-loader does not unload"
}

# of_program FILE PROGRAM: the frames of one interface of a pcapng file, in a pcap file.
of_program() {
	part "$1" "$NS:$2" "$2.pcap"
}

# gone ID ...: none of these programs is loaded.
gone() {
	local id

	for id; do
		! bpftool prog show id "$id" >/dev/null 2>&1 || return
	done
}

is_attached() {
	[ "$(attached)" = "$1" ]
}

# -- verdicts ------------------------------------------------------------------------------------

test_exit_two_members() {
	begin
	need tshark
	need_dispatcher
	member $FIRST
	member $SECOND
	start_capture out.pcapng -t exit
	says "tap exit on $FIRST \(id [0-9]+\), tap exit on $SECOND \(id"
	send_frames first.ref -n 63 -s 60,500,1514 -i 1 -V drop,pass,aborted
	send_frames second.ref -n 63 -s 60,500,1514 -V drop,pass,aborted
	stop_capture
	of_program out.pcapng $FIRST
	same first.ref $FIRST.pcap
	of_program out.pcapng $SECOND
	same second.ref $SECOND.pcap --only drop,aborted
	captured $((63 + 42))
	unload --all
}

test_exit_one_of_two_members() {
	begin
	need_dispatcher
	local program

	member $FIRST
	member $SECOND
	for program in $SECOND "$(member_id $SECOND)"; do
		start_capture out.pcap -t exit -p "$program"
		says "tap exit on $SECOND"
		says_not "tap exit on $FIRST"
		send_frames first.ref -n 30 -i 1
		send_frames second.ref -n 30
		stop_capture
		same second.ref out.pcap
		all_captured
	done
	unload --all
}

# Its chain-call set says that the dispatcher goes on after a drop: the next member decides.
test_exit_chained_drop() {
	begin
	need tshark
	need_dispatcher
	member $GO_ON
	member $SECOND
	start_capture out.pcapng -t exit
	send_frames sent.ref -n 60 -V drop,pass,aborted
	stop_capture
	of_program out.pcapng $SECOND
	same sent.ref $SECOND.pcap --only drop
	of_program out.pcapng $GO_ON
	same sent.ref $GO_ON.pcap --only aborted
	captured 40
	unload --all
}

# When the last member returns what is in its own set, the dispatcher passes the frame.
test_exit_chain_of_the_last_member() {
	begin
	need tcpdump
	need tshark
	need_dispatcher
	member $FIRST
	member $GO_ON -P 30
	tcpdump -Uni "$NS" -Q in -c 30 -w passed.pcap udp >tcpdump.log 2>&1 &
	local tcpdump=$!
	wait_for grep -q 'listening on' tcpdump.log || fail "tcpdump does not listen"
	start_capture out.pcap -t exit
	send_frames sent.ref -n 30
	stop_capture
	captured 0
	wait_for eval '! kill -0 $tcpdump 2>/dev/null' || fail "not all frames pass"
	same sent.ref passed.pcap
	start_capture out.pcapng -t exit -a pass
	send_frames sent.ref -n 30 -V drop,pass,aborted
	stop_capture
	of_program out.pcapng $GO_ON
	same sent.ref $GO_ON.pcap --only drop,pass
	captured 20
	fields out.pcapng frame.verdict.ebpf_xdp | sort -u | grep -qx 2 || fail "not as passed"
	unload --all
}

# libxdp puts a single member in place of the whole dispatcher. With a second one, its set counts.
test_exit_single_member_has_the_last_word() {
	begin
	need_dispatcher
	member $GO_ON
	start_capture out.pcap -t exit -v
	send_frames alone.ref -n 30
	member $FIRST
	wait_for grep -q "$FIRST .*is followed" capture.log || fail "$FIRST is not captured"
	send_frames both.ref -n 30 -f 30
	send_frames first.ref -n 30 -f 60 -i 1
	unload -i "$(member_id $FIRST)"
	wait_for grep -q 'no longer on' capture.log || fail "nothing is said"
	send_frames again.ref -n 30 -f 90
	stop_capture
	join alone.ref first.ref again.ref >sent.ref
	same sent.ref out.pcap
	captured 90
	unload --all
}

test_exit_aborted() {
	begin
	need_dispatcher
	member $FIRST
	member $SECOND
	start_capture out.pcap -t exit -a aborted
	send_frames sent.ref -n 60 -V aborted,drop,pass,invalid
	stop_capture
	same sent.ref out.pcap --only aborted,invalid
	all_captured
	unload --all
}

# A pass is in the chain-call set of the first member and of the second, behind which there is
# none: there it is the last word.
test_exit_all_actions() {
	begin
	need tshark
	need_dispatcher
	member $FIRST
	member $SECOND
	start_capture out.pcapng -t exit -a all
	send_frames sent.ref -n 60 -V aborted,drop,pass,tx,redirect,invalid
	stop_capture
	same sent.ref out.pcapng
	of_program out.pcapng $SECOND
	same sent.ref $SECOND.pcap
	captured 60
	unload --all
}

# single [xload's options]
single() {
	local before

	load "$@" verdict verdict
	before=$(attached)
	start_capture out.pcap -t exit -a all
	[ "$(attached)" = "$before" ] || fail "attached is $(attached), not $before"
	send_frames sent.ref -n 300 -s 60,200 -V aborted,drop,pass,tx,redirect,invalid
	stop_capture
	same sent.ref out.pcap
	all_captured
	[ "$(counts)" = "aborted=50 drop=50 pass=50 tx=50 redirect=50 invalid=50" ] ||
		fail "the program gave other verdicts: $(counts)"
}

test_exit_single_native() {
	begin
	need_trampolines
	single --mode native
}

test_exit_single_generic() {
	begin
	need_trampolines
	single --mode skb
}

test_exit_single_bpf_link() {
	begin
	need_trampolines
	single --link "$PINS/link"
	rm "$PINS/link"
}

# -- xdp-filter ----------------------------------------------------------------------------------

# Packets that xdp-filter says it has dropped.
filter_drops() {
	"$XDP_FILTER" status | awk '$1 == "XDP_DROP" { print $2 }'
}

filter() {
	"$XDP_FILTER" load "$NS" >filter.log 2>&1 || fail "xdp-filter does not load"
	"$XDP_FILTER" port 53 --mode src --proto udp >>filter.log 2>&1 || fail "xdp-filter"
}

unload_filter() {
	"$XDP_FILTER" unload "$NS" >>filter.log 2>&1 || fail "xdp-filter does not unload"
}

test_exit_xdp_filter() {
	begin
	need "$XDP_FILTER"
	need_dispatcher
	filter
	start_capture out.pcap -t exit
	send_frames passed.ref -n 20 -p 5353
	send_frames sent.ref -n 30 -s 60,600,1514 -f 20 -p 53
	stop_capture
	same sent.ref out.pcap
	captured 30
	[ "$(filter_drops)" = 30 ] || fail "xdp-filter counts $(filter_drops)"
	unload_filter
}

# -- bytes ---------------------------------------------------------------------------------------

test_exit_sizes() {
	begin
	need_trampolines
	local sizes=14,15,31,32,33,60,64,65,127,128,129,255,256,257,511,512,513,1023,1024,1025,1514

	load verdict verdict
	start_capture out.pcapng -t exit
	send_frames sent.ref -n 200 -s $sizes -k udp4,udp6,vlan,arp,garbage
	stop_capture
	same sent.ref out.pcapng
	all_captured
}

test_exit_snaplen() {
	begin
	need_trampolines
	load verdict verdict
	start_capture out.pcap -t exit -s 100
	send_frames sent.ref -n 60 -s 60,100,101,1514
	stop_capture
	same sent.ref out.pcap --snaplen 100
	all_captured
}

# A program that takes frames in fragments, and its capture.
frags() {
	need_trampolines
	need_frags
	set_mtu 9000
	load verdict verdict_frags
	start_capture out.pcapng -t exit
}

test_exit_frames_in_fragments() {
	begin
	need_frags_at_exit
	frags
	says_not "fragments"
	send_frames sent.ref -n 60 -s 60,1514,3500,4000,5000,9000,9014
	stop_capture
	same sent.ref out.pcapng
	all_captured
	start_capture out.pcap -t exit -s 5000
	send_frames sent.ref -n 60 -s 60,1514,5000,9000,9014
	stop_capture
	same sent.ref out.pcap --snaplen 5000
	all_captured
}

# hidden COMMAND ...: for a capture from which the kernel hides its addresses, so that those that
# lead to fragments are not found.
hidden() {
	need setpriv
	[ "$(</proc/sys/kernel/kptr_restrict)" != 0 ] ||
		[ "$(</proc/sys/kernel/perf_event_paranoid)" -gt 1 ] ||
		skip "this kernel hides its addresses from no process"
	printf '#!/bin/sh\nexec setpriv --bounding-set=-syslog --inh-caps=-syslog %s "$@"\n' \
		"$CAPTURE" >without-addresses
	chmod +x without-addresses
	CAPTURE=./without-addresses "$@"
}

# Then the length is the whole frame's, the bytes are those of the linear part, and it is said.
test_exit_fragments_out_of_reach() {
	begin
	need tshark
	hidden frags
	says 'hides its addresses \(CAP_SYSLOG, sysctl kernel.kptr_restrict\)'
	says "only the linear part is captured"
	send_frames sent.ref -n 50 -s 60,1514,5000,9000,9014
	stop_capture
	captured 50
	fields out.pcapng frame.len | diff - <(fields sent.ref frame.len) || fail "other lengths"
	fields out.pcapng frame.len frame.cap_len |
		awk '$2 > $1 || ($1 > 4096) != ($2 < $1) { exit 1 }' || fail "not the linear part"
}

test_exit_tiny_linear_part() {
	begin
	need_frags_at_exit
	local linear

	load verdict verdict_frags
	for linear in 0 1 14 64 128; do
		start_capture out.pcapng -t exit
		"$TOOLS/testrun" -n 20 -s 9000 -l $linear -r sent.pcap "$PROGRAM_ID" "$NS" \
			>run.log 2>&1
		case $? in
		0) ;;
		2) stop_capture && skip "this kernel runs no frames with a short linear part" ;;
		*) fail "running verdict_frags" ;;
		esac
		stop_capture
		same sent.pcap out.pcapng
		captured 20
	done
}

# -- a pipeline that changes ---------------------------------------------------------------------

test_exit_member_comes_and_goes() {
	begin
	need tshark
	need_dispatcher
	member $FIRST
	start_capture out.pcapng -t exit -v
	send_frames one.ref -n 20 -i 1
	member $SECOND
	local id
	id=$(member_id $SECOND)
	wait_for grep -q "id $id).*is followed" capture.log || fail "it is not captured"
	send_frames two.ref -n 20
	unload -i "$id"
	wait_for grep -q "$SECOND (id $id) is no longer on $NS" capture.log ||
		fail "nothing is said"
	send_frames passed.ref -n 20 -f 20
	send_frames three.ref -n 20 -f 40 -i 1
	unload --all
	wait_for grep -q 'waiting for one' capture.log || fail "nothing is said"
	stop_capture
	join one.ref three.ref >first.ref
	of_program out.pcapng $FIRST
	same first.ref $FIRST.pcap
	of_program out.pcapng $SECOND
	same two.ref $SECOND.pcap
	captured 60
}

# Others come and go; the member that drops, and the capture of it, do not miss a frame. On one
# CPU: emulated ones (QEMU before 8.1) fail when one runs instructions that another one patches.
test_exit_rebuild_under_traffic() {
	begin
	need taskset
	need_dispatcher
	taskset -cp 0 $BASHPID >/dev/null || fail taskset
	member $SECOND
	start_capture out.pcap -t exit
	start_sending 10000 -g 200 -b 1
	for _ in 1 2 3; do
		member $FIRST
		unload -i "$(member_id $FIRST)"
	done
	stop_sending
	stop_capture
	join part.* >sent.ref
	same sent.ref out.pcap
	captured $SENT
	unload --all
}

test_exit_program_replaced() {
	begin
	need_trampolines
	load verdict verdict
	start_capture out.pcap -t exit -v
	send_frames one.ref -n 20
	load verdict_hook verdict_hook
	wait_for grep -q "verdict_hook .*is followed" capture.log || fail "it is not captured"
	send_frames two.ref -n 20 -f 20
	stop_capture
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap
	all_captured
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# While there is none, the capture waits; of the old program nothing is left in the kernel.
test_exit_pipeline_empty_and_back() {
	begin
	need_trampolines
	load verdict verdict
	start_capture out.pcap -t exit -v
	send_frames one.ref -n 20
	"$TOOLS/xload" detach "$NS"
	wait_for grep -q 'waiting for one' capture.log || fail "nothing is said"
	rm "$PINS/verdicts"
	wait_for gone "$PROGRAM_ID" || fail "the capture keeps the program"
	load verdict verdict
	wait_for grep -q "id $PROGRAM_ID.*is followed" capture.log || fail "it is not captured"
	send_frames two.ref -n 20 -f 20
	stop_capture
	join one.ref two.ref >sent.ref
	same sent.ref out.pcap
	all_captured
}

descriptors() {
	find "$(holder)/fd" -mindepth 1 | wc -l
}

# Without those that are open for the moment that a look for changes takes.
fewest_descriptors() {
	local least now

	least=$(descriptors)
	for _ in 1 2 3 4 5 6 7 8; do
		pause 0.15
		now=$(descriptors)
		[ "$now" -ge "$least" ] || least=$now
	done
	echo "$least"
}

# A capture looks for changes twice a second, for hours.
test_exit_descriptors() {
	begin
	need_dispatcher
	local before after

	member $FIRST
	member $SECOND
	start_capture out.pcap -t exit
	sleep 1
	before=$(fewest_descriptors)
	sleep 3
	after=$(fewest_descriptors)
	[ "$after" = "$before" ] || fail "$after descriptors, not $before"
	stop_capture
	unload --all
}

same_number() {
	[ "$(descriptors)" = "$1" ]
}

# reload_second: the second member goes, is freed, comes again, and is captured again.
reload_second() {
	local id

	id=$(member_id $SECOND)
	unload --id "$id"
	wait_for gone "$id" || fail "the capture keeps the program loaded"
	member $SECOND
	wait_for grep -q "id $(member_id $SECOND).*is followed" capture.log ||
		fail "it is not captured"
}

# libxdp 1.3 leaks a descriptor of every member whenever it is asked for them. libbpf 1.6 keeps one
# from the first reload on.
test_exit_unloaded_members_are_freed() {
	begin
	need_dispatcher
	local before n times=${FEW:+1}

	member $FIRST
	member $SECOND
	start_capture out.pcap -t exit -v
	reload_second
	before=$(fewest_descriptors)
	for ((n = 0; n < ${times:-3}; n++)); do
		reload_second
	done
	wait_for same_number "$before" || fail "$(descriptors) descriptors, not $before"
	stop_capture
	unload --all
}

# -- beside others -------------------------------------------------------------------------------

test_exit_two_captures() {
	begin
	need_trampolines
	load verdict verdict
	start_capture out.pcap -t exit
	local first=$CAPTURE_PID
	mv capture.log first.log
	start_capture second.pcap -t exit
	send_frames sent.ref -n 50
	stop_capture
	same sent.ref second.pcap
	all_captured
	CAPTURE_PID=$first
	stop_capture
	mv first.log capture.log
	same sent.ref out.pcap
	all_captured
}

# Ids of the programs that the capture holds, but for the user's.
held_programs() {
	sed -n 's/^prog_id:[[:space:]]*//p' "$(holder)"/fdinfo/* | sort -u |
		grep -vx "$PROGRAM_ID"
}

# The kernel detaches what a dead process had attached.
test_exit_killed() {
	begin
	need_trampolines
	local programs

	load verdict verdict
	start_capture out.pcap -t exit
	mapfile -t programs < <(held_programs)
	[ ${#programs[@]} -gt 0 ] || fail "the capture holds no program"
	send_frames sent.ref -n 50
	await_written sent.ref out.pcap
	kill -KILL "$CAPTURE_PID"
	wait "$CAPTURE_PID" 2>/dev/null
	same sent.ref out.pcap
	wait_for gone "${programs[@]}" || fail "not gone: ${programs[*]}"
	send_frames more.ref -n 30 -f 50
	[ "$(count_of drop)" = 80 ] || fail "other verdicts: $(counts)"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
}

# A program may be on several interfaces: only frames of the one asked for are captured.
test_exit_other_interface() {
	begin
	need_trampolines
	ip link add xdpdrop-t0 type veth peer name xdpdrop-t1 || fail "cannot make a pair"
	ip link set xdpdrop-t0 up
	ip link set xdpdrop-t1 up
	load verdict verdict
	bpftool net attach xdp id "$PROGRAM_ID" dev xdpdrop-t0 || fail "cannot attach it twice"
	start_capture out.pcap -t exit
	"$TOOLS/send" -n 20 -f 100 xdpdrop-t1 >other.log 2>&1 || fail "sending frames"
	send_frames sent.ref -n 30
	stop_capture
	same sent.ref out.pcap
	captured 30
	[ "$(count_of drop)" = 50 ] || fail "other verdicts: $(counts)"
	ip link del xdpdrop-t0
}

# Numbers of interfaces are unique in one network namespace only.
test_exit_other_namespace() {
	begin
	need_trampolines
	{ ip netns add aside && ip -n aside link add name a0 \
		index "$(cat "/sys/class/net/$NS/ifindex")" type veth \
		peer name a1 index 99 &&
		ip -n aside link set a0 up && ip -n aside link set a1 up; } ||
		fail "cannot make a pair"
	load verdict verdict
	nsenter --net=/run/netns/aside bpftool net attach xdp id "$PROGRAM_ID" dev a0 ||
		fail "cannot attach it twice"
	start_capture out.pcap -t exit
	ip netns exec aside "$TOOLS/send" -n 20 -f 100 a1 >other.log 2>&1 ||
		fail "sending frames"
	send_frames sent.ref -n 30
	stop_capture
	same sent.ref out.pcap
	captured 30
	[ "$(count_of drop)" = 50 ] || fail "other verdicts: $(counts)"
}

# -- choice and refusals -------------------------------------------------------------------------

test_exit_is_chosen() {
	begin
	need_dispatcher
	member $FIRST
	member $SECOND
	"$CAPTURE" --explain "$NS" >explain 2>&1 || fail "--explain"
	grep -q "^$NS would be captured by tap exit" explain || fail "$(cat explain)"
	start_capture out.pcap
	says "^listening on $NS, tap exit on $FIRST"
	send_frames sent.ref -n 20
	stop_capture
	same sent.ref out.pcap
	unload --all
}

# Then auto goes on to the next tap, and says so.
test_exit_without_btf() {
	begin
	need llvm-objcopy
	need_trampolines
	llvm-objcopy -R .BTF -R .BTF.ext -R .rel.BTF -R .rel.BTF.ext "$TOOLS/flood.bpf.o" bare.bpf.o
	"$TOOLS/xload" load "$NS" bare.bpf.o flood_pass >load.log 2>&1 || fail "cannot load"
	launch_capture out.pcap -t exit
	end_capture 1
	says 'flood_pass \(id [0-9]+\) was loaded without BTF'
	start_capture out.pcap -v -a pass
	says 'exit cannot be used: flood_pass .* without BTF'
	says '^listening on .* tap wrap on flood_pass'
	send_frames sent.ref -n 20
	stop_capture
	same sent.ref out.pcap
}

# chain_second runs by a tail call, where fexit is blind: its verdicts are chain_first's.
test_exit_tail_called() {
	begin
	need tshark
	need_trampolines
	load --pin "chain_parts=$PINS/parts" chain chain_first
	"$TOOLS/xload" slot "$PINS/parts" 0 "$TOOLS/chain.bpf.o" chain_second ||
		fail "cannot fill the slot"
	launch_capture out.pcapng -t exit -p chain_second
	end_capture 1
	says 'chain_second \(id [0-9]+\) is tail-called, which the kernel does not show'
	says "its verdicts are those of chain_first \(id $PROGRAM_ID\), which tap exit can follow"
	start_capture out.pcapng -t exit
	says_not 'tail-called'
	send_frames sent.ref -n 20
	stop_capture
	of_program out.pcapng chain_first
	same sent.ref chain_first.pcap
	captured 20
}

# One that is attached, and is tail-called, too.
test_exit_warns_of_tail_calls() {
	begin
	need bpftool
	need_trampolines
	load --pin "chain_parts=$PINS/parts" chain chain_first
	bpftool map update pinned "$PINS/parts" key 1 0 0 0 value id "$PROGRAM_ID" ||
		fail "cannot fill the slot"
	start_capture out.pcapng -t exit
	says "warning: program chain_first \(id $PROGRAM_ID\) is tail-called, too"
	stop_capture
}

test_exit_refuses_wrapper() {
	begin
	need_trampolines
	load verdict verdict
	start_capture out.pcap -t wrap
	local first=$CAPTURE_PID
	mv capture.log first.log
	launch_capture second.pcap -t exit
	end_capture 1
	says "in use by the xdpdrop session with pid $first"
	kill -KILL "$first"
	wait "$first" 2>/dev/null
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	wait_for is_attached "$PROGRAM_ID native" || fail "attached is $(attached)"
	start_capture second.pcap -t exit
	send_frames sent.ref -n 20
	stop_capture
	same sent.ref second.pcap
}

test_exit_refuses_unknown_program() {
	begin
	need_trampolines
	load verdict verdict
	launch_capture out.pcap -t exit -p other
	end_capture 1
	says "no program on $NS is other"
	[ ! -e out.pcap ] || fail "a file for a capture that did not start"
}

test_exit_nothing_attached() {
	begin
	launch_capture out.pcap -t exit
	end_capture 1
	says "no XDP program is attached to $NS"
}

test_exit_needs_trampolines() {
	begin
	load verdict verdict
	if has_trampolines; then
		"$CAPTURE" -t exit --explain "$NS" | grep -q '^tap exit: yes' || fail "refused"
		return
	fi
	launch_capture out.pcap -t exit
	end_capture 1
	says "no BPF trampolines"
}

# A program that comes and goes while a capture starts: it begins or not, and says why not.
test_exit_starts_while_unloaded() {
	begin
	need_trampolines
	local n status times=${FEW:+3}

	(until [ -e enough ]; do
		"$TOOLS/xload" load "$NS" "$TOOLS/verdict.bpf.o" verdict
		"$TOOLS/xload" detach "$NS"
	done) >/dev/null 2>&1 &
	for ((n = 0; n < ${times:-8}; n++)); do
		"$CAPTURE" -t exit -d 0.01 "$NS" out.pcap >capture.out 2>capture.log
		status=$?
		[ $status -le 1 ] || fail "status $status"
		says_not 'No such file or directory'
		[ $status = 0 ] ||
			says 'no XDP program is attached|else just now|temporarily unavailable'
	done
	: >enough
	wait $!
}
