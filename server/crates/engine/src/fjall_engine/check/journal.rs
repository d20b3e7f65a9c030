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

use std::io;
use std::path::PathBuf;
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
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    pub(super) number: u64,
    pub(super) sequence: u64,
    pub(super) file: String,
}

pub(super) struct Scan {
    /// The first batch in all journals and the last.
    pub(super) ends: Option<(Sealed, Sealed)>,
    parts: Vec<Part>,
}

/// How far a journal holds whole batches.
struct Part {
    path: PathBuf,
    whole: u64,
    length: u64,
    /// Something other than room that was never written follows.
    torn: bool,
}

/// Reads the journals, oldest first. No batch may be missing between two of them.
pub(super) fn scan_all(files: &dyn Files, journals: &[PathBuf], up_to: u64, place: &Place) -> Result<Scan> {
    let mut scan = Scan { ends: None, parts: Vec::new() };
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
    fn add(&mut self, files: &dyn Files, path: &std::path::Path, up_to: u64, place: &Place) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let system = |error: io::Error| place.opening(format!("reading {name}"), error.into());
        let mut reader = Reader::open(files.open(path, Open::Read).map_err(system)?).map_err(system)?;
        let mut whole = 0;
        while let Some(batch) = reader.batch().map_err(system)? {
            let Some(seal) = batch.seal.filter(|seal| fits(*seal, batch.sequence)) else { break };
            if let Some((_, last)) = &self.ends {
                if whole == 0 && seal.number != last.number + 1 {
                    let (file, last) = (&last.file, last.number);
                    let text =
                        format!("{file} ends with batch {last} and {name} begins with {}", seal.number);
                    return Err(place.unopenable(text));
                }
                if seal.number != last.number + 1 || batch.sequence <= last.sequence {
                    break;
                }
            }
            if seal.number > up_to {
                break;
            }
            whole = reader.at;
            let this = Sealed { number: seal.number, sequence: batch.sequence, file: name.to_string() };
            let first = self.ends.take().map_or_else(|| this.clone(), |(first, _)| first);
            self.ends = Some((first, this));
        }
        let torn = reader.byte_at(whole).map_err(system)?.is_some_and(|byte| byte != 0);
        self.parts.push(Part { path: path.to_owned(), whole, length: reader.length, torn });
        Ok(())
    }
}

fn fits(seal: Seal, sequence: u64) -> bool {
    (seal.floor..=seal.floor.saturating_add(SLACK)).contains(&sequence)
}

struct Read {
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
        Ok(whole.then_some(Read { sequence: u64::from_le_bytes(sequence), seal: last }))
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
