//! Reading a snapshot, checking all of it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use elastickv_sys::files::{File, Files, Open};
use elastickv_types::{GroupId, LogIndex};

use super::{
    FRAME_BYTES, HEADER_V2_LEN, LONGEST_SECTION, MAGIC_V1, MAGIC_V2, SnapshotError, SnapshotHead, TAG_END,
    TAG_ROWS, TAG_STATE,
};

/// Reads what a snapshot stands for, without its rows.
pub fn read_head(files: &dyn Files, path: &Path, group: GroupId) -> Result<SnapshotHead, SnapshotError> {
    SnapshotReader::open(files, path, group).map(|reader| reader.head)
}

/// A snapshot being read; rows are handed out only from sections whose checksum holds.
#[derive(Debug)]
pub struct SnapshotReader {
    file: Arc<dyn File>,
    name: String,
    len: u64,
    offset: u64,
    head: SnapshotHead,
    last_key: Option<Bytes>,
    rows: u64,
    sections: u64,
}

/// The rows of one section: keys with values as they are stored. They are known to be whole and in order, and
/// are taken out of the section one at a time: a list of them would be seven times as large as rows can be small.
pub struct Rows(Bytes);

// What is in it is the users'.
impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rows({} bytes)", self.0.len())
    }
}

impl Iterator for Rows {
    type Item = (Bytes, Bytes);

    fn next(&mut self) -> Option<(Bytes, Bytes)> {
        take_part(&mut self.0).ok().zip(take_part(&mut self.0).ok())
    }
}

impl SnapshotReader {
    pub fn open(files: &dyn Files, path: &Path, group: GroupId) -> Result<Self, SnapshotError> {
        let name = path.display().to_string();
        let io_error = |error| SnapshotError::Io { file: name.clone(), error };
        let file = files.open(path, Open::Read).map_err(io_error)?;
        let len = file.len().map_err(io_error)?;
        let mut section = RawSection { file: &*file, name: &name, len, offset: 0 };
        let cutover = section.header()?;
        let start = section.offset;
        let (tag, body) = section.next()?;
        let offset = section.offset;
        let damaged = |reason: String| SnapshotError::Damaged { file: name.clone(), offset: start, reason };
        if tag != TAG_STATE {
            return Err(damaged(format!("the first section has tag {tag:#04x}, not that of the state")));
        }
        let head = SnapshotHead::decode(&body).map_err(damaged)?;
        if head.group != group {
            return Err(SnapshotError::OtherGroup { file: name, found: head.group.get(), expected: group });
        }
        if head.applied.state.raft.cutover != cutover {
            return Err(damaged("the header and the state name different cutovers".to_owned()));
        }
        Ok(Self { file, name, len, offset, head, last_key: None, rows: 0, sections: 1 })
    }

    pub fn head(&self) -> &SnapshotHead {
        &self.head
    }

    /// Bytes read so far, of [`SnapshotReader::len`].
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The rows of the next section; `None` once the end section has confirmed that none is missing.
    pub fn next_rows(&mut self) -> Result<Option<Rows>, SnapshotError> {
        let at = self.offset;
        let mut section = RawSection { file: &*self.file, name: &self.name, len: self.len, offset: at };
        let (tag, body) = section.next()?;
        self.offset = section.offset;
        self.sections += 1;
        let result = match tag {
            TAG_ROWS => self.check_rows(body).map(Some),
            TAG_END => self.check_end(body).map(|()| None),
            _ => Err(format!("a section has tag {tag:#04x}, which has no meaning here")),
        };
        result.map_err(|reason| SnapshotError::Damaged { file: self.name.clone(), offset: at, reason })
    }

    fn check_rows(&mut self, body: Bytes) -> Result<Rows, String> {
        let mut rest = body.clone();
        while rest.has_remaining() {
            let key = take_part(&mut rest)?;
            take_part(&mut rest)?;
            if self.last_key.as_ref().is_some_and(|last| *last >= key) {
                return Err("its rows are not in key order".to_owned());
            }
            self.last_key = Some(key);
            self.rows += 1;
        }
        Ok(Rows(body))
    }

    fn check_end(&self, mut body: Bytes) -> Result<(), String> {
        let mut count = || body.try_get_u64().map_err(|_| "the end section is too short".to_owned());
        let (rows, sections) = (count()?, count()?);
        if (rows, sections) != (self.rows, self.sections) {
            let (found_rows, found) = (self.rows, self.sections);
            return Err(format!(
                "{found_rows} rows in {found} sections were read, {rows} in {sections} were written"
            ));
        }
        if self.offset != self.len {
            return Err(format!("{} bytes follow its end", self.len.saturating_sub(self.offset)));
        }
        Ok(())
    }
}

fn take_part(body: &mut Bytes) -> Result<Bytes, String> {
    let len = body.try_get_u32().map_err(|_| "a row's length is cut short")? as usize;
    if len > body.remaining() {
        return Err(format!("a row claims {len} bytes where {} are left", body.remaining()));
    }
    Ok(body.split_to(len))
}

struct RawSection<'a> {
    file: &'a dyn File,
    name: &'a str,
    len: u64,
    offset: u64,
}

impl RawSection<'_> {
    /// Reads the header and tells the cutover that it names.
    fn header(&mut self) -> Result<Option<LogIndex>, SnapshotError> {
        let mut magic = [0; 8];
        self.read(&mut magic, "the header")?;
        match &magic {
            MAGIC_V1 => {
                self.read(&mut [0; 8], "the header")?;
                Ok(None)
            }
            MAGIC_V2 => self.header_v2().map(Some),
            _ => Err(SnapshotError::HeaderUnknownMagic { file: self.name.to_owned(), found: magic }),
        }
    }

    /// What later versions put behind the cutover is theirs.
    fn header_v2(&mut self) -> Result<LogIndex, SnapshotError> {
        let mut len = [0; 2];
        self.read(&mut len, "the header")?;
        let len = u16::from_be_bytes(len);
        if !HEADER_V2_LEN.contains(&len) {
            let reason = format!("its header claims {len} bytes");
            return Err(SnapshotError::Damaged { file: self.name.to_owned(), offset: self.offset, reason });
        }
        let mut fields = vec![0; usize::from(len)];
        self.read(&mut fields, "the header")?;
        let mut fields = fields.as_slice();
        let _ceiling_ms = fields.get_u64();
        Ok(LogIndex::new(fields.get_u64()))
    }

    /// Reads a section and checks it. Its length is bounded before anything is allocated for it.
    fn next(&mut self) -> Result<(u8, Bytes), SnapshotError> {
        let start = self.offset;
        let damaged =
            |reason: String| SnapshotError::Damaged { file: self.name.to_owned(), offset: start, reason };
        let mut frame = [0; 9];
        let left = self.len.saturating_sub(start);
        if left < FRAME_BYTES {
            return Err(damaged(format!("{left} bytes are left, too few for a section")));
        }
        self.read(&mut frame, "a section's frame")?;
        let mut fields = frame.as_slice();
        let (tag, len) = (fields.get_u8(), fields.get_u64());
        if len > LONGEST_SECTION || len > left - FRAME_BYTES {
            return Err(damaged(format!("a section claims {len} bytes where {left} are left")));
        }
        let mut body = vec![0; len as usize + 4];
        self.read(&mut body, "a section")?;
        let mut body = Bytes::from(body);
        let mut crc = body.split_off(len as usize);
        let computed = crc32c::crc32c_append(crc32c::crc32c(&frame), &body);
        let stored = crc.get_u32();
        if computed != stored {
            let reason = format!("a section's checksum is {computed:08x}, {stored:08x} was written");
            return Err(SnapshotError::Damaged { file: self.name.to_owned(), offset: start, reason });
        }
        Ok((tag, body))
    }

    fn read(&mut self, bytes: &mut [u8], what: &str) -> Result<(), SnapshotError> {
        self.file.read_exact_at(bytes, self.offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => SnapshotError::Damaged {
                file: self.name.to_owned(),
                offset: self.offset,
                reason: format!("it ends within {what}"),
            },
            _ => SnapshotError::Io { file: self.name.to_owned(), error },
        })?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
}
