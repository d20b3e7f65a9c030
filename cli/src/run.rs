//! One command from its start to its end, with an eye on the clock and an ear for signals.

use std::pin::pin;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::client::Session;
use crate::error::{CliError, Code};
use crate::progress::{QUIET, TICK, Watcher};
use crate::ui::Ui;

/// Does the work, shows what it waits for, and stops at SIGINT and SIGTERM.
pub async fn attend<T>(
    session: &Session,
    ui: &Ui,
    work: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    let mut work = pin!(work);
    let mut watcher = Watcher::new(ui, session.progress());
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let first = Instant::now() + QUIET;
    let mut ticks = interval_at(first, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let result = loop {
        tokio::select! {
            biased;
            result = &mut work => break result,
            _ = interrupt.recv() => break Err(session.interrupted(Code::Interrupted)),
            _ = terminate.recv() => break Err(session.interrupted(Code::Terminated)),
            _ = ticks.tick() => watcher.tick(session.elapsed()),
        }
    };
    watcher.clear();
    result
}

fn listen(kind: SignalKind) -> Result<Signal, CliError> {
    signal(kind)
        .map_err(|error| CliError::new(Code::Unexpected, format!("signals can not be received: {error}")))
}
