//! Structured logs on standard error, and how much of them while the node runs.
//!
//! Whoever looks for something asks for more lines, for a while: the node goes back by itself to what it was started with.
//! What is asked for counts for this program's own parts alone. Those of others can print headers and frames at their
//! lowest levels, and with them tokens and users' bytes; so no call at run time brings them below `info`.
//!
//! Each line names the part that wrote it: that is what a level for a part is given for, and by which lines of ours are told
//! from anybody else's in the same file (`support-bundle`).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use elastickv_proto::v1;
use elastickv_sys::clock::{SharedClock, SystemClock};
use elastickv_sys::task;
use parking_lot::Mutex;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::{Config, LogFormat};

/// The library's own chatter is for its developers; what matters of it is said again by ours. A merge that has to wait for
/// another one is none of it.
const HUSHED: &str =
    "openraft=error,h2=error,fjall=warn,lsm_tree=warn,lsm_tree::compaction=error,rustls=warn";
/// Every part of this program has a name that begins so.
const OURS: &str = "elastickv";
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    #[error("{0:?} is no level; there are error, warn, info, debug and trace")]
    Unknown(String),
    #[error("{0:?} is no part of this program; its parts have names that begin with {OURS}")]
    NotOurs(String),
    #[error("24h is the longest, and {}s are asked for", .0.as_secs())]
    TooLong(Duration),
    #[error("the level can not be changed: {0}")]
    Stuck(String),
}

/// Puts another filter in the place of the one that there is.
type Reload = Box<dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync>;

/// What this process logs.
pub struct Logs {
    configured: String,
    clock: SharedClock,
    reload: Reload,
    present: Mutex<Present>,
}

#[derive(Clone, Default)]
struct Present {
    /// None as long as it is what the process was started with.
    level: Option<String>,
    until_ms: u64,
    /// Counts the changes, so that the end of an earlier one ends no later one.
    changes: u64,
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("configured", &self.configured).finish_non_exhaustive()
    }
}

pub fn start(config: &Config) -> Arc<Logs> {
    let logs = tracing_subscriber::fmt()
        .with_env_filter(as_configured(&config.log_level))
        .with_writer(std::io::stderr);
    macro_rules! reloading {
        ($logs:expr) => {{
            let logs = $logs.with_filter_reloading();
            let handle = logs.reload_handle();
            logs.init();
            Box::new(move |filter: EnvFilter| handle.reload(filter).map_err(|error| error.to_string()))
        }};
    }
    let reload: Reload = match config.log_format {
        LogFormat::Text => reloading!(logs.with_ansi(false)),
        LogFormat::Json => reloading!(logs.json().flatten_event(true)),
    };
    Arc::new(Logs {
        configured: config.log_level.clone(),
        clock: SystemClock::shared(),
        reload,
        present: Mutex::default(),
    })
}

impl Logs {
    pub fn told(&self) -> v1::LogLevel {
        let present = self.present.lock().clone();
        v1::LogLevel {
            level: present.level.unwrap_or_else(|| self.configured.clone()),
            configured: self.configured.clone(),
            until_ms: present.until_ms,
        }
    }

    /// Logs as it is told, until the time is over or the process ends. An empty level is the one it was started with.
    pub fn set(self: &Arc<Self>, level: &str, lasting: Option<Duration>) -> Result<(), LevelError> {
        if let Some(lasting) = lasting.filter(|lasting| *lasting > LONGEST) {
            return Err(LevelError::TooLong(lasting));
        }
        if level.is_empty() {
            return self.put(None, 0).map(|_| ());
        }
        let filter = self.asked_for(level)?;
        let until_ms = lasting.map_or(0, |lasting| {
            self.clock.unix_ms().saturating_add(u64::try_from(lasting.as_millis()).unwrap_or(u64::MAX))
        });
        let change = self.put(Some((level.to_owned(), filter)), until_ms)?;
        if let Some(lasting) = lasting {
            let logs = self.clone();
            task::spawn(async move {
                tokio::time::sleep(lasting).await;
                logs.go_back(change);
            });
        }
        Ok(())
    }

    fn put(&self, to: Option<(String, EnvFilter)>, until_ms: u64) -> Result<u64, LevelError> {
        self.put_in(&mut self.present.lock(), to, until_ms)
    }

    fn put_in(
        &self,
        present: &mut Present,
        to: Option<(String, EnvFilter)>,
        until_ms: u64,
    ) -> Result<u64, LevelError> {
        let (level, filter) = match to {
            Some((level, filter)) => (Some(level), filter),
            None => (None, as_configured(&self.configured)),
        };
        (self.reload)(filter).map_err(LevelError::Stuck)?;
        *present = Present { level, until_ms, changes: present.changes + 1 };
        Ok(present.changes)
    }

    fn go_back(&self, change: u64) {
        let mut present = self.present.lock();
        if present.changes != change {
            return;
        }
        let back = self.put_in(&mut present, None, 0);
        drop(present);
        match back {
            Ok(_) => tracing::info!(level = self.configured, "the log level is what it was at the start"),
            Err(error) => tracing::warn!(%error, "the log level stays"),
        }
    }

    fn asked_for(&self, text: &str) -> Result<EnvFilter, LevelError> {
        Ok(filter(&directives(&self.configured, text)?))
    }
}

fn as_configured(level: &str) -> EnvFilter {
    filter(level)
}

/// The audit is written whatever the level is.
fn filter(directives: &str) -> EnvFilter {
    let text = format!("{HUSHED},{directives},{}=info", crate::audit::TARGET);
    EnvFilter::try_new(text).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// A level for all of ours, or levels for parts of it beside what is configured.
fn directives(configured: &str, text: &str) -> Result<String, LevelError> {
    if !text.contains('=') {
        let level = level(text)?;
        return Ok(format!("{},{OURS}={level}", level.min(LevelFilter::INFO)));
    }
    let mut all = configured.to_owned();
    for part in text.split(',') {
        let (target, named) = part.split_once('=').ok_or_else(|| LevelError::Unknown(part.to_owned()))?;
        let is_name =
            target.chars().all(|letter| letter.is_ascii_lowercase() || "_:0123456789".contains(letter));
        if !target.starts_with(OURS) || !is_name {
            return Err(LevelError::NotOurs(target.to_owned()));
        }
        all = format!("{all},{target}={}", level(named)?);
    }
    Ok(all)
}

fn level(text: &str) -> Result<LevelFilter, LevelError> {
    match text {
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err(LevelError::Unknown(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn logs() -> (Arc<Logs>, Arc<AtomicUsize>) {
        let reloads = Arc::new(AtomicUsize::new(0));
        let counted = reloads.clone();
        let logs = Logs {
            configured: "info".to_owned(),
            clock: SystemClock::shared(),
            reload: Box::new(move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }),
            present: Mutex::default(),
        };
        (Arc::new(logs), reloads)
    }

    #[test]
    fn others_are_never_brought_below_info() {
        assert_eq!(directives("info", "trace"), Ok("info,elastickv=trace".to_owned()));
        assert_eq!(directives("info", "error"), Ok("error,elastickv=error".to_owned()));
        assert_eq!(directives("warn", "elastickv_log=debug"), Ok("warn,elastickv_log=debug".to_owned()));
        for (text, wanted) in [
            ("h2=trace", LevelError::NotOurs("h2".to_owned())),
            ("elastickv[x]=trace", LevelError::NotOurs("elastickv[x]".to_owned())),
            ("elastickv_log=debug,trace", LevelError::Unknown("trace".to_owned())),
            ("off", LevelError::Unknown("off".to_owned())),
            ("", LevelError::Unknown(String::new())),
        ] {
            assert_eq!(directives("info", text), Err(wanted), "{text}");
        }
    }

    #[tokio::test]
    async fn the_end_of_a_level_ends_no_later_one() {
        let (logs, reloads) = logs();
        let lasting = Some(Duration::from_secs(600));
        logs.set("debug", lasting).unwrap();
        let first = logs.present.lock().changes;
        assert!(logs.told().level == "debug" && logs.told().until_ms > 0);
        logs.set("trace", lasting).unwrap();
        logs.go_back(first);
        assert_eq!(logs.told().level, "trace");
        logs.go_back(first + 1);
        assert_eq!((logs.told().level.as_str(), logs.told().until_ms), ("info", 0));
        assert_eq!(reloads.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_level_for_longer_than_a_day_is_refused() {
        let (logs, reloads) = logs();
        let long = Duration::from_secs(86_401);
        assert_eq!(logs.set("debug", Some(long)), Err(LevelError::TooLong(long)));
        logs.set("debug", None).unwrap();
        logs.set("", None).unwrap();
        assert_eq!((logs.told().level.as_str(), reloads.load(Ordering::SeqCst)), ("info", 2));
    }
}
