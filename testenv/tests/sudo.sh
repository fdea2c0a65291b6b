# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# To whom the file belongs that a capture under sudo creates.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # files are the same on all kernels
ALL_TESTS="test_sudo_new_file test_sudo_json test_sudo_directory_of_root test_sudo_group_of_root
	test_sudo_nonsense test_sudo_existing_file test_sudo_fifo test_sudo_link_to_nowhere
	test_sudo_names_file"

USER_ID=65534 GROUP_ID=65533

# A directory "mine" of the user that calls sudo, in directories that this user may search.
as_sudo() {
	begin
	load verdict_hook verdict_hook
	chmod 755 "$STATEDIR" .
	mkdir mine
	chown $USER_ID:$GROUP_ID mine
	export SUDO_UID=$USER_ID SUDO_GID=$GROUP_ID
}

# belongs FILE UID:GID MODE
belongs() {
	local is

	is=$(stat -c '%u:%g %a' "$1")
	[ "$is" = "$2 $3" ] || fail "$1: $is, not $2 $3"
}

# works FILE [options]: a capture has what was sent, and no message of its file, but that a pcap
# file has no reasons.
works() {
	start_capture "$@"
	send_frames sent.pcap -n 10
	stop_capture
	same sent.pcap "$1"
	all_captured
	! grep -E 'warning|sudo|SUDO' capture.log | grep -v 'has no reasons' ||
		fail "there is a message of the file"
}

test_sudo_new_file() {
	as_sudo
	umask 0
	works mine/out.pcap
	belongs mine/out.pcap $USER_ID:$GROUP_ID 600
	works mine/root.pcap -Z root
	belongs mine/root.pcap $USER_ID:$GROUP_ID 600
	unset SUDO_UID SUDO_GID
	works mine/plain.pcap
	belongs mine/plain.pcap 0:0 600
}

test_sudo_json() {
	as_sudo
	works mine/out.pcap --json mine/json
	belongs mine/json $USER_ID:$GROUP_ID 600
}

# Who may only call sudo for this tool gets no file where only root may create one.
test_sudo_directory_of_root() {
	as_sudo
	works out.pcap
	belongs out.pcap 0:0 600
	mkdir -m 700 closed
	works closed/out.pcap
	belongs closed/out.pcap 0:0 600
}

# The process has root's groups, the user has not.
test_sudo_group_of_root() {
	as_sudo
	mkdir -m 775 group
	works group/out.pcap
	belongs group/out.pcap 0:0 600
}

test_sudo_nonsense() {
	local value

	as_sudo
	chmod 777 mine
	for value in '' - -1 +5 x 1x ' 1' 1.0 0x1 0 4294967295 4294967296 99999999999999999999; do
		SUDO_UID=$value works "mine/uid.pcap"
		belongs mine/uid.pcap 0:0 600
		rm mine/uid.pcap
		[ "$value" != 0 ] || continue
		SUDO_GID=$value works "mine/gid.pcap"
		belongs mine/gid.pcap 0:0 600
		rm mine/gid.pcap
	done
}

# Neither a file of root nor one of a user changes hands.
test_sudo_existing_file() {
	as_sudo
	: >mine/root.pcap
	chmod 640 mine/root.pcap
	works mine/root.pcap
	belongs mine/root.pcap 0:0 640
	: >mine/other.pcap
	chown 12:34 mine/other.pcap
	works mine/other.pcap
	belongs mine/other.pcap 12:34 644
}

test_sudo_fifo() {
	as_sudo
	mkfifo mine/fifo
	cat mine/fifo >out.pcap &
	start_capture mine/fifo -F pcap
	send_frames sent.pcap -n 10
	stop_capture
	wait_for is_written sent.pcap out.pcap || fail "the reader does not get what was sent"
	belongs mine/fifo 0:0 644
}

test_sudo_link_to_nowhere() {
	as_sudo
	ln -s target mine/link
	launch_capture mine/link
	end_capture 1
	says "cannot write 'mine/link': its directory does not exist, or it is a link to nowhere"
	[ ! -e mine/target ] || fail "a file was created"
}

test_sudo_names_file() {
	as_sudo
	start_capture mine/out.pcapng
	says '^writing to mine/out\.pcapng$'
	stop_capture
	"$CAPTURE" -d 0.1 "$NS" - 2>capture.log | cat >out
	says '^listening on'
	says_not '^writing to'
	"$CAPTURE" -q -d 0.1 "$NS" mine/quiet.pcap 2>capture.log
	[ ! -s capture.log ] || fail "-q prints something"
}
