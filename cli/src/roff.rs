//! A page of the documentation as a manual page.
//!
//! As much of Markdown as those pages use: headings, paragraphs, lists, tables of which the first column is what is
//! explained, fenced blocks, and in a line code, bold and links.

use std::fmt::Write;

/// What stands at the top and at the bottom of a page.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    pub name: &'a str,
    pub section: u8,
    /// What it is, in a line.
    pub about: &'a str,
    pub source: &'a str,
}

/// What stands before the first section speaks of the page itself and is left out.
pub fn page(heading: Heading<'_>, markdown: &str) -> String {
    let Heading { name, section, about, source } = heading;
    let mut page = Page { text: String::new(), block: Block::Text, fresh: false };
    page.line(&format!(".TH {name} {section} \"\" \"{source}\" elastickv\n.SH NAME"));
    page.line(&format!("{name} \\- {about}"));
    markdown.lines().skip_while(|line| !line.starts_with("## ")).for_each(|line| page.take(line));
    page.text
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Text,
    /// The headings of a table, and the line below them.
    TableHead,
    Table,
    Code,
}

struct Page {
    text: String,
    block: Block,
    /// A paragraph ended on the line before.
    fresh: bool,
}

impl Page {
    fn take(&mut self, line: &str) {
        match line {
            "```" if self.block == Block::Code => {
                self.line(".fi\n.RE");
                (self.block, self.fresh) = (Block::Text, true);
            }
            line if self.block == Block::Code => self.line(&escaped(line)),
            line if line.starts_with("```") => {
                self.line(".PP\n.RS 2\n.nf");
                self.block = Block::Code;
            }
            "" => (self.block, self.fresh) = (Block::Text, true),
            line if line.starts_with('|') => self.row(line),
            line => self.words(line),
        }
    }

    fn words(&mut self, line: &str) {
        if let Some(heading) = line.strip_prefix("## ") {
            self.line(&format!(".SH {}", escaped(&heading.to_uppercase())));
        } else if let Some(item) = line.strip_prefix("- ") {
            self.line(".IP \\(bu 2");
            self.line(&inline(item));
        } else {
            let follows_heading = self.text.lines().last().is_some_and(|last| last.starts_with(".SH"));
            if self.fresh && !follows_heading {
                self.line(".PP");
            }
            self.line(&inline(line.trim_start()));
        }
        self.fresh = false;
    }

    fn row(&mut self, row: &str) {
        match self.block {
            Block::Table => {
                let mut cells = row.trim_matches('|').split('|').map(str::trim);
                let first = cells.next().unwrap_or_default().trim_matches('`');
                self.line(&format!(".TP\n\\fB{}\\fR", escaped(first)));
                cells.for_each(|cell| self.line(&inline(cell)));
            }
            Block::TableHead => self.block = Block::Table,
            Block::Text | Block::Code => self.block = Block::TableHead,
        }
    }

    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a String takes everything");
    }
}

/// Letters that roff would take for commands.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

/// A line with code and bold in bold, and links as their words.
fn inline(text: &str) -> String {
    let mut shown = String::new();
    for (number, part) in without_links(text).replace("**", "`").split('`').enumerate() {
        match number % 2 {
            1 => shown.push_str(&format!("\\fB{}\\fR", escaped(part))),
            _ => shown.push_str(&escaped(part)),
        }
    }
    shown
}

fn without_links(text: &str) -> String {
    let mut rest = text;
    let mut shown = String::new();
    while let Some((before, words, after)) = link(rest) {
        shown.push_str(before);
        shown.push_str(words);
        rest = after;
    }
    shown + rest
}

fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = text.split_once('[')?;
    let (words, target) = behind.split_once("](")?;
    let (_, after) = target.split_once(')')?;
    Some((before, words, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_uses_has_its_form_in_a_manual() {
        let markdown = "# Title\n\nLeft out.\n\n## A part\n\nOne `--flag` of\n**two** [words](x.md).\n\n.dot\n\n\
                        - an item\n  goes on\n\n| a | b |\n|---|---|\n| `x` | y-z |\n\n```sh\nls -l \\\n```\n\nEnd.\n";
        let heading = Heading { name: "n", section: 7, about: "what it is", source: "elastickv 1" };
        let page = page(heading, markdown);
        let body = page.split_once("what it is\n").expect("a name").1;
        let wanted = ".SH A PART\nOne \\fB\\-\\-flag\\fR of\n\\fBtwo\\fR words.\n.PP\n\\&.dot\n.IP \\(bu 2\nan item\n\
                      goes on\n.TP\n\\fBx\\fR\ny\\-z\n.PP\n.RS 2\n.nf\nls \\-l \\e\n.fi\n.RE\n.PP\nEnd.\n";
        assert_eq!(body, wanted);
        assert!(page.starts_with(".TH n 7 \"\" \"elastickv 1\" elastickv\n.SH NAME\nn \\- what it is\n"));
    }
}
