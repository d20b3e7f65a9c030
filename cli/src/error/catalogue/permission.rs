//! Who one is, and what that allows.

super::texts! {
    Unauthenticated {
        title: "the cluster does not know who you are",
        state: "nothing was taken in",
        hint: "give --tls-cert and --tls-key, or --token-file; the servers' access file has to list you",
        story: "Each node knows whoever its access file lists: certificates by their common name, tokens by their hash. \
                Nothing was shown, or what was shown is not listed there, or the certificate has expired. A token counts \
                alone, whatever certificate is shown with it.",
    }
    NotPermitted {
        title: "you may not do this",
        state: "nothing was taken in",
        hint: "ask whoever keeps the servers' access file for the role that the message names",
        story: "The node knows who you are, and your roles do not allow this call: read and write are for keys, operate \
                for snapshots, rewriting, draining, handing over and backups, admin for keys of the encryption and for \
                members. No role contains another one. Roles are read from the access file anew when it changes, so \
                repeating the command is enough. Calls between nodes need a node's certificate.",
    }
    BadCredentials {
        title: "a certificate, a key or a token can not be used",
        state: "nothing was sent",
        hint: "look at the file that the message names, and at what it says of its owner and mode",
        story: "A file given by --tls-ca, --tls-cert, --tls-key or --token-file can not be read, is not what it should be, \
                or could have been read or written by others. Keys and tokens are yours alone (chmod 600), or root's and \
                readable for its group at most (0640, 0440), as orchestrators mount them. Certificates must not be \
                writable by others, and all but those of --tls-ca have to be yours or root's. For `certs` it is the \
                authority's files.",
    }
    CredentialExists {
        title: "a file of that name is there already",
        state: "nothing was made",
        hint: "choose another directory, or move the old files away",
        story: "`certs` makes files and never replaces one: a key that is overwritten is gone. Make the new certificate \
                somewhere else and put it in its place by renaming; servers take it over without a restart.",
    }
}
