//! `elastickv-admin scan …`

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// What can be looked for in files.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = "\
Examples:
  elastickv-admin scan leak --data-dir /var/lib/elastickv --canary-file canaries")]
pub enum ScanCommand {
    /// Look for planted bytes in every file of a node that is stopped; exit 9 when one is found
    #[command(after_help = "\
Plant values that nobody else writes, then stop the node and see whether its files tell them. A canary is looked for
as it is, in hexadecimal and in Base64; its first 16 bytes are enough. Compressed files would hide it: elastickv
writes none. A directory that a running node uses is refused (exit 11).

The file has a canary a line: hex:DIGITS, base64:LETTERS or text:LETTERS; lines that begin with # say nothing.

Examples:
  elastickv-admin scan leak --data-dir /var/lib/elastickv --canary-file canaries
  elastickv-admin scan leak --data-dir /var/lib/elastickv --canary-file canaries --rate 50MiB/s -o json")]
    Leak(LeakArgs),
}

impl ScanCommand {
    pub fn path(&self) -> &'static str {
        match self {
            ScanCommand::Leak(_) => "scan leak",
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct LeakArgs {
    /// The directory to search, with all below it
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: PathBuf,

    /// The file that names the canaries
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub canary_file: PathBuf,

    /// Read no faster than this, such as 50MiB/s
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<NonZeroU64>,
}

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Reads so many bytes a second.
pub fn rate(text: &str) -> Result<NonZeroU64, String> {
    let refused = || format!("{text:?} is not a rate such as 50MiB/s");
    let amount = text.trim().strip_suffix("/s").ok_or_else(refused)?;
    let unit = UNITS.iter().find_map(|(name, unit)| Some((amount.strip_suffix(name)?, *unit)));
    let (number, unit) = unit.ok_or_else(refused)?;
    let number: u64 = number.trim_end().parse().map_err(|_| refused())?;
    number.checked_mul(unit).and_then(NonZeroU64::new).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_units() {
        assert_eq!(rate("50MiB/s").map(NonZeroU64::get), Ok(50 << 20));
        assert_eq!(rate("1 KiB/s").map(NonZeroU64::get), Ok(1024));
        for bad in ["50", "50MiB", "0B/s", "MiB/s", "1.5MiB/s", "99999999999GiB/s"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }
}
