//! Where an import comes from, read in batches that are written together.
//!
//! While it is read, everything up to the end of a batch is digested: whoever goes on later finds out by that
//! whether it is the same file still.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Begin, Line, Pair, Sent, bad};
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
    /// Of all whole lines up to here.
    digest: Sha256,
    last: Option<Vec<u8>>,
}

/// What a file begins with, in short.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest([u8; 32]);

impl Digest {
    fn of(digest: &Sha256) -> Self {
        Self(digest.clone().finalize().into())
    }

    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        let mut raw = [0; 32];
        hex::decode_to_slice(text, &mut raw).ok()?;
        Some(Self(raw))
    }
}

/// Pairs that stand one after the other, and what came behind them.
pub struct Batch {
    pub pairs: Vec<Pair>,
    pub from: Place,
    pub until: Place,
    /// Of the whole file up to there.
    pub digest: Digest,
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
        let file = local_files::open(path).map_err(|error| unreadable(path, &error))?;
        Ok(Self::of(path.display().to_string(), Box::new(BufReader::new(file))))
    }

    /// A file from the batch on that an earlier import sent last; none where it is not the file that was imported
    /// up to there.
    pub fn again(path: &Path, sent: &Sent) -> Result<Option<Self>, CliError> {
        let open = || {
            let mut file = BufReader::new(local_files::open(path)?);
            let mut digest = Sha256::new();
            let before = digested(&mut file, &mut digest, sent.from.offset)?;
            let at_batch = digest.clone();
            let batch = digested(&mut file, &mut digest, sent.until.offset.saturating_sub(sent.from.offset))?;
            let same = before && batch && Digest::of(&digest) == sent.digest;
            file.seek(SeekFrom::Start(sent.from.offset))?;
            Ok(same.then_some((file, at_batch)))
        };
        let found = open().map_err(|error: io::Error| unreadable(path, &error))?;
        Ok(found.map(|(file, digest)| Self {
            place: sent.from,
            digest,
            ..Self::of(path.display().to_string(), Box::new(file))
        }))
    }

    pub fn standard() -> Self {
        Self::of("standard input".to_owned(), Box::new(BufReader::new(io::stdin())))
    }

    fn of(name: String, reader: Box<dyn BufRead>) -> Self {
        Self { name, reader, place: Place::default(), digest: Sha256::new(), last: None }
    }

    pub fn place(&self) -> Place {
        self.place
    }

    /// The first line.
    pub fn begin(&mut self) -> Result<Begin, CliError> {
        let raw = self.raw_line()?.filter(|raw| raw.ends_with(b"\n")).unwrap_or_default();
        self.digest.update(&raw);
        match Line::read(&raw) {
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
            self.digest.update(&raw);
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
        Ok(Batch { pairs, from, until: read_until, digest: Digest::of(&self.digest), ending })
    }

    fn wants_more(&self, until: Option<Place>, pairs: usize, bytes: usize) -> bool {
        match until {
            Some(until) => self.place.offset < until.offset,
            None => pairs < BATCH_PAIRS && bytes < BATCH_BYTES,
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> CliError {
    CliError::new(Code::BadInput, format!("{}: {error}", path.display()))
}

/// Digests so many bytes, and tells whether there are as many.
fn digested(source: &mut impl Read, digest: &mut Sha256, bytes: u64) -> io::Result<bool> {
    let mut source = source.take(bytes);
    let mut piece = vec![0; 1 << 16];
    loop {
        match source.read(&mut piece)? {
            0 => return Ok(source.limit() == 0),
            read => digest.update(piece.get(..read).unwrap_or_default()),
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
    use elastickv_types::RequestId;

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
            let mut again = Source::again(&whole, &sent(&batch)).unwrap().expect("it has only grown");
            let again = again.batch(Some(batch.until)).unwrap();
            assert!(again.pairs == batch.pairs && again.until == batch.until, "{cut}");
            assert_eq!((again.digest, again.ending), (batch.digest, Ending::Open));
        }
    }

    fn sent(batch: &Batch) -> Sent {
        let Batch { from, until, digest, .. } = *batch;
        Sent { from, until, digest, request_id: RequestId::from_bytes([0; 16]), pairs: 0, over: 0 }
    }

    #[test]
    fn a_file_in_which_anything_changed_that_was_imported_is_not_gone_on_with() {
        let (_scratch, path) = export(3 * BATCH_PAIRS, 0);
        let whole = std::fs::read(&path).unwrap();
        let mut source = Source::file(&path).unwrap();
        source.begin().unwrap();
        source.batch(None).unwrap();
        let second = source.batch(None).unwrap();
        let is_same = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Source::again(&path, &sent(&second)).unwrap().is_some()
        };
        assert!(is_same(&whole));
        let until = second.until.offset as usize;
        for place in [0, BEGIN.len() + 3, second.from.offset as usize - 4, until - 4, until, whole.len() - 2]
        {
            let mut other = whole.clone();
            other[place] ^= 1;
            assert_eq!(is_same(&other), place >= until, "{place} of {until}");
        }
        assert!(is_same(&whole[..until]) && !is_same(&whole[..until - 1]));
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
