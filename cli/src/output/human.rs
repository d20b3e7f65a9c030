//! A table as text.

use super::layout::{Breadth, lay_out, short, wrap};
use super::{Block, Cell, Table, Theme, Width};

/// A rendered table and the columns that found no room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    pub text: String,
    pub hidden: Vec<&'static str>,
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

fn line(cell: &Cell, theme: &Theme) -> String {
    let letters = theme.letters(&cell.text);
    let parts = match theme.width {
        Width::Columns(columns) if columns < unicode_width::UnicodeWidthStr::width(letters.as_str()) => {
            wrap(&letters, columns)
        }
        Width::Columns(_) | Width::Unlimited => vec![letters],
    };
    let painted: Vec<String> = parts.iter().map(|part| theme.paint(cell.tone, part)).collect();
    painted.join("\n") + "\n"
}
