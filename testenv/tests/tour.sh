# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# What README and the manual pages show to be typed is typed. Which of it is run is decided by these
# rules, and each line that is not run is printed with the rule:
#
#   README's tour            all, as an ordinary user, and what is printed is compared
#   README's first screen    all, with an eth0 and an eth1 of the test's own
#   EXAMPLES of the pages    the same
#   everything else          parsed by a shell, and its options by the tools
#
# Nothing is built or installed, and no program that is not here is run.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # about words
ALL_TESTS="test_tour_readme test_tour_first_screen test_tour_capture_page test_tour_loader_page
	test_tour_hook_page test_tour_replay test_tour_replay_page
	test_tour_syntax test_tour_messages"

TOP=${TESTENV%/*}
USER_ID=65534 GROUP_ID=65533
DISPATCHER='-t tag|xdp-loader load|xdpdrop-loader load' # tested by tag.sh, where there is one
ELSEWHERE='tcp-listen:|TCP@|ssh'                        # needs somebody at the other end

# -- what there is to type -----------------------------------------------------------------------

# readme_lines SECTIONS: "C COMMAND" and "O OUTPUT" for each line of the blocks of code in sections
# whose titles match; a block that begins with "$ " has output. Blocks of C are left out.
readme_lines() {
	awk -v wanted="$1" '
		/^# / { title = "first screen" }
		/^## / { title = substr($0, 4) }
		!/^    / { inside = 0; next }
		title !~ wanted { next }
		{ line = substr($0, 5) }
		!inside { inside = 1; session = line ~ /^\$ /; c = line ~ /^#include/ }
		c { next }
		session && line !~ /^\$ / { print "O " line; next }
		{ sub(/^\$ /, "", line); print "C " line }' "$TOP/README.md"
}

readme_commands() {
	readme_lines "$1" | sed -n 's/^C //p'
}

# The commands in a page's EXAMPLES, each on one line.
page_commands() {
	awk '
		/^\.Sh / { wanted = $2 == "EXAMPLES" }
		!wanted { next }
		/^\.Dl # / { print substr($0, 7); next }
		/^# / || more {
			line = more ? $0 : substr($0, 3)
			sub(/^[ \t]+/, "", line)
			more = line ~ /(\\e|\|)$/
			sub(/\\e$/, "", line)
			printf "%s%s", line, more ? " " : "\n"
		}' "$TOP/man/$1"
}

# -- README's tour -------------------------------------------------------------------------------

# A user without privileges, with a directory that has the tree's build and testenv, and a sudo that
# asks for no password.
make_user() {
	chmod 755 "$STATEDIR" .
	mkdir bin tree tree/build tree/testenv
	{ mount --bind "$BUILD" tree/build && mount --bind "$TESTENV" tree/testenv; } ||
		fail "cannot mount"
	chown $USER_ID:$GROUP_ID tree
	install -m 4755 "$(command -v setpriv)" bin/become
	cat >bin/sudo <<-'END'
	#!/bin/sh
	exec "${0%/*}/become" --reuid 0 --regid 0 --clear-groups \
		env SUDO_UID="$(id -u)" SUDO_GID="$(id -g)" "$@"
	END
	chmod 755 bin/sudo
}

# The script of a session: a person sees what a command prints before typing the next one.
session() {
	local line

	echo 'fail() { echo "TOUR FAILED: $*"; exit 1; }'
	echo 'listens() { grep -q "^listening on" "$LOG"; }'
	readme_commands '^A tour' | while read -r line; do
		case $line in
		*./configure* | *make\ *)
			echo "not run, since it builds: $line" >&2
			continue
			;;
		esac
		printf "printf '%%s\\\\n' %q\n%s\n" "\$ $line" "$line"
		case $line in
		*\&) echo 'until listens || [ ! -d /proc/$! ]; do sleep 0.1; done' ;;
		*' ping '*) ;; # what it sends is dropped
		*) printf '[ $? = 0 ] || fail %q\n' "$line" ;;
		esac
	done
}

# Numbers of programs and maps differ, and the width of columns does.
normalized() {
	sed -E 's/\bid [0-9]+/id N/g; s/[[:space:]]+/ /g; s/^ //; s/ $//'
}

# compare EXPECTED ACTUAL: each line of the first is one of the second, in this order, where "..."
# stands for any text.
compare() {
	local want pattern line

	exec 3<"$2"
	while read -r want; do
		pattern=$(sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g' <<<"$want")
		while :; do
			read -r line <&3 || fail "README shows what is not printed: $want"
			# shellcheck disable=SC2053 # a pattern on purpose
			[[ $line != $pattern ]] || break
		done
	done <"$1"
	exec 3<&-
}

test_tour_readme() {
	begin
	need setpriv tshark ping
	netns_teardown "$NS" # its addresses are those of README
	make_user
	session >tour.sh
	: >tour.log
	chmod 644 tour.sh tour.log
	(
		cd tree || exit
		LOG=../tour.log PATH=$(dirname "$PWD")/bin:$PATH HOME=$PWD exec setpriv \
			--reuid $USER_ID --regid $GROUP_ID --clear-groups bash ../tour.sh
	) >tour.log 2>&1 || fail "a command fails"
	cat tour.log
	readme_lines '^A tour' | sed -n 's/^O //p' | normalized >expected
	[ "$(wc -l <expected)" -ge 10 ] || fail "README shows no output"
	normalized <tour.log >actual
	compare expected actual
	[ "$(stat -c %u:%g tree/drops.pcapng)" = $USER_ID:$GROUP_ID ] || fail "the file is root's"
	umount tree/build tree/testenv
}

# -- examples ------------------------------------------------------------------------------------

# Interfaces eth0 and eth1 in this network namespace, which is the test's own, with a program whose
# hook is pinned.
make_eth() {
	netns_teardown "$NS"
	NS=eth0
	{ netns_setup eth0 && ip link add eth1 up type veth peer name peer1; } ||
		fail "cannot make eth0 and eth1"
	"$TOOLS/xload" load eth1 "$TOOLS/verdict_hook.bpf.o" verdict_hook >/dev/null ||
		fail "cannot load"
	load --pin "xdpdrop_hook=$PINS/hook" verdict_hook verdict_hook
	mkdir bin
	ln -s "$CAPTURE" "$LOADER" bin
	printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
	chmod 755 bin/sudo
	PATH=$PWD/bin:$PATH
}

# Its first word, without sudo, and no options that print and end.
is_capture() {
	[[ $1 =~ ^(sudo )?xdpdrop-capture\  && ! $1 =~ \ (-D|--explain|--dump-filter)($| ) ]]
}

# is_armed COMMAND-LINE: of several interfaces, the last one, too.
is_armed() {
	is_listening || { [[ $1 == *' -q '* ]] && hook_is_armed "$PINS/hook"; } || capture_is_gone
}

# The capture in the background job, which is a group of processes. It is the first of its name: a
# child has the same until it takes one of its own.
interrupt() {
	kill -INT "$(pgrep -o -g "$CAPTURE_PID" -x xdpdrop-capture)"
	wait_for capture_is_gone || fail "does not end: $1"
}

# interrupted COMMAND-LINE: a capture that gets frames until it is interrupted.
interrupted() {
	: >capture.log
	setsid env --default-signal=INT,QUIT bash -c "$1" >out 2>capture.log &
	CAPTURE_PID=$!
	wait_for is_armed "$1"
	! capture_is_gone || fail "no capture: $1"
	send_frames sent.pcap -n 50
	interrupt "$1"
	wait "$CAPTURE_PID"
	wait_for no_watchdog || fail "a process is left: $1"
	[[ $1 == *' -q '* ]] || {
		says '^[0-9]+ frames? (dropped|seen) by XDP'
		[ "$(summary lost)" = 0 ] || fail "frames are lost: $1"
		[ "$(summary seen)" -gt 0 ] || [[ $1 == *' -a tx '* ]] || fail "no frames: $1"
	}
	says_not 'FAILED|cannot|usage'
}

# typed COMMAND-LINE ...: each as it stands.
typed() {
	local line

	while read -r line; do
		line=${line%%   *#*}
		if [[ $line =~ $DISPATCHER ]]; then
			echo "not run, since it needs a dispatcher: $line"
		elif [[ $line =~ $ELSEWHERE ]]; then
			echo "not run, since it needs another end: $line"
		elif is_capture "$line"; then
			echo "# $line"
			interrupted "$line"
		else
			echo "# $line"
			bash -c "$line" >out 2>out.err </dev/null || {
				cat out.err
				fail "$line"
			}
		fi
	done
}

test_tour_first_screen() {
	begin
	need tcpdump
	make_eth
	readme_commands '^first screen$' >lines
	[ "$(wc -l <lines)" = 3 ] || fail "not three lines of use"
	typed <lines
}

test_tour_capture_page() {
	begin
	need tcpdump tshark jq
	make_eth
	ln "$PINS/hook" /sys/fs/bpf/xdpcap_hook 2>/dev/null ||
		bpftool map pin pinned "$PINS/hook" /sys/fs/bpf/xdpcap_hook || fail "cannot pin"
	page_commands xdpdrop-capture.8 >lines
	[ "$(wc -l <lines)" -ge 10 ] || fail "few examples: $(<lines)"
	typed <lines
	rm /sys/fs/bpf/xdpcap_hook
}

test_tour_loader_page() {
	begin
	make_eth
	page_commands xdpdrop-loader.8 >lines
	[ "$(wc -l <lines)" -ge 3 ] || fail "few examples: $(<lines)"
	typed <lines
}

# What the lines about replays name. Ids of programs differ.
make_replay() {
	make_eth
	ln -s "${XDPDROP_REPLAY:-$BUILD/xdpdrop-replay}" bin/xdpdrop-replay
	for name in firewall old new; do
		ln -s "$TOOLS/firewall.bpf.o" $name.bpf.o
	done
	send_frames dns.pcap -n 20 -k udp4,udp6 -p 53
	send_frames rest.pcap -n 20 -k tcp4,arp
	join dns.pcap rest.pcap >regression.pcap
	cp regression.pcap regression.pcapng
	cp regression.pcap yesterday.pcapng
	id=$(attached)
	sed "s/ 114 / ${id%% *} /" "$1" >lines
}

test_tour_replay() {
	begin
	local id

	readme_lines '^What would it drop' | sed -n 's/^O //p' >rules.txt
	readme_commands '^What would it drop' >commands
	make_replay commands
	[ "$(grep -c '^xdpdrop-replay' lines)" = 3 ] || fail "not three lines of use"
	typed <lines
}

test_tour_replay_page() {
	begin
	local id

	sed -n '/^# cat rules/,/^\.Ed/p' "$TOP/man/xdpdrop-replay.8" | sed '1d; $d' >rules.txt
	# the frames that it records are made here, so that each rule meets one
	page_commands xdpdrop-replay.8 | grep -v '^xdpdrop-capture' >commands
	make_replay commands
	[ "$(grep -c '^xdpdrop-replay' lines)" -ge 3 ] || fail "few examples: $(<lines)"
	typed <lines
}

# The capture counts for each SIGUSR1.
sees_drop() {
	kill -USR1 "$(pgrep -o -g "$CAPTURE_PID" -x xdpdrop-capture)"
	grep -q '^xdpdrop-capture: 1 frame seen .* 1 written' capture.log
}

# An author's first minutes, with the header as it is in the tree.
test_tour_hook_page() {
	local lines

	begin
	need tshark clang "$XDP_LOADER"
	make_eth
	ip link set dev eth0 xdp off
	cp "$TOP/doc/examples/discard.bpf.c" .
	readarray -t lines < <(page_commands xdpdrop-hook.7 | head -n 3)
	printf '# %s\n' "${lines[@]}"
	C_INCLUDE_PATH=$TOP/xdp-dispatcher-hook/include bash -c "${lines[0]}" ||
		fail "${lines[0]}"
	bash -c "${lines[1]}" || { need_members && fail "${lines[1]}"; }
	: >capture.log
	setsid env --default-signal=INT,QUIT bash -c "${lines[2]}" >out 2>capture.log &
	CAPTURE_PID=$!
	await_listening || fail "no capture: ${lines[2]}"
	ns_exec bash -c "echo >/dev/udp/$OUTSIDE_IP4/9" || fail "cannot send"
	wait_for sees_drop || fail "nothing is dropped"
	interrupt "${lines[2]}"
	grep -q "$INSIDE_IP4.DISCARD_PORT" out || fail "no reason: $(<out)"
}

# -- everything else -----------------------------------------------------------------------------

all_commands() {
	local page

	readme_commands .
	grep -o '`xdpdrop-[^`]*`' "$TOP/README.md" "$TOP"/doc/*.md | sed 's/.*:`//; s/`$//' |
		grep -E '^xdpdrop-(capture|loader|monitor|replay) '
	for page in "$TOP"/man/*; do
		page_commands "${page##*/}"
	done
}

# The tool and its options, without what a shell does with them.
parses() {
	local command tool

	command=$(sed -E 's/ +#.*//; s/^sudo //; s/^nsenter [^ ]* //; s/ [0-9]?[|>&].*//' \
		<<<"$1")
	case $command in
	xdpdrop-capture\ * | build/xdpdrop-capture\ *) tool=$CAPTURE ;;
	xdpdrop-loader\ *) tool=$LOADER ;;
	xdpdrop-monitor\ *) tool=${XDPDROP_MONITOR:-$BUILD/xdpdrop-monitor} ;;
	xdpdrop-replay\ *) tool=${XDPDROP_REPLAY:-$BUILD/xdpdrop-replay} ;;
	*) return 0 ;;
	esac
	eval "\"$tool\" ${command#*xdpdrop-* } --help" >out 2>out.err && [ -s out ]
}

test_tour_syntax() {
	local line count=0

	begin
	all_commands >lines
	while read -r line; do
		sh -n <<<"$line" || fail "no shell takes: $line"
		parses "$line" || fail "$line: $(<out.err)"
		count=$((count + 1))
	done <lines
	echo "$count lines"
	[ $count -ge 40 ] || fail "only $count lines"
}

# README quotes messages of the tools; "..." and eth0 stand for what differs.
test_tour_messages() {
	local message part count=0

	begin
	cat "$TOP"/lib/*/*.c "$TOP"/loader/*.c "$TOP"/loader/*/*.c | tr '\n' ' ' |
		sed -E 's/"[[:space:]]+"//g' >all.messages
	while read -r message; do
		count=$((count + 1))
		while read -r part; do
			grep -qF -- "$part" all.messages || fail "no message has: $part"
		done < <(sed -E 's/ *(\.\.\.|eth0) */\n/g' <<<"$message" | grep .)
	done < <(sed -n '/^## 0 frames/,/^## /s/^| `\([^`]*\)`.*/\1/p' "$TOP/README.md")
	echo "$count messages"
	[ $count -ge 8 ] || fail "only $count messages"
}
