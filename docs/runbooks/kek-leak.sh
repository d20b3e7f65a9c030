#!/bin/sh
#: kek-leak.sh CLUSTER NEW_KEK OLD_KEK
#:
#: For a wrapping key that others know. Another wrapping is not enough then: whoever has the old one and an old disk or backup has
#: the data keys. So the KEK is changed (kek-rotation.sh), and then every data key that was ever wrapped by the old one is
#: replaced, what is under it sealed anew, and unloaded (rotate.sh).
#:
#: What it can not do: backups and disks from before stay readable for whoever has the old KEK. Destroy them.
set -eu
. "$(dirname "$0")/common.sh"
arguments 3 "$@"
cluster=$1
here=$(dirname "$0")
"$here/kek-rotation.sh" "$@"

history=$(ask '/data/operations/*/{kind,state,ended_index}' encryption history --limit 200)
wrapped=$(printf '%s\n' "$history" | awk '$1 == "rewrap-deks" && $2 == "done" { print $3; exit }')
[ -n "$wrapped" ] || refuse "the history knows of no wrapping anew"
keys=$(ask '/data/keys/*/{key_id,created_index}' encryption keys list)
before=$(printf '%s\n' "$keys" | awk -v at="$wrapped" '$2 + 0 < at + 0 { print $1 }')
for key in $before; do
    "$here/rotate.sh" "$cluster" "$key"
done
say "no data key from before is left; take a new backup, destroy the old ones and the old KEK"
