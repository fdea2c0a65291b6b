# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# xdpdrop-loader: its command line, and why it does not attach a program.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about words
ALL_TESTS="test_commands_refused test_options_in_front
	test_status_opens_hooks_once test_reasons_listed test_features test_json
	test_load_no_object test_load_no_program test_load_no_btf test_load_beside_direct
	test_load_beside_wrapper"

# refused STATUS MESSAGE ARGUMENTS: this is all that is printed.
refused() {
	local status expected=$1 message=$2

	shift 2
	"$LOADER" "$@" >out 2>loader.log
	status=$?
	[ $status = "$expected" ] || fail "$*: status $status, not $expected"
	[ "$(<loader.log)" = "xdpdrop-loader: $message" ] || fail "$*: not the message: $message"
	[ ! -s out ] || fail "$* prints something on standard output"
}

test_commands_refused() {
	begin
	refused 2 "no command; see --help"
	refused 2 "no command; see --help" -v
	refused 2 "no command; see --help" --
	refused 2 "there is no command 'nonsense'; see --help" nonsense
	refused 2 "there is no command 'nonsense'; see --help" nonsense --help
	refused 2 "there is no command 'nonsense'; see --help" -v nonsense a b c
	refused 2 "there is no command '-'; see --help" - status
	refused 2 "there is no command ''; see --help" ''
	refused 2 "unknown option '-q'; see --help" -q status
	refused 2 "unknown option '-P'; see --help" -P 59 load "$NS" "$TOOLS/verdict.bpf.o"
	refused 2 "status: unexpected argument 'b'" -v status a b
	refused 2 "unload: needs either -i ID or -a" -v unload "$NS"
}

test_options_in_front() {
	begin
	load verdict verdict
	"$LOADER" status "$NS" >expected || fail "status"
	grep -q verdict expected || fail "$(<expected)"
	"$LOADER" -v status "$NS" 2>/dev/null | diff expected - || fail "-v status"
	"$LOADER" --verbose -v status "$NS" 2>debug.txt | diff expected - || fail "-vv status"
	"$LOADER" -- status "$NS" | diff expected - || fail "-- status"
	"$LOADER" -h status | grep -q '^Usage: xdpdrop-loader status ' || fail "-h status"
	"$LOADER" -h | grep -q '^Usage: xdpdrop-loader \[-v\] <command>' || fail "-h"
	"$LOADER" --version nonsense | grep -q '^xdpdrop-loader [0-9]' || fail "--version"
}

# The kernel may keep a hook that nobody has open for ever when it is opened and closed twice in a
# moment.
test_status_opens_hooks_once() {
	local id

	begin
	need strace
	load verdict_hook verdict_hook
	id=$("$LOADER" status "$NS" | sed -n 's/.*hook xdpdrop_hook (map id \([0-9]*\)).*/\1/p')
	[ "$id" ] || fail "status shows no hook"
	strace -f -e trace=bpf -o trace "$LOADER" status "$NS" >status.log 2>&1 || fail "status"
	[ "$(grep -c "BPF_MAP_GET_FD_BY_ID, {map_id=$id," trace)" = 1 ] || fail "$(<trace)"
	strace -f -e trace=bpf -o trace "$CAPTURE" --explain "$NS" >explain.log 2>&1 ||
		fail "--explain"
	[ "$(grep -c "BPF_MAP_GET_FD_BY_ID, {map_id=$id," trace)" = 1 ] || fail "$(<trace)"
}

# Their names, and who captures, wherever hooks are named.
test_reasons_listed() {
	local command state

	begin
	load verdict_hook verdict_hook
	state='not in use'
	for command in "$LOADER status $NS" "$CAPTURE -D" "$CAPTURE --explain $NS"; do
		$command >out 2>&1 || fail "$command: $(<out)"
		grep -A 1 "^    hook xdpdrop_hook (map id [0-9]*): $state$" out |
			grep -q '^        reasons: NUMBER_EVEN, NUMBER_ODD$' || fail "$(<out)"
	done
	start_capture out.pcap -t hook
	state="in use by pid $CAPTURE_PID"
	for command in "$LOADER status $NS" "$CAPTURE -D" "$CAPTURE --explain $NS"; do
		$command >out 2>&1 || fail "$command: $(<out)"
		grep -q "^    hook xdpdrop_hook (map id [0-9]*): $state$" out || fail "$(<out)"
	done
	stop_capture
}

test_features() {
	begin
	"$LOADER" features >out || fail "features"
	grep -Eq '^BPF ring buffers +yes  needed by every tap$' out || fail "$(<out)"
	grep -Eq '^tail calls from BPF subprograms +(yes|no )  needed by tap wrap$' out ||
		fail "$(<out)"
	! grep -Ev ' (yes|no )  needed by .' out || fail "not all say what needs them"
}

test_json() {
	begin
	need jq
	load verdict_hook verdict_hook
	"$LOADER" status --json "$NS" >out || fail "status"
	jq -e --arg name "$NS" '.interfaces | length == 1 and .[0].interface == $name and
		.[0].hooks[0].hook == "xdpdrop_hook"' out || fail "$(<out)"
	"$LOADER" status --json >out || fail "status of all"
	jq -e '.interfaces | map(.interface) | index("lo") != null' out || fail "$(<out)"
	"$LOADER" features --json >out || fail "features"
	jq -e 'has("interfaces") == false and (.features | length >= 9 and
		all(.[]; (.works | type) == "boolean" and (.needed_by | length) > 3))' out ||
		fail "$(<out)"
	"$LOADER" features --json "$NS" >out || fail "features of one"
	jq -e '.interfaces[0].taps | map(.tap) == ["hook", "tag", "exit", "wrap"]' out ||
		fail "$(<out)"
	"$LOADER" status --json nosuchif >out 2>err && fail "no error"
	refused 2 "unknown or ambiguous option '--json'; see --help" clean --json
}

# In the words of libbpf, which has numbers of its own.
test_load_no_object() {
	begin
	echo 'no object' >text
	refused 1 "cannot open ./text: BPF object format invalid" load "$NS" ./text
	nothing_attached || fail "attached is $(attached)"
}

test_load_no_program() {
	begin
	refused 1 "$TOOLS/verdict_hook.bpf.o has no program nosuch, only verdict_hook, \
verdict_hook_fr" load -n nosuch "$NS" "$TOOLS/verdict_hook.bpf.o"
	refused 1 "cannot open ./nofile.o: No such file or directory" load -n x "$NS" ./nofile.o
	nothing_attached || fail "attached is $(attached)"
}

test_load_no_btf() {
	begin
	need clang
	printf '%s\n' '__attribute__((section(".maps"))) struct { int (*type)[2]; } map;' \
		'__attribute__((section("xdp"))) int pass(void *ctx) { return 2; }' \
		'char _license[] __attribute__((section("license"))) = "GPL";' >two.bpf.c
	clang -O2 -target bpf -c two.bpf.c -o two.o || fail "clang"
	refused 1 "cannot load ./two.o: it has no BTF, the types that its maps need; compile \
it with option -g" load "$NS" ./two.o
	nothing_attached || fail "attached is $(attached)"
}

test_load_beside_direct() {
	begin
	load verdict verdict
	refused 1 "program verdict (id $PROGRAM_ID) is attached to $NS directly, without libxdp's \
dispatcher, so that no other fits beside it; detach it first" load "$NS" "$TOOLS/verdict.bpf.o"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	"$LOADER" unload -i "$PROGRAM_ID" "$NS" >unload.log 2>&1 || fail "unload"
	"$LOADER" load "$NS" "$TOOLS/flood.bpf.o" >load.log 2>&1 || fail "load"
}

test_load_beside_wrapper() {
	begin
	load verdict verdict
	start_capture out.pcap -t wrap
	refused 1 "the program of $NS is wrapped by the xdpdrop session with pid $CAPTURE_PID; end \
that first" load "$NS" "$TOOLS/verdict.bpf.o"
	stop_capture
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}
