//! `support-bundle`

mod bundle;
mod logs;
mod scrub;

use std::io::Write;
use std::path::{Path, PathBuf};

use elastickv_proto::v1;
use elastickv_types::{ClusterName, NodeName};
use futures_util::future::join_all;

use self::bundle::{Bundle, document};
use super::encryption;
use super::{cluster, doctor, version};
use crate::args::{DoctorArgs, SupportArgs};
use crate::client::{Patience, Seen, Session, Survey, rpc};
use crate::error::{Blocker, CliError, Code};
use crate::local_files;
use crate::model::{Done, Facts, Finished, Report, Strictness, SupportReport, utc};
use crate::output::envelope;

pub async fn run(session: &Session, args: &SupportArgs, cli: &str) -> Result<Done<SupportReport>, CliError> {
    let mut bundle = Bundle::new();
    bundle.put("versions.json", document(&version::run().report));
    session.progress().say("asking every member");
    let name = match session.survey().await {
        Ok(survey) => {
            gather(session, &survey, cli, &mut bundle).await;
            survey.cluster_name
        }
        Err(error) => {
            bundle.leave_out("the cluster", error.message());
            "unknown".to_owned()
        }
    };
    let (silent, problem) = silence(session);
    for (number, path) in (1..).zip(&args.log) {
        session.progress().say(format!("reading {}", path.display()));
        log(session, path, number, &mut bundle);
    }
    let path = args.out.clone().unwrap_or_else(|| file_name(&name, session.unix_ms()));
    let (bytes, files, left_out) = bundle.finish(&name, session.unix_ms());
    write(&path, &bytes)?;
    let report = SupportReport::new(&path, bytes.len(), files, left_out).without(silent);
    Ok(Done::read(report).with_problem(problem))
}

/// Some members are missing in it; or all.
fn silence(session: &Session) -> (Vec<String>, Option<CliError>) {
    let facts = session.facts();
    let (silent, text) = match silent_members(&facts) {
        _ if facts.members.is_empty() => {
            (vec!["cluster".to_owned()], "nobody of the cluster answered".to_owned())
        }
        silent if silent.is_empty() => return (silent, None),
        silent => {
            let text = format!("{} gave no answer", silent.join(", "));
            (silent, text)
        }
    };
    let blocker = |member: &String| Blocker { member: member.clone(), reason: "no answer".to_owned() };
    let problem = CliError::new(Code::Partial, text).blocked_by(silent.iter().map(blocker).collect());
    (silent, Some(problem.state("what could be learnt is in the bundle")))
}

fn silent_members(facts: &Facts) -> Vec<String> {
    let silent = facts.members.iter().filter(|member| member.reachable == Some(false));
    silent.map(|member| member.id.clone()).collect()
}

/// Every report is made as its command makes it; one that fails is in the bundle as the failure that it is.
async fn gather(session: &Session, survey: &Survey, cli: &str, bundle: &mut Bundle) {
    let looks = Looks { session, cli };
    bundle.put("status.json", looks.at("cluster status", cluster::status(session).await));
    bundle.put("members.json", looks.at("cluster members", cluster::members(session).await));
    bundle.put("encryption-status.json", looks.at("encryption status", encryption::status(session).await));
    bundle.put("keys.json", looks.at("encryption keys list", encryption::all_keys(session).await));
    bundle.put("history.json", looks.at("encryption history", encryption::history(session).await));
    bundle.put("rewrite.json", looks.at("encryption rewrite status", encryption::rewrite(session).await));
    bundle.put("check.json", looks.at("encryption check", encryption::check(session).await));
    bundle.put(
        "doctor.json",
        looks.at("doctor", doctor::of_cluster(session, &DoctorArgs::default(), cli).await),
    );
    session.begin_look();
    session.learn(survey);
    session.progress().say("asking every member for its settings and metrics");
    let inspected = join_all(survey.members.iter().map(|seen| inspect(session, seen))).await;
    for (seen, told) in survey.members.iter().zip(inspected) {
        let name = &seen.entry.name;
        match told {
            // It becomes a name of a file, at whoever unpacks it.
            Ok(_) if name.parse::<NodeName>().is_err() => {
                bundle.leave_out(format!("settings and metrics of {name:?}"), "that is no name of a node");
            }
            Ok(told) => {
                bundle.put(format!("nodes/{name}/metrics.txt"), told.metrics);
                bundle.put(format!("nodes/{name}/settings.txt"), settings(&told.settings));
            }
            Err(because) => bundle.leave_out(format!("settings and metrics of {name}"), because),
        }
    }
}

struct Looks<'a> {
    session: &'a Session,
    cli: &'a str,
}

impl Looks<'_> {
    fn at<R: Report>(&self, command: &str, result: Result<Done<R>, CliError>) -> String {
        let finished = Finished::new(command, result, self.session.facts(), Strictness::default());
        self.session.begin_look();
        let text = envelope::json(&finished, self.cli).unwrap_or_else(|error| error.to_string());
        self.session.without_secrets(&text)
    }
}

async fn inspect(session: &Session, seen: &Seen) -> Result<v1::InspectResponse, String> {
    if let Some(error) = seen.error() {
        return Err(error);
    }
    let address = session.address_of(seen).map_err(|error| error.message().to_owned())?;
    let answer = session.ask(&address, Patience::Read, &v1::InspectRequest {}, rpc::inspect).await;
    answer.map(|answer| answer.message).map_err(|failure| failure.brief())
}

fn settings(told: &[v1::Setting]) -> String {
    let line = |one: &v1::Setting| {
        let value = if one.left_out { "(left out)" } else { one.value.as_str() };
        format!("{:<24} {:<12} {value}\n", one.name, one.source)
    };
    told.iter().map(line).collect()
}

/// Logs of several nodes are called the same on each of them.
fn log(session: &Session, path: &Path, number: usize, bundle: &mut Bundle) {
    let shown = path.display().to_string();
    let kept = match logs::tail(path) {
        Ok(kept) => kept,
        Err(error) => return bundle.leave_out(shown, error.to_string()),
    };
    if kept.left_out > 0 {
        let because = "they are not marked as lines of a server at its usual levels: nobody can vouch for what they show";
        bundle.leave_out(format!("{} lines of {shown}", kept.left_out), because);
    }
    if kept.cut {
        bundle.leave_out(format!("the beginning of {shown}"), "the last 8 MiB come along");
    }
    let name = path.file_name().filter(|name| *name != "-").map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "standard-input.log".to_owned());
    bundle.put(format!("logs/{number}-{name}"), session.without_secrets(&kept.text));
}

fn file_name(cluster: &str, unix_ms: u64) -> PathBuf {
    let cluster =
        cluster.parse::<ClusterName>().map_or_else(|_| "unknown".to_owned(), |name| name.to_string());
    let moment: String =
        utc(unix_ms).chars().take(19).filter(|letter| *letter != '-' && *letter != ':').collect();
    PathBuf::from(format!("elastickv-support-{cluster}-{moment}Z.tar.gz"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed =
        |error: std::io::Error| CliError::new(Code::LocalFile, format!("{}: {error}", path.display()));
    let mut file = local_files::create_new(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_calls_itself_leads_out_of_no_directory() {
        assert_eq!(
            file_name("prod-tokyo", 0),
            PathBuf::from("elastickv-support-prod-tokyo-19700101T000000Z.tar.gz")
        );
        assert_eq!(file_name("../x", 0), PathBuf::from("elastickv-support-unknown-19700101T000000Z.tar.gz"));
    }
}
