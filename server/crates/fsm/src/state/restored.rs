//! The state of a cluster that goes on from a backup of another.
//!
//! The two may run side by side, and then nothing that one of them seals may look like anything of the other. So the
//! restored one has data keys of its own from its first entry on. What the source sealed is opened with the keys that
//! came along, which are closed: nobody seals under them any more, not even at replay. Entries under an inherited raft key are
//! refused for ever.

use std::collections::BTreeMap;
use std::sync::Arc;

use elastickv_types::{Commitment, KeyId, LogId, LogIndex, Purpose};

use super::{GroupState, KeyRow, KeyState, Registry};
use crate::command::{UnixMillis, Wrapping, Writer};

/// A data key that a restored cluster seals under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FreshKey {
    pub id: KeyId,
    pub purpose: Purpose,
    pub commitment: Commitment,
    pub wrapping: Wrapping,
}

/// What makes a cluster of a state of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restoring {
    /// The last entry that is in the state, and from now on that of the membership.
    pub last: LogId,
    /// Inherited keys in wrappings of the new cluster.
    pub wrapped: BTreeMap<KeyId, Wrapping>,
    /// One of each purpose; none where the source had no keys.
    pub fresh: Vec<FreshKey>,
    pub made_at: UnixMillis,
    /// The load of the only member, registered under the fresh keys.
    pub writer: Writer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    #[error("key {0} did not come along")]
    KeyMissing(KeyId),
    #[error("key {0} is known already")]
    KeyKnown(KeyId),
    #[error("the state has keys, and there is no fresh {0} key, or the reverse")]
    Fresh(Purpose),
}

impl GroupState {
    /// The control group's state as the restored cluster begins with it.
    pub fn restored(mut self, restoring: &Restoring) -> Result<Self, RestoreError> {
        let Restoring { last, fresh, .. } = restoring;
        self.membership = Some(*last);
        let mut control = self.control.as_deref().cloned().unwrap_or_default();
        control.running = None;
        // It tells of members that the restored cluster does not have.
        control.job = None;
        control.writers = Registry::default();
        let held = control.stage.bootstrap().is_some();
        for purpose in Purpose::ALL {
            if fresh.iter().filter(|key| key.purpose == purpose).count() != usize::from(held) {
                return Err(RestoreError::Fresh(purpose));
            }
        }
        if held {
            control.keys = closed(&control.keys, last.index, &restoring.wrapped)?;
            for key in fresh {
                if control.keys.get(key.id).is_some() {
                    return Err(RestoreError::KeyKnown(key.id));
                }
                control.keys.put(key.id, key.row(last.index, restoring.made_at));
                control.writers.put(key.id, restoring.writer);
            }
            (control.control_index, control.keyring_version) = (Some(last.index), Some(last.index));
        }
        let raft = Arc::make_mut(&mut self.raft);
        raft.last_sealed.clear();
        let inherited = control
            .keys
            .iter()
            .filter(|(id, row)| row.purpose == Purpose::Raft && fresh.iter().all(|key| key.id != *id));
        raft.floor.extend(inherited.map(|(id, _)| (id, last.index)));
        self.control = Some(Arc::new(control));
        Ok(self)
    }
}

fn closed(
    keys: &super::KeyTable,
    at: LogIndex,
    wrapped: &BTreeMap<KeyId, Wrapping>,
) -> Result<super::KeyTable, RestoreError> {
    let close = |(id, row): (KeyId, &KeyRow)| {
        let state = match row.state {
            KeyState::Retired { .. } => return Ok((id, row.clone())),
            closed @ KeyState::Closed { .. } => closed,
            KeyState::Installed | KeyState::Active | KeyState::Retiring => KeyState::Closed { at },
        };
        let wrapping = wrapped.get(&id).cloned().ok_or(RestoreError::KeyMissing(id))?;
        Ok((id, KeyRow { state, wrapping: Some(wrapping), ..row.clone() }))
    };
    keys.iter().map(close).collect()
}

impl FreshKey {
    fn row(&self, created: LogIndex, created_at: UnixMillis) -> KeyRow {
        KeyRow {
            purpose: self.purpose,
            state: KeyState::Active,
            commitment: self.commitment,
            created,
            created_at,
            wrapping: Some(self.wrapping.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use elastickv_types::{FullNodeId, GroupId, KekLabel, LoadToken, LocalEpoch, Term, WrappedKey};

    use super::*;
    use crate::state::{Control, Stage};

    fn key(raw: u32) -> KeyId {
        KeyId::from_u32(raw).unwrap()
    }

    fn index(raw: u64) -> LogIndex {
        LogIndex::new(raw)
    }

    fn wrapping(byte: u8) -> Wrapping {
        let kek = KekLabel { provider: "file".into(), key: "kek".into(), version: "1".into() };
        Wrapping::new(WrappedKey::new(Bytes::from(vec![byte; 60])).unwrap(), kek).unwrap()
    }

    fn row(purpose: Purpose, state: KeyState) -> KeyRow {
        KeyRow {
            purpose,
            state,
            commitment: Commitment::new([state.as_u8(); 32]),
            created: index(3),
            created_at: UnixMillis::new(7),
            wrapping: (!state.is_retired()).then(|| wrapping(1)),
        }
    }

    fn writer() -> Writer {
        let node = FullNodeId::of_name("n1");
        Writer { node, epoch: LocalEpoch::ZERO, token: LoadToken::new(5) }
    }

    /// Storage keys 1 active, 2 retiring, 3 retired; raft keys 4 active, 5 closed.
    fn source() -> GroupState {
        let stage = Stage::of(Some(index(1)), Some(index(2)), Some(index(4))).unwrap();
        let mut control = Control { stage, ..Control::default() };
        let closed = KeyState::Closed { at: index(6) };
        let retired = KeyState::Retired { closed: index(5), at: index(6) };
        let rows = [
            (1, Purpose::Storage, KeyState::Active),
            (2, Purpose::Storage, KeyState::Retiring),
            (3, Purpose::Storage, retired),
            (4, Purpose::Raft, KeyState::Active),
            (5, Purpose::Raft, closed),
        ];
        for (id, purpose, state) in rows {
            control.keys.put(key(id), row(purpose, state));
            control.writers.put(key(id), Writer { token: LoadToken::new(1), ..writer() });
        }
        let mut state = GroupState::new(GroupId::CONTROL);
        let raft = Arc::make_mut(&mut state.raft);
        raft.cutover = Some(index(4));
        raft.last_sealed.insert(key(4), index(8));
        state.control = Some(Arc::new(control));
        state
    }

    fn restoring() -> Restoring {
        let fresh = |id, purpose| FreshKey {
            id: key(id),
            purpose,
            commitment: Commitment::new([9; 32]),
            wrapping: wrapping(2),
        };
        Restoring {
            last: LogId::new(Term::new(2), index(9)),
            wrapped: [1, 2, 4, 5].map(|id| (key(id), wrapping(2))).into(),
            fresh: vec![fresh(6, Purpose::Storage), fresh(7, Purpose::Raft)],
            made_at: UnixMillis::new(8),
            writer: writer(),
        }
    }

    #[test]
    fn inherited_keys_open_and_seal_nothing_and_fresh_ones_seal() {
        let state = source().restored(&restoring()).unwrap();
        let control = state.control.as_deref().unwrap();
        let sealing: Vec<_> = control.keys.iter().filter(|(_, row)| row.state.seals()).collect();
        assert_eq!(sealing.iter().map(|(id, _)| id.get()).collect::<Vec<_>>(), [6, 7]);
        assert_eq!(control.keys.get(key(1)).unwrap().state, KeyState::Closed { at: index(9) });
        assert_eq!(control.keys.get(key(5)).unwrap().state, KeyState::Closed { at: index(6) });
        assert!(control.keys.get(key(3)).unwrap().state.is_retired(), "its id is remembered");
        let seal = |purpose| control.seal_key(purpose, writer().node, |_| Some(LocalEpoch::new(1)));
        assert_eq!((seal(Purpose::Storage), seal(Purpose::Raft)), (Some(key(6)), Some(key(7))));
        assert_eq!(control.writers.iter().count(), 2, "of nobody else, and under no other key");
        assert_eq!(state.raft.floor.keys().map(|id| id.get()).collect::<Vec<_>>(), [4, 5]);
        assert!(state.raft.last_sealed.is_empty() && state.raft.cutover == Some(index(4)));
        assert_eq!(control.stage, source().control.unwrap().stage);
        let records: Vec<_> = state.records().collect();
        let read = GroupState::from_records(GroupId::CONTROL, records).unwrap();
        assert_eq!((read.raft, read.control), (state.raft, state.control));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut one_missing = restoring();
        one_missing.wrapped.remove(&key(2));
        assert_eq!(source().restored(&one_missing), Err(RestoreError::KeyMissing(key(2))));
        let mut known = restoring();
        known.fresh[0].id = key(3);
        assert_eq!(source().restored(&known), Err(RestoreError::KeyKnown(key(3))));
        let mut unsealed = restoring();
        unsealed.fresh.pop();
        assert_eq!(source().restored(&unsealed), Err(RestoreError::Fresh(Purpose::Raft)));
        let clear = GroupState::new(GroupId::CONTROL);
        assert_eq!(clear.clone().restored(&restoring()), Err(RestoreError::Fresh(Purpose::Storage)));
        let none = Restoring { fresh: Vec::new(), ..restoring() };
        assert_eq!(clear.restored(&none).unwrap().control.unwrap().keys.iter().count(), 0);
    }
}
