//! `kms …`

mod check;
mod generate;

use super::Desk;
use crate::args::kms::KmsCommand;
use crate::error::{CliError, Code, Exit};
use crate::model::{Done, KekSchemesReport};

use elastickv_kek::KekError;

pub async fn run(desk: Desk<'_>, command: &KmsCommand) -> Exit {
    match command {
        KmsCommand::Generate(args) => desk.show(async { generate::run(args) }).await,
        KmsCommand::Check(args) => desk.show(check::run(desk.session, args)).await,
        KmsCommand::ListSchemes => desk.show(async { Ok(Done::read(KekSchemesReport::default())) }).await,
    }
}

/// What a wrapping key's trouble means at the terminal.
pub fn trouble(error: &KekError) -> CliError {
    let code = match error {
        KekError::Uri(_) => Code::BadKekUri,
        transient if transient.is_transient() => Code::KekUnavailable,
        _ => Code::KekUnusable,
    };
    CliError::new(code, error.to_string())
}
