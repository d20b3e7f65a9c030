//! Everything that is generated from the command line's tree and the catalogue of codes: completion
//! scripts, manual pages, tables in the documentation. They are committed, so that packages and readers
//! need no build, and a test compares them with what this file makes.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory, ValueEnum};
use clap_complete::{Generator, Shell};
use clap_mangen::Man;

use crate::args::{Cli, PROGRAM};
use crate::completing;
use crate::error::Code;
use crate::local_files;
use crate::roff::{self, Heading};

/// The page of the documentation that holds generated tables.
pub const DOCUMENT: &str = "docs/cli.md";

/// The lifecycle, for those who read the documentation and for those who read manuals.
const LIFECYCLE: &str = include_str!("../../docs/encryption.md");

const CODES_BEGIN: &str = "<!-- codes: generated -->\n";
const CODES_END: &str = "<!-- end of codes -->\n";
const VERBS_BEGIN: &str = "<!-- commands: generated -->\n";
const VERBS_END: &str = "<!-- end of commands -->\n";

/// A generated file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// Its path below the directory it is made for.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct PageError {
    path: PathBuf,
    cause: String,
}

impl PageError {
    fn new(path: &Path, cause: impl ToString) -> Self {
        Self { path: path.to_owned(), cause: cause.to_string() }
    }
}

/// Brings everything below the root of the source tree up to date.
pub fn update(root: &Path) -> Result<Vec<PathBuf>, PageError> {
    let path = root.join(DOCUMENT);
    let bytes = local_files::read_input(&path).map_err(|error| PageError::new(&path, error))?;
    let document = String::from_utf8(bytes).map_err(|error| PageError::new(&path, error))?;
    let pages = everything(&document).map_err(|cause| PageError::new(&path, cause))?;
    write(root, &pages)
}

/// Writes pages below a directory and says where.
pub fn write(directory: &Path, pages: &[Page]) -> Result<Vec<PathBuf>, PageError> {
    let written = pages.iter().map(|page| {
        let path = directory.join(&page.name);
        match local_files::write_page(&path, &page.bytes) {
            Ok(()) => Ok(path),
            Err(error) => Err(PageError::new(&path, error)),
        }
    });
    written.collect()
}

/// A manual page for the program, for every command, and for what they are about.
pub fn manual() -> Vec<Page> {
    let mut command = Cli::command();
    command.build();
    let mut pages = vec![lifecycle()];
    pages_of(command, &mut pages);
    pages
}

fn lifecycle() -> Page {
    let heading = Heading {
        name: "elastickv-encryption",
        section: 7,
        about: "how a cluster is sealed, and stays so",
        source: &source(),
    };
    Page { name: "elastickv-encryption.7".to_owned(), bytes: roff::page(heading, LIFECYCLE).into_bytes() }
}

fn source() -> String {
    format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"))
}

fn pages_of(command: Command, pages: &mut Vec<Page>) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        pages_of(sub.clone(), pages);
    }
    let man = Man::new(command).source(source()).manual("elastickv");
    let mut bytes = Vec::new();
    man.render(&mut bytes).expect("a vector takes everything");
    pages.push(Page { name: man.get_filename(), bytes: with_notes_as_written(bytes) });
}

/// Legends and examples have lines and columns of their own, which a manual page would otherwise fill up.
fn with_notes_as_written(bytes: Vec<u8>) -> Vec<u8> {
    let page = String::from_utf8_lossy(&bytes).replacen(".SH EXTRA\n", ".SH NOTES AND EXAMPLES\n.nf\n", 1);
    page.replacen(".SH VERSION\n", ".fi\n.SH VERSION\n", 1).into_bytes()
}

/// All files below the root of the source tree, given the documentation as it is.
pub fn everything(document: &str) -> Result<Vec<Page>, String> {
    let mut pages = Vec::new();
    for shell in Shell::value_variants() {
        pages.push(Page {
            name: format!("completions/{}", shell.file_name(PROGRAM)),
            bytes: completing::script(*shell),
        });
    }
    pages.extend(manual().into_iter().map(|page| Page { name: format!("man/{}", page.name), ..page }));
    let document = replaced(document, VERBS_BEGIN, VERBS_END, &verbs())?;
    let document = replaced(&document, CODES_BEGIN, CODES_END, &codes())?;
    pages.push(Page { name: DOCUMENT.to_owned(), bytes: document.into_bytes() });
    Ok(pages)
}

fn replaced(text: &str, begin: &str, end: &str, inside: &str) -> Result<String, String> {
    let missing = || format!("{DOCUMENT} lacks the lines {begin:?} and {end:?}");
    let (before, rest) = text.split_once(begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(end).ok_or_else(missing)?;
    Ok(format!("{before}{begin}\n{inside}\n{end}{after}"))
}

/// The table of codes.
pub fn codes() -> String {
    let mut text =
        String::from("| code | name | exit | meaning | state of the data |\n|---|---|---|---|---|\n");
    for code in Code::ALL {
        let entry = code.entry();
        let row = [entry.name, &entry.exit.code().to_string(), entry.title, entry.state].join(" | ");
        writeln!(text, "| {code} | {row} |").expect("a String takes everything");
    }
    text
}

/// The table of commands.
pub fn verbs() -> String {
    let mut text = String::from("| command | what it does |\n|---|---|\n");
    verbs_of(&Cli::command(), &mut text, "");
    text
}

fn verbs_of(command: &Command, text: &mut String, path: &str) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let path = format!("{path} {}", sub.get_name());
        // What does something by itself is a verb, even where there are verbs below it.
        if !sub.has_subcommands() || !sub.is_subcommand_required_set() {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            writeln!(text, "| `{}` | {about} |", path.trim()).expect("a String takes everything");
        }
        verbs_of(sub, text, &path);
    }
}
