//! Reads fjall's journals batch by batch.
//!
//! ```text
//! batch:  01 | changes u32 | sequence number u64 | change … | 03 | checksum u64 | "FJL" 03
//! change: 02 | kind u8 | compression u8 | keyspace u64 | key length u16 | value length u32
//!            | value length on disk u32 | key | value
//! ```
//!
//! Numbers are little-endian. The checksum is xxh3 of the changes. The last change of each batch is
//! its seal.
//!
//! The sequence number is under no checksum. The seal of its batch says how low it may be, and that
//! of the next one how high.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use elastickv_sys::files::{File, Files, Open};
use xxhash_rust::xxh3::Xxh3Default;

use crate::Result;
use crate::fjall_engine::failure::Place;
use crate::fjall_engine::seal::{self, Seal};

const START: u8 = 1;
const CHANGE: u8 = 2;
const END: u8 = 3;
const PUT: u8 = 0;
const DELETE: u8 = 1;
const UNCOMPRESSED: u8 = 0;
const TRAILER: [u8; 4] = *b"FJL\x03";
/// How far a batch's sequence number may be above the lower bound that its seal tells.
const SLACK: u64 = 1 << 16;
const BUFFER: usize = 64 * 1024;

/// A whole batch, where it lies and what its seal says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sealed {
    pub(super) number: u64,
    pub(super) sequence: u64,
    pub(super) floor: u64,
    part: usize,
    start: u64,
}

#[derive(Default)]
pub(super) struct Scan {
    /// The first batch in all journals.
    pub(super) first: Option<Sealed>,
    pub(super) last: Option<Sealed>,
    last_but_one: Option<Sealed>,
    parts: Vec<Part>,
}

/// How far a journal holds whole batches.
#[derive(Default)]
struct Part {
    path: PathBuf,
    name: String,
    whole: u64,
    length: u64,
    /// Something other than room that was never written follows.
    torn: bool,
}

/// Reads the journals, oldest first. No batch may be missing between two of them.
pub(super) fn scan_all(files: &dyn Files, journals: &[PathBuf], up_to: u64, place: &Place) -> Result<Scan> {
    let mut scan = Scan::default();
    for path in journals {
        scan.add(files, path, up_to, place)?;
    }
    Ok(scan)
}

/// Cuts off what follows the last whole batch of each journal, so that fjall need not judge it.
pub(super) fn cut_all(files: &dyn Files, scan: &Scan, place: &Place) -> Result<()> {
    for part in scan.parts.iter().filter(|part| part.whole < part.length) {
        if part.torn {
            let (file, at) = (part.path.display(), part.whole);
            tracing::warn!(%file, at, "a journal ends in a batch that is not whole, which is cut off");
        }
        cut(files, part)
            .map_err(|error| place.opening(format!("cutting {}", part.path.display()), error.into()))?;
    }
    Ok(())
}

fn cut(files: &dyn Files, part: &Part) -> io::Result<()> {
    let file = files.open(&part.path, Open::Write)?;
    file.set_len(part.whole)?;
    file.sync_data()
}

impl Scan {
    /// The name of the journal that has a batch.
    pub(super) fn file_of(&self, batch: &Sealed) -> &str {
        self.parts.get(batch.part).map_or("", |part| &part.name)
    }

    fn add(&mut self, files: &dyn Files, path: &Path, up_to: u64, place: &Place) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let failed = |error: io::Error| place.opening(format!("reading {name}"), error.into());
        let mut reader = files.open(path, Open::Read).and_then(Reader::open).map_err(failed)?;
        let mut part =
            Part { path: path.to_owned(), name: name.clone(), length: reader.length, ..Part::default() };
        while let Some(batch) = reader.batch().map_err(failed)? {
            match self.judge(&batch, part.whole == 0, up_to) {
                Verdict::Next(next) => {
                    self.last_but_one = self.last.replace(next);
                    self.first = self.first.or(self.last);
                    part.whole = reader.at;
                }
                Verdict::End => break,
                Verdict::LastIsDamaged if part.whole > 0 => {
                    part.whole = self.forget_last();
                    break;
                }
                Verdict::LastIsDamaged | Verdict::Gap => {
                    let number = self.last.map_or(0, |last| last.number);
                    return Err(place.unopenable(format!("{name} does not go on where batch {number} ends")));
                }
            }
        }
        part.torn = reader.byte_at(part.whole).map_err(failed)?.is_some_and(|byte| byte != 0);
        self.parts.push(part);
        Ok(())
    }

    fn judge(&self, batch: &Read, first_in_file: bool, up_to: u64) -> Verdict {
        let Some(seal) = batch.seal.filter(|seal| seal.number <= up_to) else { return Verdict::End };
        match &self.last {
            Some(last) if seal.number != last.number + 1 && first_in_file => return Verdict::Gap,
            Some(last) if seal.number != last.number + 1 => return Verdict::End,
            Some(last) if seal.floor <= last.sequence => return Verdict::LastIsDamaged,
            _ => {}
        }
        if !(seal.floor..=seal.floor.saturating_add(SLACK)).contains(&batch.sequence) {
            return Verdict::End;
        }
        let (number, sequence, floor, start) = (seal.number, batch.sequence, seal.floor, batch.start);
        Verdict::Next(Sealed { number, sequence, floor, part: self.parts.len(), start })
    }

    /// Returns where the forgotten batch starts.
    fn forget_last(&mut self) -> u64 {
        let start = self.last.map_or(0, |last| last.start);
        self.last = self.last_but_one.take();
        if self.last.is_none() {
            self.first = None;
        }
        start
    }
}

/// What a whole batch is to those before it.
enum Verdict {
    Next(Sealed),
    /// It is not to be believed, or not wanted.
    End,
    /// Its seal shows that the sequence number of the one before is not what was written.
    LastIsDamaged,
    /// Others are missing before it.
    Gap,
}

struct Read {
    start: u64,
    sequence: u64,
    seal: Option<Seal>,
}

struct Reader {
    file: Arc<dyn File>,
    length: u64,
    at: u64,
    buffer: Vec<u8>,
    buffered_from: u64,
}

impl Reader {
    fn open(file: Arc<dyn File>) -> io::Result<Self> {
        let length = file.len()?;
        Ok(Self { file, length, at: 0, buffer: Vec::new(), buffered_from: 0 })
    }

    /// The next batch, or none if what follows is not a whole one.
    fn batch(&mut self) -> io::Result<Option<Read>> {
        let start = self.at;
        let Some([START]) = self.take()? else { return Ok(None) };
        let (Some(changes), Some(sequence)) = (self.take()?, self.take()?) else { return Ok(None) };
        let mut hasher = Xxh3Default::new();
        let mut last = None;
        for _ in 0..u32::from_le_bytes(changes) {
            let Some(seal) = self.change(&mut hasher)? else { return Ok(None) };
            last = seal;
        }
        let (Some([END]), Some(checksum), Some(TRAILER)) = (self.take()?, self.take()?, self.take()?) else {
            return Ok(None);
        };
        let whole = hasher.digest() == u64::from_le_bytes(checksum);
        Ok(whole.then_some(Read { start, sequence: u64::from_le_bytes(sequence), seal: last }))
    }

    /// One change; inside, the seal if it is one.
    fn change(&mut self, hasher: &mut Xxh3Default) -> io::Result<Option<Option<Seal>>> {
        let Some(head) = self.take::<21>()? else { return Ok(None) };
        let [CHANGE, PUT | DELETE, UNCOMPRESSED, rest @ ..] = head else { return Ok(None) };
        let [_, _, _, _, _, _, _, _, k0, k1, v0, v1, v2, v3, d0, d1, d2, d3] = rest;
        let key = u64::from(u16::from_le_bytes([k0, k1]));
        let value = u64::from(u32::from_le_bytes([v0, v1, v2, v3]));
        if [v0, v1, v2, v3] != [d0, d1, d2, d3] || key + value > self.length - self.at {
            return Ok(None);
        }
        hasher.update(&head);
        if key != seal::KEY.len() as u64 || value != seal::LENGTH as u64 {
            self.hash(key + value, hasher)?;
            return Ok(Some(None));
        }
        let Some(both) = self.take::<{ seal::KEY.len() + seal::LENGTH }>()? else { return Ok(None) };
        hasher.update(&both);
        Ok(Some(both.strip_prefix(seal::KEY).and_then(Seal::decode)))
    }

    fn take<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        if self.length - self.at < N as u64 {
            return Ok(None);
        }
        let mut bytes = [0; N];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let ready = self.buffered()?;
            let most = ready.len().min(rest.len());
            for (to, from) in rest.iter_mut().zip(ready) {
                *to = *from;
            }
            self.at += most as u64;
            done += most;
        }
        Ok(Some(bytes))
    }

    /// Hashes that many bytes, which the file has.
    fn hash(&mut self, bytes: u64, hasher: &mut Xxh3Default) -> io::Result<()> {
        let end = self.at + bytes;
        while self.at < end {
            let left = usize::try_from(end - self.at).unwrap_or(usize::MAX);
            let ready = self.buffered()?;
            let ready = ready.get(..left).unwrap_or(ready);
            hasher.update(ready);
            self.at += ready.len() as u64;
        }
        Ok(())
    }

    /// At least one byte from here on; the file must have one.
    fn buffered(&mut self) -> io::Result<&[u8]> {
        let end = self.buffered_from + self.buffer.len() as u64;
        if !(self.buffered_from..end).contains(&self.at) {
            let most = usize::try_from(self.length - self.at).unwrap_or(BUFFER).min(BUFFER);
            self.buffer.resize(most, 0);
            self.file.read_exact_at(&mut self.buffer, self.at)?;
            self.buffered_from = self.at;
        }
        let skip = usize::try_from(self.at - self.buffered_from).unwrap_or(usize::MAX);
        self.buffer
            .get(skip..)
            .filter(|ready| !ready.is_empty())
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn byte_at(&mut self, at: u64) -> io::Result<Option<u8>> {
        self.at = at;
        Ok(self.take()?.map(|[byte]| byte))
    }
}
