# SPDX-License-Identifier: GPL-2.0-only
# fish completion for xdpdrop-loader.

set -l loader complete -c xdpdrop-loader
set -l commands status features clean load unload
set -l seen "__fish_seen_subcommand_from"

$loader -n "not $seen $commands" -f -a status -d 'list programs and who captures'
$loader -n "not $seen $commands" -f -a features -d 'list what the kernel can do'
$loader -n "not $seen $commands" -f -a clean -d 'remove what killed captures have left'
$loader -n "not $seen $commands" -f -a load -d 'attach a program'
$loader -n "not $seen $commands" -f -a unload -d 'detach programs'
$loader -n "$seen status features clean unload" -f -a '(command ls /sys/class/net 2>/dev/null)'
$loader -n "$seen load" -a '(command ls /sys/class/net 2>/dev/null)'
$loader -n "$seen status features" -l json -d 'print JSON'
$loader -n "$seen load" -s m -l mode -x -a 'native skb unspecified' -d 'where to run'
$loader -n "$seen load" -s n -l prog-name -x -d 'program of the object'
$loader -n "$seen load" -s p -l pin-path -r -d 'where to pin maps'
$loader -n "$seen load" -s P -l prio -x -d 'run priority'
$loader -n "$seen unload" -s i -l id -x -d 'the program'
$loader -n "$seen unload" -s a -l all -d 'all of xdpdrop'
$loader -l netns -x -a '(command ls /run/netns 2>/dev/null)' -d 'network namespace'
$loader -s v -l verbose -d 'print more'
$loader -s V -l version -d 'print the version'
$loader -s h -l help -d 'print a summary'
