//! `encryption retire-dek --simulate`

use elastickv_offline::backup::{Backup, BackupError};
use elastickv_sys::files::SystemFiles;
use elastickv_types::{ClusterId, KeyId};

use super::{check, retire};
use crate::args::encryption::RetireArgs;
use crate::client::{Session, Survey};
use crate::commands::backup;
use crate::error::{CliError, Code};
use crate::model::Done;
use crate::model::encryption::{BackupNeed, SimulationReport};

pub async fn run(session: &Session, args: &RetireArgs) -> Result<Done<SimulationReport>, CliError> {
    let (survey, key) = retire::resolve(session, &args.key_id).await?;
    session.expect_cluster(&survey, args.step.change.expect.expect_cluster.as_deref())?;
    let backups = needs(&survey, args, key)?;
    let judgement = check::judged(session, &survey, &retire::simulated(key)).await?;
    let problem = judgement.refusal();
    let report = SimulationReport::new(survey.cluster_name.clone(), key, judgement, backups);
    report
        .judgement
        .warnings()
        .into_iter()
        .chain(report.warnings())
        .for_each(|warning| session.warn(warning));
    Ok(Done::read(report).with_problem(problem))
}

/// By their manifests alone: whether a backup is whole is for `backup verify` to say.
fn needs(survey: &Survey, args: &RetireArgs, key: u32) -> Result<Vec<BackupNeed>, CliError> {
    let key = KeyId::from_u32(key).ok_or_else(|| CliError::new(Code::UnknownKeyId, "no key has the id 0"))?;
    let own: Option<ClusterId> = survey.cluster_id.parse().ok();
    let need = |dir: &std::path::PathBuf| {
        let read =
            Backup::open(SystemFiles::shared(), dir).map_err(|error: BackupError| backup::refused(&error))?;
        if own.is_some_and(|own| own != read.manifest.cluster_id) {
            let text = format!("{} is a backup of cluster {}", dir.display(), read.manifest.cluster_id);
            return Err(CliError::new(Code::BackupOfAnother, text));
        }
        Ok(BackupNeed::of(dir, &read, key))
    };
    args.backup.iter().map(need).collect()
}
