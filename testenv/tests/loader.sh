# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# xdpdrop-loader: why it does not attach a program.
. "$(dirname "${BASH_SOURCE[0]}")/../helpers.sh"

ALL_TESTS="test_load_no_object test_load_beside_direct test_load_beside_wrapper"

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

# In the words of libbpf, which has numbers of its own.
test_load_no_object() {
	begin
	echo 'no object' >text
	refused 1 "cannot open ./text: BPF object format invalid" load "$NS" ./text
	nothing_attached || fail "attached is $(attached)"
}

test_load_beside_direct() {
	local how

	begin
	need_dispatcher
	load verdict verdict
	how="xdpdrop-loader unload -i $PROGRAM_ID $NS"
	refused 1 "program verdict is attached to $NS directly, without libxdp's dispatcher, and \
lets no other beside it; first: $how" load "$NS" "$TOOLS/verdict.bpf.o"
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
	# shellcheck disable=SC2086 # words on purpose
	"$LOADER" ${how#* } >unload.log 2>&1 || fail "$how"
	"$LOADER" load "$NS" "$TOOLS/flood.bpf.o" >load.log 2>&1 || fail "load"
}

test_load_beside_wrapper() {
	begin
	need_dispatcher
	load verdict verdict
	start_capture out.pcap -t wrap
	refused 1 "the program of $NS is wrapped by the xdpdrop capture with pid $CAPTURE_PID; end \
that first" load "$NS" "$TOOLS/verdict.bpf.o"
	stop_capture
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is $(attached)"
}
