//! The bytes that are drawn in `docs/formats/scan-token.md` and `docs/formats/row.md`.

use elastickv_engine::Direction;

use super::support::ts;
use crate::gc::Cursor;
use crate::{RowHeader, RowKey, RowState, ScanRequest, ScanToken, Watermark};

const TOKENS: &str = include_str!("../../../../../docs/formats/scan-token.md");
const ROWS: &str = include_str!("../../../../../docs/formats/row.md");

/// The bytes in the row of a page's table that begins with this name.
fn drawn(page: &str, name: &str) -> Vec<u8> {
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {name} | `")));
    let digits = row.unwrap_or_else(|| panic!("no row called {name}")).trim_end_matches("` |");
    hex::decode(digits).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn same(page: &str, name: &str, bytes: &[u8]) {
    assert_eq!(hex::encode(bytes), hex::encode(drawn(page, name)), "{name}");
}

fn request(way: Direction) -> ScanRequest {
    let (start, end) = ("a".into(), "m\0".into());
    ScanRequest { start, end, at: ts(0x0102_0304_0506_0708), way, keys_only: false }
}

#[test]
fn tokens_are_those_that_are_drawn() {
    let forward = ScanToken::new(&request(Direction::Forward), "b".into());
    same(TOKENS, "token, forward at `b`", &forward.encode());
    assert_eq!(ScanToken::decode(&forward.encode()).unwrap(), forward);
    let backward = ScanToken::new(&request(Direction::Backward), "b\0".into());
    same(TOKENS, "token, backward at `b\\0`", &backward.encode());
    assert_eq!(ScanToken::decode(&backward.encode()).unwrap(), backward);
}

#[test]
fn cursors_are_those_that_are_drawn() {
    let watermark = Watermark::unchecked(ts(0x0102_0304_0506_0708));
    let beginning = Cursor::start(watermark);
    same(TOKENS, "cursor, beginning", &beginning.encode());
    assert_eq!(Cursor::decode(&beginning.encode(), watermark).unwrap(), beginning);
    let cursor = Cursor::decode(&drawn(TOKENS, "cursor"), watermark).unwrap();
    assert_eq!(cursor, Cursor::at(watermark, RowKey::encode(b"a\0b", ts(1))));
    same(TOKENS, "cursor", &cursor.encode());
}

#[test]
fn rows_are_those_that_are_drawn() {
    same(ROWS, "key `a\\0b` at 0x0102030405060708", &RowKey::encode(b"a\0b", ts(0x0102_0304_0506_0708)));
    let header = |tombstone, state, expire_at| RowHeader { tombstone, state, expire_at };
    let clear = header(false, RowState::Clear, 0x0102).join(b"v");
    same(ROWS, "clear value `v`, expiring at 0x0102", &clear);
    same(ROWS, "sealed tombstone header", &header(true, RowState::Sealed, 0).encode());
}
