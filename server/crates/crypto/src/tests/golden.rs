//! The bytes drawn in `docs/formats/envelopes.md` and `docs/formats/wrapped-dek.md`.

use elastickv_types::{ClusterId, FullNodeId, WrappedKey};

use super::*;

const ENVELOPES: &str = include_str!("../../../../../docs/formats/envelopes.md");
const WRAPPED: &str = include_str!("../../../../../docs/formats/wrapped-dek.md");

/// The bytes in the row of a page's table that begins with this name.
fn drawn(page: &str, name: &str) -> Vec<u8> {
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {name} | `")));
    let digits = row.unwrap_or_else(|| panic!("no row called {name}")).trim_end_matches("` |");
    hex::decode(digits).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn drawn_material(id: u32, purpose: Purpose) -> KeyMaterial {
    KeyMaterial::draw(key_id(id), purpose, |bytes| bytes.copy_from_slice(&drawn(ENVELOPES, "key")))
}

fn drawn_pen<U: Usage>(id: u32) -> Pen<U> {
    let dek = Dek::new(drawn_material(id, U::PURPOSE)).unwrap();
    let node = FullNodeId::of_name("n1").short();
    let nonces = NonceSource::new(&dek, node, LocalEpoch::new(7), NonceSalt::new(0xa1b2_c3d4));
    Pen { dek, nonces }
}

/// A sealed row as it is stored: its header, then the envelope.
fn split_row(row: &[u8]) -> (&[u8; ROW_HEADER_BYTES], &[u8]) {
    row.split_first_chunk().unwrap()
}

fn check_row(name: &str, value: &[u8], skipped: u32) {
    let (pen, row_key) = (drawn_pen::<Storage>(0x0102_0304), drawn(ENVELOPES, "row key"));
    let row = drawn(ENVELOPES, name);
    let (header, envelope) = split_row(&row);
    let context = RowContext { header, row_key: &row_key };
    pen.nonces.skip_to(1 + skipped);
    let mut sealed = BytesMut::from(&header[..]);
    pen.dek.seal(pen.nonces.draw().unwrap(), context, value, &mut sealed).unwrap();
    assert_eq!(hex::encode(&sealed), hex::encode(&row), "{name}");
    let mut opened = BytesMut::new();
    pen.dek.open(context, envelope, &mut opened).unwrap();
    assert_eq!(opened, value, "{name}");
}

#[test]
fn rows_have_the_drawn_bytes() {
    check_row("sealed row", b"value", 0);
    check_row("sealed row, empty value", b"", 1);
    check_row("sealed tombstone", b"", 2);
    check_row("sealed row, compressed", &[b'a'; 100], 3);
}

#[test]
fn entries_have_the_drawn_bytes() {
    let pen = drawn_pen::<Raft>(0x0a0b_0c0d);
    let context = EntryContext { group: GroupId::from_u64(2).unwrap() };
    let mut sealed = BytesMut::new();
    let write = |out: &mut BytesMut| out.extend_from_slice(b"command");
    pen.dek.seal(pen.nonces.draw().unwrap(), context, &mut sealed, write).unwrap();
    assert_eq!(hex::encode(&sealed), hex::encode(drawn(ENVELOPES, "sealed entry")));
    pen.dek.open_in_place(context, &mut sealed).unwrap();
    assert_eq!(sealed, &b"command"[..]);
}

#[test]
fn wrappings_and_commitments_have_the_drawn_bytes() {
    let kek = drawn(WRAPPED, "wrapping key");
    let kek = WrappingKey::load(|bytes| <[u8; 32]>::try_from(kek).map(|kek| *bytes = kek)).unwrap();
    let cluster = ClusterId::from_slice(&drawn(WRAPPED, "cluster id")).unwrap();
    let key = drawn_material(0x0102_0304, Purpose::Storage);
    let context = key.context(cluster);
    assert_eq!(hex::encode(context.aad()), hex::encode(drawn(WRAPPED, "additional data")));
    let wrapped = kek.wrap(cluster, &key, |nonce| nonce.copy_from_slice(&drawn(WRAPPED, "nonce")));
    assert_eq!(hex::encode(wrapped.as_bytes()), hex::encode(drawn(WRAPPED, "wrapped")));
    let stored = WrappedKey::new(drawn(WRAPPED, "wrapped").into()).unwrap();
    let commitment = kek.unwrap(context, &stored).unwrap().commitment();
    assert_eq!(hex::encode(commitment.as_bytes()), hex::encode(drawn(WRAPPED, "commitment")));
    assert_eq!(hex::encode(kek.fingerprint()), hex::encode(drawn(WRAPPED, "fingerprint")));
}
