//! Where an import comes from, read in batches that are written together.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Begin, Line, Pair, bad};
use crate::error::{CliError, Code};
use crate::local_files;

/// A batch ends with the pair that reaches one of these.
const BATCH_PAIRS: usize = 500;
const BATCH_BYTES: usize = 1 << 20;
/// The longest key and value in base64 are shorter.
const LONGEST_LINE: u64 = local_files::LONGEST_INPUT;

/// A place between two lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    pub offset: u64,
    /// Lines before it.
    pub line: u64,
}

pub struct Source {
    name: String,
    reader: Box<dyn BufRead>,
    place: Place,
    last: Option<Vec<u8>>,
}

/// Pairs that stand one after the other, and what came behind them.
pub struct Batch {
    pub pairs: Vec<Pair>,
    pub from: Place,
    pub until: Place,
    pub ending: Ending,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// More may follow.
    Open,
    /// The last line, which says how many pairs there are.
    Told(u64),
    /// The file ended, or its last line is not whole.
    CutShort,
}

impl Source {
    pub fn file(path: &Path) -> Result<Self, CliError> {
        Self::at(path, Place::default())
    }

    /// A file from a place on, where an earlier reader had come to.
    pub fn at(path: &Path, place: Place) -> Result<Self, CliError> {
        let open = || {
            let mut file = local_files::open(path)?;
            file.seek(SeekFrom::Start(place.offset))?;
            Ok(file)
        };
        let name = path.display().to_string();
        let file =
            open().map_err(|error: io::Error| CliError::new(Code::BadInput, format!("{name}: {error}")))?;
        Ok(Self { name, reader: Box::new(BufReader::new(file)), place, last: None })
    }

    pub fn standard() -> Self {
        let reader = Box::new(BufReader::new(io::stdin()));
        Self { name: "standard input".to_owned(), reader, place: Place::default(), last: None }
    }

    pub fn place(&self) -> Place {
        self.place
    }

    /// The first line.
    pub fn begin(&mut self) -> Result<Begin, CliError> {
        let line = self.raw_line()?.filter(|raw| raw.ends_with(b"\n")).and_then(|raw| Line::read(&raw));
        match line {
            Some(Line::Begin(begin)) => Ok(begin),
            _ => Err(bad(1, "it does not tell what was exported")),
        }
    }

    /// The next line with its newline, if it has one.
    pub fn raw_line(&mut self) -> Result<Option<Vec<u8>>, CliError> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.reader).take(LONGEST_LINE);
        let read = bounded
            .read_until(b'\n', &mut line)
            .map_err(|error| CliError::new(Code::BadInput, format!("{}: {error}", self.name)))?;
        if read == 0 {
            return Ok(None);
        }
        self.place.offset += read as u64;
        self.place.line += 1;
        if read as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            return Err(bad(self.place.line, "it is longer than a pair can be"));
        }
        Ok(Some(line))
    }

    /// The pairs up to a place, or as many as are written together.
    pub fn batch(&mut self, until: Option<Place>) -> Result<Batch, CliError> {
        let from = self.place;
        let mut read_until = from;
        let (mut pairs, mut bytes) = (Vec::new(), 0);
        let mut ending = Ending::Open;
        while ending == Ending::Open && self.wants_more(until, pairs.len(), bytes) {
            let Some(raw) = self.raw_line()? else {
                ending = Ending::CutShort;
                continue;
            };
            if !raw.ends_with(b"\n") {
                // When it is whole one day, it belongs to a batch of its own.
                ending = Ending::CutShort;
                continue;
            }
            read_until = self.place;
            match Line::read(&raw) {
                Some(Line::Pair(pair)) if self.last.as_ref() < Some(&pair.key.0) => {
                    bytes += pair.key.0.len() + pair.value.0.len();
                    self.last = Some(pair.key.0.clone());
                    pairs.push(pair);
                }
                Some(Line::End(end)) => ending = Ending::Told(end.pairs.0),
                Some(Line::Pair(_)) => return Err(bad(self.place.line, "its key does not come in order")),
                Some(Line::Begin(_)) => return Err(bad(self.place.line, "it stands in the middle")),
                None => return Err(bad(self.place.line, "it is no line of an export")),
            }
        }
        Ok(Batch { pairs, from, until: read_until, ending })
    }

    fn wants_more(&self, until: Option<Place>, pairs: usize, bytes: usize) -> bool {
        match until {
            Some(until) => self.place.offset < until.offset,
            None => pairs < BATCH_PAIRS && bytes < BATCH_BYTES,
        }
    }
}

/// The file that tells how far the import of another one has come.
pub fn progress_path(source: &Path) -> PathBuf {
    let mut name = source.as_os_str().to_owned();
    name.push(".progress");
    name.into()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test writes its own files")]
mod tests {
    use super::*;

    const BEGIN: &str = r#"{"schema":"elastickv.export/v1","kind":"begin","cluster_id":"c","read_ts":"1","start":"","end":""}"#;

    /// A file of so many pairs, cut short by so many bytes.
    fn export(pairs: usize, cut: usize) -> (tempfile::TempDir, PathBuf) {
        let pairs = (0..pairs).map(|number| format!("{{\"key\":\"{number:04}\",\"value\":\"v\"}}\n"));
        let mut text = format!("{BEGIN}\n") + &pairs.collect::<String>();
        text.truncate(text.len() - cut);
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("export");
        std::fs::write(&path, text).unwrap();
        (scratch, path)
    }

    #[test]
    fn a_batch_read_again_up_to_where_it_ended_is_the_same_although_the_file_has_grown() {
        for cut in 0..40 {
            let (_scratch, path) = export(3, cut);
            let mut source = Source::file(&path).unwrap();
            source.begin().unwrap();
            let batch = source.batch(None).unwrap();
            assert_eq!(batch.ending, Ending::CutShort);
            let (_other, whole) = export(4, 0);
            let again = Source::at(&whole, batch.from).unwrap().batch(Some(batch.until)).unwrap();
            assert!(again.pairs == batch.pairs && again.until == batch.until, "{cut}");
            assert_eq!(again.ending, Ending::Open);
        }
    }

    #[test]
    fn batches_are_bounded_and_leave_nothing_out() {
        let (_scratch, path) = export(2 * BATCH_PAIRS + 1, 0);
        let mut source = Source::file(&path).unwrap();
        source.begin().unwrap();
        let sizes: Vec<usize> = (0..3).map(|_| source.batch(None).unwrap().pairs.len()).collect();
        assert_eq!(sizes, [BATCH_PAIRS, BATCH_PAIRS, 1]);
    }
}
