//! The script of a transaction, read before anything is sent.
//!
//! ```text
//! line    get KEY · check KEY (absent | exists | TIMESTAMP) · put KEY VALUE [ttl=TIME] · delete KEY
//! word    a "quoted" one, in which \xNN, \n, \t, \\ and \" stand for bytes, or letters without blanks, which are
//!         read in the notation of keys or values
//! ```

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use elastickv_proto::v1;
use elastickv_proto::v1::condition::Expected;

use crate::args::kv::NotationArgs;
use crate::error::{CliError, Code};
use crate::notation::Notation;

#[derive(Clone, PartialEq)]
pub struct Step {
    /// Counted from one.
    pub line: usize,
    pub key: Vec<u8>,
    pub act: Act,
}

#[derive(Clone, PartialEq)]
pub enum Act {
    Get,
    Check(Expected),
    Put { value: Vec<u8>, ttl: Option<Duration> },
    Delete,
}

/// A word and whether it stood in quotes.
struct Word {
    bytes: Vec<u8>,
    quoted: bool,
}

/// Reads a script. What is wrong with a line is told by its number, never by its text, which may be a secret.
pub fn read(script: &[u8], notation: &NotationArgs) -> Result<Vec<Step>, CliError> {
    let mut steps = Vec::new();
    for (at, line) in script.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let step = step(at + 1, line, notation)
            .map_err(|why| CliError::new(Code::BadScript, format!("line {}: {why}", at + 1)))?;
        steps.push(step);
    }
    match steps.is_empty() {
        true => Err(CliError::new(Code::BadScript, "the script has no lines")),
        false => Ok(steps),
    }
}

fn step(line: usize, text: &[u8], notation: &NotationArgs) -> Result<Step, String> {
    let words = words(text)?;
    let mut words = words.iter();
    let verb = words.next().filter(|word| !word.quoted).map(|word| word.bytes.as_slice()).unwrap_or_default();
    if !matches!(verb, b"get" | b"check" | b"put" | b"delete") {
        return Err("it begins with none of get, check, put and delete".to_owned());
    }
    let key = words.next().ok_or("there is no key")?.read(notation.keys, "key")?;
    let act = match verb {
        b"get" => Act::Get,
        b"delete" => Act::Delete,
        b"check" => Act::Check(expected(words.next().ok_or("it does not say what the key has to be")?)?),
        _ => {
            let value = words.next().ok_or("there is no value")?.read(notation.values, "value")?;
            Act::Put { value, ttl: words.next().map(ttl).transpose()? }
        }
    };
    match words.next() {
        Some(_) => Err("there are more words than it can have; quote those with blanks".to_owned()),
        None => Ok(Step { line, key, act }),
    }
}

fn expected(word: &Word) -> Result<Expected, String> {
    let text = std::str::from_utf8(&word.bytes).unwrap_or_default();
    match (text, text.parse()) {
        ("absent", _) => Ok(Expected::Absent(v1::Absent {})),
        ("exists", _) => Ok(Expected::Exists(v1::Exists {})),
        (_, Ok(ts)) if ts > 0 => Ok(Expected::Version(ts)),
        _ => Err("a key has to be absent, exists, or a commit timestamp".to_owned()),
    }
}

fn ttl(word: &Word) -> Result<Duration, String> {
    let text = std::str::from_utf8(&word.bytes).ok().filter(|_| !word.quoted);
    let time = text.and_then(|text| text.strip_prefix("ttl="));
    let time = time.and_then(|time| humantime::parse_duration(time).ok()).filter(|time| !time.is_zero());
    time.ok_or_else(|| "behind the value only ttl=TIME can stand, such as ttl=10m".to_owned())
}

impl Word {
    fn read(&self, notation: Notation, what: &str) -> Result<Vec<u8>, String> {
        if self.quoted {
            return Ok(self.bytes.clone());
        }
        notation.read(OsStr::from_bytes(&self.bytes)).map_err(|error| format!("the {what} is {error}"))
    }
}

fn words(text: &[u8]) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_ascii_start();
    while let Some(&first) = rest.first() {
        let (word, after) = if first == b'"' { quoted(rest)? } else { bare(rest) };
        if !after.first().is_none_or(u8::is_ascii_whitespace) {
            return Err("a quoted word goes on behind its quote".to_owned());
        }
        words.push(word);
        rest = after.trim_ascii_start();
    }
    Ok(words)
}

fn bare(text: &[u8]) -> (Word, &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    (Word { bytes: word.to_vec(), quoted: false }, after)
}

/// A word that begins with a quote. Between the quotes it is in the escaped notation, and \" is a quote.
fn quoted(text: &[u8]) -> Result<(Word, &[u8]), String> {
    let mut inside = Vec::new();
    let mut rest = text.get(1..).unwrap_or_default();
    loop {
        match rest {
            [] => return Err("a quote is not closed".to_owned()),
            [b'"', after @ ..] => {
                let bytes = Notation::Escaped
                    .read(OsStr::from_bytes(&inside))
                    .map_err(|error| format!("in a quoted word, it is {error}"))?;
                return Ok((Word { bytes, quoted: true }, after));
            }
            [b'\\', b'"', after @ ..] => {
                inside.push(b'"');
                rest = after;
            }
            [b'\\', next, after @ ..] => {
                inside.extend([b'\\', *next]);
                rest = after;
            }
            [byte, after @ ..] => {
                inside.push(*byte);
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: NotationArgs = NotationArgs { keys: Notation::Text, values: Notation::Text };

    fn one(line: &str) -> Result<Step, String> {
        let steps = read(line.as_bytes(), &TEXT).map_err(|error| error.message().to_owned())?;
        assert_eq!(steps.len(), 1, "{line}");
        Ok(steps[0].clone())
    }

    #[test]
    fn each_kind_of_line_is_read() {
        let script = "# a comment\n\n  get a\r\ncheck b absent\ncheck b exists\ncheck b 7\nput c 1 ttl=10m\n\
                      put \"d e\" \"x\\x00\\\"\\\\\"\ndelete c";
        let steps = read(script.as_bytes(), &TEXT).unwrap();
        let lines: Vec<usize> = steps.iter().map(|step| step.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7, 8, 9]);
        let checks = steps.iter().filter(|step| matches!(step.act, Act::Check(_))).count();
        assert_eq!(checks, 3);
        assert!(steps[3].act == Act::Check(Expected::Version(7)));
        assert!(steps[4].act == Act::Put { value: b"1".to_vec(), ttl: Some(Duration::from_secs(600)) });
        assert_eq!(steps[5].key, b"d e");
        assert!(steps[5].act == Act::Put { value: b"x\0\"\\".to_vec(), ttl: None });
        assert!(steps[6].act == Act::Delete);
    }

    #[test]
    fn bare_words_are_in_the_notation_asked_for_and_quoted_ones_never() {
        let hex = NotationArgs { keys: Notation::Hex, values: Notation::Base64 };
        let steps = read(b"put 00ff \"AP8Q\"\nput 00ff AP8Q", &hex).unwrap();
        assert_eq!(steps[0].key, [0, 255]);
        assert!(steps[0].act == Act::Put { value: b"AP8Q".to_vec(), ttl: None });
        assert!(steps[1].act == Act::Put { value: vec![0, 255, 16], ttl: None });
    }

    #[test]
    fn a_line_that_is_not_understood_is_told_by_its_number_and_not_by_its_text() {
        for bad in [
            "",
            "get",
            "secret a",
            "\"get\" a",
            "get a b",
            "check a",
            "check a secret",
            "check a 0",
            "put a",
            "put a b c",
            "put a b ttl=0s",
            "put a b \"ttl=1s\"",
            "put a \"b",
            "put a \"\\q\"",
            "get \"a\"b",
            "delete a b",
        ] {
            let why = one(bad).err().unwrap_or_else(|| panic!("{bad} was read"));
            assert!(bad.is_empty() || why.starts_with("line 1: "), "{bad}: {why}");
            assert!(!why.contains("secret"), "{why}");
        }
    }

    proptest! {
        #[test]
        fn any_key_can_be_quoted(key in prop::collection::vec(any::<u8>(), 0..20)) {
            let line = format!("get \"{}\"", Notation::Escaped.show(&key).replace('"', "\\\""));
            prop_assert!(one(&line).unwrap().key == key, "{}", line);
        }

        #[test]
        fn no_script_makes_it_panic(script in prop::collection::vec(any::<u8>(), 0..80)) {
            drop(read(&script, &TEXT));
        }
    }
}
