//! The ways in which bytes may stand in a file.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How something that was found was spelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spelling {
    Raw,
    Hex,
    Base64,
}

impl Spelling {
    pub fn as_str(self) -> &'static str {
        match self {
            Spelling::Raw => "raw",
            Spelling::Hex => "hex",
            Spelling::Base64 => "base64",
        }
    }
}

impl fmt::Display for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Every spelling of some bytes, each once.
pub fn spellings_of(sought: &[u8]) -> Vec<(Vec<u8>, Spelling)> {
    let mut spellings = vec![
        (sought.to_vec(), Spelling::Raw),
        (hex::encode(sought).into(), Spelling::Hex),
        (hex::encode_upper(sought).into(), Spelling::Hex),
    ];
    for before in 0..3 {
        let shifted = [&vec![0; before], sought].concat();
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = alphabet.encode(&shifted);
            spellings.push((whole_digits(&text, before, shifted.len()).into(), Spelling::Base64));
        }
    }
    spellings.sort_by(|(one, _), (other, _)| one.cmp(other));
    spellings.dedup_by(|(one, _), (other, _)| one == other);
    spellings
}

/// The digits of Base64 that say nothing of bytes before or behind: each stands for six bits.
fn whole_digits(text: &str, before: usize, end: usize) -> &str {
    text.get((before * 8).div_ceil(6)..end * 8 / 6).unwrap_or_default()
}
