# shellcheck shell=sh
# What the runbooks have in common. They read it; it does nothing by itself.
#
# A runbook asks the cluster what there is, does the next thing that is missing, and ends with the exit status of the first
# command that did not succeed. It keeps no notes: run again, it goes on where the cluster is. It reads exit statuses and parts
# of JSON documents (`--query`), never text that is meant for people.
#
#   ELASTICKV_ENDPOINT  members to begin with, HOST:PORT with commas between
#   EK_ADMIN            the operator's program; a script of your own where it needs certificates or a token
#   EK_NODE             a program that stops and starts nodes: see README.md
#   EK_PATIENCE         how long to wait for a node or a member (default 10m)
#   EK_REASON           why it is done, for the history and the audit (default: the runbook's name)

: "${EK_ADMIN:=elastickv-admin}"
: "${EK_PATIENCE:=10m}"
: "${EK_REASON:=runbook $(basename "$0" .sh)}"
# The cluster that the script was given.
: "${cluster:=}"

# The lines of the script that begin with "#:" are its help.
usage() {
    sed -n 's/^#: \{0,1\}//p' "$0"
}

# arguments COUNT "$@": so many are needed; --help asks for the help.
arguments() {
    needed=$1
    shift
    case "${1-}" in -h | --help) usage && exit 0 ;; esac
    [ $# -ge "$needed" ] && return 0
    usage >&2
    exit 2
}

say() {
    printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
}

# refuse WHY: nothing was changed by what comes next, because it is not begun.
refuse() {
    say "refused: $*"
    exit 3
}

# A command whose result is shown.
ek() {
    say "$*"
    "$EK_ADMIN" "$@"
}

# ask PATH COMMAND...: parts of a command's document, a line each. What it found out counts also where members are silent.
ask() {
    path=$1
    shift
    ended=0
    answer=$("$EK_ADMIN" --progress off --query "$path" "$@") || ended=$?
    case $ended in 0 | 4 | 7) ;; *) return "$ended" ;; esac
    [ -z "$answer" ] || printf '%s\n' "$answer"
}

# change COMMAND...: a change of this cluster and no other, for a reason that is on record.
change() {
    ek "$@" --expect-cluster "$cluster" --reason "$EK_REASON"
}

# step COMMAND...: a step with no way back, on this cluster and no other. What is done already is not done again.
step() {
    change "$@" --yes
}

# again COMMAND...: the same, once more where the leader was lost or the answer, as often as that is the reason.
again() {
    tries=0
    while :; do
        ended=0
        step "$@" || ended=$?
        tries=$((tries + 1))
        case $ended in
        5 | 11 | 13) [ "$tries" -lt 5 ] || return "$ended" ;;
        *) return "$ended" ;;
        esac
        say "ended with $ended; again in 3 s"
        sleep 3
    done
}

# gate STEP: gives members that were just started a moment to catch up, before the step is judged.
gate() {
    tries=0
    while [ "$tries" -lt 5 ]; do
        ended=0
        "$EK_ADMIN" --progress off --query /ok encryption check "$@" >/dev/null 2>&1 || ended=$?
        [ "$ended" -eq 3 ] || return 0
        tries=$((tries + 1))
        sleep 1
    done
}

# await CONDITION...: until all of them hold; exit 8 when they do not.
await() {
    for condition in "$@"; do
        ek cluster wait --for "$condition" --deadline "$EK_PATIENCE"
    done
}

# right_cluster: the endpoints lead where the operator thinks they do.
right_cluster() {
    found=$(ask /data/cluster_name cluster status)
    [ "$found" = "$cluster" ] || refuse "this is the cluster $found, not $cluster"
}

# on_node NAME ACTION SETTING...: hands a node over to whoever stops and starts nodes here.
on_node() {
    [ -n "${EK_NODE-}" ] || refuse "EK_NODE names no program that could $2 $1; see README.md"
    say "node $*"
    "$EK_NODE" "$@"
}

leader() {
    ask /data/leader cluster status
}

# of NAME PATH COMMAND...: what a row says that begins with this word, without the word. Nothing when there is none.
of() {
    word=$1
    shift
    # Not in one pipe: that would hide a failure.
    rows=$(ask "$@") || return
    printf '%s\n' "$rows" | awk -v word="$word" '$1 == word { sub(/^[^ ]+ /, ""); print }'
}

# in_order: learners first, then voters, the leader last.
in_order() {
    rows=$(ask '/data/members/*/{name,part,role}' cluster status) || return
    printf '%s\n' "$rows" |
        awk '{ print ($2 == "learner" ? 1 : $3 == "leader" ? 3 : 2), $1 }' | sort | awk '{ print $2 }'
}

# restarted NAME SETTING...: one member is taken out, restarted and back in service, while all others serve.
# Whatever ends the script before it is back puts it back into service: a node that stays drained is never ready, and a
# second run would wait for it.
restarted() {
    await ready
    restarting=$1
    shift
    trap put_back EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    change cluster drain "$restarting"
    on_node "$restarting" restart "$@"
    await "member=$restarting:ready" ready
    trap - EXIT INT TERM
}

put_back() {
    ended=$?
    trap - EXIT INT TERM
    say "$restarting may still be drained"
    change cluster undrain "$restarting" || say "when it runs again: $EK_ADMIN cluster undrain $restarting"
    exit "$ended"
}

# in_sync NAME: the member has the keys and the stage that the leader has.
in_sync() {
    sidecar=$(of "$1" '/data/members/*/{name,sidecar}' encryption status) || return
    [ "$sidecar" = in-sync ] && return
    say "the sidecar of $1 is $sidecar"
    return 9
}
