#!/bin/sh
#: lost-sidecar.sh CLUSTER NODE DATA_DIR
#:
#: Brings back a node that does not start for its encryption/keys.json (SidecarMissing, SidecarDamaged, SidecarBehindRaftLog).
#: Run it on that node's machine, as the node's user. The file is made anew of the node's own store or of the leader's state;
#: what was there is kept beside it.
#:
#: Refused (3) for a directory of which parts were put back: replace-node.sh then.
set -eu
. "$(dirname "$0")/common.sh"
arguments 3 "$@"
cluster=$1 name=$2 data_dir=$3
right_cluster

on_node "$name" stop
ek encryption resync-sidecar --data-dir "$data_dir"
on_node "$name" start
await "member=$name:ready"
in_sync "$name"
say "$name is back and in sync"
