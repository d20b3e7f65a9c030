#!/bin/sh
#: restore.sh CLUSTER BACKUP KEK NODE ADDRESS DATA_DIR
#:
#: Makes the first node of a new cluster of a backup, and starts it. CLUSTER is the name of the new cluster, which gets an id and
#: data keys of its own; KEK the URI of the wrapping key that the backup needs and the node will have. Run it on the node's
#: machine, as the node's user; point ELASTICKV_ENDPOINT at ADDRESS.
#:
#: Ends with 9 when the backup is not what was written, and with 12 when the KEK does not fit. Nothing is written then.
set -eu
. "$(dirname "$0")/common.sh"
arguments 6 "$@"
cluster=$1 backup=$2 kek=$3 name=$4 address=$5 data_dir=$6

ek backup verify "$backup" --kek "$kek"
# It gets its identity last: with it, it was restored before.
if [ ! -e "$data_dir/identity.json" ]; then
    ek backup restore "$backup" --data-dir "$data_dir" --node-name "$name" --address "$address" \
        --cluster-name "$cluster" --kek "$kek"
fi
on_node "$name" start --kek "$kek"
await ready
right_cluster
ek encryption status
say "$cluster serves; add other nodes with cluster add-learner and cluster promote"
