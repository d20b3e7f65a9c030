//! `elastickv-admin encryption …`

use clap::{Args, Subcommand};
use elastickv_types::NodeName;

const LEGEND: &str = "\
Words:
  rotate    a new key for what is written from now on
  rewrap    the same key in a new wrapping
  rewrite   old data sealed again under the new key
  retire    a key that nothing refers to any more is unloaded
  short id  the two bytes of a node's name in the nonces it makes

Examples:
  elastickv-admin encryption probe-node-id n1 n2 n3";

/// What can be asked about encryption.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum EncryptionCommand {
    /// Show the ids that names of nodes have in nonces, and whether two of them clash
    #[command(after_help = "\
Two bytes of a node's name go into every nonce it makes. Two nodes with the same two bytes are never admitted
to one cluster, so a name is best checked before the node is made. With --members the names are held against
those of the cluster's members, too.

Examples:
  elastickv-admin encryption probe-node-id n1 n2 n3
  elastickv-admin encryption probe-node-id --members n4        would n4 clash with a member?
  elastickv-admin encryption probe-node-id --members           the members among themselves")]
    ProbeNodeId(ProbeNodeIdArgs),
}

impl EncryptionCommand {
    pub fn path(&self) -> &'static str {
        match self {
            EncryptionCommand::ProbeNodeId(_) => "encryption probe-node-id",
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct ProbeNodeIdArgs {
    /// Names of nodes
    #[arg(value_name = "NAME", required_unless_present = "members")]
    pub names: Vec<NodeName>,
    /// Include the members of the cluster
    #[arg(long)]
    pub members: bool,
}
