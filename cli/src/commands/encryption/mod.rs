//! `encryption …`

mod probe_node_id;

use super::Desk;
use crate::args::encryption::EncryptionCommand;
use crate::error::Exit;

pub async fn run(desk: Desk<'_>, command: &EncryptionCommand) -> Exit {
    match command {
        EncryptionCommand::ProbeNodeId(args) => desk.show(probe_node_id::run(desk.session, args)).await,
    }
}
