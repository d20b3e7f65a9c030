//! `elastickv-admin context …`

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;
use elastickv_types::ClusterId;

use super::rewrite::{Rate, rate};
use crate::completing;
use crate::contexts::ContextName;

const LEGEND: &str = "\
A context names a cluster: where it is, the files to get in with, the id that it must answer with, and whether changes
there have to be confirmed. Contexts stand in $XDG_CONFIG_HOME/elastickv/admin.yaml (~/.config without the variable).
What is given on the command line comes first, then the environment, then the context, then what is usual.

Examples:
  elastickv-admin context add prod --endpoint 10.0.0.11:50051 --tls-ca ca.crt --token-file token --pin --protected
  elastickv-admin context use prod
  elastickv-admin --context staging cluster status
  elastickv-admin context show --resolved";

/// What can be done with contexts.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum ContextCommand {
    /// Which contexts there are
    #[command(
        after_help = "Examples:\n  elastickv-admin context list\n  elastickv-admin context list -o short"
    )]
    List,
    /// Choose the context that counts where none is named
    #[command(after_help = "Examples:\n  elastickv-admin context use prod")]
    Use(ContextArgs),
    /// Write a context down: the endpoints and files that stand beside it
    #[command(after_help = "\
The endpoints and files are those of --endpoint, --tls-* and --token-file; files are noted by their whole path, and
never read into it. --pin asks the cluster for its id, which from then on nobody else may answer with.

Examples:
  elastickv-admin context add staging --endpoint 10.1.0.11:50051,10.1.0.12:50051
  elastickv-admin context add prod --endpoint 10.0.0.11:50051 --tls-ca ca.crt --token-file token --pin --protected
  elastickv-admin context add prod --endpoint 10.0.0.12:50051 --pin --replace")]
    Add(AddArgs),
    /// Take a context out of the file; the cluster is not affected
    #[command(after_help = "Examples:\n  elastickv-admin context remove staging")]
    Remove(ContextArgs),
    /// What a context says; with --resolved what counts here and now, and where each of it comes from
    #[command(after_help = "\
Examples:
  elastickv-admin context show
  elastickv-admin context show prod -o yaml
  elastickv-admin --endpoint 10.0.0.13:50051 context show --resolved")]
    Show(ShowArgs),
    /// Go there and see whether it is the pinned cluster and lets one in
    #[command(after_help = "Examples:\n  elastickv-admin context test\n  elastickv-admin context test prod")]
    Test(ShownArgs),
}

impl ContextCommand {
    pub fn path(&self) -> &'static str {
        match self {
            ContextCommand::List => "context list",
            ContextCommand::Use(_) => "context use",
            ContextCommand::Add(_) => "context add",
            ContextCommand::Remove(_) => "context remove",
            ContextCommand::Show(_) => "context show",
            ContextCommand::Test(_) => "context test",
        }
    }

    pub fn reaches_a_cluster(&self) -> bool {
        match self {
            ContextCommand::Test(_) => true,
            ContextCommand::Add(args) => args.pin,
            ContextCommand::List
            | ContextCommand::Use(_)
            | ContextCommand::Remove(_)
            | ContextCommand::Show(_) => false,
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct ContextArgs {
    /// The context
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completing::contexts))]
    pub name: ContextName,
}

#[derive(Args, Debug, Clone)]
pub struct ShownArgs {
    /// The context; without it, the one that counts
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completing::contexts))]
    pub name: Option<ContextName>,
}

#[derive(Args, Debug, Clone)]
pub struct ShowArgs {
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Every value with where it comes from: the command line, the environment, the context, or what is usual
    #[arg(long)]
    pub resolved: bool,
}

#[derive(Args, Debug, Clone)]
pub struct AddArgs {
    /// What to call it
    #[arg(value_name = "NAME")]
    pub name: ContextName,
    /// The id that the cluster must answer with
    #[arg(long, value_name = "UUID")]
    pub cluster_id: Option<ClusterId>,
    /// Ask the cluster for its id, and pin that
    #[arg(long, conflicts_with = "cluster_id")]
    pub pin: bool,
    /// Take changes only with a reason, and with the cluster's name typed
    #[arg(long)]
    pub protected: bool,
    /// How fast `encryption rewrite` goes there, unless said otherwise
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rewrite_rate: Option<Rate>,
    /// Choose it, too
    #[arg(long = "use")]
    pub chosen: bool,
    /// Change the context of that name: what is not given stays as it is
    #[arg(long)]
    pub replace: bool,
    /// Take its protection off
    #[arg(long, requires = "replace", conflicts_with = "protected")]
    pub unprotected: bool,
}
