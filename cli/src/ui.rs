//! The only place that prints.
//!
//! Standard output gets the result and nothing else; everything that is said besides goes to standard
//! error. A reader that closes the pipe early (`| head -1`) is no error: printing stops, and the
//! command ends with the status it would have had.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use elastickv_sys::task;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::args::{Colour, Format, GlobalArgs, PROGRAM, ProgressStyle};
use crate::context::pasteable;
use crate::error::{CliError, Code, Exit};
use crate::model::{Finished, Report, duration_text, utc};
use crate::output::layout::Breadth;
use crate::output::{Query, Theme, Tone, Width, envelope, failure, human};

/// Narrower than this, nothing can be laid out.
const NARROWEST: usize = 20;

/// Standard output and error, and what they can show.
pub struct Ui {
    format: Format,
    query: Option<Query>,
    progress: ProgressStyle,
    /// Standard output is a terminal on which something can be drawn again.
    redraws: bool,
    theme: Theme,
    aside: Theme,
    cli: String,
    out: RefCell<Box<dyn Write>>,
    err: RefCell<Box<dyn Write>>,
    /// The reader of standard output has gone.
    closed: Cell<bool>,
    /// A question stands on the terminal, and the cursor behind it.
    asking: Cell<bool>,
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").field("format", &self.format).field("theme", &self.theme).finish_non_exhaustive()
    }
}

impl Ui {
    pub fn new(global: &GlobalArgs) -> Self {
        Self {
            // Parts are taken from the document.
            format: if global.query.is_some() { Format::Json } else { global.output },
            query: global.query.clone(),
            progress: global.progress,
            redraws: io::stdout().is_terminal() && !terminal_is_dumb(),
            theme: theme(&io::stdout(), global),
            aside: Theme { width: Width::Unlimited, ..theme(&io::stderr(), global) },
            cli: pasteable(global),
            out: RefCell::new(Box::new(io::stdout())),
            err: RefCell::new(Box::new(io::stderr())),
            closed: Cell::new(false),
            asking: Cell::new(false),
        }
    }

    /// How this program is called, for advice that can be pasted.
    pub fn cli(&self) -> &str {
        &self.cli
    }

    pub fn format(&self) -> Format {
        self.format
    }

    pub fn progress_style(&self) -> ProgressStyle {
        self.progress
    }

    pub fn ascii(&self) -> bool {
        self.aside.ascii
    }

    /// Whether a line may be redrawn on standard error.
    pub fn can_move(&self) -> bool {
        io::stderr().is_terminal() && !terminal_is_dumb()
    }

    /// Whether there is somebody to ask.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Shows how a command ended, and says with which status to leave.
    pub fn finish<R: Report>(&self, finished: &Finished<R>) -> Exit {
        let shown = match (self.format, &self.query) {
            (_, Some(query)) => self.document(envelope::parts(finished, &self.cli, query)),
            (Format::Json, None) => self.document(envelope::json(finished, &self.cli)),
            (Format::Ndjson, None) => self.document(envelope::ndjson(finished, &self.cli)),
            (Format::Yaml, None) => self.document(envelope::yaml(finished, &self.cli)),
            (Format::Table | Format::Wide | Format::Short, None) => self.for_people(finished),
        };
        if let Some(error) = finished.error().filter(|error| !self.told_by_warnings(error, finished)) {
            self.error(error);
        }
        match shown {
            Ok(()) => finished.exit,
            Err(error) => {
                self.error(&CliError::new(Code::LocalFile, format!("standard output: {error}")));
                Code::LocalFile.exit()
            }
        }
    }

    /// Shows one look of many. False when nobody reads any more.
    pub fn frame<R: Report>(
        &self,
        finished: &Finished<R>,
        now_ms: u64,
        every: Duration,
    ) -> Result<bool, CliError> {
        let text = match self.format {
            Format::Ndjson => envelope::ndjson(finished, &self.cli).map_err(io::Error::other),
            _ if self.redraws && self.format != Format::Short => Ok(self.redrawn(finished, every)),
            _ => Ok(look_line(finished, now_ms)),
        };
        let written = text.and_then(|text| self.print(text.as_bytes()));
        written.map_err(|error| CliError::new(Code::LocalFile, format!("standard output: {error}")))?;
        Ok(!self.closed.get())
    }

    /// The look in the place of the one before, cut to what the terminal can show.
    fn redrawn<R: Report>(&self, finished: &Finished<R>, every: Duration) -> String {
        // The terminal may have another size by now.
        let theme = Theme { width: width(true), ..self.theme };
        let mut text = match &finished.result {
            Ok(done) => self.rendered_for(&done.report, &theme).text,
            Err(error) => failure::four_lines(error, &self.cli, PROGRAM, &theme),
        };
        for warning in &finished.facts.warnings {
            text.push_str(&failure::warning_line(warning, &theme));
        }
        let footer = format!("every {}; Ctrl-C ends", duration_text(every));
        let room = terminal_size::terminal_size().map_or(usize::MAX, |(_, height)| usize::from(height.0));
        let columns = match theme.width {
            Width::Columns(columns) => columns,
            Width::Unlimited => usize::MAX,
        };
        let lines = fitting(&text, columns, room.saturating_sub(2));
        let rest = text.lines().count() - lines.len();
        let footer = if rest > 0 { format!("{rest} more lines   {footer}") } else { footer };
        screen(&lines, &self.theme.paint(Tone::Dim, &footer))
    }

    /// Writes one item of a result that is long. False when nobody reads any more.
    pub fn item<T: Serialize>(&self, kind: &'static str, item: &T) -> Result<bool, CliError> {
        let written =
            envelope::item(kind, item).map_err(io::Error::other).and_then(|text| self.print(text.as_bytes()));
        written.map_err(|error| CliError::new(Code::LocalFile, format!("standard output: {error}")))?;
        Ok(!self.closed.get())
    }

    /// Writes a part of a result that is no report. False when nobody reads any more.
    pub fn bytes(&self, bytes: &[u8]) -> Result<bool, CliError> {
        self.print(bytes)
            .map_err(|error| CliError::new(Code::LocalFile, format!("standard output: {error}")))?;
        Ok(!self.closed.get())
    }

    /// Prints a text as it is, such as help.
    pub fn text(&self, text: &str) -> Exit {
        match self.print(text.as_bytes()) {
            Ok(()) => Exit::Done,
            Err(_) => Code::LocalFile.exit(),
        }
    }

    /// Says something beside the result.
    pub fn aside(&self, text: &str) {
        let mut err = self.err.borrow_mut();
        // There is nowhere left to complain to.
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    /// Shows a failure on standard error.
    pub fn error(&self, error: &CliError) {
        if self.asking.replace(false) {
            self.aside("\n");
        }
        self.aside(&failure::four_lines(error, &self.cli, PROGRAM, &self.aside));
    }

    /// Asks on the terminal; None at the end of the input.
    pub async fn ask(&self, question: &str) -> Option<String> {
        self.aside(&self.aside.letters(question));
        self.asking.set(true);
        let line = task::blocking(|| {
            let mut line = String::new();
            let read = io::stdin().read_line(&mut line);
            (read.ok()? > 0).then(|| line.trim().to_owned())
        });
        let line = line.await.ok().flatten();
        // Enter has moved the cursor on; the end of the input has not.
        self.asking.set(line.is_none());
        line
    }

    fn document(&self, text: Result<String, envelope::WriteError>) -> io::Result<()> {
        self.print(text.map_err(io::Error::other)?.as_bytes())
    }

    fn for_people<R: Report>(&self, finished: &Finished<R>) -> io::Result<()> {
        let mut hidden = Vec::new();
        let mut shown = Ok(());
        if let Ok(done) = &finished.result {
            let bytes = match done.report.verbatim(self.format) {
                Some(bytes) => bytes,
                None => {
                    let rendered = self.render(&done.report);
                    hidden = rendered.hidden;
                    rendered.text.into_bytes()
                }
            };
            shown = self.print(&bytes);
        }
        self.remarks(&hidden, finished);
        shown
    }

    fn render<R: Report>(&self, report: &R) -> human::Rendered {
        self.rendered_for(report, &self.theme)
    }

    fn rendered_for<R: Report>(&self, report: &R, theme: &Theme) -> human::Rendered {
        match self.format {
            Format::Short => human::Rendered { text: report.short(), hidden: Vec::new() },
            Format::Wide => human::render(&report.table(), theme, Breadth::Everything),
            _ => human::render(&report.table(), theme, Breadth::Fitting),
        }
    }

    fn remarks<R>(&self, hidden: &[String], finished: &Finished<R>) {
        if !hidden.is_empty() {
            let text = format!("(no room for {}; -o wide shows all)", hidden.join(", "));
            self.aside(&(self.aside.paint(Tone::Dim, &text) + "\n"));
        }
        for warning in &finished.facts.warnings {
            self.aside(&failure::warning_line(warning, &self.aside));
        }
    }

    /// That some members are missing stands in the rows and the warnings already. An error that names none of them is
    /// told nowhere else.
    fn told_by_warnings<R>(&self, error: &CliError, finished: &Finished<R>) -> bool {
        let told = !error.blocking().is_empty()
            && error.blocking().iter().all(|blocker| {
                finished.facts.warnings.iter().any(|warning| {
                    warning.code == Code::MemberSilent
                        && warning.message.starts_with(&format!("{} ", blocker.member))
                })
            });
        error.code() == Code::Partial && !self.format.is_for_machines() && told
    }

    fn print(&self, bytes: &[u8]) -> io::Result<()> {
        if self.closed.get() {
            return Ok(());
        }
        let mut out = self.out.borrow_mut();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.set(true);
                Ok(())
            }
            result => result,
        }
    }
}

/// The lines that a terminal shows in so many rows, where one that is longer than a row takes several.
fn fitting(text: &str, columns: usize, rows: usize) -> Vec<&str> {
    let mut left = rows;
    let fits = |line: &&str| {
        let wide = anstream::adapter::strip_str(line).to_string().width();
        let taken = wide.div_ceil(columns.max(1)).max(1);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    };
    text.lines().take_while(fits).collect()
}

/// From the upper left corner, each line and the screen cleared behind what is written.
fn screen(lines: &[&str], footer: &str) -> String {
    let clear = "\x1b[K\n";
    let body: String = lines.iter().map(|line| format!("{line}{clear}")).collect();
    format!("\x1b[H{body}{footer}{clear}\x1b[J")
}

/// A look in a line: when, what, and how many warnings there are.
fn look_line<R: Report>(finished: &Finished<R>, now_ms: u64) -> String {
    let what = match &finished.result {
        Ok(done) => done.report.short().lines().collect::<Vec<_>>().join("; "),
        Err(error) => format!("{} {}", error.code(), error.message()),
    };
    format!("{} {what} warnings={}\n", utc(now_ms), finished.facts.warnings.len())
}

fn theme<S: IsTerminal + RawStream>(stream: &S, global: &GlobalArgs) -> Theme {
    let colour = match global.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => AutoStream::choice(stream) != ColorChoice::Never,
    };
    Theme { colour, ascii: global.ascii, width: width(IsTerminal::is_terminal(stream)) }
}

/// COLUMNS wins, as everywhere; then the terminal's own word; a pipe or a file has no width.
fn width(is_terminal: bool) -> Width {
    let told = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let measured =
        || terminal_size::terminal_size().filter(|_| is_terminal).map(|(width, _)| usize::from(width.0));
    match told.filter(|columns| *columns > 0).or_else(measured) {
        Some(columns) => Width::Columns(columns.max(NARROWEST)),
        None if is_terminal => Width::Columns(80),
        None => Width::Unlimited,
    }
}

fn terminal_is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_longer_than_a_row_takes_several() {
        let text = "head\n\x1b[31m0123456789\x1b[0m\n0123456789a\nlast\n";
        assert_eq!(fitting(text, 10, 5).len(), 4, "one, one, two and one");
        assert_eq!(fitting(text, 10, 4).len(), 3);
        assert_eq!(fitting(text, 10, 3).len(), 2, "half a line is none");
        assert_eq!(fitting(text, usize::MAX, 4).len(), 4);
        assert_eq!(fitting("\n\n", 10, 1).len(), 1);
    }
}
