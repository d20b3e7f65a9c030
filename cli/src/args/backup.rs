//! `elastickv-admin backup …`

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use elastickv_types::{ClusterName, NodeName, PeerAddress};

use super::change::reason;
use super::scan::rate;

const LEGEND: &str = "\
A backup is a directory: MANIFEST.json, keys.json (the data keys, wrapped) and a file a group, sealed as it is stored.
It is of no use without the KEK, and whoever has both has the data: keep them apart.

Examples:
  elastickv-admin backup create /backup/2026-11-21
  elastickv-admin backup verify /backup/2026-11-21 --kek file:/etc/elastickv/kek
  elastickv-admin backup needs-keys /backup/2026-11-21
  elastickv-admin backup restore /backup/2026-11-21 --data-dir /var/lib/elastickv --node-name r1 \\
      --address 10.0.0.21:50051 --cluster-name prod-restored --kek file:/etc/elastickv/kek";

/// What can be done with backups.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum BackupCommand {
    /// Fetch all that a running cluster holds, as of one moment, into a new directory
    #[command(after_help = "\
Everything that was acknowledged before is in it. It comes from the leader, as it is stored: what is sealed stays sealed.
The directory gets its name once it is whole; until then it is DIR.partial, and --resume goes on with it.

Examples:
  elastickv-admin backup create /backup/2026-11-21
  elastickv-admin backup create /backup/2026-11-21 --rate 50MiB/s
  elastickv-admin backup create /backup/2026-11-21 --resume")]
    Create(CreateArgs),

    /// Look through a backup, without a cluster; exit 9 when it is not what was written
    #[command(after_help = "\
Every file is held against the manifest, every value is looked at, and every key that any is sealed under has to be
there. With --kek every key is unwrapped, and a value is opened under each.

Examples:
  elastickv-admin backup verify /backup/2026-11-21
  elastickv-admin backup verify /backup/2026-11-21 --kek file:/etc/elastickv/kek")]
    Verify(VerifyArgs),

    /// Tell which keys a backup needs, and who wrapped them
    #[command(after_help = "\
Examples:
  elastickv-admin backup needs-keys /backup/2026-11-21
  elastickv-admin backup needs-keys /backup/2026-11-21 -o json | jq '.data.keys[] | {key_hex, kek}'")]
    NeedsKeys(NeedsKeysArgs),

    /// Make a data directory of a backup: the first node of a new cluster
    #[command(after_help = "\
The directory has to be empty. The cluster is a new one, with data keys of its own, so it can run beside the one that the
backup is of. Start the node with the name, the address and the KEK that were given here; the first start seals every
value anew and takes a while. Then add others: cluster add-learner.

Examples:
  elastickv-admin backup restore /backup/2026-11-21 --data-dir /var/lib/elastickv --node-name r1 \\
      --address 10.0.0.21:50051 --cluster-name prod-restored --kek file:/etc/elastickv/kek")]
    Restore(RestoreArgs),
}

impl BackupCommand {
    pub fn path(&self) -> &'static str {
        match self {
            BackupCommand::Create(_) => "backup create",
            BackupCommand::Verify(_) => "backup verify",
            BackupCommand::NeedsKeys(_) => "backup needs-keys",
            BackupCommand::Restore(_) => "backup restore",
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct CreateArgs {
    /// The directory to make; it must not exist
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,

    /// Go on with one that was not finished
    #[arg(long)]
    pub resume: bool,

    /// Fetch no faster than this, such as 50MiB/s
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<NonZeroU64>,

    /// Refuse unless the cluster has this name
    #[arg(long, value_name = "NAME", help_heading = "Safety")]
    pub expect_cluster: Option<String>,

    /// Why, for the servers' audit
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = reason)]
    #[arg(help_heading = "Safety")]
    pub reason: String,
}

#[derive(Args, Debug, Clone)]
pub struct VerifyArgs {
    /// The backup
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,

    /// Where the wrapping key is: file:/path or env:NAME
    // Parsed by the command: what stands here by mistake may be a secret, and is never repeated.
    #[arg(long, value_name = "URI", value_hint = ValueHint::Other)]
    pub kek: Option<String>,

    /// Read no faster than this, such as 50MiB/s
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<NonZeroU64>,
}

#[derive(Args, Debug, Clone)]
pub struct NeedsKeysArgs {
    /// The backup
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,
}

#[derive(Args, Debug, Clone)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,

    /// The data directory to fill; it is made, or has to be empty
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: PathBuf,

    /// What the node is called; one that the cluster of the backup never had is best
    #[arg(long, value_name = "NAME")]
    pub node_name: NodeName,

    /// Where others will reach it
    #[arg(long, value_name = "HOST:PORT", value_parser = super::endpoint, value_hint = ValueHint::Hostname)]
    pub address: PeerAddress,

    /// What the new cluster is called
    #[arg(long, value_name = "NAME")]
    pub cluster_name: ClusterName,

    /// Where the wrapping key is: file:/path or env:NAME; needed when the backup has keys
    #[arg(long, value_name = "URI", value_hint = ValueHint::Other)]
    pub kek: Option<String>,

    /// Copy no faster than this, such as 50MiB/s
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<NonZeroU64>,
}
