//! Commands that need no cluster.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::{ArgValueCompleter, Shell};

use crate::completing;

#[derive(Args, Debug, Clone)]
#[command(after_help = "\
Examples:
  elastickv-admin explain EK-1003
  elastickv-admin explain NoQuorum
  elastickv-admin explain                list every code")]
pub struct ExplainArgs {
    /// The code: EK-1003, 1003 or its name; without it, all codes are listed
    #[arg(add = ArgValueCompleter::new(completing::codes))]
    pub code: Option<String>,
}

#[derive(Args, Debug, Clone)]
#[command(after_help = "\
Examples:
  elastickv-admin completions bash > /etc/bash_completion.d/elastickv-admin
  elastickv-admin completions zsh > \"${fpath[1]}/_elastickv-admin\"
  elastickv-admin completions fish > ~/.config/fish/completions/elastickv-admin.fish
  source <(elastickv-admin completions bash)")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Args, Debug, Clone)]
#[command(after_help = "\
Examples:
  elastickv-admin man /usr/local/share/man/man1
  elastickv-admin man . && man ./elastickv-admin-cluster-status.1")]
pub struct ManArgs {
    /// An existing directory; a page a command is written there
    #[arg(value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
}
