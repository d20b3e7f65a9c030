//! `generate`: brings the committed completions, manual pages and documentation up to date.

use std::path::Path;

use super::man::write_all;
use crate::args::GenerateArgs;
use crate::error::{CliError, Code};
use crate::generated::{self, DOCUMENT};
use crate::local_files;
use crate::model::{Done, PagesReport};

pub fn run(args: &GenerateArgs) -> Result<Done<PagesReport>, CliError> {
    let document = document(&args.root)?;
    let pages = generated::everything(&document).map_err(|text| CliError::new(Code::LocalFile, text))?;
    write_all(&args.root, pages)
}

fn document(root: &Path) -> Result<String, CliError> {
    let path = root.join(DOCUMENT);
    let unreadable = |why: String| CliError::new(Code::LocalFile, format!("{}: {why}", path.display()));
    let bytes = local_files::read_input(&path).map_err(|error| unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))
}
