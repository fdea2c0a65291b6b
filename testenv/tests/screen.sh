# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The live screen of xdpdrop-monitor, in a real terminal: what is on it, what keys do, and that the
# terminal is as before afterwards.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"
. "${BASH_SOURCE[0]%/*}/../monitor_helpers.sh"

KERNELS=taps # the C libraries of their user lands make other calls, which the sandbox has to allow
ALL_TESTS="test_screen_rows test_screen_lease test_screen_wide test_screen_talkers
	test_screen_no_top
	test_screen_sort test_screen_pause test_screen_filter test_screen_drill test_screen_help
	test_screen_resize test_screen_colors test_screen_ascii test_screen_hostile_names
	test_screen_many_reasons test_screen_quits test_screen_stops test_screen_hangup
	test_screen_killed test_screen_capture test_screen_capture_on_quit
	test_screen_capture_program test_screen_capture_exit test_screen_capture_wrapped
	test_screen_capture_exceptions test_screen_capture_killed test_screen_capture_others
	test_screen_with_outputs
	test_screen_not_possible"
ANY_TESTS="test_screen_lease test_screen_wide test_screen_talkers test_screen_no_top
	test_screen_sort
	test_screen_pause test_screen_filter test_screen_drill test_screen_help test_screen_colors
	test_screen_ascii test_screen_hostile_names test_screen_many_reasons test_screen_quits
	test_screen_stops test_screen_hangup test_screen_killed test_screen_capture
	test_screen_capture_on_quit test_screen_capture_killed test_screen_not_possible
	test_screen_capture_program test_screen_capture_wrapped test_screen_capture_others
	test_screen_with_outputs"

# in_tmux COMMAND ...: of a server of this test's own.
in_tmux() {
	local LC_ALL=C.UTF-8

	export LC_ALL
	command tmux -S "$PWD/tmux" -f /dev/null "$@"
}

# open_terminal COLUMNS LINES: a shell in it, which remembers what the terminal was like.
open_terminal() {
	need tmux
	trap 'in_tmux kill-server 2>/dev/null' EXIT
	in_tmux -u new-session -d -x "$1" -y "$2" \
		"env -u NO_COLOR ${TERMINAL_ENV:-} PS1='ready> ' bash --norc --noprofile" ||
		fail "no terminal"
	wait_for shows 'ready>' || fail "no shell"
}

# The socket is free again.
close_terminal() {
	local server

	server=$(in_tmux display-message -p '#{pid}')
	in_tmux kill-server
	wait_for is_gone "$server" || fail "tmux does not end"
}

press() {
	in_tmux send-keys "$@"
}

pane() {
	in_tmux capture-pane -p "$@"
}

# shows REGEX: a line of the screen matches.
shows() {
	pane | LC_ALL=C.UTF-8 grep -Eq -- "$1"
}

shows_not() {
	! shows "$1"
}

await() {
	wait_for shows "$1" || fail "the screen never shows '$1':"$'\n'"$(pane)"
}

await_not() {
	wait_for shows_not "$1" || fail "the screen still shows '$1':"$'\n'"$(pane)"
}

# start_screen [options]: in the terminal, on the test's interface. Sets MONITOR_PID.
start_screen() {
	echo "$MONITOR $* $NS 2>err.log; echo status \$?" >run
	press ". ./run" Enter # a long line wraps, and moves what follows when the size changes
	await '^ xdpdrop-monitor '
	await '^ [0-9]+ rows?, by'
	MONITOR_PID=$(pgrep -P "$(in_tmux display-message -p '#{pane_pid}')" -x xdpdrop-monitor)
}

# begin_screen COLUMNS LINES [options]: with a program of two reasons.
begin_screen() {
	local columns=$1 lines=$2

	shift 2
	begin
	load verdict_hook verdict_hook
	open_terminal "$columns" "$lines"
	start_screen "$@"
}

quit_screen() {
	press q
	await '^status 0$'
	is_off || fail "the screen is still on"
}

# NUMBER_ODD gets 30 frames of 100 bytes, NUMBER_EVEN 10 of them.
send_uneven() {
	send_frames both.pcap -n 20 -s 100
	send_frames odd.pcap -n 40 -f 20 -s 100 -V pass,drop
}

# The first line under the headings.
first_row() {
	pane | sed -n '/^ REASON/{n;p;}'
}

begins_with() {
	[[ $(first_row) == " $1"* ]]
}

await_first() {
	wait_for begins_with "$1" || fail "the first row is not $1:"$'\n'"$(pane)"
}

# What was sent, once the rates have gone down again.
uneven_screen() {
	begin_screen "$@"
	send_uneven
	await '^ 0 frames/s +0 B/s +total 40 frames, 4.00 kB +0 lost'
}

test_screen_rows() {
	uneven_screen 80 24
	await "^ NUMBER_ODD +verdict_h… +0 +0 B +75.0% +30 .*(▁|█)"
	await "^ NUMBER_EVEN +verdict_h… +0 +0 B +25.0% +10 .*(▁|█)"
	await "^ xdpdrop-monitor $NS +up 0:00:[0-9]+"
	await '^ REASON +PROGRAM +FRAMES/S▼ +BYTES/S +SHARE +TOTAL +RECENT'
	await '^ q quit  \? help  Enter details'
	await '^ 2 rows, by frames/s +[0-9.]+% of a CPU   lease [1-9]\.[0-9] s$'
	await_first NUMBER_ODD
	[ "$(pane | LC_ALL=C.UTF-8 wc -L)" -le 80 ] || fail "a line is longer than the screen"
	start_sending 50 -g 200 -b 1
	await '^ [1-9][0-9.]*k? frames/s +[1-9][0-9.]* [kM]?B/s'
	await '^ NUMBER_(ODD|EVEN) +verdict_h… +[1-9][0-9.]*k? +[0-9.]+ k?B'
	stop_sending
	quit_screen
	grep -Eq '^  NUMBER_ODD +[0-9]+ frames' err.log || fail "no totals on standard error"
}

no_lease() {
	shows 'no lease: frames are counted as lost$' &&
		grep -Eqx 'xdpdrop_lease_seconds 0(\.0+)?' x.prom
}

# The processes that extend it are stopped, and go on: what comes in between is counted as lost.
test_screen_lease() {
	begin
	local both

	load verdict_hook verdict_hook
	open_terminal 80 24
	start_screen -i 0.2 --metrics x.prom
	send_frames before.pcap -n 20
	await 'total 20 frames'
	await 'lease [1-9]\.[0-9] s$'
	CAPTURE_PID=$MONITOR_PID
	both="$(control) $(watchdog)"
	# shellcheck disable=SC2086 # words on purpose
	stop_processes $both
	wait_for no_lease || fail "the lease goes on: $(pane)"
	send_frames between.pcap -n 20
	# shellcheck disable=SC2086
	kill -CONT $both
	await 'lease [1-9]\.[0-9] s$'
	wait_for grep -q '^xdpdrop_lease_seconds [1-9]' x.prom || fail "no lease: $(<x.prom)"
	send_frames after.pcap -n 20
	await '^ 0 frames/s .*total 60 frames, 3.84 kB +20 lost'
	await '^── all frames sampled, 40 so far'
	quit_screen
	grep -q "^20 frames lost" err.log || fail "none is lost in the totals"
}

test_screen_wide() {
	uneven_screen 150 40
	await "^ NUMBER_ODD +verdict_hook +0 +0 B +75.0% +30 .*(▁|█)"
	await 'TOP SOURCES +TOP DESTINATIONS +TOP PORTS'
	quit_screen
}

# Addresses, ports and counts of all frames, which are few.
test_screen_talkers() {
	begin_screen 80 24
	send_frames a.pcap -n 30 -k udp4
	send_frames b.pcap -n 10 -k udp6
	await '^── all frames sampled, 40 so far ──'
	await '^ 198\.51\.100\.2 +30  198\.51\.100\.1 +30  udp/9 +40$'
	await '^ 2001:db8:[0-9a-f:]+ +10  2001:db8:[0-9a-f:]+ +10'
	quit_screen
	grep -q '^40 frames counted$' err.log || fail "the sum is not 40"
}

test_screen_no_top() {
	uneven_screen 80 24 --no-top
	shows_not 'TOP SOURCES' || fail "there are top talkers"
	await_first NUMBER_ODD
	press Enter
	await '^ NUMBER_ODD  reason 2'
	press q
	await '^ REASON'
	quit_screen
}

test_screen_sort() {
	uneven_screen 80 24
	await_first NUMBER_ODD
	press s
	await 'BYTES/S▼'
	press s
	await 'TOTAL▼'
	await_first NUMBER_ODD
	press s
	await 'REASON▼'
	await_first NUMBER_EVEN
	press s
	await 'PROGRAM▼'
	press s
	await 'FRAMES/S▼'
	await_first NUMBER_ODD
	quit_screen
}

test_screen_pause() {
	uneven_screen 80 24
	press p
	await 'PAUSED'
	send_frames more.pcap -n 20 -f 60 -s 100
	press s
	await 'BYTES/S▼'
	shows 'total 40 frames' || fail "it does not stand still: $(pane)"
	press p
	await 'total 60 frames'
	await_not 'PAUSED'
	quit_screen
}

test_screen_filter() {
	uneven_screen 80 24
	press /
	await '^ filter: _'
	press odd
	await '^ filter: odd_ +1 of 2 rows'
	await_not '^ NUMBER_EVEN'
	press Enter
	await '^ filter: odd +1 of 2 rows'
	press s
	await 'BYTES/S▼'
	press /
	press xq
	await 'no row matches the filter'
	press Escape
	await '^ NUMBER_EVEN'
	await '^ 2 rows, by'
	quit_screen
}

# The reason's own sources.
test_screen_drill() {
	uneven_screen 80 24
	await_first NUMBER_ODD
	press Down
	press Enter
	await '^ NUMBER_EVEN  reason 1'
	await '^ program verdict_hook · hook xdpdrop_hook · tap hook · '
	await '10 frames, 1\.00 kB · mean 100 B · 25\.0%'
	await '^ 198\.51\.100\.2 +10 '
	press k
	await '^ NUMBER_ODD  reason 2'
	await '^ 198\.51\.100\.2 +30 '
	press Escape
	await '^ REASON'
	quit_screen
}

test_screen_help() {
	begin_screen 80 24
	await 'no frame has been dropped yet'
	press h
	await '^ q, Ctrl-C +quit'
	press '?'
	await '^ REASON'
	quit_screen
}

test_screen_resize() {
	uneven_screen 80 24
	in_tmux resize-window -x 150 -y 40
	await '^ NUMBER_ODD +verdict_hook '
	in_tmux resize-window -x 59 -y 24
	await '^terminal too small'
	shows_not NUMBER || fail "something is drawn all the same"
	in_tmux resize-window -x 80 -y 11
	await '^terminal too small'
	in_tmux resize-window -x 60 -y 12
	await '^ NUMBER_ODD'
	in_tmux resize-window -x 5 -y 2
	await '^term…$'
	in_tmux resize-window -x 1 -y 1
	press Down
	press Enter
	in_tmux resize-window -x 300 -y 60
	await '^ NUMBER_EVEN  reason 1'
	press Escape
	await '^ NUMBER_ODD'
	quit_screen
}

# Attributes are no colours: bold, dim and reverse are allowed.
has_colors() {
	pane -e | grep -Eq $'\e\\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]'
}

test_screen_colors() {
	uneven_screen 80 24
	has_colors || fail "there are no colours: $(pane -e | cat -v)"
	quit_screen
	close_terminal
	TERMINAL_ENV=NO_COLOR=1 open_terminal 80 24
	press 'export NO_COLOR=1; clear' Enter
	start_screen
	await 'TOP SOURCES'
	! has_colors || fail "colours in spite of NO_COLOR: $(pane -e | cat -v)"
	quit_screen
}

test_screen_ascii() {
	TERMINAL_ENV='LC_ALL=C' uneven_screen 80 24
	await 'FRAMES/Sv'
	await '^-- all frames sampled'
	pane | LC_ALL=C grep -q '[^ -~]' && fail "other characters than ASCII: $(pane)"
	quit_screen
}

# Names with bytes that would control the terminal, or change how it draws what follows.
test_screen_hostile_names() {
	local long

	begin
	load verdict_hook verdict_hook
	open_terminal 80 24
	long=$(printf 'x%.0s' {1..300})
	printf '1 e\314\201\033[31mred\033]0;title\007\342\200\256\n2 %s\n' "$long" >reasons
	start_screen --reasons reasons
	send_frames a.pcap -n 20
	await '^ 0 frames/s .* total 20 frames'
	in_tmux display-message -p '#{pane_title}' | grep -q '^title' && fail "the title is changed"
	pane | grep -q $'\342\200\256' && fail "a direction is on the screen"
	[ "$(pane | LC_ALL=C.UTF-8 wc -L)" -le 80 ] || fail "a line is longer than the screen"
	quit_screen
}

# More than the screen has lines, and more than a page.
test_screen_many_reasons() {
	begin
	load verdict_reasons verdict_reasons
	open_terminal 80 24
	start_screen
	send_frames a.pcap -n 600
	await '^ 0 frames/s .* total 600 frames'
	await '^ 300 rows, by'
	press End
	await_not '^ MANY_100 '
	press Home
	await '^ MANY_100 '
	quit_screen
}

# By each key and signal that ends it, the terminal is as before.
test_screen_quits() {
	local before key signal

	begin
	load verdict_hook verdict_hook
	open_terminal 80 24
	before=$(pane_modes)
	for key in q C-c; do
		start_screen
		press "$key"
		await '^status 0$'
		[ "$(pane_modes)" = "$before" ] || fail "after $key: $(pane_modes), not $before"
		press 'clear' Enter
		await_not '^status'
	done
	for signal in INT TERM QUIT HUP; do
		start_screen
		kill -"$signal" "$MONITOR_PID"
		await '^status 0$'
		[ "$(pane_modes)" = "$before" ] || fail "after $signal: $(pane_modes)"
		press 'clear' Enter
		await_not '^status'
	done
	wait_for no_processes || fail "processes are left"
}

no_processes() {
	no_watchdog && ! pgrep -x xdpdrop-starter >/dev/null &&
		! pgrep -x xdpdrop-capture >/dev/null
}

# The modes of the terminal, the cursor, and which screen is on.
pane_modes() {
	# a shell that edits a line has modes of its own
	stty -a -F "$(in_tmux display-message -p '#{pane_tty}')" | tr '\n' ' ' |
		sed 's/-\?\(icanon\|echo\|icrnl\|lnext = [^;]*;\)//g'
	in_tmux display-message -p '#{alternate_on} #{cursor_flag}'
}

test_screen_stops() {
	uneven_screen 80 24
	press C-z
	await 'Stopped'
	is_off || fail "the screen is still on"
	wait_for are_stopped "$MONITOR_PID" || fail "it is not stopped"
	send_frames more.pcap -n 20 -f 60 -s 100
	in_tmux resize-window -x 100 -y 30
	press fg Enter
	await 'total 60 frames'
	await '^ NUMBER_ODD +verdict_hook '
	kill -TSTP "$MONITOR_PID"
	await 'Stopped'
	press fg Enter
	await 'total 60 frames'
	press q
	wait_for is_off || fail "the screen is still on"
	wait_for is_gone "$MONITOR_PID" || fail "it goes on"
}

is_off() {
	[ "$(in_tmux display-message -p '#{alternate_on}')" = 0 ]
}

is_gone() {
	! kill -0 "$1" 2>/dev/null
}

test_screen_hangup() {
	uneven_screen 80 24
	in_tmux kill-server
	wait_for is_gone "$MONITOR_PID" || fail "it goes on without a terminal"
	wait_for no_processes || fail "processes are left"
	no_pins
}

test_screen_killed() {
	uneven_screen 80 24
	kill -KILL "$MONITOR_PID"
	wait_for no_processes || fail "processes are left"
	wait_for is_off || fail "the screen is still on"
	press Enter
	await '^ready>$'
	no_pins
	[ "$(attached)" = "$PROGRAM_ID native" ] || fail "attached is: $(attached)"
}

# One capture, of the selected row: NUMBER_ODD.
begin_capture() {
	uneven_screen "$@"
	await_first NUMBER_ODD
	press c
	wait_for grep -Eq 'capturing into|no capture' err.log || fail "no capture starts"
	! grep 'no capture: .* is in use' err.log || skip "a hook takes one capture"
	await '^ capturing into: xdpdrop-'
	FILE=$(echo xdpdrop-"$NS"-NUMBER_ODD-*.pcapng)
	[ -e "$FILE" ] || fail "there is no file: $(ls)"
	shows '^●NUMBER_ODD' || fail "the row has no mark"
}

test_screen_capture() {
	begin_capture 80 24
	send_frames sent.pcap -n 40 -f 100 -s 100 -V pass,drop
	press c
	await 'pcapng: 20 frames written'
	await '^ NUMBER_ODD'
	same sent.pcap "$FILE" --only drop
	[ "$COMPARED" = 20 ] || fail "$COMPARED frames in $FILE, not 20"
	quit_screen
}

# A capture of one row takes what the monitor counts, also on an interface with one program.
test_screen_capture_program() {
	begin_capture 80 24 -p verdict_hook
	tr '\0' ' ' <"/proc/$(pgrep -x xdpdrop-capture | head -n 1)/cmdline" >command.txt
	grep -q -- '--program verdict_hook ' command.txt ||
		fail "it captures all programs: $(<command.txt)"
	press q
	await '^status 0$'
	wait_for no_processes || fail "processes are left"
}

test_screen_capture_on_quit() {
	begin_capture 80 24
	send_frames sent.pcap -n 10 -f 100 -s 100
	press q
	await '^status 0$'
	grep -q 'pcapng: 5 frames written' err.log || fail "the capture has no end"
	[ "$(fields "$FILE" frame.len | grep -c 100)" = 5 ] || fail "not 5 frames in $FILE"
	wait_for no_processes || fail "processes are left"
}

test_screen_capture_killed() {
	begin_capture 80 24
	kill -KILL "$MONITOR_PID"
	wait_for no_processes || fail "processes are left"
	fields "$FILE" frame.len >/dev/null
	no_pins
}

# The screen, events and sFlow each get all samples, while a capture takes frames, too.
test_screen_with_outputs() {
	begin
	need socat ss
	load verdict_hook verdict_hook
	socat -u UDP4-RECV:6343 OPEN:datagrams,creat &
	wait_for is_bound 6343 || fail "nothing listens"
	open_terminal 80 24
	start_screen --events events --sflow 127.0.0.1 --sample 1
	send_uneven
	await '^── all frames sampled, 40 so far ──'
	await '^ 198\.51\.100\.2 +40  198\.51\.100\.1 +40'
	await_first NUMBER_ODD
	press c
	wait_for grep -Eq 'capturing into|no capture' err.log || fail "no capture starts"
	! grep 'no capture: .* is in use' err.log || skip "a hook takes one capture"
	await '^ capturing into: xdpdrop-'
	send_frames sent.pcap -n 20 -f 100 -s 100 -V pass,drop
	await 'total 50 frames'
	press c
	await 'pcapng: 10 frames written'
	quit_screen
	[ "$(wc -l <events)" = 50 ] || fail "$(wc -l <events) events, not 50"
	grep -q '^50 events written$' err.log || fail "not 50 events in the totals"
	grep -q '^50 samples sent to 127.0.0.1$' err.log || fail "not 50 samples in the totals"
	wait_for eval '[ "$(grep -ao "verdict_hook:NUMBER_" datagrams | wc -l)" = 50 ]' ||
		fail "not 50 samples in the datagrams"
	kill %1
}

# A row of exceptions becomes a capture of exceptions, and of nothing else.
test_screen_capture_exceptions() {
	begin
	need tshark
	probed exceptions has_feature "XDP's tracepoints" ||
		skip "this kernel has no BPF programs at XDP's tracepoints"
	load verdict_hook verdict_hook
	open_terminal 80 24
	start_screen -p verdict_hook -a drop,exception
	send_frames both.pcap -n 20 -V aborted,pass
	await '^ exceptions +- .* 10 '
	press c
	wait_for grep -Eq 'capturing into|no capture' err.log || fail "no capture starts"
	await '^ capturing into: xdpdrop-'
	shows '^●exceptions' || fail "the row has no mark"
	send_frames more.pcap -n 40 -f 20 -V aborted,drop,pass,pass
	press c
	await 'pcapng: 10 frames written'
	FILE=$(echo xdpdrop-"$NS"-exceptions-*.pcapng)
	[ "$(fields "$FILE" frame.comment | grep -c '^xdp_exception:.* action aborted')" = 10 ] ||
		fail "not 10 exceptions: $(fields "$FILE" frame.comment)"
	quit_screen
}

# Without reasons, a capture has all frames of the program.
test_screen_capture_exit() {
	begin
	need_trampolines
	load verdict verdict
	open_terminal 80 24
	start_screen -t exit
	send_frames both.pcap -n 20 -V drop,pass
	await '^ - +verdict .* 10 '
	press c
	await '^ capturing into: xdpdrop-'
	FILE=$(echo xdpdrop-"$NS"-all-*.pcapng)
	send_frames sent.pcap -n 20 -f 100 -V drop,pass
	press c
	await 'pcapng: 10 frames written'
	same sent.pcap "$FILE" --only drop
	quit_screen
}

# The wrapper of the monitor is in the one place for a wrapper.
test_screen_capture_wrapped() {
	begin
	load verdict verdict
	open_terminal 80 24
	start_screen -t wrap
	send_frames both.pcap -n 20 -V drop,pass
	await '^ - +verdict .* 10 '
	press c
	await '^ tap wrap serves one tool at a time: end this monitor, then capture'
	[ "$(echo xdpdrop-*)" = 'xdpdrop-*' ] || fail "there is a file: $(ls)"
	quit_screen
}

# The row of all that is not counted one by one has no reason that a capture could have.
test_screen_capture_others() {
	begin
	load verdict_reasons verdict_numbers
	open_terminal 100 24
	start_screen
	send_frames a.pcap -n 2000
	await '^ 0 frames/s .* total 2000 frames'
	press /
	press -l other
	press Enter
	await '^ other +verdict_num'
	press c
	await '^ row "other" sums up reasons, and a capture is of one: select another row'
	[ "$(echo xdpdrop-*)" = 'xdpdrop-*' ] || fail "there is a file: $(ls)"
	quit_screen
}

# Where no screen can be drawn, there are plain lines.
test_screen_not_possible() {
	begin
	load verdict_hook verdict_hook
	open_terminal 80 24
	press "TERM=dumb $MONITOR -i 0.2 $NS" Enter
	await '[0-9:]+ 0 frames/s, 0 bytes/s, 0 frames'
	press C-c
	await '^0 frames counted'
	press clear Enter
	wait_for shows_not 'frames' || fail "the terminal is not cleared"
	press "$MONITOR -i 0.2 $NS </dev/null" Enter
	await '[0-9:]+ 0 frames/s, 0 bytes/s, 0 frames'
	press C-c
	await '^0 frames counted'
}
