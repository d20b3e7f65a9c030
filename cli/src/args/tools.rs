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
A document's kind stands in its field `kind`. Schemas are of draft 2020-12 and allow fields that they do not name:
within a version fields are only added.

Examples:
  elastickv-admin schema --list
  elastickv-admin schema ClusterStatus > cluster-status.schema.json
  elastickv-admin cluster status -o json | check-jsonschema --schemafile cluster-status.schema.json -")]
pub struct SchemaArgs {
    /// The kind of document, as `schema --list` has it
    #[arg(add = ArgValueCompleter::new(completing::kinds), required_unless_present = "list")]
    pub kind: Option<String>,
    /// List all kinds
    #[arg(long, conflicts_with = "kind")]
    pub list: bool,
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
