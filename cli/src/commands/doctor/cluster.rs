//! Asking a cluster for everything that could be wrong with it.

use std::path::PathBuf;

use elastickv_offline::backup::Manifest;
use elastickv_proto::v1;
use elastickv_sys::files::SystemFiles;
use futures_util::future::join;

use crate::args::DoctorArgs;
use crate::client::{Session, Survey};
use crate::commands::{backup, encryption};
use crate::error::CliError;
use crate::model::Done;
use crate::model::doctor::{self, DoctorReport, Examination, Finding};
use crate::model::encryption::EncryptionStatusReport;

const PROBE: &str = "wrapping keys, by a probe of each member";
const WORK: &str = "jobs";

pub async fn run(session: &Session, args: &DoctorArgs, cli: &str) -> Result<Done<DoctorReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let mut examination = Examination::default();
    let members = "members, leader, majority, lag, disks, clocks, certificates, builds";
    examination.examined(members, doctor::of_survey(&survey, session.unix_ms()));
    // What a status warns of is a finding here, and is told once.
    let report = encryption::status_of(session, &survey).await;
    keys(session, &report, &mut examination);
    if survey.working_leader().is_some() {
        // Both wait for a member that is silent.
        let (probed, work) = join(probe(session, &survey, &report), jobs(session, &survey)).await;
        note(&mut examination, PROBE, probed);
        note(&mut examination, WORK, work);
    } else {
        for what in [PROBE, WORK] {
            examination.not_examined(what, "there is no leader to ask");
        }
    }
    backups(session, &survey, &args.backup, &mut examination);
    Ok(finished(session, examination.report(&survey.cluster_name, session.unix_ms(), cli)))
}

pub fn finished(session: &Session, report: DoctorReport) -> Done<DoctorReport> {
    report.remarks().into_iter().for_each(|warning| session.warn(warning));
    let problem = report.problem();
    Done::read(report).with_problem(problem)
}

fn keys(session: &Session, report: &EncryptionStatusReport, examination: &mut Examination) {
    let what = "keys, their budgets and ages, sidecars, stage";
    match report.members.iter().any(|member| member.answered) {
        true => examination.examined(what, doctor::of_encryption(report)),
        false => examination.not_examined(what, "no member tells"),
    }
    if let Some(running) = &report.running {
        let found = doctor::of_operation(running, session.unix_ms());
        examination.examined("the operation that is under way", found);
    }
}

/// What there is to say of something, or why it was not looked at.
type Looked = Result<Vec<Finding>, Unseen>;

enum Unseen {
    /// There is nothing of the kind in this cluster.
    NotThere(&'static str),
    Missed(String),
}

impl From<CliError> for Unseen {
    fn from(error: CliError) -> Self {
        Unseen::Missed(error.message().to_owned())
    }
}

/// Has the leader ask as before the step that would come next.
async fn probe(session: &Session, survey: &Survey, report: &EncryptionStatusReport) -> Looked {
    let gate = match report.stage.as_deref() {
        Some("cleartext") if report.members.iter().any(|member| member.capable == Some(true)) => {
            v1::CheckRequest { gate: v1::OperationKind::EnableStorage.into(), ..Default::default() }
        }
        Some("cleartext") => return Err(Unseen::NotThere("no node holds keys")),
        None => return Err(Unseen::Missed("no member tells its stage".to_owned())),
        Some(_) => v1::CheckRequest {
            gate: v1::OperationKind::Rotate.into(),
            purpose: v1::Purpose::Storage.into(),
            ..Default::default()
        },
    };
    Ok(doctor::of_gate(&encryption::judged(session, survey, &gate).await?))
}

async fn jobs(session: &Session, survey: &Survey) -> Looked {
    let job = encryption::job(session, survey).await?;
    Ok(job.map(|job| doctor::of_job(&job, session.unix_ms())).unwrap_or_default())
}

fn note(examination: &mut Examination, what: &str, looked: Looked) {
    match looked {
        Ok(found) => examination.examined(what, found),
        Err(Unseen::NotThere(because)) => examination.not_named(what, because),
        Err(Unseen::Missed(because)) => examination.not_examined(what, because),
    }
}

fn backups(session: &Session, survey: &Survey, dirs: &[PathBuf], examination: &mut Examination) {
    if dirs.is_empty() {
        examination.not_named("backups", "the cluster knows of none; name them with --backup DIR");
    }
    for dir in dirs {
        let what = format!("backup {}", dir.display());
        let found = match Manifest::read(&*SystemFiles::shared(), dir) {
            Ok(manifest) => doctor::of_backup(dir, &manifest, &survey.cluster_id, session.unix_ms()),
            Err(error) => {
                let error = backup::refused(&error);
                vec![Finding::new(error.code(), dir.display().to_string(), error.message())]
            }
        };
        examination.examined(&what, found);
    }
}
