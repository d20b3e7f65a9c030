//! What looking around finds.

super::texts! {
    DigestsDiffer {
        title: "replicas hold different data",
        state: "at least one replica is wrong; nothing was changed",
        hint: "{cli} cluster digest   # once more, then keep the data directories and logs of all members",
        story: "Every replica of a group must hold the same data at the same index. Two digests of one index and \
                timestamp differ, so one replica has lost or invented something. The group shown by the majority is \
                more likely right, but do not wipe anything before the cause is known.",
    }
    LeakFound {
        title: "planted bytes were found in files",
        state: "nothing was changed; the files named tell what was written there",
        hint: "{cli} encryption status   # shows whether the cluster seals what it writes, and what is still clear",
        story: "A canary stands in a file as it is, in hexadecimal or in Base64. Where values are sealed and what was \
                written before was rewritten and erased, none may. Findings in encryption/ or under a name of another \
                program point to whoever wrote them.",
    }
    BadCanaries {
        title: "the file of canaries is not one",
        state: "nothing was searched",
        hint: "{cli} scan leak --help   # shows what such a file holds",
        story: "Each line is hex:DIGITS, base64:LETTERS or text:LETTERS; empty lines and those that begin with # say \
                nothing. A canary has at least 8 bytes, and no two begin with the same 16. The message names the line and \
                never repeats it.",
    }
    StageFailed {
        title: "a stage of the demonstration did not come out as it should",
        state: "no cluster but that of the demonstration was touched",
        hint: "{cli} demo walk --keep   # and look at the nodes' own words in its directory",
        story: "The demonstration judges each of its stages. The message names the stage, what was wanted, and what came of \
                it. Without --keep nothing is left of its nodes; with it their directories and logs stay.",
    }
    PatientIll {
        title: "the doctor found something that does not work now",
        state: "what each finding means for the data stands with it",
        hint: "{cli} doctor",
        story: "Of all that `doctor` looks at, at least one thing is broken now, rather than soon. Each finding has its own \
                code, what it means, and a command to type. Warnings and notes alone end with 0, warnings with 4 where \
                --fail-on warn is given.",
    }
    ClocksApart {
        title: "a member's clock is apart from the others'",
        state: "no stamp moves by it; times in histories and the ends of leases of locks do",
        hint: "look at the time service of that machine: chronyc tracking, or timedatectl",
        story: "Members are compared with each other, so this machine's clock does not matter. Half a second is worth a \
                look; beyond ten seconds the gates of steps on keys refuse.",
    }
    CertificateEnds {
        title: "a node's certificate expires soon",
        state: "once it has expired, clients and members refuse the node",
        hint: "make another one and put it in its place by renaming; no restart is needed",
        story: "Nodes look at their certificates once a second and take new ones over while they run.",
    }
    JobStands {
        title: "a job makes no progress",
        state: "what it has done stays done; it goes on by itself when it can",
        hint: "{cli} encryption rewrite status",
        story: "A job always says what it waits for: a member that is away, room on a disk, clients that come first. This one \
                has waited for more than five minutes, or somebody paused it.",
    }
    OperationStands {
        title: "an operation on keys takes very long",
        state: "nothing is half done; other operations on keys have to wait for it",
        hint: "{cli} encryption history",
        story: "Operations take seconds. One that is under way for more than five minutes waits for something, mostly for a \
                member that is away; it is given up at its deadline.",
    }
    BackupOld {
        title: "a backup is older than a week",
        state: "it has nothing of what was written since",
        hint: "{cli} backup create DIR",
        story: "The directory was named with --backup, and its manifest tells when it was taken. The cluster itself knows \
                of no backups.",
    }
    NoSpareVoter {
        title: "no voter can be spared",
        state: "when one more goes, nothing can be written until it is back",
        hint: "bring back the silent ones, or add voters: {cli} cluster add-learner NAME ADDRESS",
        story: "Just as many voters answer as a majority needs. Three voters survive the loss of one, five of two.",
    }
    NotLookedAt {
        title: "something could not be looked at",
        state: "whether anything is wrong with it is not known",
        hint: "{cli} doctor   # again, once what stood in the way is gone",
        story: "The leader moved, a member was silent, or time ran out, so a part of the examination did not take place. What \
                was found is true, and more may be wrong. A backup or a wrapping key that nobody named is not counted here.",
    }
    NotAllSealed {
        title: "not everything is sealed",
        state: "what is not sealed is in clear on the disks of the nodes",
        hint: "{cli} encryption status",
        story: "Encryption begins in steps: keys, then values, then the log, then a rewrite of what was there before. This \
                cluster is on its way.",
    }
}
