//! `scan …`

mod leak;

use super::Desk;
use crate::args::ScanCommand;
use crate::error::Exit;

pub async fn run(desk: Desk<'_>, command: &ScanCommand) -> Exit {
    match command {
        ScanCommand::Leak(args) => desk.show(leak::run(desk.session, args)).await,
    }
}
