//! The requests, and what each is to be refused with.

use bytes::Bytes;
use elastickv_proto as pb;
use elastickv_proto::v1;
use elastickv_tests::client::{Answer, request_id};
use elastickv_types::Purpose;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tonic::Code::{self, FailedPrecondition, InvalidArgument, NotFound};

use super::world::World;

pub struct Case {
    pub what: &'static str,
    pub code: Code,
    pub reason: &'static str,
    pub ask: for<'a> fn(&'a World) -> BoxFuture<'a, Answer<()>>,
}

/// A case: what is asked, and what comes of it; the request is made of the world.
macro_rules! case {
    ($what:literal, $code:expr, $reason:literal, $call:ident, |$world:ident| $request:expr) => {
        Case {
            what: $what,
            code: $code,
            reason: $reason,
            ask: |$world| async move { $world.leader().$call($request).await.map(drop) }.boxed(),
        }
    };
}

fn bootstrap() -> pb::BootstrapEncryptionRequest {
    pb::BootstrapEncryptionRequest::default()
}

fn rotate() -> pb::RotateDekRequest {
    pb::RotateDekRequest { purpose: pb::DekPurpose::Storage.into(), ..Default::default() }
}

fn rotate_as(proposer_node_id: u64, proposer_local_epoch: u32) -> pb::RotateDekRequest {
    pb::RotateDekRequest { proposer_node_id, proposer_local_epoch, ..rotate() }
}

fn rotate_with(operation_id: &[u8]) -> pb::RotateDekRequest {
    pb::RotateDekRequest { operation_id: Bytes::copy_from_slice(operation_id), ..rotate() }
}

fn writer(full_node_id: u64, local_epoch: u32) -> Vec<pb::WriterRegistryEntry> {
    vec![pb::WriterRegistryEntry { full_node_id, local_epoch }]
}

fn by_writer(full_node_id: u64, local_epoch: u32) -> pb::BootstrapEncryptionRequest {
    pb::BootstrapEncryptionRequest { writer_batch: writer(full_node_id, local_epoch), ..bootstrap() }
}

fn register(dek_id: u32, full_node_id: u64, local_epoch: u32) -> pb::RegisterEncryptionWriterRequest {
    let writers = writer(full_node_id, local_epoch);
    pb::RegisterEncryptionWriterRequest { dek_id, writers, ..Default::default() }
}

/// An id that was drawn so many milliseconds from now.
fn drawn_in(ms: u64) -> Vec<u8> {
    let mut id = request_id().to_vec();
    let drawn = id[..6].iter().fold(0, |drawn, byte| drawn << 8 | u64::from(*byte));
    id[..6].copy_from_slice(&(drawn + ms).to_be_bytes()[2..]);
    id
}

const NOBODY: u64 = 0x0123_4567_89ab_cdef;
const HOUR_MS: u64 = 3_600_000;

pub fn before_keys() -> Vec<Case> {
    vec![
        case!(
            "a rotation, and there are no keys",
            FailedPrecondition,
            "NotBootstrapped",
            rotate_dek,
            |_world| rotate()
        ),
        case!(
            "the log is to be sealed, and there are no keys",
            FailedPrecondition,
            "NotBootstrapped",
            enable_raft_as,
            |_world| pb::EnableRaftEnvelopeRequest::default()
        ),
        case!("a rewrapping of nothing", FailedPrecondition, "NotBootstrapped", rewrap_as, |_world| {
            v1::RewrapRequest::default()
        }),
        case!(
            "a wrapped key that is no such thing",
            FailedPrecondition,
            "KekMismatch",
            bootstrap_encryption,
            |_world| pb::BootstrapEncryptionRequest {
                storage_dek_id: 5,
                wrapped_storage_dek: Bytes::from_static(b"garbage"),
                ..bootstrap()
            }
        ),
        case!(
            "a key that another KEK wrapped",
            FailedPrecondition,
            "KekMismatch",
            bootstrap_encryption,
            |world| pb::BootstrapEncryptionRequest {
                raft_dek_id: 5,
                wrapped_raft_dek: world.wrapped_elsewhere(5, Purpose::Raft).await.expect("wrapped"),
                ..bootstrap()
            }
        ),
        case!(
            "a key that was wrapped for something else",
            FailedPrecondition,
            "KekMismatch",
            bootstrap_encryption,
            |world| pb::BootstrapEncryptionRequest {
                raft_dek_id: 5,
                wrapped_raft_dek: world.wrapped(5, Purpose::Storage).await.expect("wrapped"),
                ..bootstrap()
            }
        ),
        case!(
            "a wrapped key of five thousand bytes",
            InvalidArgument,
            "WrappedKeyRefused",
            bootstrap_encryption,
            |_world| pb::BootstrapEncryptionRequest {
                storage_dek_id: 5,
                wrapped_storage_dek: vec![1; 5000].into(),
                ..bootstrap()
            }
        ),
        case!(
            "a wrapped key without its id",
            InvalidArgument,
            "WrappedKeyRefused",
            bootstrap_encryption,
            |world| pb::BootstrapEncryptionRequest {
                wrapped_storage_dek: world.wrapped(5, Purpose::Storage).await.expect("wrapped"),
                ..bootstrap()
            }
        ),
        case!("one id for two keys", InvalidArgument, "WrappedKeyRefused", bootstrap_encryption, |_world| {
            pb::BootstrapEncryptionRequest { storage_dek_id: 5, raft_dek_id: 5, ..bootstrap() }
        }),
        case!("a foreign writer", NotFound, "UnknownMember", bootstrap_encryption, |_world| {
            by_writer(NOBODY, 0)
        }),
        case!(
            "a writer at another epoch",
            FailedPrecondition,
            "LocalEpochRollback",
            bootstrap_encryption,
            |world| by_writer(world.member, 3)
        ),
        case!(
            "a writer beyond all epochs",
            InvalidArgument,
            "LocalEpochOutOfRange",
            bootstrap_encryption,
            |world| by_writer(world.member, 70_000)
        ),
        case!("a writer without a number", InvalidArgument, "Malformed", bootstrap_encryption, |_world| {
            by_writer(0, 0)
        }),
    ]
}

pub fn after_the_cutovers() -> Vec<Case> {
    [keys(), proposers(), operation_ids(), writers(), others()].into_iter().flatten().collect()
}

fn keys() -> Vec<Case> {
    vec![
        case!(
            "bootstrap with other keys",
            FailedPrecondition,
            "BootstrappedOtherwise",
            bootstrap_encryption,
            |world| world.pair(9, 10).await.expect("wrapped")
        ),
        case!("a key id that was used", FailedPrecondition, "KeyIdUsed", rotate_dek, |world| {
            pb::RotateDekRequest { new_dek_id: world.storage, ..rotate() }
        }),
        case!("the first key's id, long replaced", FailedPrecondition, "KeyIdUsed", rotate_dek, |_world| {
            pb::RotateDekRequest { new_dek_id: 7, ..rotate() }
        }),
        case!("a rotation to garbage", FailedPrecondition, "KekMismatch", rotate_dek, |_world| {
            pb::RotateDekRequest { new_dek_id: 11, wrapped_new_dek: vec![0; 100].into(), ..rotate() }
        }),
        case!("a rotation of nothing", InvalidArgument, "Malformed", rotate_dek, |_world| {
            pb::RotateDekRequest { purpose: 0, ..rotate() }
        }),
        case!("a rotation of a purpose to come", InvalidArgument, "Malformed", rotate_dek, |_world| {
            pb::RotateDekRequest { purpose: 9, ..rotate() }
        }),
    ]
}

fn proposers() -> Vec<Case> {
    vec![
        case!("in the name of a stranger", NotFound, "UnknownMember", rotate_dek, |_world| {
            rotate_as(NOBODY, 0)
        }),
        case!("at a stale epoch", FailedPrecondition, "LocalEpochRollback", rotate_dek, |world| {
            rotate_as(world.member, 9)
        }),
        case!("beyond all epochs", InvalidArgument, "LocalEpochOutOfRange", rotate_dek, |world| {
            rotate_as(world.member, 1 << 20)
        }),
        case!("at an epoch of nobody", InvalidArgument, "Malformed", rotate_dek, |_world| rotate_as(0, 1)),
        case!("sealed before, by a stranger", NotFound, "UnknownMember", enable_storage_as, |_world| {
            pb::EnableStorageEnvelopeRequest { proposer_node_id: NOBODY, ..Default::default() }
        }),
        case!(
            "the log, at a stale epoch",
            FailedPrecondition,
            "LocalEpochRollback",
            enable_raft_as,
            |world| {
                pb::EnableRaftEnvelopeRequest {
                    proposer_node_id: world.member,
                    proposer_local_epoch: 9,
                    ..Default::default()
                }
            }
        ),
    ]
}

fn operation_ids() -> Vec<Case> {
    vec![
        case!(
            "an operation id of three bytes",
            InvalidArgument,
            "OperationIdUntimed",
            rotate_dek,
            |_world| rotate_with(b"abc")
        ),
        case!("of a thousand", InvalidArgument, "OperationIdUntimed", rotate_dek, |_world| {
            rotate_with(&[7; 1000])
        }),
        case!("one without a time", FailedPrecondition, "OperationIdUntimed", rotate_dek, |_world| {
            rotate_with(&[0x44; 16])
        }),
        case!("one from the future", FailedPrecondition, "OperationIdAhead", rotate_dek, |_world| {
            rotate_with(&drawn_in(HOUR_MS))
        }),
        case!("that of another operation", FailedPrecondition, "OperationIdReused", rewrap_as, |world| {
            let operations = world.leader().operations().await.expect("a history");
            let other = operations.iter().find(|one| one.kind() == v1::OperationKind::EnableStorage);
            let operation_id = other.map(|one| one.operation_id.clone()).expect("storage was sealed");
            v1::RewrapRequest { operation_id, ..Default::default() }
        }),
        Case {
            what: "looking for an operation that never was",
            code: NotFound,
            reason: "UnknownOperation",
            ask: |world| async move { world.leader().operation(request_id()).await.map(drop) }.boxed(),
        },
        Case {
            what: "looking for no operation",
            code: InvalidArgument,
            reason: "OperationIdUntimed",
            ask: |world| async move { world.leader().operation(Bytes::new()).await.map(drop) }.boxed(),
        },
    ]
}

fn writers() -> Vec<Case> {
    vec![
        case!("registering a stranger", NotFound, "UnknownMember", register_writer, |world| {
            register(world.storage, NOBODY, 0)
        }),
        case!("registering nobody", InvalidArgument, "Malformed", register_writer, |world| {
            register(world.storage, 0, 0)
        }),
        case!(
            "registering at another epoch",
            FailedPrecondition,
            "LocalEpochRollback",
            register_writer,
            |world| register(world.storage, world.member, 9)
        ),
        case!(
            "registering beyond all epochs",
            InvalidArgument,
            "LocalEpochOutOfRange",
            register_writer,
            |world| register(world.storage, world.member, u32::MAX)
        ),
        case!(
            "registering under no key of the cluster",
            FailedPrecondition,
            "PeerNotEncryptionCapable",
            register_writer,
            |world| register(0x7fff_ffff, world.member, 0)
        ),
    ]
}

fn others() -> Vec<Case> {
    vec![
        case!("another cluster's", FailedPrecondition, "ForeignCluster", rotate_dek, |_world| {
            pb::RotateDekRequest { expected_cluster_id: vec![3; 16].into(), ..rotate() }
        }),
        case!("a cluster id of three bytes", FailedPrecondition, "ForeignCluster", rewrap_as, |_world| {
            v1::RewrapRequest { expected_cluster_id: vec![3; 3].into(), ..Default::default() }
        }),
        case!("a reason as long as a book", InvalidArgument, "Malformed", rotate_dek, |_world| {
            pb::RotateDekRequest { reason: "a".repeat(100_000), ..rotate() }
        }),
        case!("a reason of two lines", InvalidArgument, "Malformed", rotate_dek, |_world| {
            pb::RotateDekRequest { reason: "one\ntwo".to_owned(), ..rotate() }
        }),
        case!("the gate of nothing", InvalidArgument, "Malformed", check_gate, |_world| {
            v1::OperationKind::Unspecified
        }),
        case!("the gate of a rotation of nothing", InvalidArgument, "Malformed", check_gate, |_world| {
            v1::OperationKind::Rotate
        }),
        Case {
            what: "asked of a follower",
            code: FailedPrecondition,
            reason: "NotLeader",
            ask: |world| async move { world.follower().rotate_dek(rotate()).await.map(drop) }.boxed(),
        },
        Case {
            what: "registering at a follower",
            code: FailedPrecondition,
            reason: "NotLeader",
            ask: |world| {
                let request = register(world.storage, world.member, 0);
                async move { world.follower().register_writer(request).await.map(drop) }.boxed()
            },
        },
    ]
}
