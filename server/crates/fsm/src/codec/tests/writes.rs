//! Entries of users' writes.

use elastickv_types::{RequestId, Timestamp};

use super::*;

fn stamp(raw: u64) -> Timestamp {
    Timestamp::from_u64(raw)
}

pub fn bounds() -> Bounds {
    Bounds { ceiling: stamp(0x1112_1314_1516_1718), oldest: stamp(0x2122_2324_2526_2728) }
}

/// All that there can be in one.
pub fn full() -> Command {
    let mut reads = ReadSet::builder(stamp(0x4142_4344_4546_4747)).unwrap();
    reads.key(b"r").unwrap();
    reads.span(Span { start: b"s", end: b"t" });
    reads.span(Span { start: b"", end: b"" });
    let mutations = [
        Mutation::Put { key: b"k", value: b"v", expire_at: 0 },
        Mutation::Put { key: b"e", value: b"", expire_at: 0x3132_3334_3536_3738 },
        Mutation::Delete { key: b"gone" },
    ];
    let write = Write {
        commit_ts: stamp(0x4142_4344_4546_4748),
        request_id: Some(RequestId::from_bytes([0x11; 16])),
        reads: Some(reads.build()),
        mutations: Mutations::of(mutations).unwrap(),
    };
    Command::WriteBatch(WriteBatch { bounds: bounds(), writes: Writes::of(&[write]) })
}

/// What most of them are.
pub fn plain() -> Command {
    let put = Mutation::Put { key: b"k", value: b"v", expire_at: 0 };
    let write = Write {
        commit_ts: stamp(0x4142_4344_4546_4748),
        request_id: None,
        reads: None,
        mutations: Mutations::of([put]).unwrap(),
    };
    Command::WriteBatch(WriteBatch { writes: Writes::of(&[write]), ..WriteBatch::default() })
}

pub fn prewrite() -> Command {
    let mutations =
        [Mutation::Put { key: b"k", value: b"v", expire_at: 0 }, Mutation::Delete { key: b"gone" }];
    Command::PreWrite(PreWrite {
        at: stamp(0x4142_4344_4546_4748),
        start_ts: stamp(0x4142_4344_4546_4747),
        expires_at: UnixMillis::new(0x3132_3334_3536_3738),
        mutations: Mutations::of(mutations).unwrap(),
    })
}

pub fn resolve() -> Command {
    Command::Resolve(Resolve {
        at: stamp(0x4142_4344_4546_4748),
        start_ts: stamp(0x4142_4344_4546_4747),
        commit: true,
        keys: Keys::of([&b"k"[..], b"gone"]).unwrap(),
    })
}

/// A write batch whose message is this.
fn batch(message: &[u8]) -> Result<Command, CodecError> {
    decode_payload([&[1, 0, 0, 1], message].concat().into())
}

fn part(field: u8, bytes: &[u8]) -> Vec<u8> {
    [&[field << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

fn fixed64(field: u8, value: u64) -> Vec<u8> {
    [&[field << 3 | 1][..], &value.to_le_bytes()].concat()
}

/// A batch of one write with these fields.
fn write(fields: &[u8]) -> Result<Command, CodecError> {
    batch(&part(3, fields))
}

fn mutation(fields: &[u8]) -> Result<Command, CodecError> {
    write(&part(6, fields))
}

const UNKNOWN: Result<Command, CodecError> = Err(CodecError::Unknown { opcode: 0 });

fn invalid(reason: &'static str) -> Result<Command, CodecError> {
    Err(CodecError::Invalid { opcode: 0, reason })
}

/// Without this, one entry would be read as another that encodes otherwise.
#[test]
fn a_write_batch_has_one_spelling() {
    assert!(mutation(&[0x0a, 1, b'k']).is_ok());
    assert!(mutation(&[0x0a, 1, b'k', 0x12, 1, b'v']).is_ok());
    assert!(mutation(&[0x0a, 1, b'k', 0x18, 1]).is_ok());
    assert!(mutation(&[&[0x0a, 1, b'k'][..], &fixed64(4, 9)].concat()).is_ok());
    let zero = fixed64(4, 0);
    for other in [
        &[0x0a, 1, b'k', 0x12, 0][..],   // a value that is left out when it is empty
        &[0x0a, 1, b'k', 0x18, 0],       // so is a flag that is not set
        &[0x0a, 1, b'k', 0x18, 2],       // and this one is set otherwise
        &[0x0a, 0x81, 0, b'k'],          // a length in two bytes
        &[0x0a, 1, b'k', 0x0a, 1, b'k'], // a key twice
        &[0x0a, 1, b'k', 0x28, 1],       // a field of a later build
        &[&[0x0a, 1, b'k'], &zero[..]].concat(), // an end of a life that has none
    ] {
        assert_eq!(mutation(other), UNKNOWN, "{other:x?}");
    }
    for number in [1, 3] {
        assert_eq!(write(&fixed64(number, 0)), UNKNOWN, "a timestamp of zero is left out");
    }
    for number in [1, 2] {
        assert_eq!(batch(&fixed64(number, 0)), UNKNOWN, "and so is a bound");
    }
    assert_eq!(batch(&[fixed64(2, 1), fixed64(1, 1)].concat()), UNKNOWN, "bounds in another order");
    let reads = |fields: &[u8]| write(&[&fixed64(3, 5), fields].concat());
    let key = part(6, &[0x0a, 1, b'k']);
    for other in [
        part(5, &part(1, b"")), // a start that is left out when it is empty
        part(5, &part(2, b"")), // and an end
        part(5, &[part(2, b"b"), part(1, b"a")].concat()), // the wrong way round
        [part(5, b""), part(4, b"k")].concat(), // keys after spans
        [key.clone(), part(4, b"k")].concat(), // and after mutations
        [part(4, b"k"), part(2, &[0x11; 16])].concat(),
        [key, fixed64(1, 5)].concat(),
    ] {
        assert_eq!(reads(&other), UNKNOWN, "{other:x?}");
    }
}

#[test]
fn a_write_that_can_not_be_meant_is_refused_by_name() {
    assert_eq!(mutation(&[0x12, 1, b'v']), invalid("a key is empty"));
    assert_eq!(mutation(&[0x0a, 0]), invalid("a key is empty"));
    let both = "a deletion carries a value";
    assert_eq!(mutation(&[0x0a, 1, b'k', 0x12, 1, b'v', 0x18, 1]), invalid(both));
    assert_eq!(mutation(&[&[0x0a, 1, b'k', 0x18, 1][..], &fixed64(4, 9)].concat()), invalid(both));
    for len in [0, 15, 17] {
        assert_eq!(write(&part(2, &[0x11; 17][..len])), invalid("its request id is not 16 bytes"));
    }
    let untimed = "a read set has no timestamp";
    assert_eq!(write(&part(4, b"k")), invalid(untimed));
    assert_eq!(write(&part(5, b"")), invalid(untimed));
    assert_eq!(write(&[fixed64(3, 5), part(4, b"")].concat()), invalid("a key is empty"));
    assert_eq!(Mutations::of([Mutation::Delete { key: b"" }]), Err(EmptyKey));
    assert!(ReadSet::builder(Timestamp::ZERO).is_none());
    assert_eq!(ReadSet::builder(stamp(1)).unwrap().key(b""), Err(EmptyKey));
}

/// As in a write: without this, one entry would be read as another that encodes otherwise.
#[test]
fn steps_of_transactions_have_one_spelling() {
    let read = |opcode: u8, message: &[u8]| decode_payload([&[1, 0, opcode, 1], message].concat().into());
    let unknown = |opcode| Err(CodecError::Unknown { opcode });
    let key = part(4, b"k");
    for number in [1, 2, 3] {
        assert_eq!(read(0x10, &fixed64(number, 0)), unknown(0x10));
    }
    assert_eq!(read(0x10, &[fixed64(2, 1), fixed64(1, 1)].concat()), unknown(0x10));
    assert_eq!(read(0x10, &key), unknown(0x10));
    assert_eq!(read(0x11, &[0x18, 0]), unknown(0x11));
    assert_eq!(read(0x11, &[&key[..], &[0x18, 1]].concat()), unknown(0x11));
    assert_eq!(read(0x11, &part(6, &part(1, b"k"))), unknown(0x11));
    let empty = |opcode| Err(CodecError::Invalid { opcode, reason: "a key is empty" });
    assert_eq!(read(0x11, &part(4, b"")), empty(0x11));
    assert_eq!(read(0x10, &part(6, &part(1, b""))), empty(0x10));
    assert_eq!(Keys::of([&b""[..]]), Err(EmptyKey));
}

fn every_mutation() -> Mutations {
    let long = vec![7; 70_000];
    let keys: [&[u8]; 2] = [b"k", &long];
    let values: [&[u8]; 3] = [b"", b"k", &long];
    let puts = keys.iter().flat_map(|key| values.iter().map(move |value| (*key, *value)));
    let lives = puts.flat_map(|put| [0, 1, u64::MAX].map(|expire_at| (put, expire_at)));
    let puts = lives.map(|((key, value), expire_at)| Mutation::Put { key, value, expire_at });
    Mutations::of(puts.chain(keys.iter().map(|key| Mutation::Delete { key }))).unwrap()
}

#[test]
fn every_shape_of_a_write_is_read_as_it_was_written() {
    let mut reads = ReadSet::builder(stamp(u64::MAX)).unwrap();
    let long = vec![7; 70_000];
    [&b"k"[..], &long].into_iter().for_each(|key| reads.key(key).unwrap());
    for (start, end) in [(&b""[..], &b""[..]), (b"", b"b"), (b"a", b""), (b"a", &long), (b"b", b"a")] {
        reads.span(Span { start, end });
    }
    let reads = [None, ReadSet::builder(stamp(1)).map(ReadSetBuilder::build), Some(reads.build())];
    let mut writes = Vec::new();
    for (commit_ts, reads) in [0, 1, u64::MAX].into_iter().zip(reads) {
        for request_id in [None, Some(RequestId::from_bytes([0; 16]))] {
            for mutations in [Mutations::default(), every_mutation()] {
                writes.push(Write {
                    commit_ts: stamp(commit_ts),
                    request_id,
                    reads: reads.clone(),
                    mutations,
                });
            }
        }
    }
    for bounds in [Bounds::default(), bounds(), Bounds { oldest: stamp(0), ..bounds() }] {
        let batch = WriteBatch { bounds, writes: Writes::of(&writes) };
        let payload = encode_payload(&Command::WriteBatch(batch.clone()));
        assert_eq!(payload.len(), 4 + write::len(&batch));
        let Ok(Command::WriteBatch(read)) = decode_payload(payload) else { panic!("it does not decode") };
        assert_eq!(read.bounds, bounds);
        assert_eq!(read.writes.iter().collect::<Vec<_>>(), writes);
        assert_eq!(read, batch);
    }
}
