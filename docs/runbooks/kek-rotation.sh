#!/bin/sh
#: kek-rotation.sh CLUSTER NEW_KEK OLD_KEK
#:
#: Changes the wrapping key: every node is restarted with both, all data keys are wrapped anew, every node is restarted with
#: the new one alone. NEW_KEK and OLD_KEK are URIs such as file:/etc/elastickv/kek-2; this machine has to be able to read
#: the new one. Keep the old one as long as a backup needs it: elastickv-admin backup needs-keys.
#:
#: Refused (3) when the new one can not be used. Nodes that are where they should be are left alone by a second run.
set -eu
. "$(dirname "$0")/common.sh"
arguments 3 "$@"
cluster=$1 new=$2 old=$3
right_cluster
version=$(ask /data/kek/version kms check "$new")
[ "$new" != "$old" ] || refuse "both are the same wrapping key"

# "VERSION PREVIOUS": the wrapping keys that a member runs with.
with() {
    of "$1" '/data/members/*/{name,kek/version,previous_kek/version}' encryption status
}

order=$(in_order)
for name in $order; do
    has=$(with "$name")
    case $has in
    "$version "*) say "$name has the new KEK already" ;;
    *) restarted "$name" --kek "$new" --kek-previous "$old" ;;
    esac
done

wrapped=$(ask '/data/keys/*/kek/version' encryption keys list)
others=$(printf '%s\n' "$wrapped" | awk -v version="$version" '$1 != "" && $1 != version' | wc -l)
if [ "$others" -gt 0 ]; then
    change encryption rewrap-deks
fi

# Logs and snapshots from before the wrapping need the old one, too.
needed() {
    codes=$(ask '/warnings/*/code' encryption status) || return
    case $codes in *EK-1509*) echo yes ;; esac
}
old_is_needed=$(needed)
if [ -n "$old_is_needed" ]; then
    change cluster snapshot --all --purge
    old_is_needed=$(needed)
    [ -z "$old_is_needed" ] || refuse "the old KEK is needed still: $EK_ADMIN encryption status says by whom"
fi

order=$(in_order)
for name in $order; do
    has=$(with "$name")
    case $has in
    "$version -") ;;
    *) restarted "$name" --kek "$new" ;;
    esac
done
say "$cluster does without the old KEK; backups that were taken before do not"
