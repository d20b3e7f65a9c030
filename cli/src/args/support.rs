//! `elastickv-admin support-bundle`

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Args, Debug, Clone)]
#[command(after_help = "\
One file to send to whoever helps: a tar.gz for its owner alone. MANIFEST.md in it lists every file with its checksum, and
what was left out and why. No key and no value of users is asked for; wrapped keys, tokens, private keys and the places of
wrapping keys stay where they are. Look through it before you send it. What members do not tell is left out, and a cluster
of which nobody answers still gives a bundle (exit 7). Of logs the lines come along that a server has marked as its own, from
warnings to information; what looks like a token or a key in them is left out. What journalctl puts before a line is known.

Examples:
  elastickv-admin support-bundle
  journalctl -u elastickv --since -1h | elastickv-admin support-bundle --log -
  elastickv-admin support-bundle --out /tmp/ticket-17.tar.gz --log n1/elastickv.log --log n2/elastickv.log
  tar -tzf elastickv-support-*.tar.gz")]
pub struct SupportArgs {
    /// Where to; by default a new file in the present directory
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Include the last lines of this server's log, of standard input with -; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log: Vec<PathBuf>,
}
