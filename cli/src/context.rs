//! From the command line and the environment to what a command works with.

use std::time::Duration;

use elastickv_types::RequestId;

use crate::args::cluster::ClusterCommand;
use crate::args::kv::KvCommand;
use crate::args::{Command, ContextCommand, DoorArgs, GlobalArgs, PROGRAM};
use crate::client::{Credentials, Pin, Reach, Times};
use crate::contexts::{Choice, Environment, Settings};
use crate::error::CliError;

const USUAL: Duration = Duration::from_secs(10);
const FOR_WORK: Duration = Duration::from_secs(300);
/// Longer than anybody looks on.
const FOR_ALL_ROWS: Duration = Duration::from_secs(30 * 86_400);

/// Where and how to reach the cluster.
#[derive(Clone, Debug)]
pub struct Context {
    pub settings: Settings,
    pub reach: Reach,
    pub times: Times,
    pub op_id: Option<RequestId>,
    /// Why, for the servers' audit.
    pub reason: String,
}

impl Context {
    pub fn of(global: &GlobalArgs, command: &Command, environment: &Environment) -> Result<Self, CliError> {
        let times = Times {
            call: global.timeout,
            command: global.deadline.unwrap_or_else(|| usual_deadline(command)),
        };
        let settings = settings(global, command, environment)?;
        let reach = if command.reaches_a_cluster() { reach(&settings)? } else { Reach::default() };
        let op_id = command.safety().and_then(|safety| safety.op_id);
        Ok(Self { settings, reach, times, op_id, reason: command.reason().to_owned() })
    }
}

/// What needs no cluster works whatever stands in the file of contexts, and what writes a context is not under one.
fn settings(global: &GlobalArgs, command: &Command, environment: &Environment) -> Result<Settings, CliError> {
    match command {
        Command::Context(ContextCommand::Test(shown)) => {
            Settings::resolve(global, environment, shown.name.as_ref())
        }
        Command::Context(_) => Settings::without_context(global, environment),
        command if command.reaches_a_cluster() => Settings::resolve(global, environment, None),
        _ => Settings::without_context(global, &Environment::default()),
    }
}

/// Where the cluster is, and as whom to speak to it.
pub fn reach(settings: &Settings) -> Result<Reach, CliError> {
    let pin = settings.cluster_id.value.zip(settings.context.value.as_ref());
    Ok(Reach {
        endpoints: settings.endpoints.value.clone(),
        credentials: Credentials::load(&settings.doors())?,
        pin: pin.map(|(cluster_id, context)| Pin { cluster_id, context: context.clone() }),
    })
}

/// What a command is allowed to take when nobody said otherwise.
fn usual_deadline(command: &Command) -> Duration {
    match command {
        Command::Cluster(ClusterCommand::Status(args)) if args.watching.watch => FOR_ALL_ROWS,
        Command::Cluster(
            ClusterCommand::Wait(_) | ClusterCommand::Snapshot(_) | ClusterCommand::Digest(_),
        ) => FOR_WORK,
        Command::Kv(KvCommand::Scan(_) | KvCommand::History(_)) => FOR_WORK,
        Command::Encryption(command) if command.has_no_end() => FOR_ALL_ROWS,
        Command::Encryption(command) if command.takes_long() => FOR_WORK,
        Command::Backup(_) | Command::Doctor(_) | Command::SupportBundle(_) => FOR_WORK,
        _ => USUAL,
    }
}

/// How this program would be called again: with the context, the endpoints and the files that were given on the command
/// line.
pub fn pasteable(global: &GlobalArgs) -> String {
    let context = global.context.as_ref().map(Choice::to_string).map(|name| format!(" --context {name}"));
    let given: Vec<String> = global.endpoint.iter().map(ToString::to_string).collect();
    let endpoints = if given.is_empty() { String::new() } else { format!(" --endpoint {}", given.join(",")) };
    format!("{PROGRAM}{}{endpoints}{}", context.unwrap_or_default(), DoorArgs::pasteable(&global.doors))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn a_pasteable_command_repeats_what_was_typed() {
        for line in [
            "",
            " --endpoint a:1,b:2",
            " --tls-ca ca.crt",
            " --context prod --endpoint a:1 --token-file t",
            " --context none",
        ] {
            let whole = format!("{PROGRAM}{line}");
            let cli = Cli::try_parse_from(whole.split(' ').chain(["version"])).unwrap();
            assert_eq!(pasteable(&cli.global), whole);
        }
    }
}
