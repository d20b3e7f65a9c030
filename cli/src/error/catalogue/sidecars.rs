//! Sidecars.

super::texts! {
    SidecarBehind {
        title: "a member's sidecar is behind what it has applied",
        state: "data is safe; the member would not start like this",
        hint: "{cli} encryption status   # again in a moment; then read that node's log",
        story: "The sidecar is the node's own copy of the wrapped keys, read at its start. It is written before what it \
                holds takes effect, so it is never behind but for a moment.",
    }
    SidecarMissing {
        title: "a member of an encrypted cluster has no sidecar",
        state: "data is safe on the other members",
        hint: "when the node is stopped: {cli} encryption resync-sidecar --data-dir DIR",
        story: "Without the file that holds its wrapped keys the node goes on as long as it runs, and does not start \
                again until the file is made anew of its own store or of the leader's state.",
    }
    DataDirRolledBack {
        title: "a node's data directory, or a part of it, was put back",
        state: "nothing was changed; the node is kept out",
        hint: "remove the member, empty its disk, and add it under a new name",
        story: "Files in the directory contradict each other, or the cluster remembers more of the node than the node \
                itself. A disk that was put back breaks the promises that the node made with it, in the log and in \
                its nonces, and there is no flag to let it in.",
    }
    StateDiffers {
        title: "two members differ in keys or stage at the same index",
        state: "at least one of them is wrong; nothing was changed",
        hint: "keep the data directories and logs of both, and change nothing about keys meanwhile",
        story: "Keys, their states and the cutovers follow from the log alone, so at one index they are the same on \
                every member. Two that differ have decided differently, or one of their disks is damaged.",
    }
    OwnStateUnreadable {
        title: "the node's own files do not tell what keys there are",
        state: "nothing was written",
        hint: "name the cluster: --endpoint HOST:PORT of a member that runs",
        story: "A sidecar is made anew of the node's own store. It is missing, damaged, or of a time before there were \
                keys, so the leader has to tell, and the command was not told where the cluster is.",
    }
    SidecarUnfit {
        title: "the sidecar can not be made anew from what there is",
        state: "nothing was written",
        hint: "the message names the key or the file; keep the directory as it is and ask for help with it",
        story: "What was to be recorded contradicts what is recorded: another key under the same id, or keys of another \
                cluster. No ordinary loss of a file leads there.",
    }
    OtherBuild {
        title: "a file was written by another build",
        state: "nothing was read or changed",
        hint: "use the program of the release that wrote it, or a newer one",
        story: "The file names a version of its format that this build does not know, and it guesses at none.",
    }
}
