//! Bytes as text: how keys and values are typed and shown.
//!
//! Keys and values are bytes; a terminal wants letters. Every notation reads back what it printed,
//! `text` alone excepted: it takes what is typed as it stands, and shows what is no printable text
//! in the way `escaped` would, so that a stray control byte can not play with the terminal.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;

/// A way to write bytes.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notation {
    Text,
    Escaped,
    Hex,
    Base64,
}

/// Why a text is not in its notation. Says where, never what: it may be a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotationError {
    #[error("not hexadecimal: {0}")]
    Hex(&'static str),
    #[error("not base64")]
    Base64,
    #[error("not UTF-8, which this notation needs")]
    NotUtf8,
    #[error("a backslash at byte {at} is not followed by \\, n, r, t, 0 or xNN")]
    Escape { at: usize },
}

impl Notation {
    /// Reads what was typed.
    pub fn read(self, typed: &OsStr) -> Result<Vec<u8>, NotationError> {
        match self {
            Notation::Text => Ok(typed.as_bytes().to_vec()),
            Notation::Escaped => unescape(typed.as_bytes()),
            Notation::Hex => read_hex(letters(typed)?),
            Notation::Base64 => STANDARD.decode(letters(typed)?.trim()).map_err(|_| NotationError::Base64),
        }
    }

    /// Writes for a terminal or a script, always in one line.
    pub fn show(self, bytes: &[u8]) -> String {
        match self {
            Notation::Text => escape(bytes, Backslash::Plain),
            Notation::Escaped => escape(bytes, Backslash::Doubled),
            Notation::Hex => hex::encode(bytes),
            Notation::Base64 => STANDARD.encode(bytes),
        }
    }
}

fn letters(typed: &OsStr) -> Result<&str, NotationError> {
    typed.to_str().ok_or(NotationError::NotUtf8)
}

fn read_hex(text: &str) -> Result<Vec<u8>, NotationError> {
    let bare = text.trim();
    let bare = bare.strip_prefix("0x").unwrap_or(bare);
    hex::decode(bare).map_err(|error| match error {
        hex::FromHexError::OddLength => NotationError::Hex("an odd number of digits"),
        _ => NotationError::Hex("digits are 0-9 and a-f"),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Backslash {
    Plain,
    Doubled,
}

fn escape(bytes: &[u8], backslash: Backslash) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            push_letter(&mut text, letter, backslash);
        }
        push_bytes(&mut text, chunk.invalid());
    }
    text
}

fn push_letter(text: &mut String, letter: char, backslash: Backslash) {
    match letter {
        '\\' if backslash == Backslash::Doubled => text.push_str("\\\\"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        letter if letter.is_control() || is_formatting(letter) => {
            push_bytes(text, letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
        letter => text.push(letter),
    }
}

/// Letters that move or hide others on a terminal without being control characters.
fn is_formatting(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn push_bytes(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        write!(text, "\\x{byte:02x}").expect("a String takes everything");
    }
}

fn unescape(typed: &[u8]) -> Result<Vec<u8>, NotationError> {
    let mut bytes = Vec::with_capacity(typed.len());
    let mut rest = typed;
    while let [first, after @ ..] = rest {
        if *first != b'\\' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let refused = NotationError::Escape { at: typed.len() - rest.len() };
        let (byte, after) = escaped_byte(after).ok_or(refused)?;
        bytes.push(byte);
        rest = after;
    }
    Ok(bytes)
}

fn escaped_byte(after: &[u8]) -> Option<(u8, &[u8])> {
    match after {
        [b'\\', rest @ ..] => Some((b'\\', rest)),
        [b'n', rest @ ..] => Some((b'\n', rest)),
        [b'r', rest @ ..] => Some((b'\r', rest)),
        [b't', rest @ ..] => Some((b'\t', rest)),
        [b'0', rest @ ..] => Some((0, rest)),
        [b'x', high, low, rest @ ..] => {
            let mut byte = [0];
            hex::decode_to_slice([*high, *low], &mut byte).ok()?;
            let [byte] = byte;
            Some((byte, rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use proptest::prelude::*;

    use super::*;

    fn read(notation: Notation, text: &str) -> Result<Vec<u8>, NotationError> {
        notation.read(OsStr::new(text))
    }

    #[test]
    fn typed_texts_become_their_bytes() {
        assert_eq!(read(Notation::Text, "a\\n").unwrap(), b"a\\n");
        assert_eq!(read(Notation::Escaped, "a\\n\\x00\\\\").unwrap(), b"a\n\0\\");
        assert_eq!(read(Notation::Hex, "0x00FFff").unwrap(), [0, 255, 255]);
        assert_eq!(read(Notation::Base64, "AP8Q").unwrap(), [0, 255, 16]);
        assert_eq!(read(Notation::Hex, "").unwrap(), b"");
    }

    #[test]
    fn what_is_not_in_the_notation_is_refused() {
        for (notation, text) in [
            (Notation::Hex, "abc"),
            (Notation::Hex, "zz"),
            (Notation::Base64, "%%%"),
            (Notation::Base64, "AP8"),
            (Notation::Escaped, "a\\"),
            (Notation::Escaped, "\\q"),
            (Notation::Escaped, "\\x0"),
            (Notation::Escaped, "\\xgg"),
        ] {
            assert!(read(notation, text).is_err(), "{notation:?} {text}");
        }
        assert_eq!(read(Notation::Escaped, "ab\\q"), Err(NotationError::Escape { at: 2 }));
    }

    #[test]
    fn nothing_that_moves_the_cursor_is_printed() {
        assert_eq!(Notation::Text.show(b"a\x1b[2J\n\xff\xc3\xa4"), "a\\x1b[2J\\n\\xffä");
        assert_eq!(Notation::Text.show("\u{202e}x".as_bytes()), "\\xe2\\x80\\xaex");
        assert_eq!(Notation::Text.show(b"C:\\new"), "C:\\new");
        assert_eq!(Notation::Escaped.show(b"C:\\new"), "C:\\\\new");
    }

    proptest! {
        #[test]
        fn what_was_printed_can_be_typed(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            for notation in [Notation::Escaped, Notation::Hex, Notation::Base64] {
                let shown = OsString::from(notation.show(&bytes));
                prop_assert_eq!(notation.read(&shown), Ok(bytes.clone()));
            }
        }

        #[test]
        fn a_shown_text_is_one_printable_line(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            for notation in [Notation::Text, Notation::Escaped] {
                prop_assert!(!notation.show(&bytes).chars().any(char::is_control));
            }
        }
    }
}
