//! Tokens and cursors that nobody gave.

use bytes::Bytes;
use elastickv_engine::{Direction, Engine};
use elastickv_types::Timestamp;

use super::support::{Tagged, WHOLE, count, engine, name, put, ts};
use crate::gc::Cursor;
use crate::{PageLimit, RowError, RowKey, Rows, ScanRequest, ScanToken, Watermark};

fn request(start: &'static str, end: &'static str, at: u64, way: Direction) -> ScanRequest {
    ScanRequest { start: start.into(), end: end.into(), at: ts(at), way, keys_only: false }
}

/// The token of a first page over keys a, b, c and d.
fn token(request: &ScanRequest) -> ScanToken {
    let engine = engine();
    for key in [b"a", b"b", b"c", b"d"] {
        put(&engine, key, ts(1), Some(b""), 0);
    }
    let view = engine.view().unwrap();
    let keyspace = name("rows");
    let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: Timestamp::ZERO };
    let page = rows.scan(request, None, PageLimit { pairs: count(1), ..WHOLE }).unwrap();
    page.next.unwrap()
}

#[test]
fn a_token_fits_no_other_request() {
    let asked = request("a", "d", 5, Direction::Forward);
    let token = token(&asked);
    assert_eq!(token.at(), ts(5));
    assert!(token.resume(&asked).is_ok());
    assert!(token.resume(&ScanRequest { keys_only: true, ..asked }).is_ok());
    let others = [
        (request("a", "d", 6, Direction::Forward), "timestamp"),
        (request("a", "d", 5, Direction::Backward), "direction"),
        (request("a", "c", 5, Direction::Forward), "range"),
        (request("", "d", 5, Direction::Forward), "range"),
        (request("ad", "", 5, Direction::Forward), "range"),
    ];
    for (other, what) in others {
        let refused = token.resume(&other).unwrap_err();
        assert!(matches!(refused, RowError::ForeignToken { differs } if differs == what), "{refused}");
    }
}

#[test]
fn a_token_leads_out_of_no_range() {
    for way in [Direction::Forward, Direction::Backward] {
        let asked = request("b", "d", 5, way);
        for (place, inside) in [("a", false), ("b", true), ("c", true), ("d", false), ("e", false)] {
            let made_up = ScanToken::new(&asked, Bytes::from_static(place.as_bytes()));
            assert_eq!(made_up.resume(&asked).is_ok(), inside, "{place} {way:?}");
        }
    }
    let all = request("", "", 5, Direction::Backward);
    let before_everything = ScanToken::new(&all, Bytes::new());
    assert!(matches!(before_everything.resume(&all), Err(RowError::MalformedToken { .. })));
}

/// Every cut, every changed byte and every added one.
fn changed(whole: &[u8]) -> Vec<Vec<u8>> {
    let cut = (0..whole.len()).map(|len| whole[..len].to_vec());
    let flipped = (0..whole.len() * 8).map(|bit| {
        let mut bytes = whole.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    });
    cut.chain(flipped).chain([[whole, &[0]].concat()]).collect()
}

/// The same with a checksum that fits, as somebody makes it who knows how.
fn resummed(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len().saturating_sub(4);
    bytes.truncate(body);
    let sum = crc32c::crc32c(&bytes);
    bytes.extend(sum.to_be_bytes());
    bytes
}

#[test]
fn a_changed_token_is_none() {
    let whole = token(&request("a", "d", 5, Direction::Backward)).encode();
    for bytes in changed(&whole) {
        let refused = ScanToken::decode(&bytes).unwrap_err();
        assert!(matches!(refused, RowError::MalformedToken { .. }));
    }
    for bytes in changed(&whole).into_iter().map(resummed) {
        if let Ok(token) = ScanToken::decode(&bytes) {
            assert_eq!(token.encode(), bytes);
        }
    }
}

#[test]
fn a_changed_cursor_is_none() {
    let allowed = Watermark::unchecked(ts(7));
    let whole = Cursor::at(allowed, RowKey::encode(b"key", ts(3))).encode();
    for bytes in changed(&whole) {
        let refused = Cursor::decode(&bytes, allowed).unwrap_err();
        assert!(matches!(refused, RowError::MalformedCursor { .. }));
    }
    for bytes in changed(&whole).into_iter().map(resummed) {
        if let Ok(cursor) = Cursor::decode(&bytes, allowed) {
            assert_eq!(cursor.encode(), bytes);
        }
    }
}

#[test]
fn a_cursor_does_not_collect_what_can_be_read() {
    let whole = Cursor::start(Watermark::unchecked(ts(7))).encode();
    let refused = Cursor::decode(&whole, Watermark::unchecked(ts(6))).unwrap_err();
    let wanted = (ts(7), ts(6));
    assert!(matches!(refused, RowError::CursorAhead { cursor, oldest } if (cursor, oldest) == wanted));
    assert_eq!(Cursor::decode(&whole, Watermark::unchecked(ts(8))).unwrap().watermark().get(), ts(7));
}

#[test]
fn what_users_wrote_is_not_printed() {
    let asked = request("secret", "secreu", 5, Direction::Forward);
    let token = ScanToken::new(&asked, "secret".into());
    let cursor = Cursor::at(Watermark::unchecked(ts(7)), RowKey::encode(b"secret", ts(3)));
    for text in [format!("{asked:?}"), format!("{token:?}"), format!("{cursor:?}")] {
        assert!(!text.contains("secre") && !text.contains("115"), "{text}");
    }
}
