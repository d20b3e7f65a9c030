//! Wrapping keys, and where they are kept.

super::texts! {
    KekUnusable {
        title: "the wrapping key can not be used",
        state: "nothing was read or changed in any cluster",
        hint: "mend what the message names, then {cli} kms check URI",
        story: "What is at the given place is not taken for a wrapping key: a file that others may read, of another \
                length or kind, a variable that is not set, a provider that refuses. It stays as it is until somebody \
                mends it. A key is 32 bytes in a regular file of mode 0600 or 0400 that belongs to the user who runs \
                this; `kms generate` makes one.",
    }
    KekUnavailable {
        title: "the wrapping key can not be reached for now",
        state: "nothing was read or changed in any cluster",
        hint: "run it again in a while; look at what keeps the key",
        story: "Nothing is known to be wrong with the key itself: there was no answer in time, or the operating system \
                failed for a reason that may pass. A running node that has its data keys open goes on meanwhile.",
    }
    BadKekUri {
        title: "this does not say where a wrapping key is",
        state: "nothing was read or changed",
        hint: "{cli} kms list-schemes",
        story: "A wrapping key is at file:/path or env:NAME. The text that was given is not repeated, because it may be \
                a secret that slipped into the wrong place.",
    }
    KekFileExists {
        title: "there is a file already",
        state: "the file was not touched",
        hint: "choose another path; a wrapping key that is in use must never be overwritten",
        story: "`kms generate` makes a new file or none. A key that was replaced by another is a key that is lost, and \
                with it everything that was wrapped by it.",
    }
    KekIgnoresContext {
        title: "the wrapping key does not bind keys to what they are for",
        state: "nothing was read or changed in any cluster",
        hint: "do not use this provider; see {cli} kms check --help",
        story: "A key that was wrapped for one cluster, id and purpose was unwrapped for another. Whoever can write to a \
                disk could then exchange keys unnoticed. The providers that ship with this program do not do that.",
    }
    KekInEnvironment {
        title: "the wrapping key is in the environment",
        state: "no data is affected; whoever may look at the process can read the key",
        hint: "{cli} kms generate FILE   # and give file:FILE instead",
        story: "The environment of a process can be read by its user and by root as long as it runs, is inherited by what \
                it starts, and ends up in dumps. It does for trials. For anything else keep the key in a file.",
    }
    KekMismatch {
        title: "a data key does not open with this KEK",
        state: "nothing was changed",
        hint: "give every node the same KEK: {cli} encryption status -o wide",
        story: "The KEK that the node was started with is not the one that wrapped the key, or what is stored as the \
                wrapped key is damaged. During a change of the KEK, give the old one as --kek-previous.",
    }
    KeksDiffer {
        title: "members use different KEKs",
        state: "data is safe; fine during a change of the KEK",
        hint: "{cli} encryption rewrap-deks   # once every node has the new KEK and the previous one",
        story: "A KEK is changed node by node: each is restarted with the new one and the old one as --kek-previous, \
                then the data keys are wrapped anew, then the old one is left out.",
    }
    PreviousKekNeeded {
        title: "the previous KEK is still needed",
        state: "every data key has its new wrapping",
        hint: "{cli} encryption status   # says when the previous KEK may go",
        story: "A node that has not applied the new wrappings, or whose log or snapshot begins below them, would need \
                the previous KEK to come back. `cluster snapshot --all --purge` moves logs and snapshots on.",
    }
}
