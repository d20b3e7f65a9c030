//! `context remove`

use crate::args::contexts::ContextArgs;
use crate::contexts::{Environment, unknown_context};
use crate::error::CliError;
use crate::model::{ContextChangeReport, ContextStep, Done};

pub fn run(environment: &Environment, args: &ContextArgs) -> Result<Done<ContextChangeReport>, CliError> {
    let store = environment.store()?;
    store.change(|document| {
        if document.contexts.remove(&args.name).is_none() {
            return Err(unknown_context(&args.name, document));
        }
        document.current.take_if(|current| *current == args.name);
        Ok(())
    })?;
    Ok(Done::changed(ContextChangeReport::of(ContextStep::Removed, &args.name, store.path()), true))
}
