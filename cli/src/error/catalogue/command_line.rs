//! The command line.

super::texts! {
    Usage {
        title: "the command line is not understood",
        state: "nothing was sent",
        hint: "{cli} --help",
        story: "An argument is unknown, missing, or has a value that can not be read. Nothing was sent to the cluster. \
                Every command prints its arguments and examples with --help.",
    }
    UnknownMember {
        title: "no member has this name",
        state: "nothing was sent",
        hint: "{cli} cluster members",
        story: "A member is given by its whole name or by its address, as `cluster members` shows them; never by a \
                part of the name, so that n1 can not become n10. What fits none is refused.",
    }
    AmbiguousMember {
        title: "more than one member fits",
        state: "nothing was sent",
        hint: "{cli} cluster members",
        story: "An address was given that several members advertise. Give the member's name instead, and look into \
                how two nodes came to the same address.",
    }
    BadInput {
        title: "a key or value can not be read",
        state: "nothing was sent",
        hint: "{cli} kv --help",
        story: "The text is not valid in the notation it was said to be in (--keys, --values: text, escaped, hex, \
                base64), or a file it should come from can not be read or is too long.",
    }
    UnknownCode {
        title: "there is no such error code",
        state: "nothing was sent",
        hint: "{cli} explain",
        story: "`explain` without an argument lists every code. Codes are written EK-1003; 1003 and the name, \
                NoQuorum, are understood too.",
    }
    ConfirmationNeeded {
        title: "this step can not be undone and was not confirmed",
        state: "nothing was sent",
        hint: "run it on a terminal, or add --yes --expect-cluster NAME",
        story: "Steps that can not be undone ask for the cluster's name on a terminal. Where there is none, a script \
                gives both --yes and --expect-cluster NAME; --yes alone is not enough, because it does not say which \
                cluster the author had in mind.",
    }
    Declined {
        title: "not confirmed",
        state: "nothing was sent",
        hint: "run it again and type the cluster's name as it is shown",
        story: "The name typed at the prompt is not the cluster's name, or the prompt was left.",
    }
    Interrupted {
        title: "interrupted",
        state: "nothing was sent that changes anything",
        hint: "run it again",
        story: "SIGINT (exit 130) arrived before the command had sent anything that changes data. Had it sent \
                something, the exit status would be 13 (EK-1007).",
    }
    Terminated {
        title: "ended by a signal",
        state: "nothing was sent that changes anything",
        hint: "run it again",
        story: "SIGTERM (exit 143) arrived before the command had sent anything that changes data. Had it sent \
                something, the exit status would be 13 (EK-1007).",
    }
    BadName {
        title: "a name or an address is not one",
        state: "nothing was taken in",
        hint: "{cli} cluster add-learner --help",
        story: "A node's name begins with a letter or digit and holds letters, digits, '.', '_' and '-'. An address \
                is host:port, [v6]:port for IPv6.",
    }
    LocalFile {
        title: "a local file can not be written",
        state: "the cluster is not affected",
        hint: "check the path, its permissions and the room left on the disk",
        story: "The command's result could not be written to a file or to standard output on this machine. A command \
                that changes something had done so by then: look at the cluster's state before repeating it.",
    }
    BadContextFile {
        title: "the file of contexts can not be understood",
        state: "nothing was sent",
        hint: "mend the line that is named, or go without: --context none",
        story: "The file of contexts ($XDG_CONFIG_HOME/elastickv/admin.yaml) has a key or a value that is none, is \
                missing where there is no home directory, or could have been written by others (chmod 600). A key that \
                is not known is refused rather than passed over, because a protection that is spelt wrong would \
                protect nothing. Commands that need no cluster work all the same, and so does --context none.",
    }
    UnknownContext {
        title: "there is no such context",
        state: "nothing was sent",
        hint: "{cli} context list",
        story: "A context is given by its whole name: with --context, in ELASTICKV_CONTEXT or as the argument of \
                `context`. `context add` writes one down.",
    }
    ContextExists {
        title: "there is a context of that name already",
        state: "nothing was changed",
        hint: "{cli} context show NAME   # then add --replace to write over it",
        story: "`context add` writes over a context only with --replace: its pinned id and its protection would be gone.",
    }
    ContextFileBusy {
        title: "somebody else is changing the file of contexts",
        state: "nothing was changed",
        hint: "run it again",
        story: "Another `elastickv-admin context` has held the lock beside the file for seconds. The lock goes with the \
                process that holds it.",
    }
    ProtectedContext {
        title: "the context is protected, and the change was not confirmed",
        state: "nothing was sent that changes anything",
        hint: "run it on a terminal with --reason TEXT, or add --expect-cluster NAME",
        story: "In a protected context every change wants a reason, which goes into the history or the servers' audit, \
                and the cluster's name: typed on a terminal, or given as --expect-cluster. Steps that can not be undone \
                want --yes besides, as they do everywhere.",
    }
    UnknownKind {
        title: "there is no such kind of document",
        state: "nothing was sent",
        hint: "{cli} schema --list",
        story: "`schema` takes the name that stands in a document's field `kind`, written as it is there.",
    }
    BadLogLevel {
        title: "this is no level of the log",
        state: "the nodes log what they did before",
        hint: "{cli} cluster log-level debug --for 10m",
        story: "A level is error, warn, info, debug or trace. A single part of the server is given as its name and a level, \
                such as elastickv_log=debug, several with commas. Other programs' parts are not brought below info while a \
                node runs, since they could print what users store; a day is the longest time.",
    }
    Unexpected {
        title: "an answer this program does not understand",
        state: "read the message; when in doubt, look at the data before repeating the command",
        hint: "{cli} version   # and compare with the BUILD column of: {cli} cluster status",
        story: "A node answered with an error this build has no name for. Usually the servers are newer than this \
                program.",
    }
}
