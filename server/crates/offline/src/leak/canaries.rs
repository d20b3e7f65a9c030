//! The file that names canaries.
//!
//! A canary a line: `hex:` and its digits, `base64:` and its letters, or `text:` and what follows to the end of the line.
//! Empty lines and those that begin with `#` say nothing. No error repeats what a line holds: a canary that is known is of
//! no use any more.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{SHORTEST, SOUGHT};

/// More than this is not taken for a file of canaries.
pub const LONGEST_FILE: u64 = 16 << 20;

/// Canaries, each with the number of its line.
pub struct Canaries(Vec<(usize, Vec<u8>)>);

impl std::fmt::Debug for Canaries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canaries({} of them)", self.0.len())
    }
}

/// What is wrong with a file of canaries, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanaryError {
    #[error("line {line} does not begin with hex:, base64: or text:")]
    Notation { line: usize },
    #[error("line {line} is not in the notation that it names")]
    Spelling { line: usize },
    #[error("the canary of line {line} has {found} bytes; fewer than {SHORTEST} stand anywhere by accident")]
    Short { line: usize, found: usize },
    #[error("the canaries of lines {first} and {second} begin with the same {SOUGHT} bytes")]
    Alike { first: usize, second: usize },
    #[error("it names no canary")]
    None,
}

impl Canaries {
    pub fn parse(text: &[u8]) -> Result<Self, CanaryError> {
        let lines = (1..).zip(text.split(|byte| *byte == b'\n'));
        let mut canaries = Vec::new();
        for (line, bytes) in lines {
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            if !bytes.trim_ascii().is_empty() && !bytes.starts_with(b"#") {
                canaries.push((line, read(line, bytes)?));
            }
        }
        Self::of(canaries)
    }

    fn of(canaries: Vec<(usize, Vec<u8>)>) -> Result<Self, CanaryError> {
        let mut beginnings = HashMap::new();
        for (line, canary) in &canaries {
            if let Some(first) = beginnings.insert(beginning(canary), *line) {
                return Err(CanaryError::Alike { first, second: *line });
            }
        }
        if canaries.is_empty() { Err(CanaryError::None) } else { Ok(Self(canaries)) }
    }

    /// Canaries that are numbered by their places.
    pub fn numbered<C: AsRef<[u8]>>(canaries: &[C]) -> Result<Self, CanaryError> {
        Self::of(canaries.iter().map(|canary| canary.as_ref().to_vec()).enumerate().collect())
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What of each is looked for.
    pub(super) fn sought(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.0.iter().map(|(line, canary)| (*line, beginning(canary)))
    }
}

fn beginning(canary: &[u8]) -> &[u8] {
    canary.get(..SOUGHT).unwrap_or(canary)
}

fn read(line: usize, bytes: &[u8]) -> Result<Vec<u8>, CanaryError> {
    let spelling = || CanaryError::Spelling { line };
    let canary = if let Some(digits) = bytes.strip_prefix(b"hex:") {
        hex::decode(digits.trim_ascii()).map_err(|_| spelling())?
    } else if let Some(letters) = bytes.strip_prefix(b"base64:") {
        STANDARD.decode(letters.trim_ascii()).map_err(|_| spelling())?
    } else {
        bytes.strip_prefix(b"text:").ok_or(CanaryError::Notation { line })?.to_vec()
    };
    match canary.len() {
        found if found < SHORTEST => Err(CanaryError::Short { line, found }),
        _ => Ok(canary),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawn_file_is_read() {
        let drawn = include_str!("../../../../../docs/formats/canaries.md");
        let (_, rest) = drawn.split_once("```text\n").unwrap();
        let (file, _) = rest.split_once("```").unwrap();
        let canaries = Canaries::parse(file.as_bytes()).unwrap();
        let read: Vec<_> = canaries.sought().collect();
        let random = b"\x9f\x3c\x01\xd2\x44\x5a\x77\xe0\x18\xb6\x2f\x93\xc1\x0d\x58\xaa".as_slice();
        assert_eq!(read, [(2, random), (4, b"\0\x01\x02\x03\x04\x05\x06\x07"), (5, b"planted on 2026-")]);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_and_never_repeated() {
        let wrong = |text: &str| Canaries::parse(text.as_bytes()).unwrap_err();
        assert_eq!(wrong("# nothing\n\n"), CanaryError::None);
        assert_eq!(wrong("text:long enough\nsecret"), CanaryError::Notation { line: 2 });
        assert_eq!(wrong("hex:9"), CanaryError::Spelling { line: 1 });
        assert_eq!(wrong("base64:%%"), CanaryError::Spelling { line: 1 });
        assert_eq!(wrong("text:1234567"), CanaryError::Short { line: 1, found: 7 });
        assert_eq!(
            wrong("text:the same sixteen, one\n#\ntext:the same sixteen, two"),
            CanaryError::Alike { first: 1, second: 3 }
        );
        assert_eq!(format!("{:?}", Canaries::parse(b"text:a secret").unwrap()), "Canaries(1 of them)");
    }
}
