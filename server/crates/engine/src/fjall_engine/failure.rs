//! What fjall's failures mean to a caller.

use std::any::Any;
use std::fmt::Display;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{EngineError, Result};

/// A store's directory as it stands in errors.
#[derive(Clone, Debug)]
pub(super) struct Place(pub(super) std::sync::Arc<str>);

impl Place {
    pub(super) fn fault(&self, reason: impl ToString) -> EngineError {
        EngineError::Fault { dir: self.0.to_string(), reason: reason.to_string() }
    }

    pub(super) fn full(&self, reason: impl ToString) -> EngineError {
        EngineError::Full { dir: self.0.to_string(), reason: reason.to_string() }
    }

    pub(super) fn unopenable(&self, reason: impl ToString) -> EngineError {
        EngineError::Unopenable { dir: self.0.to_string(), reason: reason.to_string() }
    }

    pub(super) fn waiting(&self, waits_for: impl ToString) -> EngineError {
        EngineError::Waiting { dir: self.0.to_string(), waits_for: waits_for.to_string() }
    }

    /// An error met while the store was in use.
    pub(super) fn using(&self, error: &fjall::Error) -> EngineError {
        match system_error(error) {
            Some(system) if is_full(system) => self.full(system),
            _ => self.fault(error),
        }
    }

    /// An error met while opening. What the system refuses, such as too many open files, says nothing
    /// about the store; only what is wrong with its content makes it unopenable.
    pub(super) fn opening(&self, part: impl Display, error: fjall::Error) -> EngineError {
        let reason = format!("{part}: {error}");
        match (&error, system_error(&error)) {
            (fjall::Error::Locked, _) => EngineError::Locked { dir: self.0.to_string() },
            (_, Some(system)) if is_full(system) => self.full(reason),
            (_, Some(system)) if !is_about_content(system) => self.fault(reason),
            _ => self.unopenable(reason),
        }
    }

    pub(super) fn system(&self, what: &str, error: &io::Error) -> EngineError {
        match is_full(error) {
            true => self.full(format!("{what}: {error}")),
            false => self.fault(format!("{what}: {error}")),
        }
    }

    /// Runs code of fjall; its panic becomes a fault.
    pub(super) fn guard<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(result) => result,
            Err(panic) => Err(self.fault(text_of(&*panic))),
        }
    }

    /// Runs code of fjall that opens a store; its panic tells of content it did not expect.
    pub(super) fn guard_opening<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(result) => result,
            Err(panic) => Err(self.unopenable(text_of(&*panic))),
        }
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without a text"))
}

fn system_error(error: &fjall::Error) -> Option<&io::Error> {
    match error {
        fjall::Error::Io(system) | fjall::Error::Storage(lsm_tree::Error::Io(system)) => Some(system),
        _ => None,
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn is_about_content(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::Other
    )
}
