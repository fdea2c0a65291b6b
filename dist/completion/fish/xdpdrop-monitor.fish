# SPDX-License-Identifier: GPL-2.0-only
# fish completion for xdpdrop-monitor. Programs and reasons need root, as the tool does.

source (status dirname)/xdpdrop-common.fish

set -l monitor complete -c xdpdrop-monitor
set -l interfaces '(__fish_complete_list , __xdpdrop_interfaces)'

$monitor -n '__fish_is_first_token' -f -a $interfaces
$monitor -s i -l interval -x -d 'seconds between two looks at the counters'
$monitor -s d -l duration -x -d 'end after so many seconds'
$monitor -l once -d 'print one interval'
$monitor -l lines -d 'plain lines'
$monitor -l no-top -d 'no top talkers on the screen'
$monitor -l json -d 'JSON on standard output'
$monitor -l metrics -r -d 'metrics for Prometheus'
$monitor -s t -l tap -x -a 'auto hook tag exit wrap' -d 'where to count'
$monitor -l hook -r -d 'use the hook pinned at this path'
$monitor -l unsafe-hook -d 'use that pin though nothing marks it as a hook'
$monitor -l untagged -d 'frames without a tag, too'
$monitor -l netns -x -a '(command ls /run/netns 2>/dev/null)' -d 'network namespace'
$monitor -s p -l program -x -a '(__xdpdrop_programs)' -d 'what this program drops'
$monitor -s a -l actions -x -a '(__fish_complete_list , __xdpdrop_actions)' -d 'verdicts'
$monitor -l wait -d 'wait for an interface with a program'
$monitor -s f -l filter-file -r -d 'read the filter from a file'
$monitor -s O -l no-optimize -d 'do not optimize the filter'
$monitor -l reason -x -a '(__fish_complete_list , __xdpdrop_reasons)' -d 'only these reasons'
$monitor -l not-reason -x -a '(__fish_complete_list , __xdpdrop_reasons)' -d 'all but these reasons'
$monitor -l rule -x -d 'only these rules'
$monitor -l reasons -r -d 'names for reasons'
$monitor -l unsafe-bpffs -d 'tap wrap with any BPF file system'
$monitor -l events -r -d 'a line of JSON for each sampled frame'
$monitor -l sflow -x -d 'send samples to this collector'
$monitor -l sflow-agent -x -d 'address of this machine'
$monitor -l sflow-subagent -x -d 'number of what sends from that address'
$monitor -l sflow-rate -x -d 'most samples a second'
$monitor -l sflow-discard -d 'as discarded_packet'
$monitor -l sample -x -d 'sample one in so many'
$monitor -l rate -x -d 'sample at most so many a second on each CPU'
$monitor -s Z -l relinquish-privileges -x -a '(__fish_complete_users)' -d 'become this user'
$monitor -s q -l quiet -d 'only warnings and errors'
$monitor -s v -l verbose -d 'print more'
$monitor -s V -l version -d 'print the version'
$monitor -s h -l help -d 'print a summary'
