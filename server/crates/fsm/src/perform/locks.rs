//! Locks and transactions that are over, as they are stored.
//!
//! ```text
//! locks        lock key → row value          in a keyspace of their own, named for the generation
//! over         "t/" ‖ generation u64 ‖ start_ts u64 → how u8 ‖ commit_ts u64 ‖ index u64
//!              how 00 rolled back (then without numbers) · 01 committed      beside the group's records
//! ```

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_engine::{Batch, Direction, KeyRange, View};
use elastickv_mvcc::{LockKey, RowError};
use elastickv_types::{LogIndex, Timestamp};

use super::PerformError;
use super::generations::Prefix;
use crate::command::UnixMillis;
use crate::keyspaces::{Generation, GroupKeyspaces};
use crate::state::{First, Lock, Locks, Over};

pub const OVER: Prefix = Prefix(*b"t/");

/// Locks and ended transactions of one generation.
#[derive(Clone, Copy, Debug)]
pub struct Transactions<'a> {
    pub keyspaces: &'a GroupKeyspaces,
    pub generation: Generation,
}

impl Transactions<'_> {
    pub fn put_over(self, batch: &mut Batch, start_ts: Timestamp, over: Over) {
        let mut value = BytesMut::with_capacity(17);
        match over {
            Over::RolledBack => value.put_u8(0),
            Over::Committed(first) => {
                value.put_u8(1);
                value.put_u64(first.commit_ts.get());
                value.put_u64(first.index.get());
            }
        }
        batch.put(self.keyspaces.meta(), self.key(start_ts), value.freeze());
    }

    pub fn delete_over(self, batch: &mut Batch, start_ts: Timestamp) {
        batch.delete(self.keyspaces.meta(), self.key(start_ts));
    }

    fn key(self, start_ts: Timestamp) -> Bytes {
        OVER.key(self.generation, &start_ts.get().to_be_bytes())
    }

    /// All transactions that are over, in the order in which they began.
    pub fn over<'v>(
        self,
        view: &'v dyn View,
    ) -> Result<impl Iterator<Item = Result<(Timestamp, Over), PerformError>> + 'v, PerformError> {
        let pairs = view.range(self.keyspaces.meta(), OVER.range(self.generation), Direction::Forward)?;
        Ok(pairs.map(|pair| {
            let (key, value) = pair?;
            decode_over(&key, &value)
                .map_err(|reason| PerformError::Record { record: "t/", reason: reason.to_owned() })
        }))
    }

    pub fn load(self, view: &dyn View) -> Result<Locks, PerformError> {
        let mut locks = Locks::new();
        for pair in self.over(view)? {
            let (start_ts, over) = pair?;
            locks.end(start_ts, over);
        }
        let keyspace = self.keyspaces.locks(self.generation);
        for pair in view.range(&keyspace, KeyRange::ALL, Direction::Forward)? {
            let (key, lock) = read_lock(&pair?.0)
                .map_err(|reason| RowError::RowKey { keyspace: keyspace.to_string(), reason })?;
            locks.put(key, lock);
        }
        Ok(locks)
    }
}

/// The key that is locked, and the lock on it.
pub fn read_lock(raw: &[u8]) -> Result<(Bytes, Lock), &'static str> {
    let LockKey { user_key, start_ts, expires_at } = LockKey::decode(raw)?;
    Ok((user_key, Lock { start_ts, expires_at: UnixMillis::new(expires_at) }))
}

fn decode_over(key: &[u8], value: &[u8]) -> Result<(Timestamp, Over), &'static str> {
    let start_ts = OVER.rest(key).and_then(|rest| rest.try_into().ok());
    let start_ts = start_ts.map(u64::from_be_bytes).ok_or("a key is not that of a transaction")?;
    Ok((Timestamp::from_u64(start_ts), over_from(value).ok_or("a transaction ended in no known way")?))
}

fn over_from(value: &[u8]) -> Option<Over> {
    match value.split_first() {
        Some((0, [])) => Some(Over::RolledBack),
        Some((1, mut numbers)) if numbers.len() == 16 => {
            let (commit_ts, index) = (numbers.get_u64(), numbers.get_u64());
            let commit_ts = Timestamp::from_u64(commit_ts);
            Some(Over::Committed(First { commit_ts, index: LogIndex::new(index) }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use elastickv_engine::Op;
    use elastickv_types::GroupId;

    use super::*;

    const PAGE: &str = include_str!("../../../../../docs/formats/state.md");

    fn drawn(name: &str) -> Vec<u8> {
        let block = PAGE.split("```").find_map(|block| block.strip_prefix(&format!("hex {name}\n")));
        hex::decode(block.unwrap().trim()).unwrap()
    }

    #[test]
    fn locks_and_ended_transactions_are_stored_as_they_are_drawn() {
        let start_ts = Timestamp::from_u64(0x4142_4344_4546_4748);
        let expires_at = UnixMillis::new(0x3132_3334_3536_3738);
        let raw = LockKey::encode(b"k", start_ts, expires_at.get());
        assert_eq!(hex::encode(&raw), hex::encode(drawn("lock key")));
        assert_eq!(read_lock(&raw).unwrap(), (Bytes::from_static(b"k"), Lock { start_ts, expires_at }));

        let keyspaces = GroupKeyspaces::new(GroupId::CONTROL);
        let transactions = Transactions { keyspaces: &keyspaces, generation: Generation::from_u64(3) };
        let first = First { commit_ts: start_ts.next().unwrap(), index: LogIndex::new(9) };
        let ways = [(Over::Committed(first), ""), (Over::RolledBack, " rolled back")];
        for (over, name) in ways {
            let mut batch = Batch::default();
            transactions.put_over(&mut batch, start_ts, over);
            let [Op::Put { key, value, .. }] = batch.ops() else { panic!("{batch:?}") };
            assert_eq!(hex::encode(key), hex::encode(drawn("transaction key")));
            assert_eq!(hex::encode(value), hex::encode(drawn(&format!("transaction value{name}"))));
            assert_eq!(decode_over(key, value), Ok((start_ts, over)));
            assert!(
                decode_over(key, &[&value[..], &[0]].concat()).is_err() && decode_over(key, &[2]).is_err()
            );
        }
    }
}
