#!/bin/sh
#: rotate.sh CLUSTER KEY_ID
#:
#: Puts a new data key in the place of this one, seals anew what is under it, and unloads it everywhere. Which keys there are:
#: elastickv-admin encryption keys list. The key names what is to be done, so that a second run does not rotate twice.
#:
#: Refused (3) while anything holds the key: a silent member, an open backup. The rows name it; run it again then.
set -eu
. "$(dirname "$0")/common.sh"
arguments 2 "$@"
cluster=$1 key=$2
right_cluster

# "PURPOSE STATE"
state_of() {
    of "$1" '/data/keys/*/{key_id,purpose,state}' encryption keys list --all
}

state=$(state_of "$key")
case $state in
'') refuse "there is no data key $key; give the whole id, in decimal" ;;
*' retired')
    say "key $key has left already"
    exit 0
    ;;
esac

# A rotation whose answer was lost has taken place or not: the key tells.
tries=0
while [ "${state#* }" = active ]; do
    ended=0
    change encryption rotate-dek --purpose "${state% *}" || ended=$?
    state=$(state_of "$key")
    [ "${state#* }" = active ] || break
    tries=$((tries + 1))
    case $ended in 5 | 8 | 11 | 13) [ "$tries" -lt 5 ] || exit "$ended" ;; *) exit "$ended" ;; esac
    sleep 3
done
again encryption retire-dek --key-id "$key" --prepare
say "key $key has left; backups taken under it need it still, from their own copy"
