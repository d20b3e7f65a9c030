//! `context show`

use crate::args::GlobalArgs;
use crate::args::contexts::ShowArgs;
use crate::contexts::{Environment, Settings};
use crate::error::{CliError, Code};
use crate::model::{ContextReport, Done, SettingView};

pub fn run(
    global: &GlobalArgs,
    environment: &Environment,
    args: &ShowArgs,
) -> Result<Done<ContextReport>, CliError> {
    let settings = Settings::resolve(global, environment, args.shown.name.as_ref())?;
    let settings = if args.resolved { settings } else { of_the_file(global, environment, settings)? };
    let name = settings.context.value.as_ref().map(ToString::to_string);
    let views = SettingView::all(&settings);
    let views = views.into_iter().filter(|view| args.resolved || view.value.is_some());
    Ok(Done::read(ContextReport {
        name,
        file: environment.file.as_ref().map(|path| path.display().to_string()),
        resolved: args.resolved,
        settings: views.collect(),
    }))
}

/// What the context says by itself, whatever else is given.
fn of_the_file(
    global: &GlobalArgs,
    environment: &Environment,
    resolved: Settings,
) -> Result<Settings, CliError> {
    let Some(name) = resolved.context.value.clone() else {
        let text = "no context is chosen";
        return Err(CliError::new(Code::UnknownContext, text)
            .hint("{cli} context show --resolved   # what counts without one"));
    };
    let global = GlobalArgs { endpoint: Vec::new(), doors: Default::default(), ..global.clone() };
    let environment = Environment { endpoint: None, ..environment.clone() };
    let settings = Settings::resolve(&global, &environment, Some(&name))?;
    Ok(Settings { context: resolved.context, ..settings })
}
