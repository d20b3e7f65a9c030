//! `context use`

use crate::args::contexts::ContextArgs;
use crate::contexts::{Environment, unknown_context};
use crate::error::CliError;
use crate::model::{ContextChangeReport, ContextStep, Done};

pub fn run(environment: &Environment, args: &ContextArgs) -> Result<Done<ContextChangeReport>, CliError> {
    let store = environment.store()?;
    let changed = store.change(|document| {
        if !document.contexts.contains_key(&args.name) {
            return Err(unknown_context(&args.name, document));
        }
        let before = document.current.replace(args.name.clone());
        Ok(before.as_ref() != Some(&args.name))
    })?;
    Ok(Done::changed(ContextChangeReport::of(ContextStep::Chosen, &args.name, store.path()), changed))
}
