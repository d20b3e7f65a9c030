//! Waiting, and jobs.

super::texts! {
    WaitEnded {
        title: "the time to wait is over",
        state: "nothing was changed; what was waited for may still come",
        hint: "{cli} cluster status   # or wait again with a longer --deadline",
        story: "`cluster wait` ended before its condition held. The message says what was still missing at the end.",
    }
    SnapshotFailed {
        title: "the snapshot could not be written or read",
        state: "the data and the log are not affected; the last complete snapshot stays",
        hint: "read that node's log, then run it again",
        story: "Writing a snapshot failed on the node. It keeps its earlier snapshot and its log, so nothing is lost.",
    }
    OperationGoesOn {
        title: "the operation goes on, or some member has yet to apply it",
        state: "it is done or will be; nothing has to be repeated",
        hint: "{cli} encryption status",
        story: "The command no longer waits: its time was over, it was told not to (--no-wait), or it was interrupted. \
                The servers go on by themselves. The same command with the same --op-id waits on and begins nothing \
                anew.",
    }
    JobGoesOn {
        title: "the rewrite goes on",
        state: "the members work on by themselves; nothing has to be repeated",
        hint: "{cli} encryption rewrite status --watch",
        story: "The command no longer waits: its time was over, it was told not to (--no-wait), or it was interrupted. \
                Each member goes on by itself, also after a restart. `encryption rewrite status` says how far each one \
                is and what it waits for.",
    }
    NoSuchJob {
        title: "there is no such rewrite",
        state: "nothing was changed",
        hint: "{cli} encryption rewrite status   # shows the one there is",
        story: "There is one rewrite at a time, and the last one is remembered until another begins.",
    }
    JobRunning {
        title: "another rewrite is under way",
        state: "nothing was changed by this command",
        hint: "{cli} encryption rewrite status --watch   # or cancel it, and run this again",
        story: "There is one rewrite at a time. It takes along what becomes old while it runs, so there is seldom a \
                reason to begin another one before it is over.",
    }
    JobOver {
        title: "the rewrite is over",
        state: "what it sealed stays sealed",
        hint: "{cli} encryption rewrite   # begins another one",
        story: "A rewrite that is finished or was cancelled is not taken up again. Another one looks at every row and \
                seals what the first one left.",
    }
    RowsNotSealed {
        title: "values are not sealed yet",
        state: "nothing was changed",
        hint: "{cli} encryption enable-storage-envelope   # first",
        story: "A rewrite seals old values as new ones are sealed. Before the storage envelope is enabled no value is \
                sealed, so there is nothing to make old ones alike to.",
    }
    LogStillClear {
        title: "every value is sealed, and the log may hold some in clear",
        state: "whoever takes a member's log away may read values that were written lately",
        hint: "{cli} encryption enable-raft-envelope   # then rewrite once more",
        story: "A value is written to the log before it is stored. As long as entries of the log are not sealed, each \
                new value lies there in clear, whatever was removed before. Once they are, a rewrite removes the last \
                of them.",
    }
}
