//! Reading a snapshot, checking all of it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use elastickv_sys::files::{File, Files, Open};
use elastickv_types::{GroupId, LogIndex, RequestId, Timestamp};

use super::{
    FRAME_BYTES, HEADER_V2_LEN, LONGEST_SECTION, MAGIC_V1, MAGIC_V2, SnapshotError, SnapshotHead, TAG_END,
    TAG_LOCKS, TAG_OVER, TAG_REQUESTS, TAG_ROWS, TAG_STATE,
};
use crate::command::request_drawn_at;
use crate::perform::read_lock;
use crate::state::{First, Locks, Over, Sessions};

/// An id, a timestamp and an index.
const REQUEST_BYTES: usize = 32;
/// A timestamp, how it ended, a timestamp and an index.
const OVER_BYTES: usize = 25;

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
    /// The kind of section that was read last, of those that come in order.
    reading: Kind,
    last_request: Option<RequestId>,
    requests: usize,
    last_over: Option<Timestamp>,
    over: usize,
    locks: usize,
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

/// What one section holds.
#[derive(Debug)]
pub enum SnapshotSection {
    Requests(Vec<(RequestId, First)>),
    Over(Vec<(Timestamp, Over)>),
    /// With values as they are stored, and with what their keys say.
    Locks(Rows),
    Rows(Rows),
}

/// In the order in which they come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Kind {
    Requests,
    Over,
    Locks,
    Rows,
}

impl SnapshotReader {
    pub fn open(files: &dyn Files, path: &Path, group: GroupId) -> Result<Self, SnapshotError> {
        let name = path.display().to_string();
        let io_error = |error| SnapshotError::Io { file: name.clone(), error };
        let file = files.open(path, Open::Read).map_err(io_error)?;
        let len = file.len().map_err(io_error)?;
        let mut section = RawSection { file: &*file, name: &name, len, offset: 0 };
        let (ceiling_ms, cutover) = section.header()?;
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
        if head.applied.state.ceiling.unix_ms() != ceiling_ms {
            return Err(damaged("the header and the state name different ceilings".to_owned()));
        }
        Ok(Self {
            file,
            name,
            len,
            offset,
            head,
            reading: Kind::Requests,
            last_request: None,
            requests: 0,
            last_over: None,
            over: 0,
            locks: 0,
            last_key: None,
            rows: 0,
            sections: 1,
        })
    }

    pub fn head(&self) -> &SnapshotHead {
        &self.head
    }

    /// Bytes read so far, of [`SnapshotReader::len`].
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next section; `None` once the end section has confirmed that none is missing.
    pub fn next_section(&mut self) -> Result<Option<SnapshotSection>, SnapshotError> {
        let at = self.offset;
        let mut section = RawSection { file: &*self.file, name: &self.name, len: self.len, offset: at };
        let (tag, body) = section.next()?;
        self.offset = section.offset;
        self.sections += 1;
        let result = match tag {
            TAG_REQUESTS => self.split_requests(&body).map(SnapshotSection::Requests).map(Some),
            TAG_OVER => self.split_over(&body).map(SnapshotSection::Over).map(Some),
            TAG_LOCKS => self.check_locks(body).map(SnapshotSection::Locks).map(Some),
            TAG_ROWS => self.check_rows(body).map(SnapshotSection::Rows).map(Some),
            TAG_END => self.check_end(body).map(|()| None),
            _ => Err(format!("a section has tag {tag:#04x}, which has no meaning here")),
        };
        result.map_err(|reason| SnapshotError::Damaged { file: self.name.clone(), offset: at, reason })
    }

    /// Sections of one kind follow those of another.
    fn begin(&mut self, kind: Kind) -> Result<(), String> {
        if kind < self.reading {
            return Err("it is not in its place".to_owned());
        }
        if kind > self.reading {
            self.last_key = None;
        }
        self.reading = kind;
        Ok(())
    }

    fn split_over(&mut self, body: &[u8]) -> Result<Vec<(Timestamp, Over)>, String> {
        self.begin(Kind::Over)?;
        let (chunks, rest) = body.as_chunks::<OVER_BYTES>();
        if !rest.is_empty() {
            return Err("a transaction in it is cut".to_owned());
        }
        self.over += chunks.len();
        if self.over > Locks::MOST_OVER {
            return Err("it has more transactions than are remembered".to_owned());
        }
        let mut all = Vec::with_capacity(chunks.len());
        for mut chunk in chunks.iter().map(<[u8; OVER_BYTES]>::as_slice) {
            let start_ts = Timestamp::from_u64(chunk.get_u64());
            if self.last_over.replace(start_ts).is_some_and(|last| last >= start_ts) {
                return Err("its transactions are not in order".to_owned());
            }
            let over = match (chunk.get_u8(), chunk.get_u64(), chunk.get_u64()) {
                (0, 0, 0) => Over::RolledBack,
                (1, commit_ts, index) => Over::Committed(First {
                    commit_ts: Timestamp::from_u64(commit_ts),
                    index: LogIndex::new(index),
                }),
                _ => return Err("one of its transactions ended in no known way".to_owned()),
            };
            all.push((start_ts, over));
        }
        Ok(all)
    }

    fn check_locks(&mut self, body: Bytes) -> Result<Rows, String> {
        self.begin(Kind::Locks)?;
        self.locks += self.check_order(&body)?;
        if self.locks > Locks::MOST {
            return Err("it has more locks than there can be".to_owned());
        }
        for (key, _) in Rows(body.clone()) {
            read_lock(&key).map_err(|reason| format!("a key in it is not that of a lock: {reason}"))?;
        }
        Ok(Rows(body))
    }

    fn split_requests(&mut self, body: &[u8]) -> Result<Vec<(RequestId, First)>, String> {
        let (chunks, rest) = body.as_chunks::<REQUEST_BYTES>();
        self.begin(Kind::Requests)?;
        if !rest.is_empty() {
            return Err("a request in it is cut".to_owned());
        }
        self.requests += chunks.len();
        if self.requests > Sessions::MOST {
            return Err("it has more requests than are remembered".to_owned());
        }
        let mut requests = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            requests.push(self.request(chunk)?);
        }
        Ok(requests)
    }

    fn request(&mut self, mut chunk: &[u8]) -> Result<(RequestId, First), String> {
        let mut id = [0; 16];
        chunk.copy_to_slice(&mut id);
        let request = RequestId::from_bytes(id);
        let (commit_ts, index) = (chunk.get_u64(), chunk.get_u64());
        if request_drawn_at(&request).is_none() {
            return Err("one of its requests does not tell its time".to_owned());
        }
        if self.last_request.replace(request).is_some_and(|last| last >= request) {
            return Err("its requests are not in order".to_owned());
        }
        Ok((request, First { commit_ts: Timestamp::from_u64(commit_ts), index: LogIndex::new(index) }))
    }

    fn check_rows(&mut self, body: Bytes) -> Result<Rows, String> {
        self.begin(Kind::Rows)?;
        self.rows += self.check_order(&body)? as u64;
        Ok(Rows(body))
    }

    /// Counts pairs that come in order, over all sections of their kind.
    fn check_order(&mut self, body: &Bytes) -> Result<usize, String> {
        let (mut rest, mut count) = (body.clone(), 0);
        while rest.has_remaining() {
            let key = take_part(&mut rest)?;
            take_part(&mut rest)?;
            if self.last_key.as_ref().is_some_and(|last| *last >= key) {
                return Err("its rows are not in key order".to_owned());
            }
            self.last_key = Some(key);
            count += 1;
        }
        Ok(count)
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
    /// Reads the header and tells the ceiling and the cutover that it names.
    fn header(&mut self) -> Result<(u64, Option<LogIndex>), SnapshotError> {
        let mut magic = [0; 8];
        self.read(&mut magic, "the header")?;
        match &magic {
            MAGIC_V1 => {
                let mut ceiling_ms = [0; 8];
                self.read(&mut ceiling_ms, "the header")?;
                Ok((u64::from_be_bytes(ceiling_ms), None))
            }
            MAGIC_V2 => self.header_v2().map(|(ceiling_ms, cutover)| (ceiling_ms, Some(cutover))),
            _ => Err(SnapshotError::HeaderUnknownMagic { file: self.name.to_owned(), found: magic }),
        }
    }

    /// What later versions put behind the cutover is theirs.
    fn header_v2(&mut self) -> Result<(u64, LogIndex), SnapshotError> {
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
        Ok((fields.get_u64(), LogIndex::new(fields.get_u64())))
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
