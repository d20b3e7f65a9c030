//! What the place we print to can show.

use anstyle::{AnsiColor, Style};

use super::Tone;

/// How many columns there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    /// A terminal of so many columns.
    Columns(usize),
    /// A file or a pipe.
    Unlimited,
}

/// Colours, letters and width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Theme {
    pub colour: bool,
    pub ascii: bool,
    pub width: Width,
}

impl Theme {
    /// For files, pipes and tests.
    pub const PLAIN: Theme = Theme { colour: false, ascii: false, width: Width::Unlimited };

    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let style = style_of(tone);
        if !self.colour || text.is_empty() || style == Style::new() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }

    pub fn ellipsis(&self) -> &'static str {
        if self.ascii { "..." } else { "…" }
    }

    /// Replaces the letters of our own that ASCII does not have, and masks those of others.
    pub fn letters(&self, text: &str) -> String {
        if !self.ascii {
            return text.to_owned();
        }
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                letter if letter.is_ascii() => plain.push(letter),
                '→' => plain.push_str("->"),
                '…' => plain.push_str("..."),
                '·' => plain.push('-'),
                _ => plain.push('?'),
            }
        }
        plain
    }
}

fn style_of(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Heading => Style::new().bold(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Warn => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
        Tone::Dim => Style::new().dimmed(),
    }
}
