//! A stable error code: what it is, how it is written, how it is found.
//!
//! Codes are made by the [`catalogue`](super::catalogue), which holds one entry for each.

use std::fmt;

use super::{Code, Exit};

/// One line of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub number: u16,
    pub name: &'static str,
    pub exit: Exit,
    /// The error in half a sentence.
    pub title: &'static str,
    /// What it means for the data.
    pub state: &'static str,
    /// What to try; `{cli}` stands for this program and the endpoints it was given.
    pub hint: &'static str,
    /// The whole story, for `explain`.
    pub story: &'static str,
}

impl Code {
    pub fn exit(self) -> Exit {
        self.entry().exit
    }

    /// Finds a code by what people type: `EK-1003`, `ek1003`, `1003` or `NoQuorum`.
    pub fn find(text: &str) -> Option<Code> {
        let bare = text.trim();
        let by_name = Self::ALL.iter().find(|code| code.entry().name.eq_ignore_ascii_case(bare));
        by_name.copied().or_else(|| Self::by_number(bare))
    }

    fn by_number(text: &str) -> Option<Code> {
        let upper = text.to_ascii_uppercase();
        let digits = upper.strip_prefix("EK").unwrap_or(&upper);
        let number: u16 = digits.strip_prefix('-').unwrap_or(digits).parse().ok()?;
        Self::ALL.iter().find(|code| code.entry().number == number).copied()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("EK-{:04}", self.entry().number))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_in_number_and_name() {
        let numbers: HashSet<_> = Code::ALL.iter().map(|code| code.entry().number).collect();
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.entry().name).collect();
        assert_eq!(numbers.len(), Code::ALL.len());
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn codes_stand_in_the_order_of_their_numbers() {
        assert!(Code::ALL.is_sorted_by_key(|code| code.entry().number));
    }

    #[test]
    fn every_entry_is_written() {
        for code in Code::ALL {
            let entry = code.entry();
            for text in [entry.title, entry.state, entry.hint, entry.story] {
                let text = text.replace("   # ", " ");
                assert!(!text.trim().is_empty() && !text.contains("  "), "{code}: {text:?}");
            }
            assert!(entry.story.ends_with('.'), "{code}");
            assert!(entry.title.len() <= 80, "{code}");
        }
    }

    #[test]
    fn a_code_is_found_as_people_write_it() {
        for text in ["EK-1003", "ek-1003", "EK1003", "1003", " noquorum "] {
            assert_eq!(Code::find(text), Some(Code::NoQuorum), "{text}");
        }
        for text in ["", "EK-", "EK-9999", "EK--1003", "quorum"] {
            assert_eq!(Code::find(text), None, "{text}");
        }
    }
}
