//! One file of the log: made at its full size, filled once from front to back, removed as a whole.
//!
//! A segment is made under another name, filled with zeroes, given its header, synced and only then
//! renamed. So a file with a segment's name always has a whole header and its whole size, and every block
//! of it exists: a later sync has nothing to write but the records themselves, which is what makes it fast.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use elastickv_sys::files::{File, Files, Open};
use elastickv_types::GroupId;

use crate::error::no_room;
use crate::format::header::BadHeader;
use crate::format::{HEADER_BYTES, Header, SegmentId, Seq};
use crate::{Damage, LogError};

const EXTENSION: &str = ".log";
const UNFINISHED: &str = ".log.new";
/// How much is zeroed between two syncs, so that the disk is not kept from syncing the segment in use.
const ZEROED_AT_ONCE: usize = 256 * 1024;

#[derive(Debug)]
pub(crate) struct Segment {
    pub seq: Seq,
    pub id: SegmentId,
    pub size: u32,
    pub path: PathBuf,
    pub file: Arc<dyn File>,
}

/// What a name in the log's directory stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Name {
    Segment(Seq),
    /// Left behind by a crash while a segment was being made.
    Unfinished,
    /// It ends like a segment's name, but no segment is called that.
    Odd,
    Other,
}

impl Name {
    pub(crate) fn read(name: &str) -> Self {
        if name.ends_with(UNFINISHED) {
            return Self::Unfinished;
        }
        let Some(number) = name.strip_suffix(EXTENSION) else { return Self::Other };
        let seq = number.parse().ok().and_then(Seq::from_u64);
        seq.filter(|seq| file_name(*seq) == name).map_or(Self::Odd, Self::Segment)
    }
}

pub(crate) fn file_name(seq: Seq) -> String {
    format!("{:010}{EXTENSION}", seq.get())
}

impl Segment {
    /// Makes a segment of nothing but zeroes; afterwards its name is on the disk.
    pub(crate) fn create(files: &dyn Files, dir: &Path, header: Header) -> Result<Self, LogError> {
        let path = dir.join(file_name(header.seq));
        let unfinished = path.with_extension("log.new");
        let full = |_| LogError::Full { dir: dir.to_owned(), needed: u64::from(header.size) };
        remove_if_there(files, &unfinished)?;
        let made = fill(files, &unfinished, &header).map_err(|(doing, error)| {
            // It may hold the very room that is missing.
            let _ = files.remove(&unfinished);
            if no_room(&error) { full(error) } else { LogError::io(doing, &unfinished, &error) }
        });
        let file = made?;
        files.rename(&unfinished, &path).map_err(|error| LogError::io("renaming", &unfinished, &error))?;
        files.sync_dir(dir).map_err(|error| LogError::io("syncing", dir, &error))?;
        Ok(Self { seq: header.seq, id: header.id, size: header.size, path, file })
    }

    /// Opens a segment that must be there, and checks its header and its size.
    pub(crate) fn open(files: &dyn Files, dir: &Path, seq: Seq, group: GroupId) -> Result<Self, LogError> {
        let path = dir.join(file_name(seq));
        let failed = |doing| move |error: io::Error| (doing, error);
        let read = || {
            let file = files.open(&path, Open::Write).map_err(failed("opening"))?;
            let len = file.len().map_err(failed("opening"))?;
            let mut bytes = [0; HEADER_BYTES as usize];
            if len >= u64::from(HEADER_BYTES) {
                file.read_exact_at(&mut bytes, 0).map_err(failed("reading"))?;
            }
            Ok((file, len, bytes))
        };
        let (file, len, bytes) = read().map_err(|(doing, error)| LogError::io(doing, &path, &error))?;
        let header = check(&path, seq, group, len, &bytes)?;
        Ok(Self { seq, id: header.id, size: header.size, path, file })
    }

    pub(crate) fn damaged(&self, offset: u32, reason: Damage) -> LogError {
        LogError::Damaged { path: self.path.clone(), offset: u64::from(offset), reason }
    }

    pub(crate) fn io(&self, doing: &'static str) -> impl FnOnce(io::Error) -> LogError + '_ {
        move |error| LogError::io(doing, &self.path, &error)
    }

    pub(crate) fn read(&self, at: u32, bytes: &mut [u8]) -> Result<(), LogError> {
        self.file.read_exact_at(bytes, u64::from(at)).map_err(self.io("reading"))
    }
}

pub(crate) fn remove_if_there(files: &dyn Files, path: &Path) -> Result<(), LogError> {
    match files.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LogError::io("removing", path, &error)),
        _ => Ok(()),
    }
}

type Failed = (&'static str, io::Error);

fn fill(files: &dyn Files, path: &Path, header: &Header) -> Result<Arc<dyn File>, Failed> {
    let failed = |doing| move |error: io::Error| (doing, error);
    let file = files.open(path, Open::New).map_err(failed("making"))?;
    match file.allocate(u64::from(header.size)) {
        // Not every file system can; writing the zeroes then takes the room.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        other => other.map_err(failed("making room for"))?,
    }
    let size = header.size as usize;
    let zeroes = vec![0; size.min(ZEROED_AT_ONCE)];
    for at in (0..size).step_by(ZEROED_AT_ONCE) {
        let some = zeroes.get(..zeroes.len().min(size - at)).unwrap_or_default();
        file.write_all_at(some, at as u64).map_err(failed("filling"))?;
        if at + some.len() < size {
            file.sync_data().map_err(failed("syncing"))?;
        }
    }
    file.write_all_at(&header.encode(), 0).map_err(failed("filling"))?;
    file.sync_data().map_err(failed("syncing"))?;
    Ok(file)
}

fn check(
    path: &Path,
    seq: Seq,
    group: GroupId,
    len: u64,
    bytes: &[u8; HEADER_BYTES as usize],
) -> Result<Header, LogError> {
    let damaged = |offset, reason| LogError::Damaged { path: path.to_owned(), offset, reason };
    if len < u64::from(HEADER_BYTES) {
        return Err(damaged(len, Damage::Size { found: len, expected: u64::from(HEADER_BYTES) }));
    }
    let header = Header::decode(bytes).map_err(|bad| match bad {
        BadHeader::Damage(offset, reason) => damaged(offset, reason),
        BadHeader::Format(found) => LogError::UnknownFormat { path: path.to_owned(), found },
    })?;
    if header.group != group {
        let found = header.group.get();
        return Err(LogError::ForeignGroup { path: path.to_owned(), found, expected: group });
    }
    if header.seq != seq {
        return Err(damaged(32, Damage::Sequence));
    }
    let expected = u64::from(header.size);
    if len != expected {
        return Err(damaged(len.min(expected), Damage::Size { found: len, expected }));
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_one_spelling_only() {
        let seq = Seq::from_u64(12).unwrap();
        assert_eq!(Name::read(&file_name(seq)), Name::Segment(seq));
        assert_eq!(Name::read("0000000012.log.new"), Name::Unfinished);
        for odd in ["12.log", "0000000000.log", "+000000012.log", "x.log", "9999999999.log"] {
            assert_eq!(Name::read(odd), Name::Odd, "{odd}");
        }
        assert_eq!(Name::read("identity"), Name::Other);
    }
}
