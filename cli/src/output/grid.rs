//! What a report says to people, before anyone knows how wide their terminal is.

use std::borrow::Cow;

/// The human form of a report: lines and grids, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    pub blocks: Vec<Block>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    Line(Cell),
    Grid(Grid),
}

/// Rows under headings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grid {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    pub title: Cow<'static, str>,
    pub align: Align,
    pub keep: Keep,
    /// Its texts may be cut off at this width, rather than push another column out.
    pub cut: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Left,
    Right,
}

/// What happens to a column when there is no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Never left out; also what `-o short` prints.
    Always,
    /// Left out on a narrow terminal, higher numbers first.
    IfRoom(u8),
    /// Shown by `-o wide` alone.
    Wide,
}

/// A text and what it means for the reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    Plain,
    Heading,
    Good,
    Warn,
    Bad,
    Dim,
}

impl Table {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn line(mut self, cell: impl Into<Cell>) -> Self {
        self.blocks.push(Block::Line(cell.into()));
        self
    }

    pub fn grid(mut self, grid: Grid) -> Self {
        self.blocks.push(Block::Grid(grid));
        self
    }
}

impl Column {
    pub fn left(title: impl Into<Cow<'static, str>>, keep: Keep) -> Self {
        Self { title: title.into(), align: Align::Left, keep, cut: None }
    }

    pub fn right(title: impl Into<Cow<'static, str>>, keep: Keep) -> Self {
        Self { title: title.into(), align: Align::Right, keep, cut: None }
    }

    pub fn may_be_cut(mut self, at: usize) -> Self {
        self.cut = Some(at);
        self
    }
}

impl Cell {
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }

    /// What stands where there is nothing to say.
    pub fn none() -> Self {
        Self::new(Tone::Dim, "-")
    }

    /// A number, or a dash.
    pub fn maybe(value: Option<impl ToString>) -> Self {
        value.map_or_else(Self::none, |value| Self::from(value.to_string()))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(Tone::Plain, text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(Tone::Plain, text)
    }
}
