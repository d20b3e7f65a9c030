//! What a command that takes long waits for.
//!
//! Commands say it; nobody hears it before two seconds have passed. Then it goes to standard error: a
//! moving line on a terminal, elsewhere a plain line whenever the text changes and every thirty seconds. Where
//! members work on something, each has a bar, or a line at every tenth of its way.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};

use crate::args::ProgressStyle;
use crate::model::duration_text;
use crate::ui::Ui;

/// Nothing is told before.
pub const QUIET: Duration = Duration::from_secs(2);
/// How often the moving line moves.
pub const TICK: Duration = Duration::from_millis(100);
const REPEAT: Duration = Duration::from_secs(30);

/// How far one member is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bar {
    pub name: String,
    /// None while nobody knows.
    pub per_cent: Option<u64>,
    pub text: String,
}

impl Bar {
    fn line(&self, width: usize) -> String {
        let share = self.per_cent.map_or("   - %".to_owned(), |share| format!("{share:>4} %"));
        format!("{:<width$} {share}  {}", self.name, self.text)
    }
}

/// Where commands say what they wait for.
#[derive(Debug, Default)]
pub struct Progress {
    text: RefCell<String>,
    bars: RefCell<Vec<Bar>>,
    hushed: Cell<bool>,
}

impl Progress {
    pub fn silent() -> Self {
        Self::default()
    }

    pub fn say(&self, text: impl Into<String>) {
        self.show(text, Vec::new());
    }

    /// The same, with a bar for each member.
    pub fn show(&self, text: impl Into<String>, bars: Vec<Bar>) {
        *self.text.borrow_mut() = text.into();
        *self.bars.borrow_mut() = bars;
    }

    /// While the operator is asked something, nothing moves.
    pub fn hush(&self, hushed: bool) {
        self.hushed.set(hushed);
    }

    fn current(&self) -> Option<String> {
        let text = self.text.borrow();
        (!self.hushed.get() && !text.is_empty()).then(|| text.clone())
    }
}

/// How the progress of one command is shown.
#[derive(Debug)]
pub struct Watcher<'a> {
    ui: &'a Ui,
    progress: &'a Progress,
    manner: Manner,
}

#[derive(Debug)]
enum Manner {
    Moving(Option<Moving>),
    Lines { last: String, at: Duration, json: bool, tenths: Vec<(String, u64)> },
    Nothing,
}

impl<'a> Watcher<'a> {
    pub fn new(ui: &'a Ui, progress: &'a Progress) -> Self {
        let lines =
            |json| Manner::Lines { last: String::new(), at: Duration::ZERO, json, tenths: Vec::new() };
        let manner = match ui.progress_style() {
            ProgressStyle::Off => Manner::Nothing,
            ProgressStyle::Json => lines(true),
            ProgressStyle::Auto if ui.can_move() => Manner::Moving(None),
            ProgressStyle::Auto | ProgressStyle::Plain => lines(false),
        };
        Self { ui, progress, manner }
    }

    /// Called now and then; `elapsed` is the time since the command began.
    pub fn tick(&mut self, elapsed: Duration) {
        let Some(text) = self.progress.current() else { return self.clear() };
        match &mut self.manner {
            Manner::Nothing => {}
            Manner::Moving(moving) => {
                let moving = moving.get_or_insert_with(|| Moving::new(self.ui.ascii()));
                moving.tick(&format!("{text}  {}", duration_text(elapsed)), &self.progress.bars.borrow());
            }
            Manner::Lines { last, at, json, tenths } => {
                let bars = self.progress.bars.borrow();
                let now = tenths_of(&bars);
                if *last == text && *tenths == now && elapsed.saturating_sub(*at) < REPEAT {
                    return;
                }
                let line = match *json {
                    true => json_line(&text, &bars, elapsed),
                    false => plain_lines(&text, &bars, elapsed),
                };
                (*last, *at, *tenths) = (text, elapsed, now);
                self.ui.aside(&line);
            }
        }
    }

    /// Takes the moving line away, so that the result stands alone.
    pub fn clear(&mut self) {
        if let Manner::Moving(moving) = &mut self.manner
            && let Some(moving) = moving.take()
        {
            moving.clear();
        }
    }
}

/// A line that moves, and below it a bar for each member.
#[derive(Debug)]
struct Moving {
    all: MultiProgress,
    head: ProgressBar,
    bars: Vec<ProgressBar>,
    ascii: bool,
}

impl Moving {
    fn new(ascii: bool) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let head = all.add(ProgressBar::no_length());
        let letters = if ascii { "|/-\\ " } else { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " };
        head.set_style(style("{spinner} {wide_msg}").tick_chars(letters));
        Self { all, head, bars: Vec::new(), ascii }
    }

    fn tick(&mut self, text: &str, bars: &[Bar]) {
        self.head.set_message(text.to_owned());
        self.head.tick();
        while self.bars.len() > bars.len() {
            self.bars.pop().iter().for_each(ProgressBar::finish_and_clear);
        }
        let width = name_width(bars);
        for (place, bar) in bars.iter().enumerate() {
            if place == self.bars.len() {
                let filled = if self.ascii { "#>-" } else { "█▉░" };
                let new = self.all.add(ProgressBar::new(100));
                new.set_style(style("{prefix} [{bar:26}] {msg}").progress_chars(filled));
                self.bars.push(new);
            }
            let Some(shown) = self.bars.get(place) else { continue };
            shown.set_prefix(format!("{:<width$}", bar.name));
            shown.set_position(bar.per_cent.unwrap_or(0));
            let share = bar.per_cent.map_or("   - %".to_owned(), |share| format!("{share:>4} %"));
            shown.set_message(format!("{share}  {}", bar.text));
        }
    }

    fn clear(self) {
        self.bars.iter().for_each(ProgressBar::finish_and_clear);
        self.head.finish_and_clear();
    }
}

fn style(template: &str) -> BarStyle {
    BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar())
}

fn name_width(bars: &[Bar]) -> usize {
    bars.iter().map(|bar| bar.name.len()).max().unwrap_or_default()
}

/// What has to change before another line is worth printing.
fn tenths_of(bars: &[Bar]) -> Vec<(String, u64)> {
    let at = |bar: &Bar| bar.text.split("  ").next().unwrap_or_default().to_owned();
    bars.iter().map(|bar| (at(bar), bar.per_cent.map_or(0, |share| 1 + share / 10))).collect()
}

fn plain_lines(text: &str, bars: &[Bar], elapsed: Duration) -> String {
    let head = format!("... {text} ({})\n", duration_text(elapsed));
    let width = name_width(bars);
    bars.iter().fold(head, |lines, bar| lines + "    " + &bar.line(width) + "\n")
}

fn json_line(text: &str, bars: &[Bar], elapsed: Duration) -> String {
    let of =
        |bar: &Bar| serde_json::json!({ "member": bar.name, "per_cent": bar.per_cent, "text": bar.text });
    let elapsed_ms = elapsed.as_millis() as u64;
    let line = match bars {
        [] => serde_json::json!({ "progress": text, "elapsed_ms": elapsed_ms }),
        bars => {
            let members: Vec<_> = bars.iter().map(of).collect();
            serde_json::json!({ "progress": text, "elapsed_ms": elapsed_ms, "members": members })
        }
    };
    line.to_string() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, per_cent: Option<u64>, text: &str) -> Bar {
        Bar { name: name.to_owned(), per_cent, text: text.to_owned() }
    }

    #[test]
    fn members_have_a_line_each_and_stand_below_each_other() {
        let bars = [bar("n1", Some(63), "rows  5 MiB/s"), bar("n10", None, "counting")];
        let told = plain_lines("rewrite", &bars, Duration::from_secs(3));
        assert_eq!(told, "... rewrite (3.0s)\n    n1    63 %  rows  5 MiB/s\n    n10    - %  counting\n");
    }

    #[test]
    fn a_line_is_worth_a_tenth_or_another_activity() {
        let at = |share, text: &str| tenths_of(&[bar("n1", Some(share), text)]);
        assert_eq!(at(61, "rows  5 MiB/s"), at(69, "rows  7 MiB/s"));
        assert_ne!(at(69, "rows"), at(70, "rows"));
        assert_ne!(at(70, "rows"), at(70, "locks"));
    }
}
