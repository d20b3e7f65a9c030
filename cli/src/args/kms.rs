//! `elastickv-admin kms …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

const LEGEND: &str = "\
Words:
  KEK       the wrapping key: it wraps the data keys and is kept outside the data directory. Whoever loses it
            loses the data; whoever has it and a disk reads the data
  DEK       a data key: it seals values or log entries, and is stored only wrapped

Places of a KEK:
  file:/path   32 bytes in a regular file that only its owner may use (mode 0600 or 0400)
  env:NAME     64 hex digits or Base64 in a variable; for trials only, others on the machine may read it

Examples:
  elastickv-admin kms generate /etc/elastickv/kek
  elastickv-admin kms check file:/etc/elastickv/kek";

/// What can be asked about keys that wrap data keys.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum KmsCommand {
    /// Make a new wrapping key in a file that only its owner may use; an existing file is never touched
    #[command(after_help = "\
Keep a copy where no node and no backup of a node is. Every node of a cluster uses the same wrapping key.

Examples:
  elastickv-admin kms generate /etc/elastickv/kek
  elastickv-admin kms generate /etc/elastickv/kek && elastickv-admin kms check file:/etc/elastickv/kek")]
    Generate(GenerateArgs),

    /// Try a wrapping key: wrap, unwrap, and see that another context is refused
    #[command(after_help = "\
Run it as the user, and on the machine, the server runs as. A new random key is wrapped and unwrapped; nothing
of a cluster is asked or changed. Exit 12 when the key can not be used, 9 when it does not keep to its context.

Examples:
  elastickv-admin kms check file:/etc/elastickv/kek
  elastickv-admin kms check env:TRIAL_KEK -o json | jq .data.wrap_ms")]
    Check(CheckArgs),

    /// Tell where a wrapping key can be
    #[command(after_help = "Examples:\n  elastickv-admin kms list-schemes")]
    ListSchemes,
}

impl KmsCommand {
    pub fn path(&self) -> &'static str {
        match self {
            KmsCommand::Generate(_) => "kms generate",
            KmsCommand::Check(_) => "kms check",
            KmsCommand::ListSchemes => "kms list-schemes",
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct GenerateArgs {
    /// The file to make; it must not exist
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

#[derive(Args, Debug, Clone)]
pub struct CheckArgs {
    /// Where the wrapping key is: file:/path or env:NAME
    // Parsed by the command: what stands here by mistake may be a secret, and is never repeated.
    #[arg(value_name = "URI", value_hint = ValueHint::Other)]
    pub uri: String,
}
