//! Stages that did not come out as they should.

use crate::error::{CliError, Code};

/// What came, where something else was wanted.
pub fn failed(text: impl Into<String>) -> CliError {
    CliError::new(Code::StageFailed, text)
}

/// The demonstration itself could not do something.
pub fn trouble(what: &str) -> impl Fn(std::io::Error) -> CliError {
    move |error| CliError::new(Code::LocalFile, format!("{what}: {error}"))
}

/// Fails unless something holds.
pub fn ensure(holds: bool, text: impl FnOnce() -> String) -> Result<(), CliError> {
    if holds { Ok(()) } else { Err(failed(text())) }
}
