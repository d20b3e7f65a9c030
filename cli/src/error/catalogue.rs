//! The catalogue of errors and warnings: every code this program can print, with its texts.
//!
//! A code is for life: scripts and runbooks name it. The hundreds group the codes by subject (00 the command line, 10
//! connecting, 11 permission, 12 refusals by the rules, 13 data keys, 14 sidecars, 15 wrapping keys, 16 waiting and jobs,
//! 17 data directories and backups, 19 keys and values, 20 findings). `explain`, the four lines on stderr, the JSON
//! envelope and the table in docs/cli.md all read the entries below and nothing else.

use super::{Entry, Exit};

macro_rules! catalogue {
    ($($name:ident $number:literal $exit:ident {
        title: $title:literal,
        state: $state:literal,
        hint: $hint:literal,
        story: $story:literal $(,)?
    })+) => {
        /// A stable error code, written `EK-1003`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Code {
            $(#[doc = $title] $name,)+
        }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            pub fn entry(self) -> &'static Entry {
                match self {
                    $(Code::$name => &Entry {
                        number: $number,
                        name: stringify!($name),
                        exit: Exit::$exit,
                        title: $title,
                        state: $state,
                        hint: $hint,
                        story: $story,
                    },)+
                }
            }
        }
    };
}

catalogue! {
    Usage 1 Usage {
        title: "the command line is not understood",
        state: "nothing was sent",
        hint: "{cli} --help",
        story: "An argument is unknown, missing, or has a value that can not be read. Nothing was sent to the cluster. \
                Every command prints its arguments and examples with --help.",
    }
    UnknownMember 2 Usage {
        title: "no member has this name",
        state: "nothing was sent",
        hint: "{cli} cluster members",
        story: "A member is given by its whole name or by its address, as `cluster members` shows them; never by a \
                part of the name, so that n1 can not become n10. What fits none is refused.",
    }
    AmbiguousMember 3 Usage {
        title: "more than one member fits",
        state: "nothing was sent",
        hint: "{cli} cluster members",
        story: "An address was given that several members advertise. Give the member's name instead, and look into \
                how two nodes came to the same address.",
    }
    BadInput 4 Usage {
        title: "a key or value can not be read",
        state: "nothing was sent",
        hint: "{cli} kv --help",
        story: "The text is not valid in the notation it was said to be in (--keys, --values: text, escaped, hex, \
                base64), or a file it should come from can not be read or is too long.",
    }
    UnknownCode 5 Usage {
        title: "there is no such error code",
        state: "nothing was sent",
        hint: "{cli} explain",
        story: "`explain` without an argument lists every code. Codes are written EK-1003; 1003 and the name, \
                NoQuorum, are understood too.",
    }
    ConfirmationNeeded 6 Usage {
        title: "this step can not be undone and was not confirmed",
        state: "nothing was sent",
        hint: "run it on a terminal, or add --yes --expect-cluster NAME",
        story: "Steps that can not be undone ask for the cluster's name on a terminal. Where there is none, a script \
                gives both --yes and --expect-cluster NAME; --yes alone is not enough, because it does not say which \
                cluster the author had in mind.",
    }
    Declined 7 Declined {
        title: "not confirmed",
        state: "nothing was sent",
        hint: "run it again and type the cluster's name as it is shown",
        story: "The name typed at the prompt is not the cluster's name, or the prompt was left.",
    }
    Interrupted 8 Interrupted {
        title: "interrupted",
        state: "nothing was sent that changes anything",
        hint: "run it again",
        story: "SIGINT (exit 130) arrived before the command had sent anything that changes data. Had it sent \
                something, the exit status would be 13 (EK-1007).",
    }
    Terminated 9 Terminated {
        title: "ended by a signal",
        state: "nothing was sent that changes anything",
        hint: "run it again",
        story: "SIGTERM (exit 143) arrived before the command had sent anything that changes data. Had it sent \
                something, the exit status would be 13 (EK-1007).",
    }
    BadName 10 Usage {
        title: "a name or an address is not one",
        state: "nothing was taken in",
        hint: "{cli} cluster add-learner --help",
        story: "A node's name begins with a letter or digit and holds letters, digits, '.', '_' and '-'. An address \
                is host:port, [v6]:port for IPv6.",
    }
    LocalFile 11 Unexpected {
        title: "a local file can not be written",
        state: "the cluster is not affected",
        hint: "check the path, its permissions and the room left on the disk",
        story: "The command's result could not be written to a file or to standard output on this machine. A command \
                that changes something had done so by then: look at the cluster's state before repeating it.",
    }
    BadContextFile 12 Usage {
        title: "the file of contexts can not be understood",
        state: "nothing was sent",
        hint: "mend the line that is named, or go without: --context none",
        story: "The file of contexts ($XDG_CONFIG_HOME/elastickv/admin.yaml) has a key or a value that is none, is \
                missing where there is no home directory, or could have been written by others (chmod 600). A key that \
                is not known is refused rather than passed over, because a protection that is spelt wrong would \
                protect nothing. Commands that need no cluster work all the same, and so does --context none.",
    }
    UnknownContext 13 Usage {
        title: "there is no such context",
        state: "nothing was sent",
        hint: "{cli} context list",
        story: "A context is given by its whole name: with --context, in ELASTICKV_CONTEXT or as the argument of \
                `context`. `context add` writes one down.",
    }
    ContextExists 14 Refused {
        title: "there is a context of that name already",
        state: "nothing was changed",
        hint: "{cli} context show NAME   # then add --replace to write over it",
        story: "`context add` writes over a context only with --replace: its pinned id and its protection would be gone.",
    }
    ContextFileBusy 15 Conflict {
        title: "somebody else is changing the file of contexts",
        state: "nothing was changed",
        hint: "run it again",
        story: "Another `elastickv-admin context` has held the lock beside the file for seconds. The lock goes with the \
                process that holds it.",
    }
    ProtectedContext 16 Usage {
        title: "the context is protected, and the change was not confirmed",
        state: "nothing was sent that changes anything",
        hint: "run it on a terminal with --reason TEXT, or add --expect-cluster NAME",
        story: "In a protected context every change wants a reason, which goes into the history or the servers' audit, \
                and the cluster's name: typed on a terminal, or given as --expect-cluster. Steps that can not be undone \
                want --yes besides, as they do everywhere.",
    }
    UnknownKind 17 Usage {
        title: "there is no such kind of document",
        state: "nothing was sent",
        hint: "{cli} schema --list",
        story: "`schema` takes the name that stands in a document's field `kind`, written as it is there.",
    }
    BadLogLevel 20 Usage {
        title: "this is no level of the log",
        state: "the nodes log what they did before",
        hint: "{cli} cluster log-level debug --for 10m",
        story: "A level is error, warn, info, debug or trace. A single part of the server is given as its name and a level, \
                such as elastickv_log=debug, several with commas. Other programs' parts are not brought below info while a \
                node runs, since they could print what users store; a day is the longest time.",
    }
    Unexpected 99 Unexpected {
        title: "an answer this program does not understand",
        state: "read the message; when in doubt, look at the data before repeating the command",
        hint: "{cli} version   # and compare with the BUILD column of: {cli} cluster status",
        story: "A node answered with an error this build has no name for. Usually the servers are newer than this \
                program.",
    }
    CannotConnect 1001 NotConnected {
        title: "no endpoint can be reached",
        state: "nothing was sent",
        hint: "elastickv-admin cluster status --endpoint HOST:PORT   # with the gRPC address of a node that runs",
        story: "No connection came about with any endpoint given by --endpoint or ELASTICKV_ENDPOINT, nor with any \
                member learnt from them. The message says why for each: 'refused' means that nothing listens there, \
                'no connection within ...' that packets are dropped or the host is down. Also: when the message \
                names an address nobody gave, it is what a node advertises (--advertise) and it has to be reachable \
                from here.",
    }
    NoLeader 1002 NotConnected {
        title: "the cluster has no leader",
        state: "nothing was taken in; reads with --stale still work",
        hint: "{cli} cluster wait --for leader   # cluster status shows which members are silent",
        story: "The members that answer know no leader. During an election that lasts a second or two; when it stays \
                that way, too few voters can reach each other. `cluster status` shows which are silent. A group of \
                three voters needs two, a group of five needs three.",
    }
    NoQuorum 1003 NotConnected {
        title: "the leader hears from too few voters",
        state: "nothing was taken in; acknowledged writes are safe; reads with --stale still work",
        hint: "{cli} cluster status   # start the silent members, then: {cli} cluster wait --for leader",
        story: "A write needs a majority of the voters. The leader refuses new ones as long as it does not hear from \
                a majority, so nothing of yours is half done. Bring back the silent voters with their own data \
                directories. Never start a wiped voter under its old name: the cluster refuses it.",
    }
    NotReady 1004 NotConnected {
        title: "the node does not serve yet",
        state: "nothing was taken in",
        hint: "{cli} cluster wait --for ready",
        story: "The node answers but does not take requests: it is starting, catching up with the log, or its disk \
                gives trouble. The reason stands in the message and in the READY column of `cluster status`.",
    }
    NotElastickv 1005 NotConnected {
        title: "what answers there is not an elastickv node, or one of another age",
        state: "nothing was taken in",
        hint: "check the port: the gRPC port is wanted, not the one for metrics",
        story: "The peer accepted the connection but does not know the service asked for. Most often the port of the \
                metrics listener was given instead of the gRPC port.",
    }
    NoAnswer 1006 NotConnected {
        title: "no answer in time",
        state: "nothing was changed by this command",
        hint: "repeat it with a longer --timeout or --deadline",
        story: "A question was sent and no answer came within --timeout (for one call) or --deadline (for the whole \
                command). Only reads end with this code; a write without an answer is EK-1007.",
    }
    OutcomeUnknown 1007 OutcomeUnknown {
        title: "sent, but no answer: it may have happened",
        state: "the change is done or not done, never half done",
        hint: "repeat the command with the same --op-id",
        story: "The request left this machine, and the connection or the time ended before an answer came. It may be \
                applied already, it may be applied a moment later, or never. Writes of keys were repeated until \
                --deadline, with an id by which they take effect once. Repeat the command with the same --op-id, and \
                the servers will know it again: it takes effect if it had not, and answers what it did if it had.",
    }
    Busy 1008 NotConnected {
        title: "the cluster takes in no more for the moment",
        state: "nothing was taken in",
        hint: "repeat it later, or with a longer --deadline",
        story: "The node's queue is full and it refuses rather than lets requests pile up. This program repeated the \
                request with growing pauses until --deadline.",
    }
    LeaderMoved 1009 NotConnected {
        title: "the leader could not be found",
        state: "nothing was taken in",
        hint: "{cli} cluster wait --for leader",
        story: "Every node asked pointed to another one until the time was over, or named a leader without saying \
                where it is. Leadership is moving, or the addresses the members advertise are wrong.",
    }
    MemberUnreachable 1010 NotConnected {
        title: "the cluster can not reach that node",
        state: "nothing was changed",
        hint: "check that it runs and that its address can be reached from the leader",
        story: "The leader tried to talk to the node named in the message and failed. What counts is the way from \
                the leader to that address, not the way from this machine.",
    }
    Partial 1011 Partial {
        title: "not every member answered or acted",
        state: "see the rows: each says what happened there",
        hint: "{cli} cluster status",
        story: "The command went to several members and some of them failed. Rows with an error did not act or did \
                not answer; the others did. Commands of this kind can be repeated.",
    }
    Draining 1012 NotConnected {
        title: "the node is drained",
        state: "nothing was taken in",
        hint: "{cli} cluster undrain NAME   # or use another endpoint",
        story: "An operator took the node out of service with `cluster drain`. Others serve in its place.",
    }
    ServerFault 1013 Unexpected {
        title: "a node stopped this part of itself after a fault",
        state: "acknowledged writes are safe on the other members",
        hint: "{cli} cluster status   # and read that node's log",
        story: "A disk error or damaged data made a replica stop rather than go on with wrong content. It will not \
                serve until it is restarted, and the fault is in its log. The other members go on if they are a \
                majority.",
    }
    TlsFailed 1014 NotConnected {
        title: "a certificate was not accepted",
        state: "nothing was taken in",
        hint: "compare the files given by --tls-ca, --tls-cert and --tls-key with those of the server",
        story: "Connections to this cluster are encrypted, and one side did not accept the other's certificate. Where \
                the message says that the server refused it, this program's certificate is of an authority that the \
                server does not believe, or it has expired. Else it is the server's that does not do: UnknownIssuer is \
                an authority that --tls-ca does not have, NotValidForName a host that the certificate is not for (dial \
                another name, or give --tls-server-name), Expired speaks for itself. A message about a corrupt message \
                or a wrong version means that the node speaks without TLS.",
    }
    Unauthenticated 1101 NotPermitted {
        title: "the cluster does not know who you are",
        state: "nothing was taken in",
        hint: "give --tls-cert and --tls-key, or --token-file; the servers' access file has to list you",
        story: "Each node knows whoever its access file lists: certificates by their common name, tokens by their hash. \
                Nothing was shown, or what was shown is not listed there, or the certificate has expired. A token counts \
                alone, whatever certificate is shown with it.",
    }
    NotPermitted 1102 NotPermitted {
        title: "you may not do this",
        state: "nothing was taken in",
        hint: "ask whoever keeps the servers' access file for the role that the message names",
        story: "The node knows who you are, and your roles do not allow this call: read and write are for keys, operate \
                for snapshots, rewriting, draining, handing over and backups, admin for keys of the encryption and for \
                members. No role contains another one. Roles are read from the access file anew when it changes, so \
                repeating the command is enough. Calls between nodes need a node's certificate.",
    }
    BadCredentials 1103 Usage {
        title: "a certificate, a key or a token can not be used",
        state: "nothing was sent",
        hint: "look at the file that the message names: is it there, in PEM, and yours alone (chmod 600)?",
        story: "A file given by --tls-ca, --tls-cert, --tls-key or --token-file can not be read, is not what it should be, \
                or could have been read or written by others. Keys and tokens are for their owner alone (mode 0600 or \
                0400), certificates must not be writable by others. For `certs` it is the authority's files.",
    }
    CredentialExists 1104 Refused {
        title: "a file of that name is there already",
        state: "nothing was made",
        hint: "choose another directory, or move the old files away",
        story: "`certs` makes files and never replaces one: a key that is overwritten is gone. Make the new certificate \
                somewhere else and put it in its place by renaming; servers take it over without a restart.",
    }
    GateRefused 1201 Refused {
        title: "the check before this step found what stands in its way",
        state: "nothing changed",
        hint: "mend what the rows name, then: {cli} encryption check GATE",
        story: "Before a step that can not be undone, the leader asks every voter and every learner whether they are \
                fit for it, and waits for no one's word but their own. All that blocks is named at once: a member \
                that is silent, whose build is too old, that was started without encryption, whose KEK does not open \
                what the leader wrapped, whose state differs. A silent member is either brought back or removed \
                first. `encryption check` makes the same judgement at any time and changes nothing.",
    }
    GateWarns 1202 Warnings {
        title: "the check before this step has something to remark",
        state: "the step is allowed",
        hint: "{cli} encryption check GATE",
        story: "Nothing blocks the step, but something is close to doing so, or will be missed later: little room, \
                clocks that are apart, an epoch that runs out, a member that a rotation has to leave behind.",
    }
    MemberSilent 1203 Partial {
        title: "a member does not answer",
        state: "data is safe as long as a majority of the voters answers",
        hint: "start it again with its own data directory, or replace it",
        story: "The member is part of the cluster and did not answer this program in time. `cluster status` says \
                since when the leader has not heard from it. One silent voter of three, or two of five, stop nothing; \
                one more does. If its disk is lost, remove it and add a new node under a new name.",
    }
    ForeignCluster 1204 Refused {
        title: "that node belongs to another cluster",
        state: "nothing was changed",
        hint: "{cli} cluster status   # with each endpoint by itself",
        story: "Two ids of clusters met where one was expected: the endpoints lead to different clusters, or a node \
                that already belongs somewhere else should be added here. A node changes clusters only by starting \
                with an empty data directory and a new name.",
    }
    WrongNode 1205 Refused {
        title: "another node answers at that address",
        state: "nothing was changed",
        hint: "{cli} cluster members   # and compare the addresses",
        story: "At the member's address a node answers that has another name or another data directory than the \
                membership says. Either the address is wrong, or the member's disk was replaced: then remove the \
                member and add the node under a new name.",
    }
    NodeNameUsed 1206 Refused {
        title: "this name belonged to another node before",
        state: "nothing was changed",
        hint: "start the new node with a fresh name and add that",
        story: "Names of nodes are never used twice, not even after a removal: a node that comes back without its \
                log would break promises it made under that name.",
    }
    NotAVoter 1207 Refused {
        title: "that member has no vote",
        state: "nothing was changed",
        hint: "{cli} cluster promote NAME",
        story: "Only voters can lead. A learner becomes a voter with `cluster promote` once it has caught up.",
    }
    AlreadyAMember 1208 Refused {
        title: "it is a member already, but differently",
        state: "nothing was changed",
        hint: "{cli} cluster members",
        story: "A member of this name exists with another address or another part in the cluster than asked for.",
    }
    LastVoter 1209 Refused {
        title: "the last voter can not go",
        state: "nothing was changed",
        hint: "{cli} cluster add-learner NAME ADDRESS   # promote it, then remove this one",
        story: "Without voters the cluster would be gone. Add and promote a successor before this one is removed.",
    }
    LaggingLearner 1210 Refused {
        title: "the member has not caught up",
        state: "nothing was changed",
        hint: "{cli} cluster wait --for learner-caught-up=NAME",
        story: "A learner that is far behind would cost the cluster its majority the moment it gets a vote, and a \
                voter far behind would stop writes while it takes the lead. Wait until the LAG column is small.",
    }
    MembershipConflict 1211 Conflict {
        title: "the membership changed meanwhile",
        state: "nothing was changed by this command",
        hint: "{cli} cluster members   # then decide again",
        story: "The change was meant for a membership that is no longer in effect: another change came in between. \
                Look at the members and run the command again if it still makes sense.",
    }
    ChangeInProgress 1212 Conflict {
        title: "another change of the membership is under way",
        state: "nothing was changed by this command",
        hint: "{cli} cluster wait --for ready   # then run it again",
        story: "Members are changed one at a time. The earlier change has to be agreed by a majority first.",
    }
    ClusterMismatch 1213 Refused {
        title: "this is not the cluster you expected",
        state: "nothing was changed",
        hint: "{cli} cluster status",
        story: "--expect-cluster names another cluster than the endpoints lead to. Check the endpoints before \
                anything else.",
    }
    StorageFull 1214 Refused {
        title: "the disk is full down to its reserve",
        state: "nothing was taken in; reads and deletes go on",
        hint: "{cli} cluster status -o wide   # shows the room on each node",
        story: "A node keeps a reserve of free space so that it can always shut down and recover cleanly. Below it, \
                writes are refused until there is room again.",
    }
    NoSuccessor 1215 Refused {
        title: "no other voter can take the lead",
        state: "nothing was changed; the leader leads on",
        hint: "{cli} cluster status",
        story: "Handing leadership over needs another voter that answers and is close enough to the leader's log.",
    }
    MemberNotReady 1216 Warnings {
        title: "a member answers but does not serve",
        state: "data is safe as long as a majority of the voters serves",
        hint: "{cli} cluster wait --for healthy",
        story: "The member is starting, catching up, drained, or in trouble; the message gives its reasons.",
    }
    MemberLagging 1217 Warnings {
        title: "a member is far behind the leader",
        state: "data is safe; stale reads from this member are old",
        hint: "{cli} cluster wait --for applied=INDEX",
        story: "The LAG column counts the entries the leader has committed and this member has not applied. It grows \
                when the member was away, when its disk is slow, or while it receives a snapshot.",
    }
    ReplicaFault 1218 Warnings {
        title: "a replica stopped after a fault",
        state: "data is safe as long as a majority of the voters serves",
        hint: "read that node's log",
        story: "The node met a disk error or damaged data and stopped the replica on purpose. The fault's text stands \
                in the message and in the node's log.",
    }
    DiskLow 1219 Warnings {
        title: "a member's disk is nearly full",
        state: "writes are refused once the reserve is reached",
        hint: "{cli} cluster snapshot --purge --member NAME   # or make room otherwise",
        story: "Free space is close to or below the reserve at which the node refuses writes.",
    }
    MixedBuilds 1220 Warnings {
        title: "members run different builds",
        state: "fine during an upgrade",
        hint: "{cli} cluster status   # shows the builds; finish the upgrade",
        story: "More than one build answers. That is how a rolling upgrade looks halfway; it is not meant to last.",
    }
    TwoLeaders 1221 Warnings {
        title: "two members say they lead",
        state: "only the one with the higher term can commit anything",
        hint: "{cli} cluster wait --for leader",
        story: "For a moment after an election the former leader may not know yet that it was replaced. When it \
                lasts, the two can not reach each other.",
    }
    Stranger 1222 Warnings {
        title: "a node answers that is not a member",
        state: "it holds no part of this cluster's data that counts",
        hint: "{cli} cluster add-learner NAME ADDRESS   # or stop that node",
        story: "An endpoint leads to a node that waits to be invited, or that was removed from the cluster.",
    }
    MembershipPending 1223 Warnings {
        title: "a change of the membership is not agreed yet",
        state: "the former membership still counts until a majority agrees",
        hint: "{cli} cluster wait --for ready",
        story: "The leader has proposed another membership and waits for a majority to have it in its logs.",
    }
    EndpointSilent 1224 Warnings {
        title: "an endpoint that was given does not answer",
        state: "nothing depends on it",
        hint: "remove it from --endpoint or ELASTICKV_ENDPOINT",
        story: "One of several endpoints does not answer, and no member has that address. The command used the others.",
    }
    ChangeRefused 1225 Refused {
        title: "the change of the membership is not possible",
        state: "nothing was changed",
        hint: "{cli} cluster members",
        story: "The leader refused the change; the message says why. The membership is what it was.",
    }
    NodeIdCollision 1226 Refused {
        title: "the name has the same short id as another one",
        state: "nothing was changed",
        hint: "give the new node another name",
        story: "Of every node's name a short id is computed, and two members may not have the same one. It is a \
                coincidence; any other name will most likely do.",
    }
    InvitationRefused 1227 Refused {
        title: "the new node does not take the invitation",
        state: "nothing was changed",
        hint: "start the node with --join and an empty data directory, then run this again",
        story: "Only a node that was started with --join and belongs to no cluster yet can be added. The message \
                says what the node answered.",
    }
    HandOverFailed 1228 Refused {
        title: "the successor did not take over",
        state: "no data is affected; an election may follow, and the old leader may win it",
        hint: "{cli} cluster wait --for leader   # then run it again",
        story: "The leader asked a voter to take over and it did not within the time allowed. Writes are taken in \
                again as soon as there is a leader, which may be the old one.",
    }
    PinnedOtherwise 1229 Refused {
        title: "another cluster answers than the context pins",
        state: "that node was asked for nothing but its name",
        hint: "{cli} context test   # then, if the cluster was replaced on purpose: context add NAME --endpoint HOST:PORT --pin --replace",
        story: "The context names the id of the one cluster that it is about, and the node at the endpoint belongs to \
                another: an address was given away, a tunnel leads elsewhere, or the cluster was built anew. Nothing but \
                the question who it is was sent there. Other endpoints are not tried, because an endpoint that leads \
                elsewhere has to be put right first.",
    }
    OperationRunning 1240 Conflict {
        title: "another operation on the encryption is under way",
        state: "nothing was changed by this command",
        hint: "{cli} encryption status   # shows it; run this again once it is over",
        story: "Keys and stage are changed by one operation at a time. Each has a deadline, after which a leader ends \
                it, so none is in the way for ever. `encryption status` shows what it waits for.",
    }
    OperationGivenUp 1241 Partial {
        title: "the operation was given up at its deadline",
        state: "the steps it took stay; none is half done",
        hint: "{cli} encryption status   # then run the command again: it goes on from there",
        story: "An operation that does not come to its end in time is ended by the leader, so that another one can \
                begin. What it did until then stays, and running the command anew, without --op-id, goes on from \
                there.",
    }
    OperationIdSpent 1242 Usage {
        title: "the operation id can not be used",
        state: "nothing was changed by this command",
        hint: "leave --op-id out, so that a new one is drawn",
        story: "An id acts once. This one belongs to another operation, or is so old that the history knows nothing of \
                it any more, or does not tell when it was drawn (a UUID of version 7 does), or claims to be of the \
                future.",
    }
    OperationRefused 1243 Refused {
        title: "the operation was refused",
        state: "the refused step changed nothing",
        hint: "{cli} encryption history   # and: {cli} encryption status",
        story: "The replicas decided against it, for the reason in the message. The decision is the same on all of \
                them, and it stands in the history.",
    }
    UnknownOperation 1244 Usage {
        title: "no operation of this id is known",
        state: "nothing was changed",
        hint: "{cli} encryption history",
        story: "Neither is an operation of this id under way, nor is there a record of one.",
    }
    NotBootstrapped 1245 Refused {
        title: "the cluster has no data keys yet",
        state: "nothing was changed",
        hint: "{cli} encryption enable-storage-envelope   # makes them on the way; or: {cli} encryption bootstrap",
        story: "This step needs data keys. `encryption bootstrap` makes them, and `enable-storage-envelope` does so on \
                its way.",
    }
    BootstrappedOtherwise 1246 Refused {
        title: "the cluster has data keys already, and others",
        state: "nothing was changed",
        hint: "{cli} encryption keys list",
        story: "Keys were supplied to bootstrap a cluster that was bootstrapped with other ones. The first ones stay.",
    }
    NotCapable 1247 Refused {
        title: "a node is not able to take part in encryption",
        state: "nothing was changed",
        hint: "start it with --encryption-enabled and the cluster's KEK, then: {cli} encryption status",
        story: "The node was started without encryption, without a KEK, or is of a build that knows none. In a cluster \
                that is encrypted, or is about to be, every member has to be able to read what the others seal.",
    }
    NotRegistered 1248 Refused {
        title: "a node is not registered as a writer",
        state: "nothing was changed",
        hint: "{cli} encryption register-writer NODE",
        story: "A node seals under a key only once the cluster knows of it, so that no two ever use the same nonces. \
                Nodes register by themselves at each start; when that failed, `register-writer` repeats it.",
    }
    NoWayBack 1249 Refused {
        title: "encryption can not be switched off",
        state: "nothing was changed",
        hint: "dump and reload, as the steps above say",
        story: "What is sealed stays sealed: a way back would have to trust every disk, log and snapshot that was \
                written meanwhile, and a mistake on it would show only when a value does not open any more. The way \
                out is a dump, loaded into a cluster without encryption. The dump is clear text: keep it where the \
                values may be, and destroy it afterwards.",
    }
    NotSettled 1250 Refused {
        title: "a member has not opened or applied what this step needs",
        state: "nothing was changed",
        hint: "{cli} encryption status   # then run this again",
        story: "The cluster is between two states: a key is installed but not open on enough members, or a cutover has \
                not been applied everywhere. It passes by itself unless a member is silent or its KEK out of reach.",
    }
    UnknownKeyId 1301 Usage {
        title: "no data key has this id",
        state: "nothing was changed",
        hint: "{cli} encryption keys list --all",
        story: "A key is given by its id in decimal or hexadecimal (0x...), or by the beginning of one of them if no \
                other key's begins so.",
    }
    AmbiguousKeyId 1302 Usage {
        title: "more than one data key fits",
        state: "nothing was changed",
        hint: "{cli} encryption keys list   # and give more of the id",
        story: "The beginning of an id is enough if one key's id alone begins so.",
    }
    KeyUnfit 1303 Refused {
        title: "the data key is not in the state, or for the purpose, that this takes",
        state: "nothing was changed",
        hint: "{cli} encryption keys list",
        story: "A key is installed, active, retiring, closed and retired, in this order, and serves storage or the raft \
                log, never both. Another operation may have moved it since it was looked at.",
    }
    KeyIdUsed 1304 Refused {
        title: "this id belonged to a key before",
        state: "nothing was changed",
        hint: "leave the id out, so that the server draws one",
        story: "Ids of keys are never used twice, not even after a key is retired.",
    }
    EpochRollback 1305 Refused {
        title: "the node was registered with a later epoch than it has now",
        state: "nothing was changed",
        hint: "remove the member, empty its disk, and add it under a new name",
        story: "At each start a node counts on, under every key, and the cluster remembers how far. One that comes with \
                an earlier count, or with the same one from another start, has its disk or a part of it put back: \
                what it would seal could repeat nonces. It is not let in.",
    }
    EpochNearlyExhausted 1306 Warnings {
        title: "a node can not start much more often under its key",
        state: "data is safe",
        hint: "{cli} encryption rotate-dek --purpose storage   # and --purpose raft",
        story: "A node can start 65535 times under one key. The leader rotates by itself before that; a new key begins \
                at zero.",
    }
    KeyNotOpen 1307 Warnings {
        title: "a member has a data key that is not open",
        state: "data is safe; what is sealed under the key waits on this member",
        hint: "look at what keeps the KEK, and at that node's log",
        story: "The node knows the key but has not unwrapped it: its KEK is out of reach, or is another one than \
                wrapped the key. It tries again and again, and goes on by itself. What is open stays open meanwhile.",
    }
    KeyMismatch 1308 Refused {
        title: "a wrapped data key is not the one it should be",
        state: "nothing was changed",
        hint: "leave wrapped keys out, so that the server makes them",
        story: "What was supplied as a wrapped key does not open with the cluster's KEK, or holds another key than its \
                commitment says.",
    }
    TooManyKeys 1309 Refused {
        title: "the cluster holds as many data keys as it can",
        state: "nothing was changed",
        hint: "{cli} encryption keys list   # some have to retire first",
        story: "A cluster holds 256 keys that are not retired, since every node keeps all of them in one file.",
    }
    NonceBudgetLow 1310 Warnings {
        title: "a node has nearly used up its nonces under a key",
        state: "data is safe; the node takes its next epoch when they are used up",
        hint: "{cli} encryption rotate-dek --purpose storage   # or --purpose raft",
        story: "One start of one node seals four thousand million times under one key, then counts as another start. \
                The leader rotates by itself at nine tenths of it.",
    }
    KeyOld 1311 Warnings {
        title: "a data key is active for longer than 90 days",
        state: "data is safe",
        hint: "{cli} encryption rotate-dek --purpose storage   # or --purpose raft",
        story: "A key that seals for a shorter time gives away less when it becomes known. Rotating costs nothing but a \
                row in the table of keys.",
    }
    BadEpoch 1312 Usage {
        title: "a local epoch is out of range, or not the node's own",
        state: "nothing was changed",
        hint: "leave epochs out, so that the server asks the node",
        story: "An epoch is a number up to 65535, counted by the node itself. Nobody else can make one up.",
    }
    UnsealedRow 1313 FaultFound {
        title: "a value is clear where every value was found sealed",
        state: "it was put there by nobody of ours: read no further before you know by whom",
        hint: "{cli} encryption status --verify   # counts them on every member",
        story: "After a rewrite a member remembers that it holds no clear value. One that is clear all the same was not \
                written by elastickv: somebody changed the files. The value is not given to its reader.",
    }
    RowsUnopened 1314 Warnings {
        title: "values do not open and were left as they are",
        state: "the others are sealed anew; whoever reads one of these is told that it is damaged",
        hint: "{cli} cluster digest   # tells whether the other members have them whole",
        story: "A rewrite opens each old value before it seals it anew. One that does not open was damaged or forged; it \
                stays as it is, so that its reader is told.",
    }
    ClearRowsFound 1315 FaultFound {
        title: "values were found that should not be there",
        state: "nothing was changed by this command",
        hint: "{cli} encryption rewrite   # seals what is clear or under an old key",
        story: "Counting every value of every member found clear ones after a rewrite, ones under a key that was replaced \
                before a rewrite ended, ones under a key that the cluster does not hold, or ones that are no values at all. \
                The message says how many and where.",
    }
    BudgetEnds 1316 Warnings {
        title: "a budget of a data key ends soon",
        state: "data is safe; the leader rotates by itself before nonces or starts end",
        hint: "{cli} encryption rotate-dek --purpose storage   # or --purpose raft",
        story: "A key is good for so many nonces of one start of a node, so many starts of a node, and for as long as you want \
                it to be used. At the rate that was measured, or given, one of them ends within the time that was asked for.",
    }
    SidecarBehind 1401 Warnings {
        title: "a member's sidecar is behind what it has applied",
        state: "data is safe; the member would not start like this",
        hint: "{cli} encryption status   # again in a moment; then read that node's log",
        story: "The sidecar is the node's own copy of the wrapped keys, read at its start. It is written before what it \
                holds takes effect, so it is never behind but for a moment.",
    }
    SidecarMissing 1402 Warnings {
        title: "a member of an encrypted cluster has no sidecar",
        state: "data is safe on the other members",
        hint: "when the node is stopped: {cli} encryption resync-sidecar --data-dir DIR",
        story: "Without the file that holds its wrapped keys the node goes on as long as it runs, and does not start \
                again until the file is made anew of its own store or of the leader's state.",
    }
    DataDirRolledBack 1403 Refused {
        title: "a node's data directory, or a part of it, was put back",
        state: "nothing was changed; the node is kept out",
        hint: "remove the member, empty its disk, and add it under a new name",
        story: "Files in the directory contradict each other, or the cluster remembers more of the node than the node \
                itself. A disk that was put back breaks the promises that the node made with it, in the log and in \
                its nonces, and there is no flag to let it in.",
    }
    StateDiffers 1404 FaultFound {
        title: "two members differ in keys or stage at the same index",
        state: "at least one of them is wrong; nothing was changed",
        hint: "keep the data directories and logs of both, and change nothing about keys meanwhile",
        story: "Keys, their states and the cutovers follow from the log alone, so at one index they are the same on \
                every member. Two that differ have decided differently, or one of their disks is damaged.",
    }
    OwnStateUnreadable 1405 Refused {
        title: "the node's own files do not tell what keys there are",
        state: "nothing was written",
        hint: "name the cluster: --endpoint HOST:PORT of a member that runs",
        story: "A sidecar is made anew of the node's own store. It is missing, damaged, or of a time before there were \
                keys, so the leader has to tell, and the command was not told where the cluster is.",
    }
    SidecarUnfit 1406 Refused {
        title: "the sidecar can not be made anew from what there is",
        state: "nothing was written",
        hint: "the message names the key or the file; keep the directory as it is and ask for help with it",
        story: "What was to be recorded contradicts what is recorded: another key under the same id, or keys of another \
                cluster. No ordinary loss of a file leads there.",
    }
    OtherBuild 1407 Refused {
        title: "a file was written by another build",
        state: "nothing was read or changed",
        hint: "use the program of the release that wrote it, or a newer one",
        story: "The file names a version of its format that this build does not know, and it guesses at none.",
    }
    KekUnusable 1501 Kms {
        title: "the wrapping key can not be used",
        state: "nothing was read or changed in any cluster",
        hint: "mend what the message names, then {cli} kms check URI",
        story: "What is at the given place is not taken for a wrapping key: a file that others may read, of another \
                length or kind, a variable that is not set, a provider that refuses. It stays as it is until somebody \
                mends it. A key is 32 bytes in a regular file of mode 0600 or 0400 that belongs to the user who runs \
                this; `kms generate` makes one.",
    }
    KekUnavailable 1502 Kms {
        title: "the wrapping key can not be reached for now",
        state: "nothing was read or changed in any cluster",
        hint: "run it again in a while; look at what keeps the key",
        story: "Nothing is known to be wrong with the key itself: there was no answer in time, or the operating system \
                failed for a reason that may pass. A running node that has its data keys open goes on meanwhile.",
    }
    BadKekUri 1503 Usage {
        title: "this does not say where a wrapping key is",
        state: "nothing was read or changed",
        hint: "{cli} kms list-schemes",
        story: "A wrapping key is at file:/path or env:NAME. The text that was given is not repeated, because it may be \
                a secret that slipped into the wrong place.",
    }
    KekFileExists 1504 Refused {
        title: "there is a file already",
        state: "the file was not touched",
        hint: "choose another path; a wrapping key that is in use must never be overwritten",
        story: "`kms generate` makes a new file or none. A key that was replaced by another is a key that is lost, and \
                with it everything that was wrapped by it.",
    }
    KekIgnoresContext 1505 FaultFound {
        title: "the wrapping key does not bind keys to what they are for",
        state: "nothing was read or changed in any cluster",
        hint: "do not use this provider; see {cli} kms check --help",
        story: "A key that was wrapped for one cluster, id and purpose was unwrapped for another. Whoever can write to a \
                disk could then exchange keys unnoticed. The providers that ship with this program do not do that.",
    }
    KekInEnvironment 1506 Warnings {
        title: "the wrapping key is in the environment",
        state: "no data is affected; whoever may look at the process can read the key",
        hint: "{cli} kms generate FILE   # and give file:FILE instead",
        story: "The environment of a process can be read by its user and by root as long as it runs, is inherited by what \
                it starts, and ends up in dumps. It does for trials. For anything else keep the key in a file.",
    }
    KekMismatch 1507 Kms {
        title: "a data key does not open with this KEK",
        state: "nothing was changed",
        hint: "give every node the same KEK: {cli} encryption status -o wide",
        story: "The KEK that the node was started with is not the one that wrapped the key, or what is stored as the \
                wrapped key is damaged. During a change of the KEK, give the old one as --kek-previous.",
    }
    KeksDiffer 1508 Warnings {
        title: "members use different KEKs",
        state: "data is safe; fine during a change of the KEK",
        hint: "{cli} encryption rewrap-deks   # once every node has the new KEK and the previous one",
        story: "A KEK is changed node by node: each is restarted with the new one and the old one as --kek-previous, \
                then the data keys are wrapped anew, then the old one is left out.",
    }
    PreviousKekNeeded 1509 Warnings {
        title: "the previous KEK is still needed",
        state: "every data key has its new wrapping",
        hint: "{cli} encryption status   # says when the previous KEK may go",
        story: "A node that has not applied the new wrappings, or whose log or snapshot begins below them, would need \
                the previous KEK to come back. `cluster snapshot --all --purge` moves logs and snapshots on.",
    }
    WaitEnded 1601 StillGoing {
        title: "the time to wait is over",
        state: "nothing was changed; what was waited for may still come",
        hint: "{cli} cluster status   # or wait again with a longer --deadline",
        story: "`cluster wait` ended before its condition held. The message says what was still missing at the end.",
    }
    SnapshotFailed 1602 Unexpected {
        title: "the snapshot could not be written or read",
        state: "the data and the log are not affected; the last complete snapshot stays",
        hint: "read that node's log, then run it again",
        story: "Writing a snapshot failed on the node. It keeps its earlier snapshot and its log, so nothing is lost.",
    }
    OperationGoesOn 1603 StillGoing {
        title: "the operation goes on, or some member has yet to apply it",
        state: "it is done or will be; nothing has to be repeated",
        hint: "{cli} encryption status",
        story: "The command no longer waits: its time was over, it was told not to (--no-wait), or it was interrupted. \
                The servers go on by themselves. The same command with the same --op-id waits on and begins nothing \
                anew.",
    }
    JobGoesOn 1604 StillGoing {
        title: "the rewrite goes on",
        state: "the members work on by themselves; nothing has to be repeated",
        hint: "{cli} encryption rewrite status --watch",
        story: "The command no longer waits: its time was over, it was told not to (--no-wait), or it was interrupted. \
                Each member goes on by itself, also after a restart. `encryption rewrite status` says how far each one \
                is and what it waits for.",
    }
    NoSuchJob 1605 Usage {
        title: "there is no such rewrite",
        state: "nothing was changed",
        hint: "{cli} encryption rewrite status   # shows the one there is",
        story: "There is one rewrite at a time, and the last one is remembered until another begins.",
    }
    JobRunning 1606 Conflict {
        title: "another rewrite is under way",
        state: "nothing was changed by this command",
        hint: "{cli} encryption rewrite status --watch   # or cancel it, and run this again",
        story: "There is one rewrite at a time. It takes along what becomes old while it runs, so there is seldom a \
                reason to begin another one before it is over.",
    }
    JobOver 1607 Conflict {
        title: "the rewrite is over",
        state: "what it sealed stays sealed",
        hint: "{cli} encryption rewrite   # begins another one",
        story: "A rewrite that is finished or was cancelled is not taken up again. Another one looks at every row and \
                seals what the first one left.",
    }
    RowsNotSealed 1608 Refused {
        title: "values are not sealed yet",
        state: "nothing was changed",
        hint: "{cli} encryption enable-storage-envelope   # first",
        story: "A rewrite seals old values as new ones are sealed. Before the storage envelope is enabled no value is \
                sealed, so there is nothing to make old ones alike to.",
    }
    LogStillClear 1609 Warnings {
        title: "every value is sealed, and the log may hold some in clear",
        state: "whoever takes a member's log away may read values that were written lately",
        hint: "{cli} encryption enable-raft-envelope   # then rewrite once more",
        story: "A value is written to the log before it is stored. As long as entries of the log are not sealed, each \
                new value lies there in clear, whatever was removed before. Once they are, a rewrite removes the last \
                of them.",
    }
    DataDirInUse 1701 Conflict {
        title: "a process uses the data directory",
        state: "nothing was read or changed in it",
        hint: "stop the node that uses it, then run it again",
        story: "Commands that work on the files of a node take the directory's lock first, as the node itself does, and \
                another process holds it. Files that change while they are read tell nothing.",
    }
    NoDataDir 1702 Usage {
        title: "this is not the data directory of a member",
        state: "nothing was read or changed",
        hint: "give the directory that the node is started with: --data-dir",
        story: "The directory has no identity.json, a damaged one, or belongs to no cluster yet.",
    }
    NotAFile 1703 Warnings {
        title: "something that is no file was left out",
        state: "nothing was changed",
        hint: "find out what it is: elastickv makes files and directories only",
        story: "Pipes, sockets and devices hold nothing by themselves and are not read. A node makes none.",
    }
    BackupIncomplete 1710 FaultFound {
        title: "the backup is not whole",
        state: "nothing was changed",
        hint: "finish it: {cli} backup create DIR --resume; or use another one",
        story: "A backup gets its name and its manifest once everything else is there. Without a manifest, or without a \
                file that the manifest names, it is none, or somebody has removed a part.",
    }
    BackupMissingSidecar 1711 FaultFound {
        title: "the keys of the backup are missing",
        state: "nothing was changed; what is sealed in it can not be opened without them",
        hint: "look for keys.json in copies of the backup; without it use another backup",
        story: "Values in it are sealed under data keys, which come along, wrapped, in keys.json. Neither the data nor the \
                KEK replace them.",
    }
    BackupCutShort 1712 FaultFound {
        title: "a file of the backup ends too early",
        state: "nothing was changed",
        hint: "copy the backup again from where it was made, or use another one",
        story: "The manifest tells how long each file is. This one is shorter: a copy was interrupted, or a disk was full.",
    }
    BackupAltered 1713 FaultFound {
        title: "the backup is not what was written",
        state: "nothing was changed",
        hint: "use another copy, and find out what changed this one",
        story: "A checksum, or what a file holds, is not as it was when the backup was made. The checksums find accidents; \
                what is sealed can not be changed unnoticed by anybody without its key.",
    }
    BackupForeign 1714 FaultFound {
        title: "parts of different backups were put together",
        state: "nothing was changed",
        hint: "copy the whole directory from where it was made",
        story: "Each file is whole by itself, and they contradict each other: keys of another cluster, or data of another \
                moment than the manifest tells.",
    }
    BackupKeyMissing 1715 FaultFound {
        title: "a key that the backup needs is not in it",
        state: "nothing was changed; what is sealed under that key can not be opened",
        hint: "{cli} backup needs-keys DIR   # on an older backup, to look for one that has it",
        story: "Values are sealed under a data key that keys.json does not hold. A backup that was made by this program \
                always has all of them.",
    }
    BackupThere 1716 Refused {
        title: "there is a backup already",
        state: "nothing was changed",
        hint: "give another directory",
        story: "`backup create` overwrites nothing. One that was not finished stands beside, as DIR.partial, and --resume \
                goes on with it.",
    }
    NothingToResume 1717 Refused {
        title: "there is no unfinished backup to go on with",
        state: "nothing was changed",
        hint: "leave --resume out",
        story: "DIR.partial does not exist, or does not tell what it is of.",
    }
    BackupGone 1718 NotConnected {
        title: "what is to be fetched was replaced meanwhile",
        state: "nothing was changed; what was fetched so far is of no use",
        hint: "run it again, with more bandwidth or while less is written",
        story: "A backup is fetched from a snapshot, and a member keeps one at a time. A newer one took its place before the \
                whole was fetched. The command begins anew by itself and gives up after five times.",
    }
    DirectoryNotEmpty 1719 Refused {
        title: "the data directory is not empty",
        state: "nothing was changed",
        hint: "give an empty directory, or one in which a restore was interrupted",
        story: "A restore never mixes with what is there. What an interrupted restore has left is no node yet: it has \
                identity.json.restoring and no identity.json, is refused by every start, and is replaced when the \
                restore is repeated. All else that is in a directory is somebody's.",
    }
    BackupNeedsKey 1730 Warnings {
        title: "a backup needs the key that is to go",
        state: "the backup has the key in a wrapping of its own, and stays readable with the KEK that wrapped it there",
        hint: "keep that KEK as long as the backup, or take a new backup after the rewrite and remove this one",
        story: "A key that retires leaves the cluster, and not what was copied before: a backup brings its keys along, \
                wrapped as they were when it was taken. Rewrapping in the cluster does not reach it. So whoever has the \
                backup and that KEK can read it, and nobody else, after the key has retired as before. If the key retires \
                because others know it, the backup has to go as well.",
    }
    BackupOfAnother 1731 Usage {
        title: "the backup is of another cluster",
        state: "nothing was changed",
        hint: "name backups of this cluster; their MANIFEST.json tells of which they are",
        story: "Keys are told apart by ids that each cluster draws for itself. What a backup of another cluster has under the \
                same id is another key.",
    }
    StoreUnfit 1740 Warnings {
        title: "a node's store does not open",
        state: "the next start sets it aside and builds it again of the last snapshot and the log",
        hint: "start the node, and look at its row: {cli} cluster status",
        story: "The files of the store are damaged or missing. What was acknowledged is in the log and in the last \
                snapshot, and on the other members. A disk that damages files once does it again: look at it.",
    }
    LogUnfit 1741 FaultFound {
        title: "a node's log can not be read",
        state: "data is safe as long as a majority of the other voters has it",
        hint: "remove the member, empty its disk, and add it under a new name",
        story: "The log is what a node promised its leader to have. One that is damaged before its end can not be mended \
                by leaving a part out: the node would break its promise. `cluster remove` and `add-learner` make a new \
                member of the machine.",
    }
    SetAside 1742 Warnings {
        title: "something old is kept beside the data",
        state: "nothing depends on it",
        hint: "the next rewrite or retirement removes it",
        story: "What was replaced is kept until it is known that nobody needs it: a store that did not open, a sidecar \
                that was made anew. Keys that have retired since may still be wrapped there.",
    }
    RestoreUnfinished 1743 FaultFound {
        title: "a restore has not come to its end",
        state: "no node starts on this directory",
        hint: "repeat the command with the same words: {cli} backup restore --help",
        story: "A directory is a node's only once everything is in it, and not before: a restore that was interrupted is \
                repeated.",
    }
    KeyTooLarge 1901 Usage {
        title: "the key is too long",
        state: "nothing was taken in",
        hint: "use a shorter key",
        story: "Keys have a limit, given in the message.",
    }
    ValueTooLarge 1902 Usage {
        title: "the value is too long",
        state: "nothing was taken in",
        hint: "split the value over several keys",
        story: "Values have a limit, given in the message.",
    }
    EmptyKey 1903 Usage {
        title: "the empty key can not be used",
        state: "nothing was taken in",
        hint: "give a key of at least one byte",
        story: "An empty key means the beginning or the end of a range and can not hold a value.",
    }
    BadRequestId 1904 Usage {
        title: "the operation id is not one",
        state: "nothing was taken in",
        hint: "pass --op-id exactly as it was printed, or leave it out",
        story: "An operation id is a UUID of version 7, which tells when it was drawn: servers remember ids for a \
                while, and have to know which ones they can not remember any more.",
    }
    UnknownGroup 1905 Usage {
        title: "there is no such group",
        state: "nothing was taken in",
        hint: "leave --group out for the control group",
        story: "Data is held by numbered groups; the number given is none of them on that node.",
    }
    KeyNotFound 1906 Usage {
        title: "there is no such key",
        state: "the key has no value at the moment asked for",
        hint: "{cli} kv scan --prefix KEY",
        story: "`kv get` found no value: the key was never written or has been deleted. An empty value is a value and \
                is not reported like this.",
    }
    ScanLimited 1907 Warnings {
        title: "the limit ended the scan before the keys did",
        state: "what was printed is right, but not all there is",
        hint: "--limit 0 fetches everything",
        story: "`kv scan` stops at --limit pairs, 1000 unless told otherwise. There are more keys in the range.",
    }
    PagesOfManyMoments 1908 Warnings {
        title: "the pages of a scan may be of different moments",
        state: "each page is right by itself",
        hint: "fetch everything in one page: --page-size 100000",
        story: "The node did not say at which timestamp it read the first page, so the following pages were read at \
                their own. Writes made meanwhile may be seen in a later page and not in an earlier one.",
    }
    Conflict 1909 Conflict {
        title: "somebody else changed what the transaction has read",
        state: "nothing was changed by this command",
        hint: "run it again, or with more --retries",
        story: "A transaction takes effect only if nobody has written, since the moment it reads at, a key that it has \
                read or checked. `kv txn` begins anew when that happens, --retries times. Many of them at the same \
                keys get in each other's way.",
    }
    ConditionFailed 1910 Refused {
        title: "the key is not what the write depends on",
        state: "nothing was changed",
        hint: "{cli} kv history KEY   # shows the versions and their timestamps",
        story: "--if-version, or a check of a transaction, says which value has to be there, by its commit timestamp, or \
                that there has to be none. The message says what was found. Read again, decide again, and write with \
                the timestamp that was read.",
    }
    ReadTimestampCompacted 1911 Refused {
        title: "the moment lies too far back",
        state: "nothing was changed; newer moments can be read",
        hint: "leave --at out, or name a later moment",
        story: "Versions that were replaced are kept for a while (the server's --gc-retention) and collected then. What \
                was asked for needs versions that may be gone. The message names the oldest moment that can be read. \
                An export keeps its moment readable while it goes on, a day at most; one that was interrupted for longer \
                than a minute may have to begin anew.",
    }
    ReadInFuture 1912 Refused {
        title: "the moment has not come yet",
        state: "nothing was changed",
        hint: "leave --at out",
        story: "The timestamp lies ahead of the cluster's clock by more than clocks may differ. Usually it is not a \
                timestamp of this cluster: they are milliseconds since 1970, times 65536.",
    }
    RequestExpired 1913 OutcomeUnknown {
        title: "the operation's id is too old to be known again",
        state: "it took effect when it was first sent, or it did not; never half of it",
        hint: "look at the data first; to send it as a new operation, leave --op-id out",
        story: "Servers remember the ids of the last quarter of a million writes. This one is older than what they \
                remember, so whether it took effect before can not be told, and it was not done now.",
    }
    BadToken 1914 Unexpected {
        title: "a scan can not go on from there",
        state: "nothing was changed",
        hint: "begin the scan anew",
        story: "A page of a scan ends with a token from which the next one goes on. The one that was sent does not \
                belong to this scan or is damaged.",
    }
    WriteTooLarge 1915 Usage {
        title: "the write is too large",
        state: "nothing was taken in",
        hint: "split it into several",
        story: "What one transaction reads and writes is limited, in number and in bytes. The limit and what was found \
                stand in the message.",
    }
    BadExpiry 1916 Usage {
        title: "the time a value is to live can not be counted",
        state: "nothing was taken in",
        hint: "give a shorter --ttl",
        story: "The moment at which the value would be over lies beyond what timestamps can express, or it was given twice.",
    }
    BadTransaction 1917 Unexpected {
        title: "a part of a transaction is missing",
        state: "nothing was taken in",
        hint: "{cli} version   # and compare with the BUILD column of: {cli} cluster status",
        story: "What was sent names reads without their moment, or a change that is none. This program does not send \
                that; perhaps a newer one would.",
    }
    BadScript 1918 Usage {
        title: "a line of the script is not understood",
        state: "nothing was sent",
        hint: "{cli} kv txn --help",
        story: "The message names the line. A line is get KEY, put KEY VALUE, delete KEY or check KEY and what it has to \
                be. A key with blanks stands in double quotes.",
    }
    BadExport 1919 Usage {
        title: "the file is not an export",
        state: "nothing was sent of what follows the line that is named; what came before it is written",
        hint: "{cli} kv export --help   # shows what such a file holds",
        story: "The first line has to tell what was exported, each line after it is one pair, keys come in order, and the \
                last line tells how many there are. The message names the line where it is otherwise.",
    }
    ExportThere 1920 Refused {
        title: "there is a file already",
        state: "the file was not touched",
        hint: "go on with it: --resume; or give another name",
        story: "`kv export` overwrites nothing. With --resume it goes on with a file that was not finished.",
    }
    ExportCutShort 1921 Partial {
        title: "the exported file ends before its end",
        state: "the pairs that are in the file are written",
        hint: "finish the export with --resume and import again with --resume",
        story: "The last line of an export tells how many pairs it holds, and this file has none, or another number. It was \
                cut short, by the export or later.",
    }
    ImportUnfinished 1922 Refused {
        title: "an earlier import of this file was not finished",
        state: "nothing was sent",
        hint: "go on with it: --resume; or remove FILE.progress and begin anew",
        story: "Beside the file stands how far an import of it has come. With --resume it goes on there, and sends what \
                may have been sent before under the same id, so that it takes effect once.",
    }
    RequestAhead 1923 Refused {
        title: "the operation's id was drawn in the future",
        state: "nothing was taken in",
        hint: "set this machine's clock, then run it again without --op-id",
        story: "An operation's id tells when it was drawn, and this one was drawn long after the time it is in the cluster. \
                The clock of this machine, or of the one that drew the id, is ahead.",
    }
    KeyLocked 1924 Conflict {
        title: "a transaction has locked the key",
        state: "nothing was changed by this command",
        hint: "run it again, or with a longer --deadline",
        story: "Somebody is about to change the key, in a transaction that locks its keys first. The lock is gone when that \
                is committed or rolled back, and at the latest when the time is over that its owner gave it (20 seconds, if \
                he gave none). The command tried again until its deadline.",
    }
    DigestsDiffer 2001 FaultFound {
        title: "replicas hold different data",
        state: "at least one replica is wrong; nothing was changed",
        hint: "{cli} cluster digest   # once more, then keep the data directories and logs of all members",
        story: "Every replica of a group must hold the same data at the same index. Two digests of one index and \
                timestamp differ, so one replica has lost or invented something. The group shown by the majority is \
                more likely right, but do not wipe anything before the cause is known.",
    }
    LeakFound 2002 FaultFound {
        title: "planted bytes were found in files",
        state: "nothing was changed; the files named tell what was written there",
        hint: "{cli} encryption status   # shows whether the cluster seals what it writes, and what is still clear",
        story: "A canary stands in a file as it is, in hexadecimal or in Base64. Where values are sealed and what was \
                written before was rewritten and erased, none may. Findings in encryption/ or under a name of another \
                program point to whoever wrote them.",
    }
    BadCanaries 2003 Usage {
        title: "the file of canaries is not one",
        state: "nothing was searched",
        hint: "{cli} scan leak --help   # shows what such a file holds",
        story: "Each line is hex:DIGITS, base64:LETTERS or text:LETTERS; empty lines and those that begin with # say \
                nothing. A canary has at least 8 bytes, and no two begin with the same 16. The message names the line and \
                never repeats it.",
    }
    StageFailed 2004 FaultFound {
        title: "a stage of the demonstration did not come out as it should",
        state: "no cluster but that of the demonstration was touched",
        hint: "{cli} demo walk --keep   # and look at the nodes' own words in its directory",
        story: "The demonstration judges each of its stages. The message names the stage, what was wanted, and what came of \
                it. Without --keep nothing is left of its nodes; with it their directories and logs stay.",
    }
    PatientIll 2010 FaultFound {
        title: "the doctor found something that does not work now",
        state: "what each finding means for the data stands with it",
        hint: "{cli} doctor",
        story: "Of all that `doctor` looks at, at least one thing is broken now, rather than soon. Each finding has its own \
                code, what it means, and a command to type. Warnings and notes alone end with 0, warnings with 4 where \
                --fail-on warn is given.",
    }
    ClocksApart 2011 Warnings {
        title: "a member's clock is apart from the others'",
        state: "no stamp moves by it; times in histories and the ends of leases of locks do",
        hint: "look at the time service of that machine: chronyc tracking, or timedatectl",
        story: "Members are compared with each other, so this machine's clock does not matter. Half a second is worth a \
                look; beyond ten seconds the gates of steps on keys refuse.",
    }
    CertificateEnds 2012 Warnings {
        title: "a node's certificate expires soon",
        state: "once it has expired, clients and members refuse the node",
        hint: "make another one and put it in its place by renaming; no restart is needed",
        story: "Nodes look at their certificates once a second and take new ones over while they run.",
    }
    JobStands 2013 Warnings {
        title: "a job makes no progress",
        state: "what it has done stays done; it goes on by itself when it can",
        hint: "{cli} encryption rewrite status",
        story: "A job always says what it waits for: a member that is away, room on a disk, clients that come first. This one \
                has waited for more than five minutes, or somebody paused it.",
    }
    OperationStands 2014 Warnings {
        title: "an operation on keys takes very long",
        state: "nothing is half done; other operations on keys have to wait for it",
        hint: "{cli} encryption history",
        story: "Operations take seconds. One that is under way for more than five minutes waits for something, mostly for a \
                member that is away; it is given up at its deadline.",
    }
    BackupOld 2015 Warnings {
        title: "a backup is older than a week",
        state: "it has nothing of what was written since",
        hint: "{cli} backup create DIR",
        story: "The directory was named with --backup, and its manifest tells when it was taken. The cluster itself knows \
                of no backups.",
    }
    NoSpareVoter 2016 Warnings {
        title: "no voter can be spared",
        state: "when one more goes, nothing can be written until it is back",
        hint: "bring back the silent ones, or add voters: {cli} cluster add-learner NAME ADDRESS",
        story: "Just as many voters answer as a majority needs. Three voters survive the loss of one, five of two.",
    }
    NotAllSealed 2017 Warnings {
        title: "not everything is sealed",
        state: "what is not sealed is in clear on the disks of the nodes",
        hint: "{cli} encryption status",
        story: "Encryption begins in steps: keys, then values, then the log, then a rewrite of what was there before. This \
                cluster is on its way.",
    }
}
