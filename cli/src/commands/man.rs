//! `man`

use crate::args::ManArgs;
use crate::error::{CliError, Code};
use crate::generated;
use crate::model::{Done, PagesReport};

pub fn run(args: &ManArgs) -> Result<Done<PagesReport>, CliError> {
    let files = generated::write(&args.directory, &generated::manual())
        .map_err(|error| CliError::new(Code::LocalFile, error.to_string()))?;
    Ok(Done::read(PagesReport { files: files.iter().map(|path| path.display().to_string()).collect() }))
}
