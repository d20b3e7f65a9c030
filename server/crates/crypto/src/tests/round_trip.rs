//! What was sealed is what is opened, of every length, compressible or not.

use proptest::prelude::*;

use super::*;

fn comes_back_from_storage(value: &[u8]) {
    let pen = Pen::<Storage>::new(1);
    let envelope = pen.sealed(value);
    assert!(envelope.len() <= value.len() + OVERHEAD_BYTES);
    let mut opened = BytesMut::from(&b"before"[..]);
    pen.dek.open(ROW, &envelope, &mut opened).unwrap();
    assert_eq!(&opened[..6], b"before");
    assert!(&opened[6..] == value);
    let mut in_place = envelope;
    pen.dek.open_in_place(ROW, &mut in_place).unwrap();
    assert!(in_place == value);
}

fn comes_back_from_raft(command: &[u8]) {
    let pen = Pen::<Raft>::new(2);
    let mut envelope = pen.sealed(command);
    assert_eq!(envelope.len(), command.len() + OVERHEAD_BYTES);
    let mut opened = BytesMut::from(&b"before"[..]);
    pen.dek.open(ENTRY, &envelope, &mut opened).unwrap();
    assert!(&opened[6..] == command);
    pen.dek.open_in_place(ENTRY, &mut envelope).unwrap();
    assert!(envelope == command);
}

/// Bytes with stretches that repeat, as texts and tables have, or without any.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let random = prop::collection::vec(any::<u8>(), 0..6000);
    let repeating = (prop::collection::vec(any::<u8>(), 1..40), 1..300_usize)
        .prop_map(|(stretch, times)| stretch.repeat(times));
    let mixed = (random.clone(), repeating.clone()).prop_map(|(a, b)| [a, b].concat());
    prop_oneof![random, repeating, mixed]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn values_come_back(value in bytes()) {
        comes_back_from_storage(&value);
    }

    #[test]
    fn commands_come_back(command in bytes()) {
        comes_back_from_raft(&command);
    }
}

#[test]
fn small_ones_of_every_length_come_back() {
    for len in 0..600 {
        let random: Vec<u8> = (0..len).map(|at: usize| ((at * at * 31) >> 3) as u8).collect();
        comes_back_from_storage(&random);
        comes_back_from_storage(&vec![b'a'; len]);
        comes_back_from_raft(&random);
    }
}

#[test]
fn the_longest_value_comes_back_and_a_longer_one_is_refused() {
    let pen = Pen::<Storage>::new(1);
    let mut value = vec![7; LONGEST_VALUE];
    comes_back_from_storage(&value);
    value.push(7);
    let mut out = BytesMut::from(&b"before"[..]);
    let refused = pen.dek.seal(pen.nonces.draw().unwrap(), ROW, &value, &mut out);
    assert_eq!(refused, Err(CryptoError::TooLong { len: LONGEST_VALUE + 1, limit: LONGEST_VALUE }));
    assert_eq!(out, &b"before"[..]);
}

#[test]
fn keys_of_every_length_are_bound() {
    let pen = Pen::<Storage>::new(1);
    for len in (0..300).chain(4000..4200).chain([65_535]) {
        let row_key = vec![7; len];
        let row = RowContext { header: &HEADER, row_key: &row_key };
        let mut sealed = BytesMut::new();
        pen.dek.seal(pen.nonces.draw().unwrap(), row, b"v", &mut sealed).unwrap();
        let longer = vec![7; len + 1];
        let moved = RowContext { header: &HEADER, row_key: &longer };
        assert!(pen.dek.open(moved, &sealed, &mut BytesMut::new()).is_err());
        pen.dek.open_in_place(row, &mut sealed).unwrap();
        assert_eq!(sealed, &b"v"[..]);
    }
}

#[test]
fn a_wrapped_key_is_the_same_key() {
    let kek = wrapping_key(9);
    let cluster = elastickv_types::ClusterId::from_bytes([5; 16]);
    let key = material(3, Purpose::Storage);
    let wrapped = kek.wrap(cluster, &key, |bytes| bytes.fill(4));
    let back = kek.unwrap(key.context(cluster), &wrapped).unwrap();
    assert_eq!(back.commitment(), key.commitment());
    let other = material(5, Purpose::Storage);
    assert_ne!(other.commitment(), key.commitment());
}
