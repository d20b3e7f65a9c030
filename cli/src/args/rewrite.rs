//! `elastickv-admin encryption rewrite …`

use std::fmt;

use clap::{Args, Subcommand};

use super::{ChangeArgs, ExpectArgs, Safety};

/// Begins the job, or is about the one that there is.
#[derive(Args, Debug, Clone)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RewriteArgs {
    #[command(subcommand)]
    pub command: Option<RewriteCommand>,
    #[command(flatten)]
    pub start: StartArgs,
}

#[derive(Args, Debug, Clone, Default)]
pub struct StartArgs {
    /// At most so much a second on each member, such as 20MiB/s; by default what the context says, else as fast as it goes
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<Rate>,
    /// Return once it has begun, with exit status 8
    #[arg(long, conflicts_with = "wait")]
    pub no_wait: bool,
    /// Wait until it is over; this is what happens unless said otherwise
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Subcommand, Debug, Clone)]
pub enum RewriteCommand {
    /// How far the job is on each member, or how the last one ended
    #[command(after_help = "\
Examples:
  elastickv-admin encryption rewrite status
  elastickv-admin encryption rewrite status --watch      until it is over; Ctrl-C only looks away
  elastickv-admin encryption rewrite status -o json | jq '.data.job.members[] | {member, activity, waiting_for}'")]
    Status(JobStatusArgs),
    /// Let the job rest; what is sealed stays so
    #[command(after_help = "Examples:\n  elastickv-admin encryption rewrite pause")]
    Pause(JobArgs),
    /// Let a paused job go on where it was
    #[command(after_help = "Examples:\n  elastickv-admin encryption rewrite resume")]
    Resume(JobArgs),
    /// Change how fast the job may go
    #[command(after_help = "\
Examples:
  elastickv-admin encryption rewrite set-rate 5MiB/s
  elastickv-admin encryption rewrite set-rate unlimited")]
    SetRate(SetRateArgs),
    /// Give the job up; what is sealed stays so, and another one begins anew
    #[command(after_help = "Examples:\n  elastickv-admin encryption rewrite cancel")]
    Cancel(JobArgs),
}

impl RewriteArgs {
    /// What it was told for safety, where it is about to change something.
    pub fn safety(&self) -> Option<Safety<'_>> {
        match &self.command {
            None => Some(Safety::of_change(&self.start.change)),
            Some(RewriteCommand::Status(_)) => None,
            Some(
                RewriteCommand::Pause(args) | RewriteCommand::Resume(args) | RewriteCommand::Cancel(args),
            ) => Some(Safety::of_many(&args.expect)),
            Some(RewriteCommand::SetRate(args)) => Some(Safety::of_many(&args.expect)),
        }
    }
}

impl RewriteCommand {
    pub fn path(&self) -> &'static str {
        match self {
            RewriteCommand::Status(_) => "encryption rewrite status",
            RewriteCommand::Pause(_) => "encryption rewrite pause",
            RewriteCommand::Resume(_) => "encryption rewrite resume",
            RewriteCommand::SetRate(_) => "encryption rewrite set-rate",
            RewriteCommand::Cancel(_) => "encryption rewrite cancel",
        }
    }
}

#[derive(Args, Debug, Clone, Default)]
pub struct JobStatusArgs {
    /// Show how it goes on until it is over
    #[arg(long)]
    pub watch: bool,
}

#[derive(Args, Debug, Clone)]
pub struct JobArgs {
    #[command(flatten)]
    pub expect: ExpectArgs,
}

#[derive(Args, Debug, Clone)]
pub struct SetRateArgs {
    /// Such as 5MiB/s, or unlimited
    #[arg(value_name = "RATE", value_parser = rate)]
    pub rate: Rate,
    #[command(flatten)]
    pub expect: ExpectArgs,
}

/// Bytes a second; none for as fast as it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate(pub Option<u64>);

impl Rate {
    /// As servers take it.
    pub fn on_the_wire(self) -> u64 {
        self.0.unwrap_or(0)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bytes) = self.0 else { return f.write_str("unlimited") };
        let fitting = UNITS.iter().find(|(_, unit)| bytes.is_multiple_of(*unit));
        fitting.map_or(Ok(()), |(name, unit)| write!(f, "{}{name}/s", bytes / unit))
    }
}

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Reads a rate as people write it.
pub fn rate(text: &str) -> Result<Rate, String> {
    if text == "unlimited" {
        return Ok(Rate(None));
    }
    let bare = text.strip_suffix("/s").unwrap_or(text);
    let unit = UNITS.iter().find_map(|(name, unit)| Some((bare.strip_suffix(name)?.trim_end(), *unit)));
    let read = unit.and_then(|(number, unit)| number.parse::<u64>().ok()?.checked_mul(unit));
    match read {
        Some(bytes) if bytes > 0 => Ok(Rate(Some(bytes))),
        _ => Err(format!("{text:?} is not a rate such as 20MiB/s or 512KiB/s, nor \"unlimited\"")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn a_rate_has_a_unit_and_is_not_nothing() {
        assert_eq!(rate("20MiB/s"), Ok(Rate(Some(20 << 20))));
        assert_eq!(rate("512KiB"), Ok(Rate(Some(512 << 10))));
        assert_eq!(rate("unlimited"), Ok(Rate(None)));
        for text in ["20MiB/s", "512KiB/s", "7B/s", "1GiB/s", "unlimited"] {
            assert_eq!(rate(text).unwrap().to_string(), text);
        }
        for bad in ["", "0B", "20", "20MB/s", "-1KiB", "fast", "99999999999GiB"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn it_begins_or_is_about_the_job_that_there_is() {
        let parsed = |line: &str| {
            let line = format!("elastickv-admin encryption rewrite {line}");
            Cli::try_parse_from(line.split_whitespace())
        };
        for line in ["", "--rate 5MiB/s --no-wait", "status --watch", "pause", "set-rate 5MiB/s", "cancel"] {
            assert!(parsed(line).is_ok(), "{line}");
        }
        for line in ["--rate 5MiB/s pause", "set-rate", "stop"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
