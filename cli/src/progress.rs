//! What a command that takes long waits for.
//!
//! Commands say it; nobody hears it before two seconds have passed. Then it goes to standard error: a
//! moving line on a terminal, elsewhere a plain line whenever the text changes and every thirty seconds.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};

use crate::args::ProgressStyle;
use crate::model::duration_text;
use crate::ui::Ui;

/// Nothing is told before.
pub const QUIET: Duration = Duration::from_secs(2);
/// How often the moving line moves.
pub const TICK: Duration = Duration::from_millis(100);
const REPEAT: Duration = Duration::from_secs(30);

/// Where commands say what they wait for.
#[derive(Debug, Default)]
pub struct Progress {
    text: RefCell<String>,
    hushed: Cell<bool>,
}

impl Progress {
    pub fn silent() -> Self {
        Self::default()
    }

    pub fn say(&self, text: impl Into<String>) {
        *self.text.borrow_mut() = text.into();
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
    Moving(Option<ProgressBar>),
    Lines { last: String, at: Duration, json: bool },
    Nothing,
}

impl<'a> Watcher<'a> {
    pub fn new(ui: &'a Ui, progress: &'a Progress) -> Self {
        let lines = |json| Manner::Lines { last: String::new(), at: Duration::ZERO, json };
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
            Manner::Moving(bar) => {
                let bar = bar.get_or_insert_with(|| new_bar(self.ui.ascii()));
                bar.set_message(format!("{text}  {}", duration_text(elapsed)));
                bar.tick();
            }
            Manner::Lines { last, at, json } => {
                if *last == text && elapsed.saturating_sub(*at) < REPEAT {
                    return;
                }
                let line = if *json { json_line(&text, elapsed) } else { plain_line(&text, elapsed) };
                (*last, *at) = (text, elapsed);
                self.ui.aside(&line);
            }
        }
    }

    /// Takes the moving line away, so that the result stands alone.
    pub fn clear(&mut self) {
        if let Manner::Moving(bar) = &mut self.manner
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(ascii: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let letters = if ascii { "|/-\\ " } else { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " };
    let style =
        BarStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| BarStyle::default_spinner());
    bar.set_style(style.tick_chars(letters));
    bar
}

fn plain_line(text: &str, elapsed: Duration) -> String {
    format!("... {text} ({})\n", duration_text(elapsed))
}

fn json_line(text: &str, elapsed: Duration) -> String {
    serde_json::json!({ "progress": text, "elapsed_ms": elapsed.as_millis() as u64 }).to_string() + "\n"
}
