use std::sync::Arc;

use elastickv_engine::SharedEngine;
use elastickv_engine::model::ModelEngine;
use elastickv_keyring::{KeyState, KeyTable, Keystore, subject};
use elastickv_mvcc::{ClearRows, RowDraft, RowKey, Sealer};
use elastickv_sys::clock::ManualClock;
use elastickv_types::{FullNodeId, GroupId, Purpose, Timestamp};

use super::*;
use crate::keys::NodeKeys;

const ALL: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

fn key(raw: u32) -> KeyId {
    KeyId::from_u32(raw).unwrap()
}

fn budget(rows: usize) -> Budget {
    Budget { rows: NonZeroUsize::new(rows).unwrap(), bytes: 1 << 20 }
}

fn job() -> OperationId {
    OperationId::from_bytes(*b"\x01\x91\xf2\xa4\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x07")
}

/// A node whose rows are sealed under key 1, with four of them in clear from before.
struct Node {
    keys: Arc<Keystore>,
    replica: Replica,
}

impl Node {
    fn new() -> Self {
        let keys = subject::keystore("n1");
        let (me, cluster) = (FullNodeId::of_name("n1"), Arc::new(|| Some(subject::cluster())));
        let held = NodeKeys::held(keys.clone(), me, cluster);
        let engine: SharedEngine = Arc::new(ModelEngine::default());
        let replica = Replica::open(GroupId::CONTROL, engine, held, ManualClock::at_unix_ms(0)).unwrap();
        let node = Self { keys, replica };
        subject::adopt(&node.keys, &node.table());
        (1..=4).for_each(|at| node.put(&ClearRows, at));
        node
    }

    fn table(&self) -> KeyTable {
        subject::table(self.keys.load_token(), Some(LogIndex::new(10)))
    }

    /// Key 3 takes the place of key 1.
    fn rotate(&self) {
        let mut table = self.table();
        let (load, index) = (self.keys.load_token(), LogIndex::new(20));
        let new = subject::table_key(key(3), Purpose::Storage, KeyState::Active, load);
        table.keys.insert(key(3), new);
        table.keys.get_mut(&key(1)).unwrap().state = KeyState::Retiring;
        subject::adopt(&self.keys, &KeyTable { index, ..table });
    }

    fn put(&self, sealer: &dyn Sealer, at: u64) {
        let raw_key = RowKey::encode(b"k", Timestamp::from_u64(at));
        let row = sealer.seal(&raw_key, RowDraft { tombstone: false, expire_at: 0, body: b"v" }).unwrap();
        let mut batch = Batch::default();
        batch.put(&self.replica.keyspaces.rows(self.replica.applied().generation), raw_key, row);
        self.replica.engine.write(batch).unwrap();
    }

    fn begin(&self) -> Rewriting {
        self.replica.begin_rewriting(job(), &self.replica.begin_scan(), Amount::default()).unwrap();
        self.at()
    }

    fn at(&self) -> Rewriting {
        self.replica.rewriting(job()).unwrap()
    }

    fn to_the_end(&self) -> Rewriting {
        while matches!(self.at().part, Part::Rows | Part::Locks) {
            self.replica.rewrite(self.at(), budget(3)).unwrap();
        }
        self.at()
    }

    fn counted(&self) -> Tally {
        let mut scan = self.replica.begin_scan();
        while !scan.is_over() {
            self.replica.scan(&mut scan, ALL).unwrap();
        }
        scan.tally
    }

    fn rows_under(&self, raw: u32) -> u64 {
        self.counted().keys.get(&key(raw)).map_or(0, |amount| amount.rows)
    }
}

#[test]
fn a_step_that_was_sealed_under_a_key_that_is_replaced_meanwhile_is_dropped() {
    let node = Node::new();
    let from = node.begin();
    let sealed = node.replica.seal_step(&from, budget(99)).unwrap().unwrap();
    assert_eq!(sealed.step.replacements.len(), 4);
    node.rotate();
    let before = node.counted();
    assert!(matches!(node.replica.write_step(from.clone(), sealed), Err(RewriteError::OtherKey)));
    assert_eq!((node.counted(), node.at()), (before, from), "nothing of it was written");
    node.to_the_end();
    assert_eq!((node.rows_under(1), node.rows_under(3)), (0, 4));
}

/// The newest version of a key comes first, so what is written on the way lies behind.
#[test]
fn rows_that_a_rotation_leaves_behind_are_gone_over_at_the_end() {
    let node = Node::new();
    let from = node.begin();
    assert_eq!(from.under, key(1));
    node.replica.rewrite(from, budget(2)).unwrap();
    node.put(&**node.replica.sealer(), 9);
    node.rotate();
    let end = node.to_the_end();
    assert_eq!((end.part, node.rows_under(1)), (Part::Erasing, 3), "two were sealed and one came meanwhile");
    assert!(node.replica.was_overtaken(&end));
    node.begin();
    let end = node.to_the_end();
    assert_eq!((node.rows_under(1), node.rows_under(3)), (0, 5));
    assert!(!node.replica.was_overtaken(&end));
}

#[test]
fn nothing_begins_before_this_node_seals_under_the_active_key() {
    let node = Node::new();
    let scan = node.replica.begin_scan();
    node.keys.follow_nothing();
    let begun = node.replica.begin_rewriting(job(), &scan, Amount::default());
    assert!(matches!(begun, Err(RewriteError::OtherKey)));
}

/// A record that does not fit is not taken for one that does.
#[test]
fn a_record_that_does_not_decode_is_refused_by_name() {
    let node = Node::new();
    let raw = node.begin().encode();
    let mut batch = Batch::default();
    batch.put(node.replica.keyspaces.meta(), RECORD, raw.slice(..raw.len() - 20));
    let engine = node.replica.engine.clone();
    engine.write(batch).unwrap();
    let opened = Replica::open(GroupId::CONTROL, engine, NodeKeys::none(), ManualClock::at_unix_ms(0));
    let error = opened.err().unwrap().to_string();
    assert!(error.contains("rewrite") && error.contains("too short"), "{error}");
}

/// A row that says nothing that is known is told of by whoever counts, and keeps the rows from being called sealed.
#[test]
fn a_row_that_is_none_is_counted_and_stays() {
    let node = Node::new();
    let mut batch = Batch::default();
    let rows = node.replica.keyspaces.rows(node.replica.applied().generation);
    batch.put(&rows, RowKey::encode(b"z", Timestamp::from_u64(1)), Bytes::from_static(&[0xff; 3]));
    node.replica.engine.write(batch).unwrap();
    node.begin();
    let end = node.to_the_end();
    let counted = node.counted();
    assert_eq!((end.unopened, counted.malformed, counted.clear.rows, node.rows_under(1)), (1, 1, 0, 4));
    node.replica.end_rewriting(end, true).unwrap();
    assert!(!node.replica.sealed_only.get());
}
