//! Connecting, and answers that do not come.

super::texts! {
    CannotConnect {
        title: "no endpoint can be reached",
        state: "nothing was sent",
        hint: "elastickv-admin cluster status --endpoint HOST:PORT   # with the gRPC address of a node that runs",
        story: "No connection came about with any endpoint given by --endpoint or ELASTICKV_ENDPOINT, nor with any \
                member learnt from them. The message says why for each: 'refused' means that nothing listens there, \
                'no connection within ...' that packets are dropped or the host is down. Also: when the message \
                names an address nobody gave, it is what a node advertises (--advertise) and it has to be reachable \
                from here.",
    }
    NoLeader {
        title: "the cluster has no leader",
        state: "nothing was taken in; reads with --stale still work",
        hint: "{cli} cluster wait --for leader   # cluster status shows which members are silent",
        story: "The members that answer know no leader. During an election that lasts a second or two; when it stays \
                that way, too few voters can reach each other. `cluster status` shows which are silent. A group of \
                three voters needs two, a group of five needs three.",
    }
    NoQuorum {
        title: "the leader hears from too few voters",
        state: "nothing was taken in; acknowledged writes are safe; reads with --stale still work",
        hint: "{cli} cluster status   # start the silent members, then: {cli} cluster wait --for leader",
        story: "A write needs a majority of the voters. The leader refuses new ones as long as it does not hear from \
                a majority, so nothing of yours is half done. Bring back the silent voters with their own data \
                directories. Never start a wiped voter under its old name: the cluster refuses it.",
    }
    NotReady {
        title: "the node does not serve yet",
        state: "nothing was taken in",
        hint: "{cli} cluster wait --for ready",
        story: "The node answers but does not take requests: it is starting, catching up with the log, or its disk \
                gives trouble. The reason stands in the message and in the READY column of `cluster status`.",
    }
    NotElastickv {
        title: "what answers there is not an elastickv node, or one of another age",
        state: "nothing was taken in",
        hint: "check the port: the gRPC port is wanted, not the one for metrics",
        story: "The peer accepted the connection but does not know the service asked for. Most often the port of the \
                metrics listener was given instead of the gRPC port.",
    }
    NoAnswer {
        title: "no answer in time",
        state: "nothing was changed by this command",
        hint: "repeat it with a longer --timeout or --deadline",
        story: "A question was sent and no answer came within --timeout (for one call) or --deadline (for the whole \
                command). Only reads end with this code; a write without an answer is EK-1007.",
    }
    OutcomeUnknown {
        title: "sent, but no answer: it may have happened",
        state: "the change is done or not done, never half done",
        hint: "repeat the command with the same --op-id",
        story: "The request left this machine, and the connection or the time ended before an answer came. It may be \
                applied already, it may be applied a moment later, or never. Writes of keys were repeated until \
                --deadline, with an id by which they take effect once. Repeat the command with the same --op-id, and \
                the servers will know it again: it takes effect if it had not, and answers what it did if it had.",
    }
    Busy {
        title: "the cluster takes in no more for the moment",
        state: "nothing was taken in",
        hint: "repeat it later, or with a longer --deadline",
        story: "The node's queue is full and it refuses rather than lets requests pile up. This program repeated the \
                request with growing pauses until --deadline.",
    }
    LeaderMoved {
        title: "the leader could not be found",
        state: "nothing was taken in",
        hint: "{cli} cluster wait --for leader",
        story: "Every node asked pointed to another one until the time was over, or named a leader without saying \
                where it is. Leadership is moving, or the addresses the members advertise are wrong.",
    }
    MemberUnreachable {
        title: "the cluster can not reach that node",
        state: "nothing was changed",
        hint: "check that it runs and that its address can be reached from the leader",
        story: "The leader tried to talk to the node named in the message and failed. What counts is the way from \
                the leader to that address, not the way from this machine.",
    }
    Partial {
        title: "not every member answered or acted",
        state: "see the rows: each says what happened there",
        hint: "{cli} cluster status",
        story: "The command went to several members and some of them failed. Rows with an error did not act or did \
                not answer; the others did. Commands of this kind can be repeated.",
    }
    Draining {
        title: "the node is drained",
        state: "nothing was taken in",
        hint: "{cli} cluster undrain NAME   # or use another endpoint",
        story: "An operator took the node out of service with `cluster drain`. Others serve in its place.",
    }
    ServerFault {
        title: "a node stopped this part of itself after a fault",
        state: "acknowledged writes are safe on the other members",
        hint: "{cli} cluster status   # and read that node's log",
        story: "A disk error or damaged data made a replica stop rather than go on with wrong content. It will not \
                serve until it is restarted, and the fault is in its log. The other members go on if they are a \
                majority.",
    }
    TlsFailed {
        title: "a certificate was not accepted",
        state: "nothing was taken in",
        hint: "compare the files given by --tls-ca, --tls-cert and --tls-key with those of the server",
        story: "Connections to this cluster are encrypted, and one side did not accept the other's certificate. Where \
                the message says that the server refused it, this program's certificate is of an authority that the \
                server does not believe, or it has expired. Else it is the server's that does not do: UnknownIssuer is \
                an authority that --tls-ca does not have, NotValidForName a host that the certificate is not for (dial \
                another name, or give --tls-server-name), Expired speaks for itself. A message about a corrupt message \
                or a wrong version means that the node speaks without TLS; one that says that it speaks TLS, that --tls-ca is \
                missing here.",
    }
}
