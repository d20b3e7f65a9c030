//! `context …`

mod add;
mod choose;
mod list;
mod remove;
mod show;
mod test;

use super::Desk;
use crate::args::GlobalArgs;
use crate::args::contexts::ContextCommand;
use crate::contexts::Environment;
use crate::error::Exit;

pub async fn run(desk: Desk<'_>, global: &GlobalArgs, command: &ContextCommand) -> Exit {
    let environment = Environment::of_process();
    let Desk { session, settings, .. } = desk;
    match command {
        ContextCommand::List => desk.show(async { list::run(&environment) }).await,
        ContextCommand::Use(args) => desk.show(async { choose::run(&environment, args) }).await,
        ContextCommand::Add(args) => desk.show(add::run(session, settings, &environment, args)).await,
        ContextCommand::Remove(args) => desk.show(async { remove::run(&environment, args) }).await,
        ContextCommand::Show(args) => desk.show(async { show::run(global, &environment, args) }).await,
        ContextCommand::Test(_) => desk.show(test::run(session, settings)).await,
    }
}
