# SPDX-License-Identifier: GPL-2.0-only
# fish completion for xdpdrop-replay.

set -l replay complete -c xdpdrop-replay

$replay -l live -d 'run a loaded program'
$replay -s a -l actions -x -a 'aborted drop pass tx redirect all' -d 'verdicts to write'
$replay -l reason -x -d 'reasons to write'
$replay -l against -r -d 'compare with this program'
$replay -l expect -r -d 'test by rules'
$replay -l strict -d 'each rule has to meet a frame'
$replay -l tap -d 'print TAP 13'
$replay -l copy-maps-from -r -d 'a running program'
$replay -l map -r -d 'fill a map: NAME=FILE'
$replay -l tail -x -d 'fill a tail-call table: NAME:INDEX=PROGRAM'
$replay -l ifname -x -a '(command ls /sys/class/net 2>/dev/null)' -d 'receiving interface'
$replay -l queue -x -d 'receive queue'
$replay -l pad -d 'run frames that were cut'
$replay -l modified -d 'write what the program left'
$replay -l repeat -x -d 'for the time'
$replay -s j -l jobs -x -d 'CPUs to run on'
$replay -s F -l format -x -a 'pcap pcapng' -d 'format of the output'
$replay -s f -l filter-file -r -d 'file with the filter'
$replay -l reasons -r -d 'file of names'
$replay -l json -r -d 'write the summary as JSON'
$replay -s q -l quiet -d 'no summary'
$replay -s v -l verbose -d 'print more'
$replay -s V -l version -d 'print the version'
$replay -s h -l help -d 'print a summary'
