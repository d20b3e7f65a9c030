//! Keys and values of users.

super::texts! {
    KeyTooLarge {
        title: "the key is too long",
        state: "nothing was taken in",
        hint: "use a shorter key",
        story: "Keys have a limit, given in the message.",
    }
    ValueTooLarge {
        title: "the value is too long",
        state: "nothing was taken in",
        hint: "split the value over several keys",
        story: "Values have a limit, given in the message.",
    }
    EmptyKey {
        title: "the empty key can not be used",
        state: "nothing was taken in",
        hint: "give a key of at least one byte",
        story: "An empty key means the beginning or the end of a range and can not hold a value.",
    }
    BadRequestId {
        title: "the operation id is not one",
        state: "nothing was taken in",
        hint: "pass --op-id exactly as it was printed, or leave it out",
        story: "An operation id is a UUID of version 7, which tells when it was drawn: servers remember ids for a \
                while, and have to know which ones they can not remember any more.",
    }
    UnknownGroup {
        title: "there is no such group",
        state: "nothing was taken in",
        hint: "leave --group out for the control group",
        story: "Data is held by numbered groups; the number given is none of them on that node.",
    }
    KeyNotFound {
        title: "there is no such key",
        state: "the key has no value at the moment asked for",
        hint: "{cli} kv scan --prefix KEY",
        story: "`kv get` found no value: the key was never written or has been deleted. An empty value is a value and \
                is not reported like this.",
    }
    ScanLimited {
        title: "the limit ended the scan before the keys did",
        state: "what was printed is right, but not all there is",
        hint: "--limit 0 fetches everything",
        story: "`kv scan` stops at --limit pairs, 1000 unless told otherwise. There are more keys in the range.",
    }
    PagesOfManyMoments {
        title: "the pages of a scan may be of different moments",
        state: "each page is right by itself",
        hint: "fetch everything in one page: --page-size 100000",
        story: "The node did not say at which timestamp it read the first page, so the following pages were read at \
                their own. Writes made meanwhile may be seen in a later page and not in an earlier one.",
    }
    Conflict {
        title: "somebody else changed what the transaction has read",
        state: "nothing was changed by this command",
        hint: "run it again, or with more --retries",
        story: "A transaction takes effect only if nobody has written, since the moment it reads at, a key that it has \
                read or checked. `kv txn` begins anew when that happens, --retries times. Many of them at the same \
                keys get in each other's way.",
    }
    ConditionFailed {
        title: "the key is not what the write depends on",
        state: "nothing was changed",
        hint: "{cli} kv history KEY   # shows the versions and their timestamps",
        story: "--if-version, or a check of a transaction, says which value has to be there, by its commit timestamp, or \
                that there has to be none. The message says what was found. Read again, decide again, and write with \
                the timestamp that was read.",
    }
    ReadTimestampCompacted {
        title: "the moment lies too far back",
        state: "nothing was changed; newer moments can be read",
        hint: "leave --at out, or name a later moment",
        story: "Versions that were replaced are kept for a while (the server's --gc-retention) and collected then. What \
                was asked for needs versions that may be gone. The message names the oldest moment that can be read. \
                An export keeps its moment readable while it goes on, a day at most; one that was interrupted for longer \
                than a minute may have to begin anew.",
    }
    ReadInFuture {
        title: "the moment has not come yet",
        state: "nothing was changed",
        hint: "leave --at out",
        story: "The timestamp lies ahead of the cluster's clock by more than clocks may differ. Usually it is not a \
                timestamp of this cluster: they are milliseconds since 1970, times 65536.",
    }
    RequestExpired {
        title: "the operation's id is too old to be known again",
        state: "it took effect when it was first sent, or it did not; never half of it",
        hint: "look at the data first; to send it as a new operation, leave --op-id out",
        story: "Servers remember the ids of the last quarter of a million writes. This one is older than what they \
                remember, so whether it took effect before can not be told, and it was not done now.",
    }
    BadToken {
        title: "a scan can not go on from there",
        state: "nothing was changed",
        hint: "begin the scan anew",
        story: "A page of a scan ends with a token from which the next one goes on. The one that was sent does not \
                belong to this scan or is damaged.",
    }
    WriteTooLarge {
        title: "the write is too large",
        state: "nothing was taken in",
        hint: "split it into several",
        story: "What one transaction reads and writes is limited, in number and in bytes. The limit and what was found \
                stand in the message.",
    }
    BadExpiry {
        title: "the time a value is to live can not be counted",
        state: "nothing was taken in",
        hint: "give a shorter --ttl",
        story: "The moment at which the value would be over lies beyond what timestamps can express, or it was given twice.",
    }
    BadTransaction {
        title: "a part of a transaction is missing",
        state: "nothing was taken in",
        hint: "{cli} version   # and compare with the BUILD column of: {cli} cluster status",
        story: "What was sent names reads without their moment, or a change that is none. This program does not send \
                that; perhaps a newer one would.",
    }
    BadScript {
        title: "a line of the script is not understood",
        state: "nothing was sent",
        hint: "{cli} kv txn --help",
        story: "The message names the line. A line is get KEY, put KEY VALUE, delete KEY or check KEY and what it has to \
                be. A key with blanks stands in double quotes.",
    }
    BadExport {
        title: "the file is not an export",
        state: "nothing was sent of what follows the line that is named; what came before it is written",
        hint: "{cli} kv export --help   # shows what such a file holds",
        story: "The first line has to tell what was exported, each line after it is one pair, keys come in order, and the \
                last line tells how many there are. The message names the line where it is otherwise.",
    }
    ExportThere {
        title: "there is a file already",
        state: "the file was not touched",
        hint: "go on with it: --resume; or give another name",
        story: "`kv export` overwrites nothing. With --resume it goes on with a file that was not finished.",
    }
    ExportCutShort {
        title: "the exported file ends before its end",
        state: "the pairs that are in the file are written",
        hint: "finish the export with --resume and import again with --resume",
        story: "The last line of an export tells how many pairs it holds, and this file has none, or another number. It was \
                cut short, by the export or later.",
    }
    ImportUnfinished {
        title: "an earlier import of this file was not finished",
        state: "nothing was sent",
        hint: "go on with it: --resume; or remove FILE.progress and begin anew",
        story: "Beside the file stands how far an import of it has come. With --resume it goes on there, and sends what \
                may have been sent before under the same id, so that it takes effect once.",
    }
    RequestAhead {
        title: "the operation's id was drawn in the future",
        state: "nothing was taken in",
        hint: "set this machine's clock, then run it again without --op-id",
        story: "An operation's id tells when it was drawn, and this one was drawn long after the time it is in the cluster. \
                The clock of this machine, or of the one that drew the id, is ahead.",
    }
    KeyLocked {
        title: "a transaction has locked the key",
        state: "nothing was changed by this command",
        hint: "run it again, or with a longer --deadline",
        story: "Somebody is about to change the key, in a transaction that locks its keys first. The lock is gone when that \
                is committed or rolled back, and at the latest when the time is over that its owner gave it (20 seconds, if \
                he gave none). The command tried again until its deadline.",
    }
}
