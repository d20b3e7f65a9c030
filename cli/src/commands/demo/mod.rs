//! `demo …`: a cluster's life, shown with real nodes on this machine.
//!
//! [`stages`] says what happens in which order; `sealing`, `keys`, `repairs` and `copies` do it, with this program's own
//! commands as child processes ([`ground`]). Meanwhile [`traffic`] writes. Nothing outlives the demonstration: nodes are
//! killed and their directory removed when it ends or fails, and when it is killed itself its children go with it
//! ([`child`]).

mod attached;
mod child;
mod copies;
mod failure;
mod ground;
mod keys;
mod node;
mod repairs;
mod sealing;
mod stages;
mod traffic;
mod walk;

use super::Desk;
use crate::args::DemoCommand;
use crate::error::Exit;

pub async fn run(desk: Desk<'_>, command: &DemoCommand) -> Exit {
    match command {
        DemoCommand::Quick(args) => desk.show(walk::run(desk, args, &stages::QUICK)).await,
        DemoCommand::Walk(args) => desk.show(walk::run(desk, args, &stages::walk())).await,
        DemoCommand::Attached(args) => {
            let error = attached::run(args);
            desk.ui.error(&error);
            error.exit()
        }
    }
}
