#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Do other readers find in the golden files what the writers put there? tshark, capinfos and
# tcpdump, each where it is installed. Needs no root, no network and no build.
# Exit status: 0 all agree, 1 one does not, 249 none of them is installed.

set -u
LC_ALL=C.UTF-8 TZ=UTC
export LC_ALL TZ

golden=$(dirname "$0")/unit/golden
tmp=$(mktemp -d "${TMPDIR:-/tmp}/xdpdrop-golden.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
ran=0 failed=0

# The bytes that the hex digits of FILE spell.
bytes() {
	# shellcheck disable=SC2059 # octal escapes and nothing else
	printf "$(sed 's/#.*//' "$1" | tr -d ' \n' | fold -w 2 | awk '
		function digit(place) { return index("123456789abcdef", substr($0, place, 1)) }
		{ printf "\\%03o", digit(1) * 16 + digit(2) }')"
}

# expect NAME.READER COMMAND...: its output, errors included, must be what that file has.
expect() {
	expected=$1
	shift
	"$@" >"$tmp/all" 2>&1
	status=$?
	ran=$((ran + 1))
	# What these say about the user and the file's name is no warning about its contents.
	grep -v -e '^Running as user "root"' -e '^reading from file ' "$tmp/all" >"$tmp/found"
	grep -v '^#' "$golden/$expected" >"$tmp/expected"
	if [ $status -eq 0 ] && diff -u "$tmp/expected" "$tmp/found" >"$tmp/diff"; then
		echo "ok   $expected"
	else
		echo "FAIL $expected: exit status $status"
		cat "$tmp/diff"
		failed=1
	fi
}

# fields FILE FIELD...: a line for each packet.
fields() {
	file=$1
	shift
	for field; do
		shift
		set -- "$@" -e "$field"
	done
	tshark -n -r "$file" -T fields -E separator='|' "$@"
}

packets() {
	fields "$1" frame.time_epoch frame.cap_len frame.len frame.interface_name \
		frame.interface_description frame.packet_id frame.interface_queue \
		frame.packet_flags frame.verdict.ebpf_xdp frame.drop_count frame.comment \
		arp.dst.proto_ipv4 udp.srcport
}

# The file itself, in one line: lists of block types, lengths, option codes, counts.
blocks() {
	set -- "$1" interface.received interface.dropped interface.delivered_to_user
	tshark -n -X 'read_format:MIME Files Format' -r "$1" -T fields -E separator='|' \
		-e _ws.malformed -e pcapng.block.type -e pcapng.block.length \
		-e pcapng.options.option.code -e "pcapng.options.option.data.$2" \
		-e "pcapng.options.option.data.$3" -e "pcapng.options.option.data.$4"
}

# The lines that every version prints, in one form.
summary() {
	capinfos "$1" | sed -n -e 's/  *= /: /' -e 's/^ *\([^:]*\): */\1: /' \
		-e '/^\(Number of \|Capture [hoal]\|Strict\|Name\|Description\|Speed\|Time res\)/p'
}

for file in pcapng pcap_us pcap_ns; do
	bytes "$golden/$file.hex" >"$tmp/$file" || exit 1
done
for reader in tshark capinfos tcpdump; do
	command -v $reader >/dev/null || echo "skip $reader: not installed"
done
if command -v tshark >/dev/null; then
	for file in pcapng pcap_us pcap_ns; do
		expect $file.packets packets "$tmp/$file"
	done
	expect pcapng.blocks blocks "$tmp/pcapng"
fi
if command -v capinfos >/dev/null; then
	expect pcapng.capinfos summary "$tmp/pcapng"
fi
if command -v tcpdump >/dev/null; then
	for file in pcapng pcap_us pcap_ns; do
		expect $file.tcpdump tcpdump -ttnr "$tmp/$file" --nano
	done
fi
[ $ran -gt 0 ] || exit 249
exit $failed
