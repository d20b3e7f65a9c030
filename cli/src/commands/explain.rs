//! `explain`

use crate::args::ExplainArgs;
use crate::error::{CliError, Code};
use crate::model::{Done, ExplainReport};

pub fn run(args: &ExplainArgs, cli: &str) -> Result<Done<ExplainReport>, CliError> {
    let Some(text) = &args.code else { return Ok(Done::read(ExplainReport::all(cli))) };
    let unknown = || CliError::new(Code::UnknownCode, format!("{text:?} is no error code"));
    let code = Code::find(text).ok_or_else(unknown)?;
    Ok(Done::read(ExplainReport::one(code, cli)))
}
