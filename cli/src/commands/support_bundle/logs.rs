//! Lines of servers' logs that may leave the machine.
//!
//! A server marks each of its lines with the part of it that wrote it (`elastickv::rpc:`, `audit:`). What our parts write at their
//! usual levels shows no keys and no values of users. Whatever else stands in the file, a panic, a library, another program
//! of the same journal, somebody's notes, nobody can vouch for: it stays here and is counted. Before a line there may stand
//! what `journalctl` puts there.

use std::io::{self, Read};
use std::path::Path;

use super::scrub::scrub;
use crate::local_files;

/// Of the end of each file.
const MOST: usize = 8 << 20;
const LONGEST_LINE: usize = 4096;
const LEVELS: [&str; 3] = ["ERROR", "WARN", "INFO"];
/// The parts of a server, and nothing else that may call itself similarly.
const OURS: [&str; 17] = [
    "audit",
    "elastickv",
    "elastickv_consensus",
    "elastickv_crypto",
    "elastickv_datadir",
    "elastickv_engine",
    "elastickv_fsm",
    "elastickv_kek",
    "elastickv_keyring",
    "elastickv_lifecycle",
    "elastickv_log",
    "elastickv_mvcc",
    "elastickv_offline",
    "elastickv_sys",
    "elastickv_tls",
    "elastickv_txn",
    "elastickv_types",
];
/// The unit in the journal; its number stands in brackets behind it.
const UNIT: &str = " elastickv[";

/// What of a file comes along.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    pub text: String,
    pub lines: usize,
    pub left_out: usize,
    /// The beginning of the file stayed where it is.
    pub cut: bool,
}

/// The end of a file, or of what standard input gives.
pub fn tail(path: &Path) -> io::Result<Kept> {
    let (bytes, cut) = match path.as_os_str() == "-" {
        true => last(io::stdin().lock()),
        false => last(local_files::open(path)?),
    }?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line of a tail is a part of one.
    let whole = if cut { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    Ok(Kept { cut, ..keep(whole) })
}

/// The last of what may be a pipe, and whether there was more.
fn last(mut source: impl Read) -> io::Result<(Vec<u8>, bool)> {
    let (mut bytes, mut cut) = (Vec::new(), false);
    loop {
        let read = source.by_ref().take(MOST as u64).read_to_end(&mut bytes)?;
        let more = bytes.len().saturating_sub(MOST);
        bytes.drain(..more);
        cut |= more > 0;
        if read < MOST {
            return Ok((bytes, cut));
        }
    }
}

fn keep(text: &str) -> Kept {
    let mut kept = Kept::default();
    for line in text.lines() {
        match ours(line).filter(|line| line.len() <= LONGEST_LINE) {
            Some(line) => {
                kept.text.push_str(&scrub(line));
                kept.text.push('\n');
                kept.lines += 1;
            }
            None => kept.left_out += 1,
        }
    }
    kept
}

/// What a server wrote of this line.
fn ours(line: &str) -> Option<&str> {
    let line = without_journal(line).unwrap_or(line);
    let is_ours = if line.starts_with('{') { is_ours_as_json(line) } else { is_ours_as_text(line) };
    is_ours.then_some(line)
}

/// What stands behind `Nov 01 08:14:03 host elastickv[123]: `, or the same with another form of the moment.
fn without_journal(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("]: ")?;
    let (_, number) = before.split_once(UNIT)?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
}

/// `2026-11-01T08:14:03.007123Z  INFO elastickv::rpc: …`
fn is_ours_as_text(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(is_moment)
        && words.next().is_some_and(|level| LEVELS.contains(&level))
        && words.next().and_then(|word| word.strip_suffix(':')).is_some_and(is_our_part)
}

fn is_ours_as_json(line: &str) -> bool {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(line) else { return false };
    let text = |name: &str| fields.get(name).and_then(serde_json::Value::as_str);
    text("timestamp").is_some_and(is_moment)
        && text("level").is_some_and(|level| LEVELS.contains(&level))
        && text("target").is_some_and(is_our_part)
}

fn is_our_part(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or(target);
    OURS.contains(&name)
}

/// 2026-11-01T08:14:03.007123Z
fn is_moment(word: &str) -> bool {
    word.ends_with('Z') && word.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [&str; 3] = [
        "2026-11-01T08:14:03.007123Z  INFO elastickv::boot: serving address=127.0.0.1:50051",
        "2026-11-01T08:14:03.007123Z  INFO audit: call who=alice",
        r#"{"timestamp":"2026-11-01T08:14:03.007123Z","level":"WARN","target":"elastickv::rpc","message":"slow"}"#,
    ];

    #[test]
    fn only_what_a_server_wrote_at_its_usual_levels_comes_along() {
        let others = [
            "2026-11-01T08:14:03.007123Z DEBUG elastickv::rpc: key=secret",
            "2026-11-01T08:14:03.007123Z  INFO login of a client of ours password=secret",
            "2026-11-01T08:14:03.007123Z  INFO elastickv_client::login: password=secret",
            r#"{"timestamp":"2026-11-01T08:14:03.007123Z","level":"INFO","target":"app","message":"secret"}"#,
            r#"{"timestamp":"2026-11-01T08:14:03.007123Z","level":"INFO","message":"secret"}"#,
            "thread 'main' panicked at src/main.rs:1:1: secret",
            r#"{"timestamp":"yesterday","level":"INFO","target":"elastickv","message":"secret"}"#,
            "",
            "a note with a secret",
        ];
        let kept = keep(&[&OURS[..], &others].concat().join("\n"));
        assert_eq!((kept.lines, kept.left_out), (OURS.len(), others.len()));
        assert!(!kept.text.contains("secret"), "{}", kept.text);
        let long = format!("{} {}", OURS[0], "x".repeat(LONGEST_LINE));
        assert_eq!(keep(&long).left_out, 1);
    }

    #[test]
    fn the_journals_own_words_stay_behind() {
        for head in
            ["Nov 01 08:14:03 host-7 elastickv[123]: ", "2026-11-01T08:14:03+0000 host-7 elastickv[123]: "]
        {
            for line in OURS {
                assert_eq!(ours(&format!("{head}{line}")), Some(line));
            }
            assert_eq!(ours(&format!("{head}a note with a secret")), None);
        }
        let other = format!("Nov 01 08:14:03 host-7 app[7]: said elastickv[1]: {}", OURS[0]);
        assert_eq!(ours(&other), None, "another program repeats it");
    }

    #[test]
    fn the_end_of_a_long_pipe_is_kept() {
        let (bytes, cut) = last(io::repeat(7).take(3 * MOST as u64 + 5)).unwrap();
        assert_eq!((bytes.len(), cut), (MOST, true));
        let (bytes, cut) = last(&b"short"[..]).unwrap();
        assert_eq!((bytes.as_slice(), cut), (&b"short"[..], false));
    }
}
