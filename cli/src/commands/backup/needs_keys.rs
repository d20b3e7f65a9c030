//! `backup needs-keys`

use super::verified;
use crate::args::backup::NeedsKeysArgs;
use crate::client::Session;
use crate::error::CliError;
use crate::model::{BackupKeysReport, Done};

pub async fn run(session: &Session, args: &NeedsKeysArgs) -> Result<Done<BackupKeysReport>, CliError> {
    let verified = verified(session, &args.dir, None).await?;
    Ok(Done::read(BackupKeysReport::of(&args.dir, &verified)))
}
