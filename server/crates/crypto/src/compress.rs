//! Compression, before sealing and only where it wins.
//!
//! A compressed value is a Snappy block, which begins with the length of what it expands to. It wins when an
//! eighth of the value is saved. Values under 64 bytes are not tried, and neither are those that look random
//! in a few places, because trying costs most where it is in vain. docs/adr/0010-compression.md has the
//! figures.

use std::cell::RefCell;

use bytes::{BufMut, BytesMut};
use snap::raw::{Decoder, Encoder, decompress_len, max_compress_len};

const SHORTEST: usize = 64;

/// No Snappy block expands to more than this many times its length: three bytes stand for at most 64.
const MOST_EXPANSION: usize = 22;

/// Room that a thread keeps for its next value.
const KEPT_BYTES: usize = 256 << 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compression {
    Won,
    Lost,
}

/// What was compressed is not what `append` makes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

thread_local! {
    static ENCODER: RefCell<Encoder> = RefCell::new(Encoder::new());
    static COMPRESSED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends this thread's room for something compressed, which holds whatever it held before.
fn with_room<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    COMPRESSED.with_borrow_mut(|room| {
        let result = work(room);
        if room.capacity() > KEPT_BYTES {
            *room = Vec::new();
        }
        result
    })
}

/// Appends the compressed form of a value, or nothing if that is not worth it.
pub(crate) fn append(value: &[u8], out: &mut BytesMut) -> Compression {
    if value.len() < SHORTEST || looks_random(value) {
        return Compression::Lost;
    }
    with_room(|room| {
        let most = max_compress_len(value.len());
        if room.len() < most {
            room.resize(most, 0);
        }
        let used = ENCODER.with_borrow_mut(|encoder| encoder.compress(value, room));
        let compressed = used.ok().and_then(|used| room.get(..used)).unwrap_or(value);
        if compressed.len() > value.len() - value.len().div_ceil(8) {
            return Compression::Lost;
        }
        out.put_slice(compressed);
        Compression::Won
    })
}

/// Whether hardly a byte comes twice among 32 of them, taken from four places. Of random ones 30 differ on
/// average and less than 27 once in fifty times; of text in Base64 25 do, of JSON and prose 13 to 20.
fn looks_random(value: &[u8]) -> bool {
    const PLACES: usize = 4;
    const BYTES: usize = 8;
    const MANY: u32 = 27;
    let step = value.len().saturating_sub(BYTES) / (PLACES - 1);
    let mut seen = [0_u64; 4];
    for place in (0..PLACES).map(|place| place * step) {
        let Some(bytes) = value.get(place..).and_then(|rest| rest.first_chunk::<BYTES>()) else {
            return false;
        };
        for byte in bytes {
            if let Some(word) = seen.get_mut(usize::from(byte >> 6)) {
                *word |= 1 << (byte & 63);
            }
        }
    }
    seen.into_iter().map(u64::count_ones).sum::<u32>() >= MANY
}

/// Replaces what a buffer holds since it had this length by what that expands to.
pub(crate) fn expand_since(start: usize, out: &mut BytesMut, limit: usize) -> Result<(), Malformed> {
    with_room(|room| {
        room.clear();
        room.extend_from_slice(out.get(start..).unwrap_or_default());
        out.truncate(start);
        expand(room, out, limit)
    })
}

fn expand(compressed: &[u8], out: &mut BytesMut, limit: usize) -> Result<(), Malformed> {
    let len = decompress_len(compressed).map_err(|_| Malformed)?;
    if len > limit || len > compressed.len().saturating_mul(MOST_EXPANSION) {
        return Err(Malformed);
    }
    let start = out.len();
    if start == 0 && out.capacity() < len {
        // Growing, it would take twice what it has if that is more, and nothing in it is needed.
        *out = BytesMut::with_capacity(len);
    }
    out.put_bytes(0, len);
    let room = out.get_mut(start..).unwrap_or_default();
    match Decoder::new().decompress(compressed, room) {
        Ok(written) if written == len => Ok(()),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed(value: &[u8]) -> Option<BytesMut> {
        let mut out = BytesMut::from(&b"before"[..]);
        match append(value, &mut out) {
            Compression::Won => Some(out.split_off(6)),
            Compression::Lost => {
                assert_eq!(out, &b"before"[..]);
                None
            }
        }
    }

    fn random(len: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as u8
        };
        std::iter::repeat_with(next).take(len).collect()
    }

    #[test]
    fn only_what_saves_an_eighth_is_kept() {
        for len in 64..3000 {
            let mut value = vec![b'a'; len];
            value.iter_mut().step_by(3).zip(random(len)).for_each(|(byte, random)| *byte = random);
            for value in [value, vec![b'a'; len], random(len)] {
                let Some(compressed) = compressed(&value) else { continue };
                assert!(compressed.len() <= len - len.div_ceil(8), "{} of {len}", compressed.len());
                let mut expanded = BytesMut::new();
                expand(&compressed, &mut expanded, len).unwrap();
                assert!(expanded == value);
            }
        }
    }

    #[test]
    fn short_values_are_not_tried_and_longer_ones_are() {
        assert_eq!(compressed(&[b'a'; 63]), None);
        assert!(compressed(&[b'a'; 64]).is_some());
        assert!(compressed(&[b'a'; 1 << 20]).is_some());
        assert!(COMPRESSED.with_borrow(Vec::capacity) <= KEPT_BYTES);
    }

    #[test]
    fn nothing_expands_more_than_is_allowed() {
        for len in (64..100_000).step_by(977).chain([1 << 20]) {
            let value = vec![b'a'; len];
            let mut expanded = BytesMut::new();
            expand(&compressed(&value).unwrap(), &mut expanded, len).unwrap();
            assert!(expanded == value);
        }
    }

    #[test]
    fn the_look_tells_random_values_from_others() {
        let random = random(1 << 20);
        let taken = random.chunks(256).filter(|value| looks_random(value)).count();
        assert!(taken * 100 > 95 * (random.len() / 256), "{taken}");
        let prose = b"It was the best of times, it was the worst of times, it was the age of wisdom, it was";
        let digits: Vec<u8> = hex::encode(&random[..512]).into_bytes();
        assert!(!looks_random(prose) && !looks_random(&digits));
    }

    #[test]
    fn a_length_that_can_not_be_is_refused_before_room_is_made() {
        let mut out = BytesMut::new();
        let claims =
            [(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0][..], usize::MAX), (&[45, 0], usize::MAX), (&[16, 0], 15)];
        for (claim, limit) in claims {
            assert_eq!(expand(claim, &mut out, limit), Err(Malformed));
        }
        assert_eq!(expand(&[], &mut out, 100), Err(Malformed));
        assert_eq!(out.capacity(), 0);
    }
}
