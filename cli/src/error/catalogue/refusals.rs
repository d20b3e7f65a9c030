//! What a cluster refuses by its rules.

super::texts! {
    GateRefused {
        title: "the check before this step found what stands in its way",
        state: "nothing changed",
        hint: "mend what the rows name, then: {cli} encryption check GATE",
        story: "Before a step that can not be undone, the leader asks every voter and every learner whether they are \
                fit for it, and waits for no one's word but their own. All that blocks is named at once: a member \
                that is silent, whose build is too old, that was started without encryption, whose KEK does not open \
                what the leader wrapped, whose state differs. A silent member is either brought back or removed \
                first. `encryption check` makes the same judgement at any time and changes nothing.",
    }
    GateWarns {
        title: "the check before this step has something to remark",
        state: "the step is allowed",
        hint: "{cli} encryption check GATE",
        story: "Nothing blocks the step, but something is close to doing so, or will be missed later: little room, \
                clocks that are apart, an epoch that runs out, a member that a rotation has to leave behind.",
    }
    MemberSilent {
        title: "a member does not answer",
        state: "data is safe as long as a majority of the voters answers",
        hint: "start it again with its own data directory, or replace it",
        story: "The member is part of the cluster and did not answer this program in time. `cluster status` says \
                since when the leader has not heard from it. One silent voter of three, or two of five, stop nothing; \
                one more does. If its disk is lost, remove it and add a new node under a new name.",
    }
    ForeignCluster {
        title: "that node belongs to another cluster",
        state: "nothing was changed",
        hint: "{cli} cluster status   # with each endpoint by itself",
        story: "Two ids of clusters met where one was expected: the endpoints lead to different clusters, or a node \
                that already belongs somewhere else should be added here. A node changes clusters only by starting \
                with an empty data directory and a new name.",
    }
    WrongNode {
        title: "another node answers at that address",
        state: "nothing was changed",
        hint: "{cli} cluster members   # and compare the addresses",
        story: "At the member's address a node answers that has another name or another data directory than the \
                membership says. Either the address is wrong, or the member's disk was replaced: then remove the \
                member and add the node under a new name.",
    }
    NodeNameUsed {
        title: "this name belonged to another node before",
        state: "nothing was changed",
        hint: "start the new node with a fresh name and add that",
        story: "Names of nodes are never used twice, not even after a removal: a node that comes back without its \
                log would break promises it made under that name.",
    }
    NotAVoter {
        title: "that member has no vote",
        state: "nothing was changed",
        hint: "{cli} cluster promote NAME",
        story: "Only voters can lead. A learner becomes a voter with `cluster promote` once it has caught up.",
    }
    AlreadyAMember {
        title: "it is a member already, but differently",
        state: "nothing was changed",
        hint: "{cli} cluster members",
        story: "A member of this name exists with another address or another part in the cluster than asked for.",
    }
    LastVoter {
        title: "the last voter can not go",
        state: "nothing was changed",
        hint: "{cli} cluster add-learner NAME ADDRESS   # promote it, then remove this one",
        story: "Without voters the cluster would be gone. Add and promote a successor before this one is removed.",
    }
    LaggingLearner {
        title: "the member has not caught up",
        state: "nothing was changed",
        hint: "{cli} cluster wait --for learner-caught-up=NAME",
        story: "A learner that is far behind would cost the cluster its majority the moment it gets a vote, and a \
                voter far behind would stop writes while it takes the lead. Wait until the LAG column is small.",
    }
    MembershipConflict {
        title: "the membership changed meanwhile",
        state: "nothing was changed by this command",
        hint: "{cli} cluster members   # then decide again",
        story: "The change was meant for a membership that is no longer in effect: another change came in between. \
                Look at the members and run the command again if it still makes sense.",
    }
    ChangeInProgress {
        title: "another change of the membership is under way",
        state: "nothing was changed by this command",
        hint: "{cli} cluster wait --for ready   # then run it again",
        story: "Members are changed one at a time. The earlier change has to be agreed by a majority first.",
    }
    ClusterMismatch {
        title: "this is not the cluster you expected",
        state: "nothing was changed",
        hint: "{cli} cluster status",
        story: "--expect-cluster names another cluster than the endpoints lead to. Check the endpoints before \
                anything else.",
    }
    StorageFull {
        title: "the disk is full down to its reserve",
        state: "nothing was taken in; reads and deletes go on",
        hint: "{cli} cluster status -o wide   # shows the room on each node",
        story: "A node keeps a reserve of free space so that it can always shut down and recover cleanly. Below it, \
                writes are refused until there is room again.",
    }
    NoSuccessor {
        title: "no other voter can take the lead",
        state: "nothing was changed; the leader leads on",
        hint: "{cli} cluster status",
        story: "Handing leadership over needs another voter that answers and is close enough to the leader's log.",
    }
    MemberNotReady {
        title: "a member answers but does not serve",
        state: "data is safe as long as a majority of the voters serves",
        hint: "{cli} cluster wait --for healthy",
        story: "The member is starting, catching up, drained, or in trouble; the message gives its reasons.",
    }
    MemberLagging {
        title: "a member is far behind the leader",
        state: "data is safe; stale reads from this member are old",
        hint: "{cli} cluster wait --for applied=INDEX",
        story: "The LAG column counts the entries the leader has committed and this member has not applied. It grows \
                when the member was away, when its disk is slow, or while it receives a snapshot.",
    }
    ReplicaFault {
        title: "a replica stopped after a fault",
        state: "data is safe as long as a majority of the voters serves",
        hint: "read that node's log",
        story: "The node met a disk error or damaged data and stopped the replica on purpose. The fault's text stands \
                in the message and in the node's log.",
    }
    DiskLow {
        title: "a member's disk is nearly full",
        state: "writes are refused once the reserve is reached",
        hint: "{cli} cluster snapshot --purge --member NAME   # or make room otherwise",
        story: "Free space is close to or below the reserve at which the node refuses writes.",
    }
    MixedBuilds {
        title: "members run different builds",
        state: "fine during an upgrade",
        hint: "{cli} cluster status   # shows the builds; finish the upgrade",
        story: "More than one build answers. That is how a rolling upgrade looks halfway; it is not meant to last.",
    }
    TwoLeaders {
        title: "two members say they lead",
        state: "only the one with the higher term can commit anything",
        hint: "{cli} cluster wait --for leader",
        story: "For a moment after an election the former leader may not know yet that it was replaced. When it \
                lasts, the two can not reach each other.",
    }
    Stranger {
        title: "a node answers that is not a member",
        state: "it holds no part of this cluster's data that counts",
        hint: "{cli} cluster add-learner NAME ADDRESS   # or stop that node",
        story: "An endpoint leads to a node that waits to be invited, or that was removed from the cluster.",
    }
    MembershipPending {
        title: "a change of the membership is not agreed yet",
        state: "the former membership still counts until a majority agrees",
        hint: "{cli} cluster wait --for ready",
        story: "The leader has proposed another membership and waits for a majority to have it in its logs.",
    }
    EndpointSilent {
        title: "an endpoint that was given does not answer",
        state: "nothing depends on it",
        hint: "remove it from --endpoint or ELASTICKV_ENDPOINT",
        story: "One of several endpoints does not answer, and no member has that address. The command used the others.",
    }
    ChangeRefused {
        title: "the change of the membership is not possible",
        state: "nothing was changed",
        hint: "{cli} cluster members",
        story: "The leader refused the change; the message says why. The membership is what it was.",
    }
    NodeIdCollision {
        title: "the name has the same short id as another one",
        state: "nothing was changed",
        hint: "give the new node another name",
        story: "Of every node's name a short id is computed, and two members may not have the same one. It is a \
                coincidence; any other name will most likely do.",
    }
    InvitationRefused {
        title: "the new node does not take the invitation",
        state: "nothing was changed",
        hint: "start the node with --join and an empty data directory, then run this again",
        story: "Only a node that was started with --join and belongs to no cluster yet can be added. The message \
                says what the node answered.",
    }
    HandOverFailed {
        title: "the successor did not take over",
        state: "no data is affected; an election may follow, and the old leader may win it",
        hint: "{cli} cluster wait --for leader   # then run it again",
        story: "The leader asked a voter to take over and it did not within the time allowed. Writes are taken in \
                again as soon as there is a leader, which may be the old one.",
    }
    PinnedOtherwise {
        title: "another cluster answers than the context pins",
        state: "that node was asked for nothing but its name",
        hint: "{cli} context test   # then, if the cluster was replaced on purpose: context add NAME --endpoint HOST:PORT --pin --replace",
        story: "The context names the id of the one cluster that it is about, and the node at the endpoint belongs to \
                another: an address was given away, a tunnel leads elsewhere, or the cluster was built anew. Nothing but \
                the question who it is was sent there. Other endpoints are not tried, because an endpoint that leads \
                elsewhere has to be put right first.",
    }
    OperationRunning {
        title: "another operation on the encryption is under way",
        state: "nothing was changed by this command",
        hint: "{cli} encryption status   # shows it; run this again once it is over",
        story: "Keys and stage are changed by one operation at a time. Each has a deadline, after which a leader ends \
                it, so none is in the way for ever. `encryption status` shows what it waits for.",
    }
    OperationGivenUp {
        title: "the operation was given up at its deadline",
        state: "the steps it took stay; none is half done",
        hint: "{cli} encryption status   # then run the command again: it goes on from there",
        story: "An operation that does not come to its end in time is ended by the leader, so that another one can \
                begin. What it did until then stays, and running the command anew, without --op-id, goes on from \
                there.",
    }
    OperationIdSpent {
        title: "the operation id can not be used",
        state: "nothing was changed by this command",
        hint: "leave --op-id out, so that a new one is drawn",
        story: "An id acts once. This one belongs to another operation, or is so old that the history knows nothing of \
                it any more, or does not tell when it was drawn (a UUID of version 7 does), or claims to be of the \
                future.",
    }
    OperationRefused {
        title: "the operation was refused",
        state: "the refused step changed nothing",
        hint: "{cli} encryption history   # and: {cli} encryption status",
        story: "The replicas decided against it, for the reason in the message. The decision is the same on all of \
                them, and it stands in the history.",
    }
    UnknownOperation {
        title: "no operation of this id is known",
        state: "nothing was changed",
        hint: "{cli} encryption history",
        story: "Neither is an operation of this id under way, nor is there a record of one.",
    }
    NotBootstrapped {
        title: "the cluster has no data keys yet",
        state: "nothing was changed",
        hint: "{cli} encryption enable-storage-envelope   # makes them on the way; or: {cli} encryption bootstrap",
        story: "This step needs data keys. `encryption bootstrap` makes them, and `enable-storage-envelope` does so on \
                its way.",
    }
    BootstrappedOtherwise {
        title: "the cluster has data keys already, and others",
        state: "nothing was changed",
        hint: "{cli} encryption keys list",
        story: "Keys were supplied to bootstrap a cluster that was bootstrapped with other ones. The first ones stay.",
    }
    NotCapable {
        title: "a node is not able to take part in encryption",
        state: "nothing was changed",
        hint: "start it with --encryption-enabled and the cluster's KEK, then: {cli} encryption status",
        story: "The node was started without encryption, without a KEK, or is of a build that knows none. In a cluster \
                that is encrypted, or is about to be, every member has to be able to read what the others seal.",
    }
    NotRegistered {
        title: "a node is not registered as a writer",
        state: "nothing was changed",
        hint: "{cli} encryption register-writer NODE",
        story: "A node seals under a key only once the cluster knows of it, so that no two ever use the same nonces. \
                Nodes register by themselves at each start; when that failed, `register-writer` repeats it.",
    }
    NoWayBack {
        title: "encryption can not be switched off",
        state: "nothing was changed",
        hint: "dump and reload, as the steps above say",
        story: "What is sealed stays sealed: a way back would have to trust every disk, log and snapshot that was \
                written meanwhile, and a mistake on it would show only when a value does not open any more. The way \
                out is a dump, loaded into a cluster without encryption. The dump is clear text: keep it where the \
                values may be, and destroy it afterwards.",
    }
    NotSettled {
        title: "a member has not opened or applied what this step needs",
        state: "nothing was changed",
        hint: "{cli} encryption status   # then run this again",
        story: "The cluster is between two states: a key is installed but not open on enough members, or a cutover has \
                not been applied everywhere. It passes by itself unless a member is silent or its KEK out of reach.",
    }
}
