//! `context add`

use std::io;
use std::path::{Path, PathBuf};

use elastickv_types::ClusterId;

use crate::args::contexts::AddArgs;
use crate::client::Session;
use crate::contexts::{Entry, Environment, Settings};
use crate::error::{CliError, Code};
use crate::model::{ContextChangeReport, ContextStep, Done};

pub async fn run(
    session: &Session,
    settings: &Settings,
    environment: &Environment,
    args: &AddArgs,
) -> Result<Done<ContextChangeReport>, CliError> {
    if !settings.is_named() {
        let text = "a context needs an endpoint";
        return Err(CliError::new(Code::Usage, text).hint("{cli} context add NAME --endpoint HOST:PORT"));
    }
    let store = environment.store()?;
    let cluster_id = if args.pin { Some(ask(session).await?) } else { args.cluster_id };
    let given = entry(settings, args, cluster_id)?;
    let (step, changed) = store.change(|document| {
        let there = document.contexts.get(&args.name);
        let entry = there.map_or_else(|| given.clone(), |there| over(&given, there, args));
        let step = match there {
            Some(_) if !args.replace => return Err(exists(args)),
            Some(_) => ContextStep::Replaced,
            None => ContextStep::Added,
        };
        let chosen = args.chosen && document.current.as_ref() != Some(&args.name);
        let changed = there != Some(&entry) || chosen;
        if args.chosen {
            document.current = Some(args.name.clone());
        }
        document.contexts.insert(args.name.clone(), entry);
        Ok((step, changed))
    })?;
    let mut report = ContextChangeReport::of(step, &args.name, store.path());
    report.cluster_id = cluster_id.map(|id| id.to_string());
    Ok(Done::changed(report, changed))
}

/// The id that the cluster answers with.
async fn ask(session: &Session) -> Result<ClusterId, CliError> {
    session.progress().say("asking the cluster for its id");
    let told = session.survey().await?.cluster_id;
    told.parse().map_err(|_| CliError::new(Code::NotReady, "the nodes that answer belong to no cluster yet"))
}

fn exists(args: &AddArgs) -> CliError {
    CliError::new(Code::ContextExists, format!("context {} is there already", args.name))
        .hint(format!("{{cli}} context show {}   # then add --replace to change it", args.name))
}

/// What was given, and the rest of what is there: nothing that guards a cluster goes without being named.
fn over(given: &Entry, there: &Entry, args: &AddArgs) -> Entry {
    let given = given.clone();
    Entry {
        endpoints: given.endpoints,
        tls_ca: given.tls_ca.or_else(|| there.tls_ca.clone()),
        tls_cert: given.tls_cert.or_else(|| there.tls_cert.clone()),
        tls_key: given.tls_key.or_else(|| there.tls_key.clone()),
        tls_server_name: given.tls_server_name.or_else(|| there.tls_server_name.clone()),
        token_file: given.token_file.or_else(|| there.token_file.clone()),
        cluster_id: given.cluster_id.or(there.cluster_id),
        protected: given.protected || there.protected && !args.unprotected,
        rewrite_rate: given.rewrite_rate.or(there.rewrite_rate),
    }
}

/// Files by their whole paths: a context counts wherever one stands.
fn entry(settings: &Settings, args: &AddArgs, cluster_id: Option<ClusterId>) -> Result<Entry, CliError> {
    let whole = |path: &Option<PathBuf>| path.as_deref().map(whole).transpose();
    let doors = settings.doors();
    Ok(Entry {
        endpoints: settings.endpoints.value.clone(),
        tls_ca: whole(&doors.tls_ca)?,
        tls_cert: whole(&doors.tls_cert)?,
        tls_key: whole(&doors.tls_key)?,
        tls_server_name: doors.tls_server_name,
        token_file: whole(&doors.token_file)?,
        cluster_id,
        protected: args.protected,
        rewrite_rate: args.rewrite_rate,
    })
}

fn whole(path: &Path) -> Result<PathBuf, CliError> {
    let refused =
        |error: io::Error| CliError::new(Code::BadCredentials, format!("{}: {error}", path.display()));
    std::path::absolute(path).map_err(refused)
}
