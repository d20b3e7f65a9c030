//! `encryption resync-sidecar`
//!
//! What the cluster decided of keys comes from the node's own store; from the leader where that says nothing. Where the
//! leader can be asked, the epochs that it has registered count besides: nobody else may know of the last ones.

use std::collections::BTreeMap;

use bytes::Bytes;
use elastickv_keyring::{KeyState, KeyTable, TableKey};
use elastickv_offline::{DataDir, Replicated, ResyncError, Source};
use elastickv_proto::v1;
use elastickv_sys::files::SystemFiles;
use elastickv_sys::random::SystemRandom;
use elastickv_types::{
    ClusterId, Commitment, GroupId, KekLabel, KeyId, LocalEpoch, LogIndex, Purpose, WrappedKey,
};

use super::leader_aim;
use crate::args::encryption::ResyncArgs;
use crate::client::{Plan, Session, encryption_rpc};
use crate::commands::data_dir;
use crate::error::{CliError, Code};
use crate::model::Done;
use crate::model::encryption::ResyncReport;

type OfLeader = (Replicated, BTreeMap<KeyId, LocalEpoch>);

/// `named`: the operator said where the cluster is.
pub async fn run(session: &Session, args: &ResyncArgs, named: bool) -> Result<Done<ResyncReport>, CliError> {
    session.progress().say("taking the data directory");
    let dir =
        DataDir::take(SystemFiles::shared(), &args.data_dir).map_err(|error| data_dir::untaken(&error))?;
    session.learn_cluster(dir.cluster().to_string());
    session.progress().say("reading the node's own state");
    let own = dir.own_state().map_err(|error| refused(&error))?;
    let leader = if named { Some(ask(session, &dir).await?) } else { None };
    session.progress().say("writing the sidecar");
    let done = dir.resync(&own, leader, SystemRandom::shared()).map_err(|error| refused(&error))?;
    let source = own.replicated().map_or(Source::Leader, |(_, source)| *source);
    let report = ResyncReport::of(&args.data_dir, &done, source, named);
    Ok(Done::changed(report, !done.in_order))
}

async fn ask(session: &Session, dir: &DataDir) -> Result<OfLeader, CliError> {
    session.progress().say("asking the leader");
    let survey = session.survey_with_leader().await?;
    let (identity, cluster) = (dir.identity(), dir.cluster());
    let request = v1::SidecarStateRequest {
        node_name: identity.node.to_string(),
        store_id: Bytes::copy_from_slice(identity.store.as_bytes()),
        expected_cluster_id: Bytes::copy_from_slice(cluster.as_bytes()),
    };
    let plan = Plan::read(leader_aim(session, &survey)?);
    let told = session.call(plan, &request, encryption_rpc::sidecar_state).await?.message;
    of_wire(&told, cluster)
        .ok_or_else(|| CliError::new(Code::Unexpected, "the leader's answer is not understood by this build"))
}

/// `None` for what no server of this version says.
fn of_wire(told: &v1::SidecarStateResponse, cluster: ClusterId) -> Option<OfLeader> {
    let (mut keys, mut registered) = (BTreeMap::new(), BTreeMap::new());
    for key in &told.keys {
        let id = KeyId::from_u32(key.key_id)?;
        keys.insert(id, key_of_wire(key)?);
        if let Some(epoch) = key.registered_epoch {
            registered.insert(id, LocalEpoch::from_wire(epoch).ok()?);
        }
    }
    let cutover =
        |cutover: &v1::Cutover| Some((GroupId::from_u64(cutover.group_id)?, LogIndex::new(cutover.index?)));
    let table = KeyTable {
        cluster: ClusterId::from_slice(&told.cluster_id).filter(|told| *told == cluster)?,
        index: LogIndex::new(told.control_index),
        storage_cutover: told.storage_index.map(LogIndex::new),
        keys,
        retired: BTreeMap::new(),
    };
    let cutovers = told.cutovers.iter().map(cutover).collect::<Option<_>>()?;
    Some((Replicated { table, cutovers }, registered))
}

fn key_of_wire(key: &v1::SidecarKey) -> Option<TableKey> {
    let kek = key.kek.clone()?;
    Some(TableKey {
        purpose: match key.purpose() {
            v1::Purpose::Unspecified => return None,
            v1::Purpose::Storage => Purpose::Storage,
            v1::Purpose::Raft => Purpose::Raft,
        },
        state: match key.state() {
            v1::KeyState::Installed => KeyState::Installed,
            v1::KeyState::Active => KeyState::Active,
            v1::KeyState::Retiring => KeyState::Retiring,
            v1::KeyState::Closed => KeyState::Closed,
            v1::KeyState::Unspecified | v1::KeyState::Retired => return None,
        },
        index: LogIndex::new(key.created_index),
        created: jiff::Timestamp::from_millisecond(i64::try_from(key.created_ms).ok()?).ok()?,
        wrapped: WrappedKey::new(key.wrapped.clone())?,
        commitment: Commitment::new(key.commitment.as_ref().try_into().ok()?),
        kek: KekLabel { provider: kek.provider, key: kek.key, version: kek.version },
        // What is registered is told beside the table.
        row: None,
    })
}

fn refused(error: &ResyncError) -> CliError {
    match error {
        ResyncError::NothingToGoBy { .. } => CliError::new(Code::OwnStateUnreadable, error.to_string()),
        ResyncError::OwnState(_) => CliError::new(Code::LocalFile, error.to_string()),
        ResyncError::Keyring(error) => data_dir::keyring(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> v1::SidecarStateResponse {
        let kek = v1::Kek { provider: "file".into(), key: "kek".into(), version: "1".into() };
        let key = |key_id, purpose: v1::Purpose, registered_epoch| v1::SidecarKey {
            key_id,
            purpose: purpose.into(),
            state: v1::KeyState::Active.into(),
            wrapped: Bytes::from(vec![7; 60]),
            commitment: Bytes::from(vec![8; 32]),
            kek: Some(kek.clone()),
            registered_epoch,
            ..Default::default()
        };
        v1::SidecarStateResponse {
            cluster_id: Bytes::from(vec![1; 16]),
            control_index: 9,
            storage_index: None,
            keys: vec![key(1, v1::Purpose::Storage, Some(4)), key(2, v1::Purpose::Raft, None)],
            cutovers: vec![v1::Cutover { group_id: 1, index: Some(8) }],
        }
    }

    #[test]
    fn what_the_leader_tells_is_taken_whole_or_not_at_all() {
        let cluster = ClusterId::from_bytes([1; 16]);
        let (replicated, registered) = of_wire(&told(), cluster).unwrap();
        assert_eq!((replicated.table.keys.len(), replicated.cutovers.len(), registered.len()), (2, 1, 1));
        type Spoil = fn(&mut v1::SidecarStateResponse);
        let spoils: [Spoil; 7] = [
            |told| told.cluster_id = Bytes::from(vec![2; 16]),
            |told| told.keys[0].key_id = 0,
            |told| told.keys[0].registered_epoch = Some(70_000),
            |told| told.keys[0].commitment = Bytes::new(),
            |told| told.keys[0].wrapped = Bytes::new(),
            |told| told.keys[0].purpose = 7,
            |told| told.cutovers[0].group_id = 0,
        ];
        for (number, spoil) in spoils.into_iter().enumerate() {
            let mut told = told();
            spoil(&mut told);
            assert!(of_wire(&told, cluster).is_none(), "{number}");
        }
    }
}
