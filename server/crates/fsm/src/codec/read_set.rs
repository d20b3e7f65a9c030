//! Keys and ranges that a write rests on.
//!
//! ```text
//! Write       … · fixed64 read_ts = 3 · repeated bytes read_keys = 4 (not empty) · repeated Span read_spans = 5 · …
//! Span        bytes start = 1 · bytes end = 2 (left out: no end)
//! ```

use bytes::BytesMut;

use super::spell::{optional_part_len, put_head, put_optional_part, put_part};
use super::walk::{Walk, Wrong};
use crate::command::Span;

/// Their numbers in a write.
pub const KEYS: u8 = 4;
pub const SPANS: u8 = 5;

pub fn put_key(key: &[u8], out: &mut BytesMut) {
    put_part(KEYS.into(), key, out);
}

pub fn put_span(span: Span<'_>, out: &mut BytesMut) {
    let len = optional_part_len(span.start.len()) + optional_part_len(span.end.len());
    put_head(SPANS.into(), len, out);
    put_optional_part(1, span.start, out);
    put_optional_part(2, span.end, out);
}

/// Reads through what has to be a list of keys and nothing else.
pub fn check_keys(list: &[u8]) -> Result<(), Wrong> {
    let mut walk = Walk::new(list);
    while let Some(key) = walk.part(KEYS)? {
        if key.is_empty() {
            return Err(Wrong::Invalid("a key is empty"));
        }
    }
    walk.end()
}

/// Reads through what has to be a list of spans and nothing else.
pub fn check_spans(list: &[u8]) -> Result<(), Wrong> {
    let mut walk = Walk::new(list);
    while let Some(part) = walk.part(SPANS)? {
        read_span(part)?;
    }
    walk.end()
}

/// The keys of a list that was read through.
pub fn keys(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    Walk::new(list).parts(KEYS)
}

/// The spans of a list that was read through.
pub fn spans(list: &[u8]) -> impl Iterator<Item = Span<'_>> {
    Walk::new(list).parts(SPANS).map(|part| read_span(part).expect("the list was read through"))
}

fn read_span(raw: &[u8]) -> Result<Span<'_>, Wrong> {
    let mut fields = Walk::new(raw);
    let (start, end) = (fields.optional_part(1)?, fields.optional_part(2)?);
    fields.end()?;
    Ok(Span { start, end })
}
