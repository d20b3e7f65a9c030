//! Lines of servers' logs that may leave the machine.
//!
//! A line that a server of ours wrote at its usual levels shows no keys and no values of users. Whatever else stands in the
//! file, a panic, another program's output, somebody's notes, nobody can vouch for: it stays here and is counted.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::local_files;

/// Of the end of each file.
const MOST: u64 = 8 << 20;
const LONGEST_LINE: usize = 4096;
const LEVELS: [&str; 3] = ["ERROR", "WARN", "INFO"];

/// What of a file comes along.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub text: String,
    pub lines: usize,
    pub left_out: usize,
    /// The beginning of the file stayed where it is.
    pub cut: bool,
}

pub fn tail(path: &Path) -> io::Result<Kept> {
    let mut file = local_files::open(path)?;
    let length = file.metadata()?.len();
    let cut = length > MOST;
    if cut {
        file.seek(SeekFrom::Start(length - MOST))?;
    }
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line of a tail is a part of one.
    let whole = if cut { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    Ok(Kept { cut, ..keep(whole) })
}

fn keep(text: &str) -> Kept {
    let mut kept = Kept::default();
    for line in text.lines() {
        if is_ours(line) && line.len() <= LONGEST_LINE {
            kept.text.push_str(line);
            kept.text.push('\n');
            kept.lines += 1;
        } else {
            kept.left_out += 1;
        }
    }
    kept
}

fn is_ours(line: &str) -> bool {
    if line.starts_with('{') {
        return is_ours_as_json(line);
    }
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(is_moment) && words.next().is_some_and(|level| LEVELS.contains(&level))
}

fn is_ours_as_json(line: &str) -> bool {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(line) else { return false };
    let text = |name: &str| fields.get(name).and_then(serde_json::Value::as_str);
    text("timestamp").is_some_and(is_moment) && text("level").is_some_and(|level| LEVELS.contains(&level))
}

/// 2026-11-01T08:14:03.007123Z
fn is_moment(word: &str) -> bool {
    word.ends_with('Z') && word.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_server_wrote_at_its_usual_levels_comes_along() {
        let ours = [
            "2026-11-01T08:14:03.007123Z  INFO serving address=127.0.0.1:50051",
            r#"{"timestamp":"2026-11-01T08:14:03.007123Z","level":"WARN","message":"slow request"}"#,
        ];
        let others = [
            "2026-11-01T08:14:03.007123Z DEBUG key=secret",
            "thread 'main' panicked at src/main.rs:1:1: secret",
            r#"{"timestamp":"yesterday","level":"INFO","message":"secret"}"#,
            r#"{"level":"INFO","secret":1}"#,
            "",
            "a note with a secret",
        ];
        let kept = keep(&[&ours[..], &others].concat().join("\n"));
        assert_eq!((kept.lines, kept.left_out, kept.text.contains("secret")), (2, others.len(), false));
        let long = format!("{} {}", ours[0], "x".repeat(LONGEST_LINE));
        assert_eq!(keep(&long).left_out, 1);
    }
}
