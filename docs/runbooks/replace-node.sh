#!/bin/sh
#: replace-node.sh CLUSTER OLD NEW ADDRESS
#:
#: Puts a new node in the place of one that is lost or goes. NEW is a name that was never used, ADDRESS where the members reach it.
#: The new node is started (with --join), invited, gets a vote once it has caught up, and then the old one is removed for good.
#:
#: The old one may be dead. Refused (3) when the cluster would be left without a majority.
set -eu
. "$(dirname "$0")/common.sh"
arguments 4 "$@"
cluster=$1 old=$2 new=$3 address=$4
right_cluster

part_of() {
    of "$1" '/data/members/*/{name,part}' cluster status
}

was=$(part_of "$old")
is=$(part_of "$new")
if [ -z "$is" ]; then
    # A name that is mistyped would be left where it is, and the cluster larger by one.
    [ -n "$was" ] || refuse "neither $old nor $new is a member"
    on_node "$new" start --join
    # It takes a moment until it can be invited.
    tries=0 ended=5
    while [ "$ended" -ne 0 ]; do
        ended=0
        change cluster add-learner "$new" "$address" || ended=$?
        tries=$((tries + 1))
        case $ended in 0) ;; 5 | 11 | 13) [ "$tries" -lt 20 ] || exit "$ended" ;; *) exit "$ended" ;; esac
        [ "$ended" -eq 0 ] || sleep 1
    done
    is=learner
fi
# In the place of a learner a learner stays.
if [ "$is" = learner ] && [ "$was" != learner ]; then
    await "learner-caught-up=$new"
    change cluster promote "$new"
fi
await "member=$new:ready"
if [ -n "$was" ]; then
    leads=$(leader)
    if [ "$leads" = "$old" ]; then
        change cluster transfer-leader
    fi
    again cluster remove "$old"
fi
# Its machine may be gone.
on_node "$old" stop || say "$old could not be stopped; see to it that it stays off"
await "member=$old:absent" ready
say "$new has taken the place of $old; the name $old can not be used again"
