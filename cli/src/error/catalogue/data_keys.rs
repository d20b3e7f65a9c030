//! Data keys.

super::texts! {
    UnknownKeyId {
        title: "no data key has this id",
        state: "nothing was changed",
        hint: "{cli} encryption keys list --all",
        story: "A key is given by its id in decimal or hexadecimal (0x...), or by the beginning of one of them if no \
                other key's begins so.",
    }
    AmbiguousKeyId {
        title: "more than one data key fits",
        state: "nothing was changed",
        hint: "{cli} encryption keys list   # and give more of the id",
        story: "The beginning of an id is enough if one key's id alone begins so.",
    }
    KeyUnfit {
        title: "the data key is not in the state, or for the purpose, that this takes",
        state: "nothing was changed",
        hint: "{cli} encryption keys list",
        story: "A key is installed, active, retiring, closed and retired, in this order, and serves storage or the raft \
                log, never both. Another operation may have moved it since it was looked at.",
    }
    KeyIdUsed {
        title: "this id belonged to a key before",
        state: "nothing was changed",
        hint: "leave the id out, so that the server draws one",
        story: "Ids of keys are never used twice, not even after a key is retired.",
    }
    EpochRollback {
        title: "the node was registered with a later epoch than it has now",
        state: "nothing was changed",
        hint: "remove the member, empty its disk, and add it under a new name",
        story: "At each start a node counts on, under every key, and the cluster remembers how far. One that comes with \
                an earlier count, or with the same one from another start, has its disk or a part of it put back: \
                what it would seal could repeat nonces. It is not let in.",
    }
    EpochNearlyExhausted {
        title: "a node can not start much more often under its key",
        state: "data is safe",
        hint: "{cli} encryption rotate-dek --purpose storage   # and --purpose raft",
        story: "A node can start 65535 times under one key. The leader rotates by itself before that; a new key begins \
                at zero.",
    }
    KeyNotOpen {
        title: "a member has a data key that is not open",
        state: "data is safe; what is sealed under the key waits on this member",
        hint: "look at what keeps the KEK, and at that node's log",
        story: "The node knows the key but has not unwrapped it: its KEK is out of reach, or is another one than \
                wrapped the key. It tries again and again, and goes on by itself. What is open stays open meanwhile.",
    }
    KeyMismatch {
        title: "a wrapped data key is not the one it should be",
        state: "nothing was changed",
        hint: "leave wrapped keys out, so that the server makes them",
        story: "What was supplied as a wrapped key does not open with the cluster's KEK, or holds another key than its \
                commitment says.",
    }
    TooManyKeys {
        title: "the cluster holds as many data keys as it can",
        state: "nothing was changed",
        hint: "{cli} encryption keys list   # some have to retire first",
        story: "A cluster holds 256 keys that are not retired, since every node keeps all of them in one file.",
    }
    NonceBudgetLow {
        title: "a node has nearly used up its nonces under a key",
        state: "data is safe; the node takes its next epoch when they are used up",
        hint: "{cli} encryption rotate-dek --purpose storage   # or --purpose raft",
        story: "One start of one node seals four thousand million times under one key, then counts as another start. \
                The leader rotates by itself at nine tenths of it.",
    }
    KeyOld {
        title: "a data key is active for longer than 90 days",
        state: "data is safe",
        hint: "{cli} encryption rotate-dek --purpose storage   # or --purpose raft",
        story: "A key that seals for a shorter time gives away less when it becomes known. Rotating costs nothing but a \
                row in the table of keys.",
    }
    BadEpoch {
        title: "a local epoch is out of range, or not the node's own",
        state: "nothing was changed",
        hint: "leave epochs out, so that the server asks the node",
        story: "An epoch is a number up to 65535, counted by the node itself. Nobody else can make one up.",
    }
    UnsealedRow {
        title: "a value is clear where every value was found sealed",
        state: "it was put there by nobody of ours: read no further before you know by whom",
        hint: "{cli} encryption status --verify   # counts them on every member",
        story: "After a rewrite a member remembers that it holds no clear value. One that is clear all the same was not \
                written by elastickv: somebody changed the files. The value is not given to its reader.",
    }
    RowsUnopened {
        title: "values do not open and were left as they are",
        state: "the others are sealed anew; whoever reads one of these is told that it is damaged",
        hint: "{cli} cluster digest   # tells whether the other members have them whole",
        story: "A rewrite opens each old value before it seals it anew. One that does not open was damaged or forged; it \
                stays as it is, so that its reader is told.",
    }
    ClearRowsFound {
        title: "values were found that should not be there",
        state: "nothing was changed by this command",
        hint: "{cli} encryption rewrite   # seals what is clear or under an old key",
        story: "Counting every value of every member found clear ones after a rewrite, ones under a key that was replaced \
                before a rewrite ended, ones under a key that the cluster does not hold, or ones that are no values at all. \
                The message says how many and where.",
    }
    BudgetEnds {
        title: "a budget of a data key ends soon",
        state: "data is safe; the leader rotates by itself before nonces or starts end",
        hint: "{cli} encryption rotate-dek --purpose storage   # or --purpose raft",
        story: "A key is good for so many nonces of one start of a node, so many starts of a node, and for as long as you want \
                it to be used. At the rate that was measured, or given, one of them ends within the time that was asked for.",
    }
}
