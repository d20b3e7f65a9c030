//! `elastickv-admin demo …`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// What can be shown.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = "\
Everything runs on this machine, in a directory of its own and on free ports of the loopback interface, and is gone at the
end. What is done is done with this program's own commands.

Examples:
  elastickv-admin demo walk
  elastickv-admin demo quick")]
pub enum DemoCommand {
    /// From clear text to sealed: three nodes, a writer, both cutovers, a rewrite, the leak scan
    #[command(after_help = "\
Examples:
  elastickv-admin demo quick
  elastickv-admin demo quick --server target/debug/elastickv --keep")]
    Quick(DemoArgs),

    /// The whole life of a cluster, a leader killed in the middle of it, a backup restored, and the leak scan
    #[command(after_help = "\
Three nodes and a learner begin in clear text, and a writer never stops. Both cutovers, the second one under a leader that is
killed; a key rotated, old values rewritten, the old key retired; a sidecar damaged and made anew; a backup made, looked
through and restored. In the end every acknowledged write is read back, and the files of all nodes are searched for what was
written. The first search finds it: it is of the time before anything was sealed, and shows that the search works.

Examples:
  elastickv-admin demo walk
  elastickv-admin demo walk --pause                  in front of an audience
  elastickv-admin demo walk --assert -o json         as a test")]
    Walk(DemoArgs),

    /// Becomes another program that ends when the demonstration does
    #[command(hide = true)]
    Attached(AttachedArgs),
}

impl DemoCommand {
    pub fn path(&self) -> &'static str {
        match self {
            DemoCommand::Quick(_) => "demo quick",
            DemoCommand::Walk(_) => "demo walk",
            DemoCommand::Attached(_) => "demo attached",
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct DemoArgs {
    /// The server's program; without it, the `elastickv` that lies beside this one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::ExecutablePath)]
    pub server: Option<PathBuf>,

    /// Wait for the Enter key before each stage
    #[arg(long, conflicts_with = "assert")]
    pub pause: bool,

    /// Be a test: also fail when too little was written, or when the writer had to wait for long
    #[arg(long)]
    pub assert: bool,

    /// Keep the directory of the nodes, and say where it is
    #[arg(long)]
    pub keep: bool,
}

#[derive(Args, Debug, Clone)]
pub struct AttachedArgs {
    /// The process to end with
    #[arg(long)]
    pub parent: u32,
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub line: Vec<OsString>,
}
