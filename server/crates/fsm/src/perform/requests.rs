//! The requests that are remembered, as they are stored.
//!
//! ```text
//! key    "s/" ‖ generation u64 ‖ request id 16        in the keyspace of the group's records
//! value  commit_ts u64 ‖ index u64
//! ```

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_engine::{Batch, Direction, View};
use elastickv_types::{LogIndex, RequestId, Timestamp};

use super::PerformError;
use super::generations::Prefix;
use crate::keyspaces::{Generation, GroupKeyspaces};
use crate::state::{First, Sessions};

pub const REQUESTS: Prefix = Prefix(*b"s/");

/// Requests of one generation.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    pub keyspaces: &'a GroupKeyspaces,
    pub generation: Generation,
}

impl Requests<'_> {
    pub fn put(self, batch: &mut Batch, request: &RequestId, first: First) {
        let mut value = BytesMut::with_capacity(16);
        value.put_u64(first.commit_ts.get());
        value.put_u64(first.index.get());
        batch.put(self.keyspaces.meta(), self.key(request), value.freeze());
    }

    pub fn delete(self, batch: &mut Batch, request: &RequestId) {
        batch.delete(self.keyspaces.meta(), self.key(request));
    }

    /// What one came to that is remembered.
    pub fn first(self, view: &dyn View, request: &RequestId) -> Result<Option<First>, PerformError> {
        let key = self.key(request);
        let value = view.get(self.keyspaces.meta(), &key)?;
        value.map(|value| decode(&key, &value).map(|(_, first)| first)).transpose()
    }

    /// All of them, in order.
    pub fn read<'v>(
        self,
        view: &'v dyn View,
    ) -> Result<impl Iterator<Item = Result<(RequestId, First), PerformError>> + 'v, PerformError> {
        let range = REQUESTS.range(self.generation);
        let pairs = view.range(self.keyspaces.meta(), range, Direction::Forward)?;
        Ok(pairs.map(|pair| {
            let (key, value) = pair?;
            decode(&key, &value)
        }))
    }

    pub fn load(self, view: &dyn View) -> Result<Sessions, PerformError> {
        self.read(view)?.collect()
    }

    fn key(self, request: &RequestId) -> Bytes {
        REQUESTS.key(self.generation, request.as_bytes())
    }
}

fn decode(key: &[u8], mut value: &[u8]) -> Result<(RequestId, First), PerformError> {
    let wrong = |reason: &str| PerformError::Record { record: "s/", reason: reason.to_owned() };
    let request = REQUESTS.rest(key).and_then(RequestId::from_slice);
    let request = request.ok_or_else(|| wrong("a key is not that of a request"))?;
    if value.len() != 16 {
        return Err(wrong("a value is not sixteen bytes"));
    }
    let (commit_ts, index) = (value.get_u64(), value.get_u64());
    Ok((request, First { commit_ts: Timestamp::from_u64(commit_ts), index: LogIndex::new(index) }))
}

#[cfg(test)]
mod tests {
    use elastickv_engine::model::ModelEngine;
    use elastickv_engine::{Engine, KeyRange};
    use elastickv_types::GroupId;

    use super::*;

    const PAGE: &str = include_str!("../../../../../docs/formats/state.md");

    fn drawn(name: &str) -> Vec<u8> {
        let block = PAGE.split("```").find_map(|block| block.strip_prefix(&format!("hex {name}\n")));
        hex::decode(block.unwrap().trim()).unwrap()
    }

    fn request(tail: u8) -> RequestId {
        RequestId::from_bytes([1, 2, 3, 4, 5, 6, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, tail])
    }

    fn first() -> First {
        First { commit_ts: Timestamp::from_u64(0x4142_4344_4546_4748), index: LogIndex::new(9) }
    }

    #[test]
    fn a_request_is_stored_as_it_is_drawn() {
        let keyspaces = GroupKeyspaces::new(GroupId::CONTROL);
        let requests = Requests { keyspaces: &keyspaces, generation: Generation::from_u64(3) };
        let mut batch = Batch::default();
        requests.put(&mut batch, &request(0), first());
        let [elastickv_engine::Op::Put { key, value, .. }] = batch.ops() else { panic!("{batch:?}") };
        assert_eq!(hex::encode(key), hex::encode(drawn("request key")));
        assert_eq!(hex::encode(value), hex::encode(drawn("request value")));
        assert_eq!(decode(key, value).unwrap(), (request(0), first()));
        assert!(decode(&key[1..], value).is_err() && decode(key, &value[1..]).is_err());
    }

    #[test]
    fn the_requests_of_other_generations_go_and_nothing_else() {
        let engine = ModelEngine::new();
        let keyspaces = GroupKeyspaces::new(GroupId::CONTROL);
        engine.create_keyspace(keyspaces.meta()).unwrap();
        let of = |raw| Requests { keyspaces: &keyspaces, generation: Generation::from_u64(raw) };
        let generations = [0, 1, 2, 3, u64::MAX];
        let mut batch = Batch::default();
        batch.put(keyspaces.meta(), &b"applied"[..], &b"x"[..]);
        batch.put(keyspaces.meta(), &b"t"[..], &b"x"[..]);
        for generation in generations {
            (0..3).for_each(|tail| of(generation).put(&mut batch, &request(tail), first()));
        }
        engine.write(batch).unwrap();
        let view = engine.view().unwrap();
        assert_eq!(of(3).first(&*view, &request(2)).unwrap(), Some(first()));
        assert_eq!(of(4).first(&*view, &request(2)).unwrap(), None);
        let left = || {
            let view = engine.view().unwrap();
            generations.map(|generation| of(generation).load(&*view).unwrap().len())
        };
        let drop_others = |raw| REQUESTS.drop_others(&engine, &keyspaces, Generation::from_u64(raw)).unwrap();
        assert_eq!(left(), [3; 5]);
        drop_others(2);
        assert_eq!(left(), [0, 0, 3, 0, 0]);
        drop_others(u64::MAX);
        let view = engine.view().unwrap();
        assert_eq!(view.range(keyspaces.meta(), KeyRange::ALL, Direction::Forward).unwrap().count(), 2);
    }
}
