//! Bash takes words apart at colons and equals signs, so that `a:1` comes as three words. They are put together here,
//! and of what is offered only the part that bash replaces is printed.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use clap_complete::engine::complete;
use clap_complete::env::EnvCompleter;

/// What it is given: `-- INDEX WORD...`, as bash has them.
const SCRIPT: &str = r#"_elastickv_admin() {
    local IFS=$'\n'
    COMPREPLY=($(VAR=bash "COMPLETER" -- "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null))
    if [[ ${COMPREPLY-} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _elastickv_admin BIN 2>/dev/null || complete -F _elastickv_admin BIN"#;

pub struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == self.name()
    }

    fn write_registration(
        &self,
        var: &str,
        _name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        let script = SCRIPT.replace("COMPLETER", completer).replace("VAR", var).replace("BIN", bin);
        writeln!(buf, "{script}")
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        dir: Option<&Path>,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        let Some(line) = Line::of(&words) else { return Ok(()) };
        for candidate in complete(command, line.words, line.cursor, dir)? {
            let value = candidate.get_value().to_string_lossy();
            writeln!(buf, "{}", value.get(line.kept..).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// A line as its writer sees it.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    pub words: Vec<OsString>,
    /// Which of the words the cursor is in.
    cursor: usize,
    /// So many bytes of that word stay as they are.
    kept: usize,
}

impl Line {
    /// None when these are not words that bash gave.
    pub fn of(given: &[OsString]) -> Option<Self> {
        let (index, pieces) = given.split_first()?;
        let index: usize = index.to_str()?.parse().ok()?;
        let mut line = Self { words: Vec::new(), cursor: 0, kept: 0 };
        let mut glued = false;
        for (place, piece) in pieces.iter().enumerate() {
            let breaks = is_break(piece);
            match line.words.last_mut() {
                Some(word) if breaks || glued => word.push(piece),
                _ => line.words.push(piece.clone()),
            }
            glued = breaks;
            if place == index {
                line.cursor = line.words.len() - 1;
                let whole = line.words.last().map_or(0, |word| word.len());
                line.kept = whole - if breaks { 0 } else { piece.len() };
            }
        }
        // The cursor stands behind the last piece.
        if index >= pieces.len() {
            line.words.push(OsString::new());
            line.cursor = line.words.len() - 1;
        }
        Some(line)
    }
}

fn is_break(piece: &OsStr) -> bool {
    !piece.is_empty() && piece.as_encoded_bytes().iter().all(|byte| matches!(byte, b':' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(index: &str, pieces: &[&str]) -> (Vec<String>, usize, usize) {
        let given: Vec<OsString> =
            std::iter::once(index).chain(pieces.iter().copied()).map(OsString::from).collect();
        let line = Line::of(&given).unwrap();
        let words = line.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        (words, line.cursor, line.kept)
    }

    #[test]
    fn words_that_bash_took_apart_are_put_together() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let pieces = ["admin", "--endpoint", "=", "a", ":", "1", "kv", ""];
        assert_eq!(line("7", &pieces), (words("admin --endpoint=a:1 kv "), 3, 0));
        let pieces = ["admin", "--endpoint", "a", ":", "1", "kv", "g"];
        assert_eq!(line("6", &pieces), (words("admin --endpoint a:1 kv g"), 4, 0));
    }

    #[test]
    fn of_a_word_with_breaks_only_its_last_piece_is_replaced() {
        let pieces = ["admin", "wait", "--for", "=", "mem"];
        assert_eq!(line("4", &pieces).2, "--for=".len());
        assert_eq!(line("3", &pieces[..4]).2, "--for=".len());
    }

    #[test]
    fn what_other_shells_give_is_no_line_of_bash() {
        assert_eq!(Line::of(&[]), None);
        assert_eq!(Line::of(&["elastickv-admin".into(), "kv".into()]), None);
    }
}
