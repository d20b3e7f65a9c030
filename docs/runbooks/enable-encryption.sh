#!/bin/sh
#: enable-encryption.sh CLUSTER
#:
#: Takes a running cluster from clear text to sealed: both cutovers, then old values and old logs. Nothing is stopped.
#: Before it, every node is started with --encryption-enabled and the same --kek.
#:
#: Refused (3) while a member could not go along; the rows say which and why. Run it again at any time.
set -eu
. "$(dirname "$0")/common.sh"
arguments 1 "$@"
cluster=$1
right_cluster

gate storage-envelope
again encryption enable-storage-envelope --deadline "$EK_PATIENCE"
gate raft-envelope
again encryption enable-raft-envelope --deadline "$EK_PATIENCE"

# A rewrite that is under way is watched; else one is begun, which ends at once where nothing is left to do.
ended=0
change encryption rewrite || ended=$?
case $ended in
0) ;;
11) ek encryption rewrite status --watch ;;
*) exit "$ended" ;;
esac
ek encryption status --verify
say "$cluster is sealed; keep the KEK where no node and no backup is, twice"
