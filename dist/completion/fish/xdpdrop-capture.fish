# SPDX-License-Identifier: GPL-2.0-only
# fish completion for xdpdrop-capture. Programs and reasons need root, as the tool does.

function __xdpdrop_programs
	xdpdrop-capture -D --json - 2>/dev/null | string match -arg '"program":"([^"]+)"' | sort -u
end

function __xdpdrop_reasons
	xdpdrop-capture -D --json - 2>/dev/null | string match -arg '"reasons":\[([^]]+)\]' |
		string split , | string trim -c '"' | sort -u
end

function __xdpdrop_actions
	string split ' ' 'aborted drop pass tx redirect all exception'
end

function __xdpdrop_interfaces
	command ls /sys/class/net 2>/dev/null
end

set -l capture complete -c xdpdrop-capture
set -l interfaces '(__fish_complete_list , __xdpdrop_interfaces)'

$capture -n '__fish_is_first_token' -f -a $interfaces
$capture -s i -l interface -x -a $interfaces -d 'the interface'
$capture -s w -l write -r -d 'the file'
$capture -s t -l tap -x -a 'auto hook tag exit wrap' -d 'where to capture'
$capture -l hook -r -d 'use the hook pinned at this path'
$capture -l unsafe-hook -d 'use that pin though nothing marks it as a hook'
$capture -l untagged -d 'frames without a tag, too'
$capture -l netns -x -a 'all (command ls /run/netns 2>/dev/null)' -d 'network namespace'
$capture -s p -l program -x -a '(__xdpdrop_programs)' -d 'what this program drops'
$capture -s a -l actions -x -a '(__fish_complete_list , __xdpdrop_actions)' -d 'verdicts'
$capture -s s -l snaplen -x -d 'bytes of a frame'
$capture -l wait -d 'wait for an interface with a program'
$capture -s c -l count -x -d 'end after this many frames'
$capture -s d -l duration -x -d 'end after so many seconds'
$capture -s C -l file-size -x -d 'begin another file at this size'
$capture -s G -l rotate -x -d 'begin another file after so many seconds'
$capture -s W -l files -x -d 'so many files'
$capture -l max-bytes -x -d 'size of all files together'
$capture -l history -x -d 'keep the last frames in this memory or time'
$capture -l trigger -x -a 'reason= new-reason rate\> lost exception gone' -d 'write the history'
$capture -l after -x -d 'seconds to go on writing'
$capture -l holdoff -x -d 'seconds in which a trigger does not act again'
$capture -l control -r -d 'take commands from a FIFO'
$capture -s B -l buffer-size -x -d 'KiB of each ring buffer'
$capture -s F -l format -x -a 'pcap pcapng' -d 'format of the file'
$capture -l nano -d 'pcap with nanoseconds'
$capture -l no-verdict -d 'verdicts in comments'
$capture -s U -l packet-buffered -d 'write each frame at once'
$capture -s f -l filter-file -r -d 'read the filter from a file'
$capture -s O -l no-optimize -d 'do not optimize the filter'
$capture -l dump-filter -d 'print what the filter becomes'
$capture -l reason -x -a '(__fish_complete_list , __xdpdrop_reasons)' -d 'only these reasons'
$capture -l not-reason -x -a '(__fish_complete_list , __xdpdrop_reasons)' -d 'all but these reasons'
$capture -l rule -x -d 'only these rules'
$capture -l reasons -r -d 'names for reasons'
$capture -l unsafe-bpffs -d 'tap wrap with any BPF file system'
$capture -l sample -x -d 'one in N frames'
$capture -l rate -x -d 'frames a second on each CPU'
$capture -l rate-per-reason -x -d 'the same for each reason'
$capture -l max-overhead -x -d 'percent of a CPU'
$capture -l stats -x -d 'print the counters each so many seconds'
$capture -l json -r -d 'write counters as JSON'
$capture -l explain -d 'print which taps would work'
$capture -s D -l list-interfaces -d 'list interfaces'
$capture -s Z -l relinquish-privileges -x -a '(__fish_complete_users)' -d 'become this user'
$capture -s q -l quiet -d 'only warnings and errors'
$capture -s v -l verbose -d 'print more'
$capture -s V -l version -d 'print the version'
$capture -s h -l help -d 'print a summary'
