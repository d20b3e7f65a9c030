//! `context list`

use crate::contexts::Environment;
use crate::error::CliError;
use crate::model::{ContextRow, ContextsReport, Done};

pub fn run(environment: &Environment) -> Result<Done<ContextsReport>, CliError> {
    let store = environment.store()?;
    let document = store.load()?;
    let row = |(name, entry)| ContextRow::of(name, entry, document.current.as_ref() == Some(name));
    Ok(Done::read(ContextsReport {
        file: store.path().display().to_string(),
        contexts: document.contexts.iter().map(row).collect(),
    }))
}
