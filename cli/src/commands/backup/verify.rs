//! `backup verify`

use super::{kek, not_rekeyed, verified};
use crate::args::backup::VerifyArgs;
use crate::client::Session;
use crate::error::CliError;
use crate::model::{BackupReport, Done};

pub async fn run(session: &Session, args: &VerifyArgs) -> Result<Done<BackupReport>, CliError> {
    let kek = kek(args.kek.as_deref())?;
    let verified = verified(session, &args.dir, args.rate).await?;
    let proof = match &kek {
        Some(kek) => {
            session.progress().say("unwrapping its keys");
            Some(verified.prove_kek(kek).await.map_err(|error| not_rekeyed(&error))?)
        }
        None => None,
    };
    Ok(Done::read(BackupReport::of(&args.dir, &verified.backup.manifest, proof)))
}
