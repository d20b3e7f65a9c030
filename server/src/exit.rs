//! How the process ends, and the one place that writes to the terminal outside of logging.

use std::io::Write;
use std::process::ExitCode;

/// Exit codes. A supervisor restarts after a fault, with a pause, and not after a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    Done,
    Usage,
    /// The node refused to start: something must be mended first.
    Refused,
    /// This node failed while it ran; its peers did not.
    Fault,
    /// The cluster does not register this node as a writer under its keys.
    Unregistered,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Fault => 4,
            Exit::Unregistered => 5,
        })
    }
}

/// Why the process ends: a name that scripts can rely on, what is wrong, and the way out.
#[derive(Debug, Clone)]
pub struct Stop {
    pub exit: Exit,
    pub name: &'static str,
    pub what: String,
    pub way_out: String,
}

impl Stop {
    pub fn usage(what: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            name: "Usage",
            what: what.into(),
            way_out: "elastickv --help lists the settings".to_owned(),
        }
    }

    pub fn refused(name: &'static str, what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, name, what: what.into(), way_out: way_out.into() }
    }

    pub fn fault(name: &'static str, what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { exit: Exit::Fault, name, what: what.into(), way_out: way_out.into() }
    }
}

/// Writes the one line that says why the process ends.
pub fn report(stop: &Stop) {
    let line = format!("error: {}: {} · {}\n", stop.name, stop.what, stop.way_out);
    // Without a terminal there is nobody left to tell.
    drop(std::io::stderr().write_all(line.as_bytes()));
}

/// Writes a result; a reader that went away is no error.
pub fn print(text: &str) {
    drop(std::io::stdout().write_all(text.as_bytes()));
}
