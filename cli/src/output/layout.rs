//! Fitting a grid into the width there is.
//!
//! Long remarks are cut first, then the columns that matter least go. If even those that must stay are
//! too wide, every row becomes a small block of `TITLE value` lines: long, but nothing is cut off, and it
//! reads at 40 columns.

use unicode_width::UnicodeWidthStr;

use super::{Align, Cell, Column, Grid, Keep, Theme, Tone, Width};

const GAP: usize = 2;

/// A grid as text, and what had to be left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Laid {
    pub text: String,
    pub hidden: Vec<String>,
}

/// Which columns are wanted, room or no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breadth {
    Fitting,
    Everything,
}

/// Lays a grid out.
pub fn lay_out(grid: &Grid, theme: &Theme, breadth: Breadth) -> Laid {
    let grid = &in_letters_of(theme, grid);
    let wanted: Vec<usize> = wanted_columns(grid, breadth);
    let limit = match (breadth, theme.width) {
        (Breadth::Everything, _) | (_, Width::Unlimited) => usize::MAX,
        (Breadth::Fitting, Width::Columns(columns)) => columns,
    };
    let shown = drop_until_fitting(grid, wanted.clone(), limit);
    if least_width(grid, &shown) > limit {
        return Laid { text: as_records(grid, &wanted, theme, limit), hidden: Vec::new() };
    }
    let hidden = wanted
        .iter()
        .filter(|at| !shown.contains(at))
        .filter_map(|at| title(grid, *at))
        .map(str::to_owned)
        .collect();
    let widths = widths(grid, &shown, limit);
    Laid { text: as_columns(grid, &shown, &widths, theme), hidden }
}

/// The rows as `-o short` prints them: the columns that are never left out, without headings.
pub fn short(grid: &Grid) -> String {
    let mut text = String::new();
    for row in &grid.rows {
        let cells = grid.columns.iter().zip(row).filter(|(column, _)| column.keep == Keep::Always);
        let words: Vec<&str> = cells.map(|(_, cell)| cell.text.as_str()).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

/// ASCII may need more columns for the same text, so letters are settled before anything is measured.
fn in_letters_of(theme: &Theme, grid: &Grid) -> Grid {
    let mut grid = grid.clone();
    for cell in grid.rows.iter_mut().flatten() {
        cell.text = theme.letters(&cell.text);
    }
    grid
}

fn wanted_columns(grid: &Grid, breadth: Breadth) -> Vec<usize> {
    let columns = grid.columns.iter().enumerate();
    columns
        .filter(|(_, column)| breadth == Breadth::Everything || column.keep != Keep::Wide)
        .map(|(at, _)| at)
        .collect()
}

fn drop_until_fitting(grid: &Grid, mut shown: Vec<usize>, limit: usize) -> Vec<usize> {
    while least_width(grid, &shown) > limit {
        let least = shown.iter().copied().filter_map(|at| Some((rank(grid, at)?, at))).max();
        let Some((_, least)) = least else { break };
        shown.retain(|at| *at != least);
    }
    shown
}

fn rank(grid: &Grid, at: usize) -> Option<u8> {
    match grid.columns.get(at)?.keep {
        Keep::IfRoom(rank) => Some(rank),
        Keep::Always | Keep::Wide => None,
    }
}

fn title(grid: &Grid, at: usize) -> Option<&str> {
    grid.columns.get(at).map(|column| &*column.title)
}

fn least_width(grid: &Grid, shown: &[usize]) -> usize {
    shown.iter().map(|at| cut_width(grid, *at)).sum::<usize>() + gaps(shown)
}

fn gaps(shown: &[usize]) -> usize {
    GAP * shown.len().saturating_sub(1)
}

/// The widths of the columns: what was cut gets back what room is left, from left to right.
fn widths(grid: &Grid, shown: &[usize], limit: usize) -> Vec<usize> {
    let mut room = limit.saturating_sub(least_width(grid, shown));
    let mut width = |at: &usize| {
        let (least, natural) = (cut_width(grid, *at), column_width(grid, *at));
        let more = room.min(natural - least);
        room -= more;
        least + more
    };
    shown.iter().map(&mut width).collect()
}

/// The width of a column whose texts are cut as far as it allows.
fn cut_width(grid: &Grid, at: usize) -> usize {
    let natural = column_width(grid, at);
    match grid.columns.get(at).and_then(|column| column.cut) {
        Some(cut) => natural.min(cut.max(title(grid, at).map_or(0, UnicodeWidthStr::width))),
        None => natural,
    }
}

fn column_width(grid: &Grid, at: usize) -> usize {
    let heading = title(grid, at).map_or(0, UnicodeWidthStr::width);
    let cells = grid.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.text.width());
    cells.max().unwrap_or(0).max(heading)
}

fn as_columns(grid: &Grid, shown: &[usize], widths: &[usize], theme: &Theme) -> String {
    let columns: Vec<(usize, &Column, usize)> = shown
        .iter()
        .zip(widths)
        .filter_map(|(at, width)| grid.columns.get(*at).map(|column| (*at, column, *width)))
        .collect();
    let heading: Vec<Cell> =
        grid.columns.iter().map(|column| Cell::new(Tone::Heading, &*column.title)).collect();
    let mut text = String::new();
    for row in std::iter::once(&heading).chain(&grid.rows) {
        let cells = columns
            .iter()
            .filter_map(|(at, column, width)| Some((cut(row.get(*at)?, *width, theme), *column, *width)));
        text.push_str(&row_text(cells, theme));
        text.push('\n');
    }
    text
}

/// A cell that is no wider than its column.
fn cut(cell: &Cell, width: usize, theme: &Theme) -> Cell {
    if cell.text.width() <= width {
        return cell.clone();
    }
    let room = width.saturating_sub(theme.ellipsis().width());
    let kept = pieces(&cell.text, room.max(1)).into_iter().next().unwrap_or_default();
    Cell::new(cell.tone, kept.trim_end().to_owned() + theme.ellipsis())
}

fn row_text<'a>(cells: impl Iterator<Item = (Cell, &'a Column, usize)>, theme: &Theme) -> String {
    let mut text = String::new();
    let mut owed = 0;
    for (cell, column, width) in cells {
        let space = width.saturating_sub(cell.text.width());
        let (before, after) = match column.align {
            Align::Left => (0, space),
            Align::Right => (space, 0),
        };
        // Blanks are owed until a text follows, so that no line ends in blanks.
        if !cell.text.is_empty() {
            text.extend(std::iter::repeat_n(' ', owed + before));
            text.push_str(&theme.paint(cell.tone, &cell.text));
            owed = after + GAP;
        } else {
            owed += width + GAP;
        }
    }
    text
}

fn as_records(grid: &Grid, wanted: &[usize], theme: &Theme, limit: usize) -> String {
    let titles = wanted.iter().filter_map(|at| title(grid, *at));
    let indent = titles.map(UnicodeWidthStr::width).max().unwrap_or(0) + GAP;
    let mut text = String::new();
    for (number, row) in grid.rows.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        for at in wanted {
            let (Some(title), Some(cell)) = (title(grid, *at), row.get(*at)) else { continue };
            if cell.text.is_empty() {
                continue;
            }
            text.push_str(&theme.paint(Tone::Heading, title));
            text.extend(std::iter::repeat_n(' ', indent.saturating_sub(title.width())));
            text.push_str(&folded(cell, theme, indent, limit));
            text.push('\n');
        }
    }
    text
}

/// A value over as many lines as it takes, each after the indent.
fn folded(cell: &Cell, theme: &Theme, indent: usize, limit: usize) -> String {
    let room = limit.saturating_sub(indent).max(8);
    let parts = wrap(&cell.text, room);
    let painted: Vec<String> = parts.iter().map(|part| theme.paint(cell.tone, part)).collect();
    painted.join(&format!("\n{}", " ".repeat(indent)))
}

/// Breaks a text between words, and inside a word that is longer than a line.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        for (number, piece) in pieces(word, room).into_iter().enumerate() {
            let line = lines.last_mut().expect("there is always a line");
            let space = usize::from(number == 0 && !line.is_empty());
            if line.width() + space + piece.width() <= room && number == 0 {
                line.push_str(&" ".repeat(space));
                line.push_str(&piece);
            } else if line.is_empty() {
                line.push_str(&piece);
            } else {
                lines.push(piece);
            }
        }
    }
    lines
}

fn pieces(word: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut width = 0;
    for letter in word.chars() {
        let wide = unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0);
        if width + wide > room {
            pieces.push(String::new());
            width = 0;
        }
        pieces.last_mut().expect("there is always a piece").push(letter);
        width += wide;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn theme(columns: usize) -> Theme {
        Theme { width: Width::Columns(columns), ..Theme::PLAIN }
    }

    fn grid() -> Grid {
        Grid {
            columns: vec![
                Column::left("NODE", Keep::Always),
                Column::right("LAG", Keep::IfRoom(1)),
                Column::left("BUILD", Keep::IfRoom(2)),
                Column::left("STORE", Keep::Wide),
            ],
            rows: vec![
                vec!["n1".into(), "7".into(), "9f2c1e".into(), "aa".into()],
                vec!["n2-tokyo".into(), "12345".into(), "".into(), "bb".into()],
            ],
        }
    }

    #[test]
    fn the_least_important_columns_go_first() {
        let full = lay_out(&grid(), &theme(80), Breadth::Fitting);
        assert_eq!(full.text, "NODE        LAG  BUILD\nn1            7  9f2c1e\nn2-tokyo  12345\n");
        assert!(full.hidden.is_empty());
        let less = lay_out(&grid(), &theme(16), Breadth::Fitting);
        assert_eq!(less.text, "NODE        LAG\nn1            7\nn2-tokyo  12345\n");
        assert_eq!(less.hidden, ["BUILD"]);
    }

    #[test]
    fn without_room_for_columns_rows_become_blocks() {
        let narrow = lay_out(&grid(), &theme(7), Breadth::Fitting);
        assert!(
            narrow.text.starts_with("NODE   n1\nLAG    7\nBUILD  9f2c1e\n\nNODE   n2-tokyo\n"),
            "{}",
            narrow.text
        );
    }

    #[test]
    fn a_remark_is_cut_before_a_column_goes() {
        let mut remarks = grid();
        remarks.columns[2] = Column::left("BUILD", Keep::IfRoom(2)).may_be_cut(6);
        remarks.rows[1][2] = "a remark that is long".into();
        let text = |columns| lay_out(&remarks, &theme(columns), Breadth::Fitting);
        assert!(text(80).text.contains("a remark that is long"));
        assert!(text(30).text.contains("  12345  a remark tha…\n"), "{}", text(30).text);
        assert!(text(23).hidden.is_empty());
        assert_eq!(text(22).hidden, ["BUILD"]);
    }

    #[test]
    fn wide_shows_everything_at_any_width() {
        let wide = lay_out(&grid(), &theme(10), Breadth::Everything);
        assert!(wide.text.starts_with("NODE        LAG  BUILD   STORE\n"));
    }

    #[test]
    fn short_is_for_scripts() {
        assert_eq!(short(&grid()), "n1\nn2-tokyo\n");
    }

    #[test]
    fn colours_do_not_move_columns() {
        let mut red = grid();
        red.rows[0][1].tone = Tone::Bad;
        let colour = Theme { colour: true, ..theme(80) };
        let text = lay_out(&red, &colour, Breadth::Fitting).text;
        assert!(text.contains("\u{1b}["));
        let stripped = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(stripped, lay_out(&grid(), &theme(80), Breadth::Fitting).text);
    }

    proptest! {
        #[test]
        fn wrapped_lines_fit_and_lose_nothing(text in "[a-zäß ]{0,120}", room in 1usize..40) {
            let lines = wrap(&text, room);
            prop_assert!(lines.iter().all(|line| line.width() <= room));
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
