# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The tag tap: a program tags what another one, later in libxdp's dispatcher, drops.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # dispatchers are those of the kernel's libxdp
ALL_TESTS="test_tag_members test_tag_generic test_tag_frags test_tag_is_chosen
	test_tag_ready_made_drop test_tag_disarmed test_tag_untagged
	test_tag_untagged_and_filter test_tag_is_no_exit_hook
	test_tag_behind_the_dropper test_tag_before_all test_tag_beside_others
	test_tag_explains_itself test_tag_placed_again test_loaders_at_once
	test_tag_placed test_tag_placed_before_program test_tag_placed_close test_tag_no_room
	test_tag_explain_places_nothing test_tag_found_by_program
	test_tag_by_xdp_loader test_tag_by_xdpdrop_loader test_tag_member_unloaded
	test_tag_neighbour_comes_and_goes test_tag_dropper_reloaded
	test_tag_own_metadata test_tag_full_metadata test_tag_driver_without_metadata
	test_tag_sample
	test_tag_refuses_second_placed
	test_tag_watchdog test_tag_killed test_tag_killed_then_again
	test_tag_stray_pins test_tag_renamed_pins test_tag_spares_namesake
	test_no_tag_on_nothing test_no_tag_among_tag_members
	test_no_tag_without_dispatcher test_no_tag_in_old_libxdp"
ANY_TESTS="test_tag_is_chosen test_tag_untagged test_tag_untagged_and_filter
	test_tag_explains_itself test_tag_placed_before_program test_tag_placed_close
	test_tag_no_room test_tag_explain_places_nothing test_tag_found_by_program
	test_tag_by_xdpdrop_loader test_tag_sample
	test_tag_refuses_second_placed test_tag_watchdog test_tag_stray_pins
	test_tag_spares_namesake test_no_tag_on_nothing test_no_tag_without_dispatcher
	test_no_tag_among_tag_members"

# member OBJECT PROGRAM PRIORITY [xdp-loader's options]: load it beside others, maps pinned.
member() {
	local object=$1 program=$2 prio=$3

	shift 3
	"$XDP_LOADER" load -p "$PINS" -n "$program" -P "$prio" "$@" "$NS" "$object" \
		>load.log 2>&1 || fail "xdp-loader does not load $program"
}

# pair [OPTIONS]: the program that tags and the one that drops.
pair() {
	member "$TOOLS/tagger.bpf.o" tagger 40 "$@"
	member "$TOOLS/tagger.bpf.o" dropper 60 "$@"
}

tag_member() {
	member "$BUILD/xdpdrop_tag.bpf.o" xdpdrop_tag_tap 50 "$@"
}

# The members of the dispatcher in the order in which they run.
members() {
	"$XDP_LOADER" status "$NS" | awk '$1 == "=>" { printf "%s%s", sep, $3; sep = " " }'
}

member_ids() {
	"$XDP_LOADER" status "$NS" | awk '$1 == "=>" { print $3, $4 }'
}

unload_all() {
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "xdp-loader does not unload"
}

tagger_counts() {
	"$TOOLS/xload" counts "$PINS/tagger_counts"
}

# The program that drops saw $1 frames with a tag and $2 without, and all tags could be set.
dropped() {
	[ "$(tagger_counts)" = "aborted=0 drop=$1 pass=$2 tx=0 redirect=0 invalid=0" ] ||
		fail "not $1 frames dropped and $2 passed: $(tagger_counts)"
}

# Frames number 0, 1, 4, 5, 8 ... of $1 ask to be dropped: comments with their reasons.
expected_reasons() {
	local n

	for ((n = 0; n < $1; n++)); do
		[ $((n / 2 % 2)) = 0 ] && printf '1\treason %d\n' $((n + 1))
	done
}

# 200 frames, half of them to be dropped; bytes, verdicts and reasons of the capture are exact.
send_and_compare() {
	send_frames sent.pcap -n 200 -s 60,300 -V drop,pass
	stop_capture
	same sent.pcap out.pcapng --only drop
	captured 100
	fields out.pcapng frame.verdict.ebpf_xdp frame.comment >got
	expected_reasons 200 | diff - got || fail "verdicts and reasons"
}

capture_tagged() {
	need tshark
	start_capture out.pcapng "$@"
	send_and_compare
}

# -- members that are there ----------------------------------------------------------------------

test_tag_members() {
	begin
	local before

	need_members
	pair
	tag_member
	before=$(member_ids)
	capture_tagged -t tag
	says "tap tag on xdpdrop_tag_tap \(id [0-9]+\) at xdpdrop_tags"
	dropped 100 100
	[ "$(member_ids)" = "$before" ] || fail "other members: $(member_ids), not $before"
	unload_all
}

test_tag_generic() {
	begin
	need_members
	pair -m skb
	tag_member -m skb
	capture_tagged -t tag
	dropped 100 100
	unload_all
}

test_tag_frags() {
	begin
	need_members
	need_frags
	set_mtu 9000
	# Some versions of xdp-loader do not see that a program takes fragments.
	"$LOADER" load -n tagger -p "$PINS" -P 40 "$NS" "$TOOLS/tagger.bpf.o" >load.log 2>&1 ||
		fail "tagger"
	"$LOADER" load -n dropper -p "$PINS" -P 60 "$NS" "$TOOLS/tagger.bpf.o" >load.log 2>&1 ||
		fail "dropper"
	start_capture out.pcapng -t tag
	send_frames sent.pcap -n 90 -s 60,4000,9000 -V drop,pass
	stop_capture
	same sent.pcap out.pcapng --only drop
	captured 45
	dropped 45 45
	unload_all
}

test_tag_is_chosen() {
	begin
	need_members
	pair
	tag_member
	capture_tagged
	says "^listening on $NS, .*tap tag on xdpdrop_tag_tap"
	dropped 100 100
	unload_all
}

# Our own program that drops; the one behind it gets the rest.
test_tag_ready_made_drop() {
	begin
	need_members
	member "$TOOLS/tagger.bpf.o" tagger 40
	"$XDP_LOADER" load "$NS" "$BUILD/xdpdrop_drop.bpf.o" >load.log 2>&1 || fail "drop"
	"$XDP_LOADER" load "$NS" "$BUILD/xdpdrop_tag.bpf.o" >load.log 2>&1 || fail "tag"
	member "$TOOLS/tagger.bpf.o" dropper 95
	[ "$(members)" = "tagger xdpdrop_tag_tap xdpdrop_drop dropper" ] || fail "$(members)"
	capture_tagged
	dropped 0 100
	unload_all
}

# Nothing of a capture is left in a member, and without one it changes nothing.
test_tag_disarmed() {
	begin
	need_members
	pair
	tag_member
	send_frames sent.pcap -n 200 -V drop,pass
	dropped 100 100
	"$LOADER" status "$NS" | grep -q 'hook xdpdrop_tags .*: not in use' || fail "status"
	start_capture out.pcapng
	"$LOADER" status "$NS" | grep -q "hook xdpdrop_tags .*: in use by pid $CAPTURE_PID" ||
		fail "status while capturing"
	stop_capture
	"$LOADER" status "$NS" | grep -q 'hook xdpdrop_tags .*: not in use' || fail "status"
	send_frames sent.pcap -n 200 -V drop,pass
	dropped 200 200
	unload_all
}

test_tag_untagged() {
	begin
	need_members
	need tshark
	pair
	tag_member
	start_capture out.pcapng --untagged
	send_frames sent.pcap -n 200 -s 60,300 -V drop,pass
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	dropped 100 100
	[ "$(fields out.pcapng frame.verdict.ebpf_xdp | sort -u)" = 1 ] || fail "verdicts"
	fields out.pcapng frame.verdict.ebpf_xdp frame.comment | grep reason >got
	expected_reasons 200 | diff - got || fail "reasons"
	unload_all
}

# A frame that does not match the filter is captured neither with a tag nor without.
test_tag_untagged_and_filter() {
	begin
	need_members
	local n first=0

	pair
	tag_member
	: >capture.log
	env --default-signal=INT "$CAPTURE" --untagged "$NS" out.pcap udp src port 53 \
		2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "xdpdrop-capture does not listen"
	for n in 53 54; do
		send_frames sent.$n.pcap -n 40 -f $first -s 60,300 -V drop,pass -p $n
		first=$((first + 40))
	done
	stop_capture
	same sent.53.pcap out.pcap
	[ "$COMPARED" = 40 ] || fail "$COMPARED frames, not 40"
	[ "$(summary 'rejected by the filter')" = 40 ] || fail "not 40 rejected"
	dropped 40 40
	unload_all
}

# -- members that are no taps ---------------------------------------------------------------------

# Without a priority xdp-loader puts it behind programs that have not said theirs: nothing that it
# passes on is dropped. auto sees the drops elsewhere, -t tag puts a member into the right place.
test_tag_behind_the_dropper() {
	begin
	need_members
	need tshark
	pair
	"$XDP_LOADER" load -p "$PINS" "$NS" "$BUILD/xdpdrop_tag.bpf.o" >load.log 2>&1 ||
		fail "xdp-loader does not load the tag member"
	"$CAPTURE" --explain "$NS" >explain.log 2>&1 || fail "explain"
	grep -Eq "tap tag: no, xdpdrop_tag_tap \(id [0-9]+\) runs after dropper .* such as 59" \
		explain.log || fail "$(cat explain.log)"
	grep -q "would be captured by tap exit" explain.log || fail "$(cat explain.log)"
	start_capture out.pcapng
	says "warning: .*xdpdrop_tag_tap \(id [0-9]+\) runs after dropper .* such as 59"
	send_frames sent.pcap -n 200 -V drop,pass
	stop_capture
	same sent.pcap out.pcapng --only drop
	captured 100
	start_capture out.pcapng -t tag
	placed_before dropper "tagger xdpdrop_tag_tap dropper xdpdrop_tag_tap"
	send_and_compare
	unload_all
}

# Nothing before it can have tagged a frame.
test_tag_before_all() {
	begin
	need_members
	pair
	member "$BUILD/xdpdrop_tag.bpf.o" xdpdrop_tag_tap 10
	launch_capture out.pcapng -t tag -p tagger
	end_capture 1
	says "no program runs before tagger \(id [0-9]+\)"
	"$CAPTURE" --explain "$NS" >explain.log 2>&1 || fail "explain"
	grep -Eq "tap tag: no, xdpdrop_tag_tap \(id [0-9]+\) runs before all other members" \
		explain.log || fail "$(cat explain.log)"
	grep -q "would be captured by tap exit" explain.log || fail "$(cat explain.log)"
	unload_all
}

# Drops without a tag, by whatever program, are captured with those that have one; each frame once.
test_tag_beside_others() {
	begin
	need_members
	need tshark
	pair
	tag_member
	member "$TOOLS/members.bpf.o" drop_sender_1 70
	start_capture out.pcapng
	says "^listening on $NS, .*tap tag on xdpdrop_tag_tap"
	says "^listening on $NS, .*tap exit on drop_sender_1"
	send_frames tagged.pcap -n 20 -s 60,300 -V drop,pass
	send_frames other.pcap -n 20 -f 20 -i 1 -V pass
	stop_capture
	captured 30
	part out.pcapng "$NS:drop_sender_1" part.pcap
	same other.pcap part.pcap
	part out.pcapng "$NS:xdpdrop_tag_tap:*" part.pcap
	same tagged.pcap part.pcap --only drop
	fields out.pcapng frame.verdict.ebpf_xdp frame.comment | grep reason >got
	expected_reasons 20 | diff - got || fail "verdicts and reasons"
	dropped 10 30
	launch_capture out.pcapng -t tag
	await_listening || fail "it does not listen"
	says "warning: $NS: frames that .*dropper .*drop_sender_1 .* without a tag .* not seen"
	stop_capture
	unload_all
}

test_tag_explains_itself() {
	begin
	need_members
	pair
	tag_member
	"$CAPTURE" --explain "$NS" >explain.log 2>&1 || fail "explain"
	grep -Eq "^tap hook: no, " explain.log || fail "$(cat explain.log)"
	grep -Eq "^tap tag: yes" explain.log || fail "$(cat explain.log)"
	grep -Eq "^$NS would be captured by taps tag and exit$" explain.log ||
		fail "$(cat explain.log)"
	"$CAPTURE" --explain -p dropper "$NS" >explain.log 2>&1 || fail "explain"
	grep -Eq "^$NS would be captured by tap exit$" explain.log || fail "$(cat explain.log)"
	unload_all
}

# The member that a capture has placed goes with all others, and comes back with them.
test_tag_placed_again() {
	begin
	need_members
	need tshark
	pair
	start_capture out.pcapng -t tag
	unload_all
	wait_for grep -q 'no longer on' capture.log || fail "nothing is said"
	pair
	wait_for eval '[ "$(members)" = "tagger xdpdrop_tag_tap dropper" ]' ||
		fail "it is not placed again: $(members)"
	wait_for sh -c "'$LOADER' status $NS | grep -q 'in use by pid $CAPTURE_PID'" ||
		fail "the new member is not captured"
	send_and_compare
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# Four at once: libxdp refuses those that come second, and we try again.
test_loaders_at_once() {
	begin
	local n pids=()

	need_dispatcher
	for n in 1 2 3 4; do
		"$LOADER" load -n flood_pass -P 5$n "$NS" "$TOOLS/flood.bpf.o" >load.$n.log 2>&1 &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || fail "one does not load"
	done
	[ "$(members)" = "flood_pass flood_pass flood_pass flood_pass" ] || fail "$(members)"
	unload_all
}

# Its slots are no places for programs that drop.
test_tag_is_no_exit_hook() {
	begin
	need_members
	pair
	tag_member
	launch_capture out.pcapng -t hook
	end_capture 1
	says "no program on $NS has a hook"
	launch_capture out.pcapng -t tag -a aborted
	end_capture 1
	says "no slot for the selected actions"
	unload_all
}

# -- a member for the time of the capture --------------------------------------------------------

placed_before() {
	[ "$(members)" = "$2" ] || fail "members are: $(members), not $2"
	says "tap tag on xdpdrop_tag_tap \(id [0-9]+\), placed before $1, at xdpdrop_tags"
}

test_tag_placed() {
	begin
	local before

	need_members
	need tshark
	pair
	before=$(member_ids)
	start_capture out.pcapng -t tag -v
	placed_before dropper "tagger xdpdrop_tag_tap dropper"
	says "placed tag member xdpdrop_tag_tap .* before dropper"
	send_and_compare
	dropped 100 100
	[ "$(member_ids)" = "$before" ] || fail "members are: $(member_ids), not $before"
	unload_all
}

test_tag_placed_before_program() {
	begin
	need_members
	need tshark
	pair
	member "$TOOLS/flood.bpf.o" flood_pass 80
	start_capture out.pcapng -t tag -p dropper
	placed_before dropper "tagger xdpdrop_tag_tap dropper flood_pass"
	send_and_compare
	[ "$(members)" = "tagger dropper flood_pass" ] || fail "members are: $(members)"
	launch_capture out.pcapng -t tag -p nobody
	end_capture 1
	says nobody
	unload_all
}

# One priority after the other: behind the program that tags by name.
test_tag_placed_close() {
	begin
	need_members
	need tshark
	member "$TOOLS/tagger.bpf.o" tagger 50
	member "$TOOLS/tagger.bpf.o" dropper 51
	start_capture out.pcapng -t tag
	placed_before dropper "tagger xdpdrop_tag_tap dropper"
	send_and_compare
	unload_all
}

test_tag_no_room() {
	begin
	need_members
	member "$TOOLS/tagger.bpf.o" dropper 50
	member "$TOOLS/tagger.bpf.o" tagger 50
	launch_capture out.pcapng -t tag -p tagger
	end_capture 1
	says "no run priority leads directly before tagger"
	[ "$(members)" = "dropper tagger" ] || fail "members are: $(members)"
	unload_all
}

test_tag_explain_places_nothing() {
	begin
	local before

	need_members
	pair
	before=$(member_ids)
	"$CAPTURE" --explain -t tag "$NS" >explain.log 2>&1 || fail "explain"
	grep -q "would be captured by tap tag" explain.log || fail "$(cat explain.log)"
	"$CAPTURE" --explain "$NS" >explain.log 2>&1
	grep -q "tap tag: no, there is no tag member" explain.log || fail "$(cat explain.log)"
	[ "$(member_ids)" = "$before" ] || fail "members are: $(member_ids)"
	unload_all
}

# A member of the user's right before the program is the one to use; another is not.
test_tag_found_by_program() {
	begin
	local before

	need_members
	need tshark
	pair
	tag_member
	before=$(member_ids)
	capture_tagged -t tag -p dropper
	says_not "placed before"
	[ "$(member_ids)" = "$before" ] || fail "members are: $(member_ids)"
	member "$TOOLS/flood.bpf.o" flood_pass 80
	start_capture out.pcapng -t tag -p flood_pass
	placed_before flood_pass "tagger xdpdrop_tag_tap dropper xdpdrop_tag_tap flood_pass"
	stop_capture
	[ "$(members)" = "tagger xdpdrop_tag_tap dropper flood_pass" ] ||
		fail "members are: $(members)"
	unload_all
}

# -- loading and unloading by hand ---------------------------------------------------------------

test_tag_by_xdp_loader() {
	begin
	local id

	need_members
	pair
	"$XDP_LOADER" load -p "$PINS" "$NS" "$BUILD/xdpdrop_tag.bpf.o" >load.log 2>&1 ||
		fail "xdp-loader does not load the tag member"
	"$XDP_LOADER" status "$NS" >status.log
	grep -Eq '=> +89 +xdpdrop_tag_tap .*XDP_PASS *$' status.log || fail "$(cat status.log)"
	id=$(awk '$3 == "xdpdrop_tag_tap" { print $4 }' status.log)
	"$XDP_LOADER" unload "$NS" -i "$id" >unload.log 2>&1 || fail "unload -i"
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

test_tag_by_xdpdrop_loader() {
	begin
	need_members
	pair
	"$LOADER" load -m native -p "$PINS" -P 55 "$NS" "$BUILD/xdpdrop_tag.bpf.o" >load.log 2>&1 ||
		fail "xdpdrop-loader does not load the tag member"
	[ "$(members)" = "tagger xdpdrop_tag_tap dropper" ] || fail "members are: $(members)"
	capture_tagged -t tag
	"$LOADER" unload -a "$NS" >unload.log 2>&1 || fail "unload -a"
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# -- while others change the dispatcher ----------------------------------------------------------

test_tag_member_unloaded() {
	begin
	local id

	need_members
	need tshark
	pair
	tag_member
	start_capture out.pcapng -t tag
	id=$(member_ids | awk '$1 == "xdpdrop_tag_tap" { print $2 }')
	"$XDP_LOADER" unload "$NS" -i "$id" >unload.log 2>&1 || fail "unload -i"
	wait_for grep -q 'no longer on' capture.log || fail "nothing is said"
	tag_member
	wait_for sh -c "'$LOADER' status $NS | grep -q 'in use by pid $CAPTURE_PID'" ||
		fail "the new member is not captured"
	send_and_compare
	unload_all
}

test_tag_neighbour_comes_and_goes() {
	begin
	local id

	need_members
	need tshark
	pair
	start_capture out.pcapng -t tag
	member "$TOOLS/flood.bpf.o" flood_pass 5
	send_frames first.pcap -n 20
	id=$(member_ids | awk '$1 == "flood_pass" { print $2 }')
	"$XDP_LOADER" unload "$NS" -i "$id" >unload.log 2>&1 || fail "unload -i"
	send_frames second.pcap -n 20 -f 20
	stop_capture
	join first.pcap second.pcap >sent.pcap
	same sent.pcap out.pcapng
	captured 40
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# The place is one of a priority: whoever comes there later is still behind it.
test_tag_dropper_reloaded() {
	begin
	local id

	need_members
	need tshark
	pair
	start_capture out.pcapng -t tag
	id=$(member_ids | awk '$1 == "dropper" { print $2 }')
	"$XDP_LOADER" unload "$NS" -i "$id" >unload.log 2>&1 || fail "unload -i"
	member "$TOOLS/tagger.bpf.o" dropper 60
	send_and_compare
	dropped 100 100
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# -- metadata ------------------------------------------------------------------------------------

test_tag_own_metadata() {
	begin
	need_members
	member "$TOOLS/tagger_meta.bpf.o" tagger_meta 40
	member "$TOOLS/tagger_meta.bpf.o" dropper_meta 60
	capture_tagged -t tag
	dropped 100 100
	unload_all
}

# 28 bytes of metadata and a tag are more than older kernels take; the program that finds no
# room drops the frame itself.
test_tag_full_metadata() {
	begin
	local tagged refused rest="tx=0 redirect=0 invalid=0"

	need_members
	member "$TOOLS/tagger_meta.bpf.o" tagger_full 40
	member "$TOOLS/tagger_meta.bpf.o" dropper_meta 60
	start_capture out.pcap -t tag
	send_frames sent.pcap -n 200 -V drop,pass
	stop_capture
	tagged=$(tagger_counts | tr ' ' '\n' | sed -n 's/^drop=//p')
	refused=$((100 - tagged))
	tagger_counts | grep -qx "aborted=$refused drop=$tagged pass=100 $rest" ||
		fail "$(tagger_counts)"
	captured "$tagged"
	{ [ "$tagged" = 0 ] && [ "$refused" = 100 ]; } || {
		same sent.pcap out.pcap --only drop
		captured 100
	}
	unload_all
}

# make_tap NAME: its driver has no metadata before Linux 6.15.
make_tap() {
	[ -c /dev/net/tun ] || modprobe tun 2>/dev/null
	ip tuntap add dev "$1" mode tap 2>tap.log || skip "this kernel has no tap devices"
	ip link set "$1" up
}

# There the program that tags drops by itself, unseen by the tag tap; or all is as ever.
test_tag_driver_without_metadata() {
	begin
	local tagged rest="tx=0 redirect=0 invalid=0" NS=$NS

	need_members
	make_tap xdpdrop-tap
	NS=xdpdrop-tap
	pair -m native
	start_capture out.pcap -t tag
	"$TOOLS/send" --tap -n 200 -V drop,pass --reference sent.pcap "$NS" >send.log 2>&1 ||
		fail "sending frames"
	stop_capture
	tagged=$(tagger_counts | tr ' ' '\n' | sed -n 's/^drop=//p')
	tagger_counts | grep -qx "aborted=$((100 - tagged)) drop=$tagged pass=100 $rest" ||
		fail "$(tagger_counts)"
	captured "$tagged"
	[ "$tagged" = 0 ] || same sent.pcap out.pcap --only drop
	unload_all
	ip link del "$NS"
}

# -- several captures, dead sessions -------------------------------------------------------------

refuses_second() {
	start_capture out.pcapng "$@"
	local first=$CAPTURE_PID

	mv capture.log first.log
	launch_capture second.pcapng "$@"
	end_capture 1
	says "(process|pid) $first"
	[ ! -e second.pcapng ] || fail "a file for a capture that did not start"
	CAPTURE_PID=$first
	mv first.log capture.log
	send_and_compare
	dropped 100 100
}

# Of a flood of tagged frames one in 100 is captured, all others are counted.
test_tag_sample() {
	begin
	need_members
	need jq
	pair
	tag_member
	start_capture out.pcapng -t tag --sample 100 --json json
	ns_exec "$TOOLS/flood" --count 100000 "$TOOLS/flood.bpf.o" veth0 >flood.log 2>&1 ||
		fail "flood"
	settle tagger_counts
	stop_capture
	json_holds '$last.seen > 5000' json
	json_holds '$last |
		(.captured + .lost - .seen / 100 | fabs) < 7 * (.seen / 300 | sqrt)' json
	json_holds "\$last.seen == $(tagger_counts | sed 's/.*drop=\([0-9]*\).*/\1/')" json
	json_holds '[$last.reasons[].frames] == [$last.seen]' json
	unload_all
}

test_tag_refuses_second_placed() {
	begin
	need_members
	need tshark
	pair
	refuses_second -t tag
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

kill_placed() {
	start_capture out.pcapng -t tag
	kill_capture
	[ "$(members)" = "tagger xdpdrop_tag_tap dropper" ] || fail "members are: $(members)"
}

# One that is killed alone leaves a watchdog, which removes its member.
test_tag_watchdog() {
	begin
	need_members
	pair
	start_capture out.pcapng -t tag
	kill_capture_only
	wait_for no_watchdog || fail "the watchdog stays"
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# What is left passes every frame on, is recognised as what it is, and is removed.
test_tag_killed() {
	begin
	local pid

	need_members
	pair
	kill_placed
	pid=$CAPTURE_PID
	send_frames sent.pcap -n 200 -V drop,pass
	dropped 100 100
	"$LOADER" status "$NS" | grep -q "placed by the session with pid $pid (dead" ||
		fail "$("$LOADER" status "$NS")"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q "removed the tag member that the dead session with pid $pid" clean.log ||
		fail "$(cat clean.log)"
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	tag_member
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] ||
		fail "clean removes the user's member"
	unload_all
}

test_tag_killed_then_again() {
	begin
	need_members
	need tshark
	pair
	kill_placed
	start_capture out.pcapng -t tag -v
	says "removed the tag member that a dead session"
	placed_before dropper "tagger xdpdrop_tag_tap dropper"
	send_and_compare
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# Directories of pins for dispatchers of the outside end's number.
pinned_dispatchers() {
	find /sys/fs/bpf/xdp -maxdepth 1 -name "dispatch-$(<"/sys/class/net/$NS/ifindex")-*" | wc -l
}

# The members are in a dispatcher that nobody lets go of: libxdp is killed before it removes a
# pin of the old one.
test_tag_stray_pins() {
	begin
	need_members
	pair
	FAULT=unlink:1:kill FAULT_IN=xdpdrop-control LD_PRELOAD=$TOOLS/faults.so \
		"$CAPTURE" -t tag -d 0.001 "$NS" out.pcapng 2>capture.log
	wait_for no_watchdog || fail "a watchdog is left"
	[ "$(pinned_dispatchers)" = 1 ] || fail "a watchdog leaves pins"
	kill_placed
	FAULT=unlink:2:kill LD_PRELOAD=$TOOLS/faults.so "$LOADER" clean "$NS" >clean.log 2>&1
	[ "$(pinned_dispatchers)" = 2 ] || fail "nothing is left for the test"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q "removed stale libxdp pins of 1 dispatcher" clean.log || fail "$(cat clean.log)"
	[ "$(pinned_dispatchers)" = 1 ] || fail "pins are left"
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# The pins of a dispatcher that is attached, under the name of one that is not: they keep its
# members in place, and stay.
test_tag_renamed_pins() {
	begin
	need_members
	local name root=/sys/fs/bpf/xdp

	pair
	[ "$("$TOOLS/xload" targets)" ] ||
		skip "the links of this kernel do not say what they are attached to"
	name=$(find $root -maxdepth 1 -name 'dispatch-*' -printf '%f\n')
	mv "$root/$name" "$root/${name%-*}-1" || fail "the pins keep their name"
	"$LOADER" clean "$NS" >clean.log 2>&1 || fail "clean"
	grep -q "nothing to remove" clean.log || fail "$(<clean.log)"
	send_frames sent.pcap -n 40 -V drop,pass
	dropped 20 20
	mv "$root/${name%-*}-1" "$root/$name"
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# An interface in another network namespace has the same number, and what is attached to it is
# pinned in the same file system: to a dead session there, nothing is done from here.
test_tag_spares_namesake() {
	begin
	need_members
	need nsenter
	local before index program

	index=$(<"/sys/class/net/$NS/ifindex")
	{
		ip netns add other &&
			ip -n other link add twin index "$index" type veth peer name peer \
				index 99 &&
			ip -n other link set twin up
	} || fail "cannot make a namesake"
	pair
	printf '#!/bin/sh\nexec nsenter --net=/run/netns/other "$@"\n' >there
	printf '#!/bin/sh\nexec "%s/there" "%s" "$@"\n' "$PWD" "$CAPTURE" >capture
	chmod 755 there capture
	for program in tagger dropper; do
		./there "$XDP_LOADER" load -n $program twin "$TOOLS/tagger.bpf.o" \
			>load.log 2>&1 || fail "xdp-loader does not load $program there"
	done
	NS=twin CAPTURE=$PWD/capture start_capture out.pcapng -t tag
	kill_capture
	before=$(./there "$XDP_LOADER" status twin)
	[ "$(grep -c '=>' <<<"$before")" = 3 ] || fail "the namesake has $before"
	[ "$("$LOADER" clean "$NS")" = "nothing to remove" ] || fail "something was removed"
	[ "$(./there "$XDP_LOADER" status twin)" = "$before" ] || fail "the namesake lost members"
	[ "$(pinned_dispatchers)" = 2 ] || fail "the namesake lost pins"
	./there "$LOADER" clean twin >clean.log || fail "clean there"
	grep -q 'removed the tag member' clean.log || fail "$(cat clean.log)"
	[ "$(members)" = "tagger dropper" ] || fail "members are: $(members)"
	unload_all
}

# -- where it cannot work ------------------------------------------------------------------------

test_no_tag_on_nothing() {
	begin
	launch_capture out.pcapng -t tag
	end_capture 1
	says "no XDP program is attached to $NS"
	[ "$(attached)" = "0 none" ] || fail "attached is $(attached)"
}

test_no_tag_among_tag_members() {
	begin
	need_members
	tag_member
	launch_capture out.pcapng -t tag
	end_capture 1
	says "there is no program but tag members in the dispatcher on $NS"
	unload_all
}

test_no_tag_without_dispatcher() {
	begin
	load verdict verdict
	launch_capture out.pcapng -t tag
	end_capture 1
	says "$NS has no dispatcher of libxdp"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}

# What xdpdrop-loader says of members with tail calls is so. Where they are refused, the kernel's
# bare EINVAL is put into words, and the dispatcher stays as it was.
test_no_tag_in_old_libxdp() {
	begin
	local before

	need_dispatcher
	member "$TOOLS/flood.bpf.o" flood_pass 40
	member "$TOOLS/flood.bpf.o" flood_pass 60
	before=$(members)
	"$LOADER" features >features.log || fail "xdpdrop-loader features"
	if grep -q "^tail calls in members of libxdp's dispatcher *yes " features.log; then
		tag_member
		start_capture out.pcapng -t tag
		stop_capture
	else
		launch_capture out.pcapng -t tag
		end_capture 1
		says "refuses tail calls in members of libxdp's dispatcher"
		"$LOADER" load "$NS" "$BUILD/xdpdrop_tag.bpf.o" >load.log 2>&1 &&
			fail "the kernel takes a member with a tail call"
		grep -q 'libxdp 1.5.5 or later' load.log || fail "the reason is not said"
		[ "$(members)" = "$before" ] || fail "members are: $(members)"
	fi
	unload_all
}
