//! `certs …`

mod issue;
mod token;

use std::path::{Path, PathBuf};

use elastickv_sys::clock::SystemClock;
use elastickv_sys::private::{self, Others};

use super::Desk;
use crate::args::certs::CertsCommand;
use crate::error::{CliError, Code, Exit};
use crate::local_files;
use crate::model::{Credential, CredentialReport, Done};

pub async fn run(desk: Desk<'_>, command: &CertsCommand) -> Exit {
    desk.show(async { make(command).map(|report| Done::changed(report, true)) }).await
}

fn make(command: &CertsCommand) -> Result<CredentialReport, CliError> {
    let now_ms = SystemClock::shared().unix_ms();
    match command {
        CertsCommand::Ca(args) => issue::authority(args, now_ms),
        CertsCommand::Node(args) => issue::node(args, now_ms),
        CertsCommand::Client(args) => issue::client(args, now_ms),
        CertsCommand::Token(args) => token::token(args),
    }
}

/// A file that is to be made, and who may read it.
struct Made<'a> {
    path: PathBuf,
    others: Others,
    bytes: &'a [u8],
}

/// Makes all of them or, where a file of such a name is there already, none.
fn make_files(dir: &Path, files: &[Made<'_>]) -> Result<Vec<String>, CliError> {
    local_files::create_directory(dir).map_err(|error| cannot(dir, &error))?;
    if let Some(there) = files.iter().find(|file| local_files::exists(&file.path)) {
        let text = format!("{} is there already", there.path.display());
        return Err(CliError::new(Code::CredentialExists, text));
    }
    for file in files {
        private::create_for(&file.path, file.others, file.bytes)
            .map_err(|error| cannot(&file.path, &error))?;
    }
    Ok(files.iter().map(|file| file.path.display().to_string()).collect())
}

fn cannot(path: &Path, error: &std::io::Error) -> CliError {
    CliError::new(Code::LocalFile, format!("{}: {error}", path.display()))
}

/// Names become names of files, and stand in the access file.
fn check_name(name: &str) -> Result<(), CliError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '@' | '.');
    let begins = name.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    match begins && name.len() <= 64 && name.chars().all(plain) {
        true => Ok(()),
        false => {
            let text = format!(
                "{name:?} is no name: letters, digits and . _ - @, up to 64, a letter or digit first"
            );
            Err(CliError::new(Code::BadName, text).hint("elastickv-admin certs --help"))
        }
    }
}

fn report(kind: Credential, name: &str, files: Vec<String>) -> CredentialReport {
    CredentialReport {
        kind,
        name: name.to_owned(),
        files,
        valid_until: None,
        access_list: None,
        access_entry: None,
    }
}
