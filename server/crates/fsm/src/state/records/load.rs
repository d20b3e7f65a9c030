//! Reading the records back, and checking that they tell one story.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use elastickv_types::{FullNodeId, GroupId, KeyId, LoadToken, LocalEpoch, LogIndex, Purpose};

use super::message::{self, ControlHead};
use super::{RecordError, RecordKey};
use crate::codec::fields::Read;
use crate::command::{LAST_CREATED, MOST_KEYS, Writer};
use crate::state::{Control, GroupState, KeyState, RaftEnvelope};

impl GroupState {
    /// Takes up the records of a group, in order of their keys; what is in none of them stays as in a new
    /// state.
    pub fn from_records(
        group: GroupId,
        records: impl IntoIterator<Item = (Bytes, Bytes)>,
    ) -> Result<Self, RecordError> {
        let mut loading = Loading::default();
        let mut last = Bytes::new();
        for (key, value) in records {
            let at = |reason| RecordError::at(&key, reason);
            if key <= last {
                return Err(at("is not in its place"));
            }
            let known = RecordKey::decode(&key).ok_or_else(|| at("is not known to this build"))?;
            loading.take(known, value).map_err(at)?;
            last = key;
        }
        loading.finish(group)
    }
}

#[derive(Default)]
struct Loading {
    raft: RaftEnvelope,
    control: Control,
    head: Option<ControlHead>,
}

impl Loading {
    fn take(&mut self, key: RecordKey, value: Bytes) -> Read<()> {
        match key {
            RecordKey::Cutover => self.raft.cutover = Some(index(&value)?),
            RecordKey::Floor(key) => {
                self.raft.floor.insert(key, index(&value)?);
            }
            RecordKey::Sealed(key) => {
                self.raft.last_sealed.insert(key, index(&value)?);
            }
            RecordKey::Control => self.head = Some(message::read_control(value)?),
            RecordKey::Job => self.control.job = Some(message::read_job(value)?),
            RecordKey::Key(key) => self.control.keys.put(key, message::read_key_row(value)?),
            RecordKey::Writer(key, short) => {
                let row = writer(&value)?;
                if row.node.short() != short {
                    return Err("is of a node with another short id");
                }
                self.control.writers.put(key, row);
            }
            RecordKey::History(at) => {
                let record = message::read_record(value)?;
                if self.control.history.record(record.operation).is_some() {
                    return Err("is the second one of its operation");
                }
                self.control.history.put(at, record);
            }
        }
        Ok(())
    }

    fn finish(self, group: GroupId) -> Result<GroupState, RecordError> {
        let Loading { raft, mut control, head } = self;
        let at = |key: RecordKey, reason| RecordError::at(&key.encode(), reason);
        let mut state = GroupState::new(group);
        state.raft = Arc::new(raft);
        match head {
            None if control != Control::default() => {
                return Err(at(RecordKey::Control, "is missing beside its keys"));
            }
            None if group != GroupId::CONTROL => return Ok(state),
            // Nothing was ever decided here.
            None => {}
            Some(_) if group != GroupId::CONTROL => {
                return Err(at(RecordKey::Control, "is in a group that is not the control group"));
            }
            Some(head) => {
                control.stage = head.stage;
                control.running = head.running;
                control.control_index = head.control_index;
                control.keyring_version = head.keyring_version;
                control.history.restore(head.newest, head.forgotten);
            }
        }
        if control.stage.raft() != state.raft.cutover {
            return Err(at(RecordKey::Cutover, "and the stage contradict each other"));
        }
        check(&control).map_err(|(key, reason)| at(key, reason))?;
        state.control = Some(Arc::new(control));
        Ok(state)
    }
}

/// What every entry preserves, and so has to hold of what was stored.
fn check(control: &Control) -> Result<(), (RecordKey, &'static str)> {
    for purpose in Purpose::ALL {
        let mut of_purpose = [KeyState::Active, KeyState::Installed].map(|state| {
            let rows =
                control.keys.iter().filter(move |(_, row)| row.purpose == purpose && row.state == state);
            rows.map(|(key, _)| key).collect::<Vec<KeyId>>().into_iter()
        });
        let [active, installed] = &mut of_purpose;
        let bootstrapped = control.stage.bootstrap().is_some();
        if active.next().is_some() != bootstrapped {
            return Err((RecordKey::Control, "and the active keys contradict each other"));
        }
        if let Some(second) = active.next() {
            return Err((RecordKey::Key(second), "is a second active one of its purpose"));
        }
        if let Some(second) = installed.nth(1) {
            return Err((RecordKey::Key(second), "is a second installed one of its purpose"));
        }
    }
    if let Some((key, _)) = control.keys.unretired().nth(MOST_KEYS) {
        return Err((RecordKey::Key(key), "is of one key more than a cluster holds"));
    }
    if let Some((key, _)) = control.keys.iter().find(|(_, row)| row.created_at > LAST_CREATED) {
        return Err((RecordKey::Key(key), "was made later than a key can be"));
    }
    if control.job.is_some() && control.stage.storage().is_none() {
        return Err((RecordKey::Job, "is there though no rows are sealed"));
    }
    let homeless = control
        .writers
        .iter()
        .find(|(key, _)| control.keys.get(*key).is_none_or(|row| row.state.is_retired()));
    match homeless {
        Some((key, row)) => Err((RecordKey::Writer(key, row.node.short()), "is of a key that is not held")),
        None => Ok(()),
    }
}

fn index(raw: &[u8]) -> Read<LogIndex> {
    let raw = raw.try_into().map_err(|_| "is not eight bytes")?;
    Ok(LogIndex::new(u64::from_be_bytes(raw)))
}

fn writer(mut raw: &[u8]) -> Read<Writer> {
    if raw.len() != 18 {
        return Err("is not eighteen bytes");
    }
    Ok(Writer {
        node: FullNodeId::from_u64(raw.get_u64()).ok_or("is of a node with id 0")?,
        epoch: LocalEpoch::new(raw.get_u16()),
        token: LoadToken::new(raw.get_u64()),
    })
}
