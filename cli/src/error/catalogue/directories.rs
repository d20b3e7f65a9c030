//! Data directories and backups.

super::texts! {
    DataDirInUse {
        title: "a process uses the data directory",
        state: "nothing was read or changed in it",
        hint: "stop the node that uses it, then run it again",
        story: "Commands that work on the files of a node take the directory's lock first, as the node itself does, and \
                another process holds it. Files that change while they are read tell nothing.",
    }
    NoDataDir {
        title: "this is not the data directory of a member",
        state: "nothing was read or changed",
        hint: "give the directory that the node is started with: --data-dir",
        story: "The directory has no identity.json, a damaged one, or belongs to no cluster yet.",
    }
    NotAFile {
        title: "something that is no file was left out",
        state: "nothing was changed",
        hint: "find out what it is: elastickv makes files and directories only",
        story: "Pipes, sockets and devices hold nothing by themselves and are not read. A node makes none.",
    }
    OtherUser {
        title: "the data directory is another user's",
        state: "nothing was read or changed",
        hint: "run it as the user that the node runs as: runuser -u USER -- COMMAND",
        story: "Opening the parts of a data directory makes files in it, which would belong to whoever opens them, and the \
                node could then not use its own directory. Also root runs such commands as the node's user. A wrapping key \
                that only root can read is handed over as systemd hands it to the node; the operator guide has the command.",
    }
    BackupIncomplete {
        title: "the backup is not whole",
        state: "nothing was changed",
        hint: "finish it: {cli} backup create DIR --resume; or use another one",
        story: "A backup gets its name and its manifest once everything else is there. Without a manifest, or without a \
                file that the manifest names, it is none, or somebody has removed a part.",
    }
    BackupMissingSidecar {
        title: "the keys of the backup are missing",
        state: "nothing was changed; what is sealed in it can not be opened without them",
        hint: "look for keys.json in copies of the backup; without it use another backup",
        story: "Values in it are sealed under data keys, which come along, wrapped, in keys.json. Neither the data nor the \
                KEK replace them.",
    }
    BackupCutShort {
        title: "a file of the backup ends too early",
        state: "nothing was changed",
        hint: "copy the backup again from where it was made, or use another one",
        story: "The manifest tells how long each file is. This one is shorter: a copy was interrupted, or a disk was full.",
    }
    BackupAltered {
        title: "the backup is not what was written",
        state: "nothing was changed",
        hint: "use another copy, and find out what changed this one",
        story: "A checksum, or what a file holds, is not as it was when the backup was made. The checksums find accidents; \
                what is sealed can not be changed unnoticed by anybody without its key.",
    }
    BackupForeign {
        title: "parts of different backups were put together",
        state: "nothing was changed",
        hint: "copy the whole directory from where it was made",
        story: "Each file is whole by itself, and they contradict each other: keys of another cluster, or data of another \
                moment than the manifest tells.",
    }
    BackupKeyMissing {
        title: "a key that the backup needs is not in it",
        state: "nothing was changed; what is sealed under that key can not be opened",
        hint: "{cli} backup needs-keys DIR   # on an older backup, to look for one that has it",
        story: "Values are sealed under a data key that keys.json does not hold. A backup that was made by this program \
                always has all of them.",
    }
    BackupThere {
        title: "there is a backup already",
        state: "nothing was changed",
        hint: "give another directory",
        story: "`backup create` overwrites nothing. One that was not finished stands beside, as DIR.partial, and --resume \
                goes on with it.",
    }
    NothingToResume {
        title: "there is no unfinished backup to go on with",
        state: "nothing was changed",
        hint: "leave --resume out",
        story: "DIR.partial does not exist, or does not tell what it is of.",
    }
    BackupGone {
        title: "what is to be fetched was replaced meanwhile",
        state: "nothing was changed; what was fetched so far is of no use",
        hint: "run it again, with more bandwidth or while less is written",
        story: "A backup is fetched from a snapshot, and a member keeps one at a time. A newer one took its place before the \
                whole was fetched. The command begins anew by itself and gives up after five times.",
    }
    DirectoryNotEmpty {
        title: "the data directory is not empty",
        state: "nothing was changed",
        hint: "give an empty directory, or one in which a restore was interrupted",
        story: "A restore never mixes with what is there. What an interrupted restore has left is no node yet: it has \
                identity.json.restoring and no identity.json, is refused by every start, and is replaced when the \
                restore is repeated. All else that is in a directory is somebody's.",
    }
    BackupNeedsKey {
        title: "a backup needs the key that is to go",
        state: "the backup has the key in a wrapping of its own, and stays readable with the KEK that wrapped it there",
        hint: "keep that KEK as long as the backup, or take a new backup after the rewrite and remove this one",
        story: "A key that retires leaves the cluster, and not what was copied before: a backup brings its keys along, \
                wrapped as they were when it was taken. Rewrapping in the cluster does not reach it. So whoever has the \
                backup and that KEK can read it, and nobody else, after the key has retired as before. If the key retires \
                because others know it, the backup has to go as well.",
    }
    BackupOfAnother {
        title: "the backup is of another cluster",
        state: "nothing was changed",
        hint: "name backups of this cluster; their MANIFEST.json tells of which they are",
        story: "Keys are told apart by ids that each cluster draws for itself. What a backup of another cluster has under the \
                same id is another key.",
    }
    StoreUnfit {
        title: "a node's store does not open",
        state: "the next start sets it aside and builds it again of the last snapshot and the log",
        hint: "start the node, and look at its row: {cli} cluster status",
        story: "The files of the store are damaged or missing. What was acknowledged is in the log and in the last \
                snapshot, and on the other members. A disk that damages files once does it again: look at it.",
    }
    LogUnfit {
        title: "a node's log can not be read",
        state: "data is safe as long as a majority of the other voters has it",
        hint: "remove the member, empty its disk, and add it under a new name",
        story: "The log is what a node promised its leader to have. One that is damaged before its end can not be mended \
                by leaving a part out: the node would break its promise. `cluster remove` and `add-learner` make a new \
                member of the machine.",
    }
    SetAside {
        title: "something old is kept beside the data",
        state: "nothing depends on it",
        hint: "the next rewrite or retirement removes it",
        story: "What was replaced is kept until it is known that nobody needs it: a store that did not open, a sidecar \
                that was made anew. Keys that have retired since may still be wrapped there.",
    }
    RestoreUnfinished {
        title: "a restore has not come to its end",
        state: "no node starts on this directory",
        hint: "repeat the command with the same words: {cli} backup restore --help",
        story: "A directory is a node's only once everything is in it, and not before: a restore that was interrupted is \
                repeated.",
    }
}
