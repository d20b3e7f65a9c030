//! `kms generate`

use std::io::ErrorKind;
use std::path::PathBuf;

use elastickv_kek::{Kek, KekError, KekUri, file};
use elastickv_sys::random::SystemRandom;

use super::trouble;
use crate::args::kms::GenerateArgs;
use crate::error::{CliError, Code};
use crate::model::{Done, KekMadeReport};

pub fn run(args: &GenerateArgs) -> Result<Done<KekMadeReport>, CliError> {
    let path = absolute(args)?;
    let random = SystemRandom::shared();
    file::generate(&path, &*random).map_err(|error| refused(&error))?;
    // Read back the way a server will, so that a file it would refuse is found out now.
    let uri = KekUri::File(path.clone());
    let made = Kek::open(&uri, random).map_err(|error| trouble(&error))?;
    let report = KekMadeReport {
        file: path.display().to_string(),
        uri: uri.to_string(),
        version: made.label().version,
    };
    Ok(Done::changed(report, true))
}

fn absolute(args: &GenerateArgs) -> Result<PathBuf, CliError> {
    std::path::absolute(&args.file).map_err(|error| CliError::new(Code::LocalFile, error.to_string()))
}

fn refused(error: &KekError) -> CliError {
    match error {
        KekError::Io { kind: ErrorKind::AlreadyExists, .. } => {
            CliError::new(Code::KekFileExists, error.to_string())
        }
        KekError::Io { .. } => CliError::new(Code::LocalFile, error.to_string()),
        other => trouble(other),
    }
}
