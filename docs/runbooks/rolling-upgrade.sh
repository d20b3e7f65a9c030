#!/bin/sh
#: rolling-upgrade.sh CLUSTER [BUILD]
#:
#: Restarts every member, one after the other, while the cluster serves: drain, restart, wait until all are ready, the next.
#: Learners first, the leader last. Put the new program in its place on every machine before. With BUILD, the new build as
#: `elastickv-admin cluster status -o wide` shows it, members that run it already are left alone, so that a second run goes on.
#:
#: It never takes out a member while another one is not ready: it waits for EK_PATIENCE and ends with 8.
set -eu
. "$(dirname "$0")/common.sh"
arguments 1 "$@"
cluster=$1 build=${2-}
right_cluster

build_of() {
    of "$1" '/data/members/*/{name,build/sha}' cluster status
}

# wanted NAME: it runs the wanted build, if one is wanted.
wanted() {
    [ -n "$build" ] || return 1
    runs=$(build_of "$1") || exit
    case $runs in "$build"*) return 0 ;; esac
    return 1
}

order=$(in_order)
for name in $order; do
    if wanted "$name"; then
        say "$name runs $build already"
        continue
    fi
    restarted "$name"
    [ -z "$build" ] || wanted "$name" || refuse "$name was restarted and runs $runs, not $build"
done
await ready
say "all members of $cluster were restarted"
