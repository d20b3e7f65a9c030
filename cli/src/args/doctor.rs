//! `elastickv-admin doctor`

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Args, Debug, Clone, Default)]
#[command(after_help = "\
Every finding has a code, what it means for the data, and what to type. Faults end with 9; warnings with 4 where --fail-on
warn is given; what could not be looked at is a warning. Nothing is changed. With --data-dir the directory of a stopped node is
looked through, without a cluster and as the user that the node runs as; store and log are opened as a start opens them, and
nothing else is written.

Examples:
  elastickv-admin doctor
  elastickv-admin doctor --fail-on warn --backup /backup/2026-11-21
  elastickv-admin doctor -o json | jq '.data.findings[] | {severity, code, subject, try}'
  runuser -u elastickv -- elastickv-admin doctor --data-dir /var/lib/elastickv")]
pub struct DoctorArgs {
    /// Look through the directory of a node that is stopped, instead of a cluster
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "backup")]
    pub data_dir: Option<PathBuf>,
    /// With --data-dir: try whether this wrapping key opens the node's keys
    #[arg(long, value_name = "URI", requires = "data_dir")]
    pub kek: Option<String>,
    /// Look at the age of this backup as well, by its manifest; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub backup: Vec<PathBuf>,
}
