# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What the taps rely on of libxdp's dispatcher and of what a kernel does with its members.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # what differs between versions of libxdp is what this file is about
ALL_TESTS="test_order_is_priority_then_name test_rebuild_keeps_members test_ten_members
	test_one_member_without_frags test_first_members_at_once
	test_members_are_not_tail_called test_fexit_of_replaced_dispatcher_is_busy
	test_fexit_of_tail_call"

# member NAME PRIORITY
member() {
	"$XDP_LOADER" load "$NS" "$TOOLS/members.bpf.o" -n "$1" -P "$2" >load.log 2>&1 ||
		fail "xdp-loader does not load $1"
}

# "NAME ID" of each member, in the order in which they run. Names end after 15 bytes, or later.
members() {
	"$XDP_LOADER" status "$NS" | awk '$1 == "=>" { print substr($3, 1, 15), $4 }'
}

names() {
	members | cut -d ' ' -f 1 | paste -s -d ' '
}

dispatcher() {
	attached | cut -d ' ' -f 1
}

unload_all() {
	"$XDP_LOADER" unload "$NS" --all >unload.log 2>&1 || fail "xdp-loader does not unload"
}

# -- libxdp --------------------------------------------------------------------------------------

# So a member is put before another by its priority, or by its name.
test_order_is_priority_then_name() {
	begin
	need_dispatcher
	member drop_whatever_asks_to_be_dropped 30
	member drop_sender_1 30
	member drop_and_go_on 40
	[ "$(names)" = "drop_sender_1 drop_whatever_a drop_and_go_on" ] || fail "$(names)"
	unload_all
}

# So captured members stay the same programs, and the dispatcher is not one to hold on to.
test_rebuild_keeps_members() {
	begin
	local root both third

	need_dispatcher
	member drop_sender_1 10
	member drop_whatever_asks_to_be_dropped 20
	root=$(dispatcher)
	both=$(members)
	member drop_and_go_on 5
	[ "$(members | tail -n 2)" = "$both" ] || fail "$(members), before: $both"
	[ "$(dispatcher)" != "$root" ] || fail "the same dispatcher has a member more"
	root=$(dispatcher)
	third=$(members | sed -n '1s/.* //p')
	"$XDP_LOADER" unload "$NS" -i "$third" >unload.log 2>&1 || fail "unload -i"
	[ "$(members)" = "$both" ] || fail "$(members), before: $both"
	[ "$(dispatcher)" != "$root" ] || fail "the same dispatcher has a member less"
	unload_all
}

# Then there is no place for a tag member, and xdpdrop-loader says so.
test_ten_members() {
	begin
	local n before

	need_dispatcher
	for n in {1..10}; do
		member drop_sender_1 "$n"
	done
	before=$(members)
	[ "$(wc -l <<<"$before")" = 10 ] || fail "members: $before"
	! "$XDP_LOADER" load "$NS" "$TOOLS/members.bpf.o" -n drop_and_go_on >load.log 2>&1 ||
		fail "the dispatcher has an eleventh member"
	! "$LOADER" load "$NS" "$TOOLS/members.bpf.o" -n drop_and_go_on >load.log 2>&1 ||
		fail "the dispatcher has an eleventh member"
	[ "$(members)" = "$before" ] || fail "$(members), before: $before"
	unload_all
}

# So ours all take frames in fragments: with a member that does not, no program of the interface
# gets them, and an interface that needs them refuses that member.
test_one_member_without_frags() {
	begin
	need_dispatcher
	need_frags
	set_mtu 9000
	"$LOADER" load -n verdict_frags "$NS" "$TOOLS/verdict.bpf.o" >load.log 2>&1 ||
		fail "xdpdrop-loader does not load"
	! "$TOOLS/xload" load "$NS" "$TOOLS/verdict.bpf.o" verdict >load.log 2>&1 ||
		fail "the interface takes a program without frags"
	! "$XDP_LOADER" load "$NS" "$TOOLS/flood.bpf.o" -n flood_pass -P 60 >load.log 2>&1 ||
		fail "the dispatcher takes a member without frags"
	[ "$(names)" = verdict_frags ] || fail "$(names)"
	unload_all
}

# libxdp gives all but one EBUSY or EAGAIN; xdpdrop-loader tries again.
test_first_members_at_once() {
	begin
	local n pid pids=()

	need_dispatcher
	for n in 1 2 3 4; do
		"$LOADER" load -n drop_sender_1 -P $n "$NS" "$TOOLS/members.bpf.o" \
			>load.$n.log 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || fail "xdpdrop-loader does not load"
	done
	[ "$(members | wc -l)" = 4 ] || fail "members: $(members)"
	unload_all
}

# -- kernel --------------------------------------------------------------------------------------

# fills MAP ID: does the kernel take the program into the PROG_ARRAY?
fills() {
	bpftool map update pinned "$1" key 1 0 0 0 value id "$2" >>fill.log 2>&1
}

# So the wrapper takes no member. Nor a dispatcher that has any, which only later kernels refuse.
test_members_are_not_tail_called() {
	begin
	local type

	need_dispatcher
	for type in none xdp; do
		load --attach-type $type --pin "xdpdrop_hook=$PINS/hook_$type" verdict_hook \
			verdict_hook
		fills "$PINS/hook_$type" "$PROGRAM_ID" || fail "the kernel takes no program"
		bpftool map delete pinned "$PINS/hook_$type" key 1 0 0 0 || fail "bpftool"
	done
	"$TOOLS/xload" detach "$NS"
	member drop_sender_1 10
	member drop_whatever_asks_to_be_dropped 20
	for type in none xdp; do
		! fills "$PINS/hook_$type" "$(members | sed -n '1s/.* //p')" ||
			fail "the kernel takes a member"
	done
	unload_all
}

# fexit ID FUNCTION PIN: count its verdicts; exit status 2 if the kernel refuses.
fexit() {
	"$TOOLS/fexit" "$TOOLS/fexit.bpf.o" "$@"
}

# So the exit tap attaches to members, never to the dispatcher. A single member takes its place.
test_fexit_of_replaced_dispatcher_is_busy() {
	begin
	need_dispatcher
	member drop_sender_1 10
	fexit "$(dispatcher)" xdp_dispatcher "$PINS/fexit" >fexit.log 2>&1
	[ $? = 2 ] || fail "the kernel does not refuse"
	grep -q busy fexit.log || fail "it refuses for another reason"
	unload_all
}

# A tail-called program's exit is not seen; its caller's is, with its verdict.
test_fexit_of_tail_call() {
	begin
	need_trampolines
	local callee slot

	load --attach-type none --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	"$TOOLS/xload" --attach-type none slot "$PINS/hook" 1 "$TOOLS/flood.bpf.o" flood_pass ||
		fail "cannot fill the slot"
	read -r _ callee _ <<<"$("$TOOLS/xload" slots "$PINS/hook")"
	touch callee.log caller.log
	fexit "$callee" flood_pass "$PINS/callee" >callee.log 2>&1 &
	fexit "$PROGRAM_ID" verdict_hook "$PINS/caller" >caller.log 2>&1 &
	for slot in callee caller; do
		wait_for grep -q attached $slot.log || fail "$slot"
	done
	start_capture out.pcapng -t exit -a pass
	send_frames sent.ref -n 20 -V drop
	stop_capture
	[ "$("$TOOLS/xload" counts "$PINS/callee" | tr -d a-z=0\ )" = "" ] || fail "it is seen"
	"$TOOLS/xload" counts "$PINS/caller" | grep -q 'drop=0 pass=2' || fail "not the leaf's"
	same sent.ref out.pcapng
	all_captured
}
