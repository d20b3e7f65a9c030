//! Rows sealed under a node's keys.

use std::sync::Arc;

use bytes::Bytes;
use elastickv_crypto::OVERHEAD_BYTES;
use elastickv_keyring::{Keystore, Lookup, subject};
use elastickv_types::{LogIndex, Timestamp};

use crate::{
    HEADER_BYTES, KeyedRows, OpenedRow, RowDraft, RowError, RowHeader, RowKey, RowState, SealedOnly, Sealer,
};

const VALUE: &[u8] = b"canary";

fn row_key(user_key: &[u8], at: u64) -> Bytes {
    RowKey::encode(user_key, Timestamp::from_u64(at))
}

fn draft(body: &[u8]) -> RowDraft<'_> {
    RowDraft { tombstone: body.is_empty(), expire_at: 7, body }
}

fn node() -> (Arc<Keystore>, KeyedRows) {
    let keys = subject::keystore("n1");
    (keys.clone(), KeyedRows::new(keys, SealedOnly::default()))
}

fn sealing_node() -> (Arc<Keystore>, KeyedRows) {
    let (keys, rows) = node();
    subject::adopt(&keys, &subject::table(keys.load_token(), Some(LogIndex::new(10))));
    (keys, rows)
}

fn state_of(row: &Bytes) -> RowState {
    RowHeader::split(row.clone()).unwrap().0.state
}

#[test]
fn rows_are_sealed_once_the_cluster_says_so_and_the_clear_ones_stay_readable() {
    let (keys, rows) = node();
    let key = row_key(b"k", 1);
    let clear = rows.seal(&key, draft(VALUE)).unwrap();
    subject::adopt(&keys, &subject::table(keys.load_token(), None));
    assert_eq!(state_of(&rows.seal(&key, draft(VALUE)).unwrap()), RowState::Clear, "keys alone seal nothing");
    let mut table = subject::table(keys.load_token(), Some(LogIndex::new(11)));
    table.index = LogIndex::new(11);
    subject::adopt(&keys, &table);
    let sealed = rows.seal(&key, draft(VALUE)).unwrap();
    assert_eq!(
        (state_of(&sealed), sealed.len()),
        (RowState::Sealed, HEADER_BYTES + OVERHEAD_BYTES + VALUE.len())
    );
    assert!(!sealed.windows(VALUE.len()).any(|part| part == VALUE));
    let opened = OpenedRow { tombstone: false, expire_at: 7, body: Bytes::from_static(VALUE) };
    for row in [clear, sealed] {
        assert_eq!(rows.open(&key, row).unwrap(), opened);
    }
}

#[test]
fn tombstones_and_empty_values_are_sealed_too_and_told_apart() {
    let (_keys, rows) = sealing_node();
    let key = row_key(b"k", 1);
    for tombstone in [false, true] {
        let row = rows.seal(&key, RowDraft { tombstone, expire_at: 0, body: &[] }).unwrap();
        assert_eq!((state_of(&row), row.len()), (RowState::Sealed, HEADER_BYTES + OVERHEAD_BYTES));
        assert_eq!(rows.open(&key, row).unwrap(), OpenedRow { tombstone, expire_at: 0, body: Bytes::new() });
    }
}

#[test]
fn a_sealed_row_opens_in_its_place_and_as_it_is_and_nowhere_else() {
    let (_keys, rows) = sealing_node();
    let key = row_key(b"k", 1);
    let row = rows.seal(&key, draft(VALUE)).unwrap();
    for other in [row_key(b"k", 2), row_key(b"l", 1)] {
        assert!(matches!(rows.open(&other, row.clone()), Err(RowError::Envelope(_))));
    }
    for bit in 0..row.len() * 8 {
        let mut altered = row.to_vec();
        altered[bit / 8] ^= 1 << (bit % 8);
        // The state's bit taken away: the envelope is what a clear row holds, and its reader is shown that. Who
        // knows that all rows are sealed refuses it there.
        if bit == 1 {
            continue;
        }
        assert!(rows.open(&key, altered.into()).is_err(), "bit {bit}");
    }
}

/// Nothing is stored in clear instead.
#[test]
fn a_node_without_a_key_to_seal_under_is_told_to_wait() {
    let (keys, rows) = node();
    let table = subject::table(keys.load_token(), Some(LogIndex::new(10)));
    let change = keys.record(&table).unwrap();
    keys.publish(change);
    let key = row_key(b"k", 1);
    let waits = rows.seal(&key, draft(VALUE)).unwrap_err();
    assert!(matches!(waits, RowError::Key(Lookup::NoSealKey { .. })) && waits.waits_for().is_some());
    let (_other, sealing) = sealing_node();
    let row = sealing.seal(&key, draft(VALUE)).unwrap();
    let waits = rows.open(&key, row.clone()).unwrap_err();
    assert!(matches!(waits, RowError::Key(Lookup::NotOpen { .. })) && waits.waits_for().is_some());
    for unopened in keys.unopened() {
        keys.open(subject::material(unopened.key, unopened.purpose)).unwrap();
    }
    assert_eq!(rows.open(&key, row).unwrap().body, VALUE);
    assert_eq!(state_of(&rows.seal(&key, draft(VALUE)).unwrap()), RowState::Sealed);
}

#[test]
fn where_every_row_was_found_sealed_a_clear_one_is_an_error_and_may_still_travel() {
    let (keys, _) = node();
    let sealed_only = SealedOnly::default();
    let rows = KeyedRows::new(keys.clone(), sealed_only.clone());
    let key = row_key(b"k", 1);
    let clear = rows.seal(&key, draft(VALUE)).unwrap();
    subject::adopt(&keys, &subject::table(keys.load_token(), Some(LogIndex::new(10))));
    assert!(rows.needs_sealing(&clear).unwrap() && rows.open(&key, clear.clone()).is_ok());
    sealed_only.set(true);
    assert!(matches!(rows.open(&key, clear.clone()), Err(RowError::UnsealedRow)));
    let sealed = rows.carried(&key, clear).unwrap();
    assert!(!rows.needs_sealing(&sealed).unwrap());
    assert_eq!(&rows.open(&key, sealed).unwrap().body[..], VALUE);
}
