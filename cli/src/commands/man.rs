//! `man`

use std::path::Path;

use crate::args::ManArgs;
use crate::error::{CliError, Code};
use crate::generated::{self, Page};
use crate::local_files;
use crate::model::{Done, PagesReport};

pub fn run(args: &ManArgs) -> Result<Done<PagesReport>, CliError> {
    write_all(&args.directory, generated::manual())
}

/// Writes pages below a directory.
pub fn write_all(directory: &Path, pages: Vec<Page>) -> Result<Done<PagesReport>, CliError> {
    let mut files = Vec::new();
    for page in pages {
        let path = directory.join(&page.name);
        local_files::write_page(&path, &page.bytes)
            .map_err(|error| CliError::new(Code::LocalFile, format!("{}: {error}", path.display())))?;
        files.push(path.display().to_string());
    }
    Ok(Done::read(PagesReport { files }))
}
