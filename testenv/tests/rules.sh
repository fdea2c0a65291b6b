# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# Programs that say which rule decided, beside the reason.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=taps # the rule is a map's value, a record's field and frame metadata
ALL_TESTS="test_rule_of_hook test_rule_of_tag test_rule_names test_rule_chosen
	test_rule_chosen_by_name test_rule_of_no_name test_rule_with_wrap test_rule_of_old_object
	test_rule_of_old_object_chosen test_rule_in_json"
ANY_TESTS="test_rule_names test_rule_chosen test_rule_chosen_by_name test_rule_of_no_name
	test_rule_of_old_object_chosen test_rule_in_json"

FIRST_RULE=$((1 << 40))

# of_numbers NUMBER...: the comments of frames with these numbers.
of_numbers() {
	local number

	for number; do
		if [ $((number % 2)) = 0 ]; then
			echo "NUMBER_EVEN rule $((FIRST_RULE + number))"
		else
			echo "NUMBER_ODD rule $((FIRST_RULE + number))"
		fi
	done
}

# Captured are frames with the numbers given, by their comments.
comments_are() {
	fields out.pcapng frame.comment >got
	of_numbers "$@" | diff - got || fail "comments"
}

# capture_rules [options]: 50 frames, all of them dropped.
capture_rules() {
	load verdict_rule verdict_rule
	start_capture out.pcapng -t hook "$@"
	send_frames sent.pcap -n 50
	stop_capture
}

test_rule_of_hook() {
	begin
	capture_rules
	same sent.pcap out.pcapng
	all_captured
	# shellcheck disable=SC2046 # numbers
	comments_are $(seq 0 49)
	says 'rules with the most captured frames'
	says "rule $FIRST_RULE +1 frame"
}

test_rule_of_tag() {
	begin
	need_members
	{
		"$XDP_LOADER" load -p "$PINS" "$NS" "$TOOLS/tagger_rule.bpf.o" -n tagger_rule &&
			"$XDP_LOADER" load -p "$PINS" "$NS" "$TOOLS/tagger.bpf.o" -n dropper &&
			"$XDP_LOADER" load -P 50 "$NS" "$BUILD/xdpdrop_tag.bpf.o" -n xdpdrop_tag_tap
	} || fail "cannot load the members"
	start_capture out.pcapng -t tag
	send_frames sent.pcap -n 20 -V drop,pass
	stop_capture
	same sent.pcap out.pcapng --only drop
	captured 10
	fields out.pcapng frame.comment >got
	for n in 1 3 5 7 9 11 13 15 17 19; do
		echo "reason $n rule ${n}000"
	done | diff - got || fail "comments"
	"$XDP_LOADER" unload "$NS" --all
}

test_rule_names() {
	begin
	printf '%s\n' '7 UNUSED' '[rules]' "$((FIRST_RULE + 1)) bogon list" >names
	capture_rules --reasons names
	same sent.pcap out.pcapng
	fields out.pcapng frame.comment >got
	[ "$(sed -n 2p got)" = "NUMBER_ODD rule bogon list" ] || fail "comment: $(sed -n 2p got)"
	[ "$(sed -n 4p got)" = "NUMBER_ODD rule $((FIRST_RULE + 3))" ] ||
		fail "comment: $(sed -n 4p got)"
}

test_rule_chosen() {
	begin
	capture_rules --rule "$((FIRST_RULE + 3)),$((FIRST_RULE + 40))"
	[ "$(summary captured)" = 2 ] || fail "$(summary captured) frames captured"
	comments_are 3 40
}

test_rule_chosen_by_name() {
	begin
	printf '[rules]\n%s bogons\n' "$((FIRST_RULE + 4))" >names
	capture_rules --reasons names --rule bogons --reason NUMBER_EVEN
	[ "$(fields out.pcapng frame.comment)" = "NUMBER_EVEN rule bogons" ] || fail "frames"
}

test_rule_of_no_name() {
	begin
	load verdict_rule verdict_rule
	launch_capture out.pcapng -t hook --rule bogons
	end_capture 2
	says "rule 'bogons' is neither a number nor a name"
}

# A tap that sees no rules is not taken for them.
test_rule_with_wrap() {
	begin
	load verdict verdict
	launch_capture out.pcapng -t wrap --rule 1
	end_capture 1
	says 'wrap'
}

test_rule_of_old_object() {
	begin
	load verdict_old verdict_old
	start_capture out.pcapng -t hook
	send_frames sent.pcap -n 20
	stop_capture
	same sent.pcap out.pcapng
	all_captured
	[ "$(fields out.pcapng frame.comment | sort | uniq -c | awk '{ print $1, $2 }' |
		paste -s -d ' ')" = "10 NUMBER_EVEN 10 NUMBER_ODD" ] || fail "reasons"
}

test_rule_of_old_object_chosen() {
	begin
	load verdict_old verdict_old
	start_capture out.pcapng -t hook --rule 1
	says 'verdict_old .* passes no rules'
	stop_capture
}

test_rule_in_json() {
	begin
	need jq
	printf '[rules]\n%s bogons\n' "$((FIRST_RULE + 1))" >names
	load verdict_rule verdict_rule
	start_capture out.pcapng -t hook --reasons names --json json
	send_frames sent.pcap -n 4 -s 100
	send_frames more.pcap -n 1 -f 1 -s 100
	stop_capture
	json_holds '[$last.rules[] | .rule, .name, .reason, .captured, .bytes] ==
		['$((FIRST_RULE + 1))', "bogons", 2, 2, 200, '$FIRST_RULE', null, 1, 1, 100,
		'$((FIRST_RULE + 2))', null, 1, 1, 100, '$((FIRST_RULE + 3))', null, 2, 1, 100]' \
		json
}
