//! A range of keys as it is typed.

use elastickv_proto::v1;

use super::typed_bytes;
use crate::args::kv::{RangeArgs, Secret};
use crate::error::CliError;
use crate::notation::Notation;

/// Keys from `start` on and below `end`; an empty end is no end.
#[derive(Clone, PartialEq, Eq)]
pub struct Range {
    pub start: Vec<u8>,
    pub end: Vec<u8>,
}

impl Range {
    pub fn of(args: &RangeArgs, keys: Notation) -> Result<Self, CliError> {
        let read = |typed: &Option<Secret>, what| match typed {
            Some(typed) => typed_bytes(typed, keys, what),
            None => Ok(Vec::new()),
        };
        if args.prefix.is_some() {
            let start = read(&args.prefix, "prefix")?;
            let end = after_prefix(&start);
            return Ok(Range { start, end });
        }
        Ok(Range { start: read(&args.start, "first key")?, end: read(&args.end, "last key")? })
    }

    pub fn is_everything(&self) -> bool {
        self.start.is_empty() && self.end.is_empty()
    }

    /// What is left behind (or, going down, before) the last key that was fetched.
    pub fn rest(self, last: Vec<u8>, reverse: bool) -> Self {
        if reverse {
            return Range { end: last, ..self };
        }
        let mut start = last;
        start.push(0);
        Range { start, ..self }
    }
}

// Keys may be secrets: they are told by their length.
impl std::fmt::Debug for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Range({} to {} bytes)", self.start.len(), self.end.len())
    }
}

impl From<Range> for v1::KeyRange {
    fn from(range: Range) -> Self {
        v1::KeyRange { start: range.start.into(), end: range.end.into() }
    }
}

/// The first key behind all that begin with a prefix; empty when there is none.
fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_prefix_ends_before_the_next_sibling() {
        assert_eq!(after_prefix(b"user/"), b"user0");
        assert_eq!(after_prefix(b"a\xff"), b"b");
        assert_eq!(after_prefix(b"\xff\xff"), b"");
        assert_eq!(after_prefix(b""), b"");
    }

    proptest! {
        #[test]
        fn the_range_of_a_prefix_holds_exactly_its_keys(
            prefix in prop::collection::vec(prop_oneof![Just(0xffu8), any::<u8>()], 0..4),
            key in prop::collection::vec(prop_oneof![Just(0xffu8), any::<u8>()], 0..6),
        ) {
            let end = after_prefix(&prefix);
            let inside = key >= prefix && (end.is_empty() || key < end);
            prop_assert_eq!(inside, key.starts_with(&prefix));
        }

        #[test]
        fn the_rest_of_a_range_leaves_nothing_out_and_repeats_nothing(
            last in prop::collection::vec(any::<u8>(), 1..4),
            key in prop::collection::vec(any::<u8>(), 1..5),
            reverse in any::<bool>(),
        ) {
            let all = Range { start: Vec::new(), end: Vec::new() };
            let left = all.rest(last.clone(), reverse);
            let inside = key >= left.start && (left.end.is_empty() || key < left.end);
            prop_assert_eq!(inside, if reverse { key < last } else { key > last });
        }
    }
}
