//! A table as text.

use unicode_width::UnicodeWidthStr;

use super::layout::{Breadth, lay_out, short, wrap};
use super::{Block, Cell, Table, Theme, Width};

/// A rendered table and the columns that found no room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    pub text: String,
    pub hidden: Vec<String>,
}

pub fn render(table: &Table, theme: &Theme, breadth: Breadth) -> Rendered {
    let mut text = String::new();
    let mut hidden = Vec::new();
    for block in &table.blocks {
        match block {
            Block::Line(cell) => text.push_str(&line(cell, theme)),
            Block::Grid(grid) => {
                let laid = lay_out(grid, theme, breadth);
                text.push_str(&laid.text);
                hidden.extend(laid.hidden);
            }
        }
    }
    Rendered { text, hidden }
}

/// What `-o short` prints of a table that has nothing better to say.
pub fn render_short(table: &Table) -> String {
    let grids = table.blocks.iter().filter_map(|block| match block {
        Block::Grid(grid) => Some(short(grid)),
        Block::Line(_) => None,
    });
    grids.collect()
}

/// Three blanks part the phrases of a line.
const BETWEEN_PHRASES: &str = "   ";

fn line(cell: &Cell, theme: &Theme) -> String {
    let letters = theme.letters(&cell.text);
    let parts = match theme.width {
        Width::Columns(columns) => fill(&letters, columns),
        Width::Unlimited => vec![letters],
    };
    let painted: Vec<String> = parts.iter().map(|part| theme.paint(cell.tone, part)).collect();
    painted.join("\n") + "\n"
}

/// Breaks a line between its phrases, and only a phrase that is too long by itself between its words.
fn fill(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for phrase in text.split(BETWEEN_PHRASES) {
        match lines.last_mut() {
            Some(line) if line.width() + BETWEEN_PHRASES.len() + phrase.width() <= columns => {
                line.push_str(BETWEEN_PHRASES);
                line.push_str(phrase);
            }
            _ if phrase.width() <= columns => lines.push(phrase.to_owned()),
            _ => lines.extend(wrap(phrase, columns)),
        }
    }
    lines
}
