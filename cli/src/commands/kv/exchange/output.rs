//! Where an export goes: a file that can be gone on with, or standard output.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use super::{Begin, Line, Source, bad};
use crate::error::{CliError, Code};
use crate::local_files;
use crate::ui::Ui;

pub enum Output<'a> {
    File { path: PathBuf, file: BufWriter<File> },
    Standard(&'a Ui),
}

/// An export as far as it has come.
pub struct Partial {
    pub begin: Begin,
    pub last: Option<Vec<u8>>,
    pub pairs: u64,
    pub is_complete: bool,
    /// Behind the last line that is whole.
    len: u64,
}

impl Partial {
    /// Reads an export to its end. What stands behind its last whole line is taken for a line that was cut short;
    /// anything else that is not a line of an export is refused.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let mut source = Source::file(path)?;
        let begin = source.begin()?;
        let mut partial =
            Self { begin, last: None, pairs: 0, is_complete: false, len: source.place().offset };
        while let Some(raw) = source.raw_line()? {
            if partial.is_complete {
                return Err(bad(source.place().line, "it stands behind the end"));
            }
            match Line::read(&raw).filter(|_| raw.ends_with(b"\n")) {
                Some(Line::Pair(pair)) if partial.last.as_ref() < Some(&pair.key.0) => {
                    partial.last = Some(pair.key.0);
                    partial.pairs += 1;
                }
                Some(Line::End(end)) if end.pairs.0 == partial.pairs => partial.is_complete = true,
                Some(_) => return Err(bad(source.place().line, "it does not belong there")),
                None if source.raw_line()?.is_none() => return Ok(partial),
                None => return Err(bad(source.place().line - 1, "it is no line of an export")),
            }
            partial.len = source.place().offset;
        }
        Ok(partial)
    }
}

impl<'a> Output<'a> {
    /// A file that is not there yet.
    pub fn create(path: &Path) -> Result<Self, CliError> {
        match local_files::create_new(path) {
            Ok(file) => Ok(Self::File { path: path.to_owned(), file: BufWriter::new(file) }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(there_already(path)),
            Err(error) => Err(failed(path, &error)),
        }
    }

    /// A file that was not finished, behind its last whole line.
    pub fn append(path: &Path, partial: &Partial) -> Result<Self, CliError> {
        let open = || {
            let mut file = local_files::open_to_append(path)?;
            file.set_len(partial.len)?;
            file.seek(io::SeekFrom::End(0))?;
            Ok(file)
        };
        let file = open().map_err(|error| failed(path, &error))?;
        Ok(Self::File { path: path.to_owned(), file: BufWriter::new(file) })
    }

    pub fn standard(ui: &'a Ui) -> Self {
        Self::Standard(ui)
    }

    /// False when nobody reads any more.
    pub fn write(&mut self, line: &Line) -> Result<bool, CliError> {
        let bytes = line.write()?;
        match self {
            Output::Standard(ui) => ui.bytes(&bytes),
            Output::File { path, file } => {
                file.write_all(&bytes).map_err(|error| failed(path, &error))?;
                Ok(true)
            }
        }
    }

    /// Leaves what was written so far to the operating system: a command that is killed has come that far.
    pub fn flush(&mut self) -> Result<(), CliError> {
        match self {
            Output::Standard(_) => Ok(()),
            Output::File { path, file } => file.flush().map_err(|error| failed(path, &error)),
        }
    }

    pub fn finish(&mut self) -> Result<(), CliError> {
        self.flush()?;
        match self {
            Output::Standard(_) => Ok(()),
            Output::File { path, file } => file.get_ref().sync_all().map_err(|error| failed(path, &error)),
        }
    }
}

pub fn there_already(path: &Path) -> CliError {
    CliError::new(Code::ExportThere, format!("{} is there already", path.display()))
}

fn failed(path: &Path, error: &io::Error) -> CliError {
    CliError::new(Code::LocalFile, format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test writes its own files")]
mod tests {
    use super::super::{BeginKind, End, EndKind, Number, Pair, SCHEMA, Text};
    use super::*;

    fn begin() -> Begin {
        Begin {
            schema: SCHEMA.to_owned(),
            kind: BeginKind::Begin,
            cluster_id: "c".to_owned(),
            read_ts: Number(7),
            start: Text::default(),
            end: Text::default(),
        }
    }

    fn pair(key: &str) -> Line {
        let (key, value) = (Text(key.into()), Text(b"\xff\n".to_vec()));
        Line::Pair(Pair { key, value, expire_at: None })
    }

    fn end(pairs: u64) -> Line {
        Line::End(End { kind: EndKind::End, pairs: Number(pairs) })
    }

    fn text(lines: &[Line]) -> Vec<u8> {
        lines.iter().flat_map(|line| line.write().unwrap()).collect()
    }

    fn read(bytes: &[u8]) -> Result<Partial, CliError> {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("export");
        std::fs::write(&path, bytes).unwrap();
        Partial::read(&path)
    }

    /// Wherever a file was cut, going on with it gives the file that was never cut.
    #[test]
    fn a_file_that_was_cut_anywhere_is_gone_on_with_behind_its_last_whole_line() {
        let lines = [Line::Begin(begin()), pair("a"), pair("b"), pair("c"), end(3)];
        let whole = text(&lines);
        let first = text(&lines[..1]).len();
        let scratch = tempfile::tempdir().unwrap();
        for cut in 0..whole.len() {
            let path = scratch.path().join(format!("{cut}"));
            std::fs::write(&path, &whole[..cut]).unwrap();
            let partial = Partial::read(&path);
            if cut < first {
                assert_eq!(partial.err().unwrap().code(), Code::BadExport, "{cut}");
                continue;
            }
            let partial = partial.unwrap();
            assert!(!partial.is_complete, "{cut}");
            let done = partial.pairs as usize;
            assert_eq!(partial.last.is_none(), done == 0);
            let mut output = Output::append(&path, &partial).unwrap();
            for line in &lines[1 + done..] {
                assert!(output.write(line).unwrap());
            }
            output.finish().unwrap();
            assert!(std::fs::read(&path).unwrap() == whole, "{cut}");
        }
        assert!(read(&whole).unwrap().is_complete);
    }

    #[test]
    fn what_is_no_export_is_refused_with_its_line() {
        let refused = |lines: &[Line]| read(&text(lines)).err().map(|error| error.message().to_owned());
        let told = |lines: &[Line]| refused(lines).unwrap_or_default();
        assert!(told(&[pair("a")]).starts_with("line 1: "));
        assert!(told(&[Line::Begin(begin()), pair("b"), pair("a"), pair("c")]).starts_with("line 3: "));
        assert!(told(&[Line::Begin(begin()), pair("b"), end(2), pair("c")]).starts_with("line 3: "));
        assert!(told(&[Line::Begin(begin()), end(0), pair("c")]).starts_with("line 3: "));
        let damaged = [text(&[Line::Begin(begin())]), b"{}\n".to_vec(), text(&[pair("a")])].concat();
        assert!(read(&damaged).err().unwrap().message().starts_with("line 2: "));
    }
}
