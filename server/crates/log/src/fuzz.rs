//! Opening whatever bytes somebody hands over.

use std::path::Path;
use std::sync::Arc;

use elastickv_sys::files::SharedFiles;
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::{GroupId, LogId, LogIndex};

use crate::format::{HEADER_BYTES, Header, Seq, identity};
use crate::index::Slot;
use crate::read::Run;
use crate::recovery::{Home, recover};
use crate::segment::file_name;
use crate::{Entry, LogError, Options, Vote};

/// What a log holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Contents {
    pub entries: Vec<Entry>,
    pub purged: Option<LogId>,
    pub last: Option<LogId>,
    pub vote: Option<Vote>,
    pub committed: Option<LogId>,
}

impl Contents {
    /// Opens a log, without a thread to write it, and reads all of it.
    pub(crate) fn read(files: SharedFiles, dir: &Path, group: GroupId) -> Result<Self, LogError> {
        let home = Home { files, dir: dir.to_owned(), group };
        let recovered = recover(&home, &Options::default())?;
        let (index, position) = (recovered.index, recovered.position);
        let segments = || position.finished.iter().chain([&position.current]).map(|filled| &filled.segment);
        let mut entries = Vec::new();
        for at in (index.first_index().get()..index.next_index().get()).map(LogIndex::new) {
            let (Some(id), Some(Slot::Written(place))) = (index.id_at(at), index.slot(at)) else {
                return Err(LogError::Lost { index: at });
            };
            let segment = segments().find(|segment| segment.seq == place.seq);
            let segment = segment.ok_or(LogError::Lost { index: at })?;
            Run::new(Arc::clone(segment), id, place).read(&mut entries)?;
        }
        let standing = position.standing;
        let committed = standing.committed.filter(|id| index.holds(*id));
        Ok(Self { entries, purged: index.purged(), last: index.last(), vote: standing.vote, committed })
    }
}

/// Takes these bytes for the only segment of a log and opens it. Whatever they are, this returns; and what
/// opened once opens again, with the same content. Panics are the failures that a fuzzer looks for.
pub fn fuzz(data: &[u8]) {
    let dir = Path::new("/log");
    let claimed =
        data.first_chunk::<{ HEADER_BYTES as usize }>().and_then(|bytes| Header::decode(bytes).ok());
    let group = claimed.map_or(GroupId::CONTROL, |header| header.group);
    let seq = claimed.map_or(Seq::FIRST, |header| header.seq);
    let files = MemoryFiles::shared();
    files.put(&dir.join("identity"), identity::encode(group));
    files.put(&dir.join(file_name(seq)), data.to_vec());
    if let Ok(first) = Contents::read(files.clone(), dir, group) {
        let second = Contents::read(files.clone(), dir, group);
        assert_eq!(Ok(first), second, "opened twice, it holds something else");
    }
    let (asked, given) = (files.largest_read(), data.len().max(HEADER_BYTES as usize));
    assert!(asked <= given, "{asked} bytes were asked for of {given}");
}
