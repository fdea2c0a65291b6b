# SPDX-License-Identifier: GPL-2.0-only
# fish completion for xdpdrop-forward.

set -l forward complete -c xdpdrop-forward

$forward -f
$forward -s b -l brokers -x -d 'brokers of the cluster: HOST:PORT,HOST:PORT'
$forward -s t -l topic -x -d 'topic to write to'
$forward -s X -l property -x -d 'a property of librdkafka: NAME=VALUE'
$forward -l config -r -F -d 'file of properties'
$forward -l queue -x -d 'events that wait'
$forward -l flush -x -d 'time for the last events, in seconds'
$forward -s Z -l relinquish-privileges -x -a '(__fish_complete_users)' -d 'become this user'
$forward -s q -l quiet -d 'only warnings and errors'
$forward -s v -l verbose -d 'print what librdkafka logs'
$forward -s V -l version -d 'print the version'
$forward -s h -l help -d 'print a summary'
