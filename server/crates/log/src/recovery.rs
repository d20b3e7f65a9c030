//! Opening a log: what is in the directory becomes an index, a standing and a place to go on writing.
//!
//! The segments are numbered without a gap. Of those behind the first only the last may be unfinished; any
//! that stand behind it were made ahead and are blank. Every segment but the one in use ends with a record
//! that names the next one, so none can be missing unnoticed: at the front the opening of the first one
//! left says what there was, at the back a closed segment asks for its successor, and a directory from
//! which all are gone still has its file `identity`.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use elastickv_sys::durable;
use elastickv_sys::files::{Files, SharedFiles};
use elastickv_types::{GroupId, LogIndex};

use crate::format::header::BadHeader;
use crate::format::{HEADER_BYTES, Header, Record, SegmentId, Seq, Standing, identity};
use crate::index::Index;
use crate::replay::Replay;
use crate::scan::{Scan, Step, Window};
use crate::segment::{Name, Segment, file_name, remove_if_there};
use crate::tail::Tail;
use crate::{Damage, LogError, Options};

const IDENTITY: &str = "identity";
const IDENTITY_LIMIT: u64 = 4096;

/// Where a log's files are and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub files: SharedFiles,
    pub dir: PathBuf,
    pub group: GroupId,
}

/// A segment and the entries in it.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    pub segment: Arc<Segment>,
    /// The last entry in it that still counts.
    pub last: Option<LogIndex>,
    /// The lowest index that any entry in it has, whether it counts or not.
    pub first: Option<LogIndex>,
}

impl Filled {
    pub(crate) fn blank(segment: Arc<Segment>) -> Self {
        Self { segment, last: None, first: None }
    }
}

#[derive(Debug)]
pub(crate) struct Recovered {
    pub index: Index,
    pub position: Position,
    /// Blank segments behind the current one.
    pub spares: VecDeque<Arc<Segment>>,
}

/// Where to go on writing.
#[derive(Debug)]
pub(crate) struct Position {
    pub standing: Standing,
    pub finished: VecDeque<Filled>,
    pub current: Filled,
    /// Where the next record goes in the current segment. What is before it is on the disk.
    pub at: u32,
    /// The segment before the current one.
    pub previous: Option<SegmentId>,
    /// Whether there are records that no later record says are on the disk.
    pub unsealed: bool,
}

pub(crate) fn recover(home: &Home, options: &Options) -> Result<Recovered, LogError> {
    let segments = find(home, options)?;
    let used = last_used(&segments)?;
    let mut replay = Replay::default();
    let mut end = End { at: HEADER_BYTES, unsealed: false };
    for (position, segment) in segments.iter().enumerate().take(used) {
        let stop = replay_segment(&mut replay, segment)?;
        end = match position + 1 == used {
            true => stop.mend(segment)?,
            false => stop.must_be_closed(segment, segments.get(position + 1))?,
        };
    }
    let recovered = assemble(segments, replay, end)?;
    home.files.sync_dir(&home.dir).map_err(|error| LogError::io("syncing", &home.dir, &error))?;
    Ok(recovered)
}

/// Opens every segment there is, in order; makes the first one in a new directory.
fn find(home: &Home, options: &Options) -> Result<Vec<Arc<Segment>>, LogError> {
    let (files, dir) = (home.files.as_ref(), home.dir.as_path());
    make_dir(files, dir)?;
    let (seqs, identified) = survey(files, dir)?;
    if identified {
        check_identity(home)?;
    }
    let mut segments = Vec::new();
    for (seq, expected) in seqs.iter().zip(counting_from(seqs.first())) {
        if *seq != expected {
            return Err(LogError::SegmentMissing { path: dir.join(file_name(expected)) });
        }
        segments.push(Arc::new(Segment::open(files, dir, *seq, home.group)?));
    }
    if segments.is_empty() {
        if identified {
            return Err(LogError::SegmentMissing { path: dir.join(file_name(Seq::FIRST)) });
        }
        let size = u32::try_from(options.first_segment_bytes).unwrap_or(u32::MAX);
        let id = SegmentId::from_random(options.random.u64());
        let header = Header { id, group: home.group, seq: Seq::FIRST, size };
        segments.push(Arc::new(Segment::create(files, dir, header)?));
    }
    if !identified {
        let path = dir.join(IDENTITY);
        durable::replace(files, &path, &identity::encode(home.group))
            .map_err(|error| LogError::io("writing", &path, &error))?;
    }
    Ok(segments)
}

fn make_dir(files: &dyn Files, dir: &Path) -> Result<(), LogError> {
    let failed = |doing| move |error: std::io::Error| LogError::io(doing, dir, &error);
    if files.exists(dir).map_err(failed("looking for"))? {
        return Ok(());
    }
    files.create_dir_all(dir).map_err(failed("making"))?;
    match dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => files.sync_dir(parent).map_err(failed("syncing the directory that holds")),
        None => Ok(()),
    }
}

/// The segments in a directory, in order, and whether it has an identity. Unfinished ones are removed.
fn survey(files: &dyn Files, dir: &Path) -> Result<(Vec<Seq>, bool), LogError> {
    let mut seqs = Vec::new();
    let mut identified = false;
    for name in files.list(dir).map_err(|error| LogError::io("listing", dir, &error))? {
        match Name::read(&name) {
            Name::Segment(seq) => seqs.push(seq),
            Name::Unfinished => remove_if_there(files, &dir.join(&name))?,
            Name::Odd => return Err(LogError::UnknownFile { path: dir.join(&name) }),
            Name::Other => identified |= name == IDENTITY,
        }
    }
    seqs.sort();
    Ok((seqs, identified))
}

fn counting_from(first: Option<&Seq>) -> impl Iterator<Item = Seq> {
    std::iter::successors(first.copied(), |seq| seq.next())
}

fn check_identity(home: &Home) -> Result<(), LogError> {
    let path = home.dir.join(IDENTITY);
    let bytes = home.files.read(&path, IDENTITY_LIMIT);
    let bytes = bytes.map_err(|error| LogError::io("reading", &path, &error))?;
    match identity::decode(&bytes) {
        Ok(group) if group == home.group.get() => Ok(()),
        Ok(found) => Err(LogError::ForeignGroup { path, found, expected: home.group }),
        Err(BadHeader::Damage(offset, reason)) => Err(LogError::Damaged { path, offset, reason }),
        Err(BadHeader::Format(found)) => Err(LogError::UnknownFormat { path, found }),
    }
}

/// How many segments there are up to the last one that is not blank.
fn last_used(segments: &[Arc<Segment>]) -> Result<usize, LogError> {
    for (position, segment) in segments.iter().enumerate().rev() {
        if !is_blank(segment)? {
            return Ok(position + 1);
        }
    }
    Ok(0)
}

fn is_blank(segment: &Segment) -> Result<bool, LogError> {
    let first = 8.min(segment.size - HEADER_BYTES);
    if Window::of(segment).bytes(HEADER_BYTES, first)?.iter().any(|byte| *byte != 0) {
        return Ok(false);
    }
    let tail = Tail::judge(segment, HEADER_BYTES, Damage::Nothing)?;
    Ok(tail.end == tail.at)
}

fn is_opened(segment: &Segment) -> Result<bool, LogError> {
    let first = Scan::of(segment).step()?;
    Ok(matches!(first, Step::Found(found) if matches!(found.record, Record::Open(_))))
}

/// Where the records of a segment stopped.
struct Stop {
    at: u32,
    /// The furthest point that a record says is on the disk.
    synced: u32,
    /// Where the last record ends that says anything new.
    told: u32,
    /// Why there is no further record; `None` behind the record that closes the segment.
    reason: Option<Damage>,
}

struct End {
    at: u32,
    unsealed: bool,
}

fn replay_segment(replay: &mut Replay, segment: &Segment) -> Result<Stop, LogError> {
    let mut scan = Scan::of(segment);
    let mut stop = Stop { at: HEADER_BYTES, synced: HEADER_BYTES, told: HEADER_BYTES, reason: None };
    loop {
        match scan.step()? {
            Step::Found(found) => {
                replay.apply(segment, &found)?;
                stop.at = scan.at();
                stop.synced = stop.synced.max(found.synced);
                match found.record {
                    Record::Open(_) | Record::Mark(_) => {}
                    Record::Close(_) => return Ok(Stop { told: stop.at, ..stop }),
                    _ => stop.told = stop.at,
                }
            }
            Step::Stopped(reason) => return Ok(Stop { reason: Some(reason), ..stop }),
        }
    }
}

impl Stop {
    /// The last segment in use: whatever lies behind its records is judged, and zeroed if it is a torn tail.
    fn mend(self, segment: &Segment) -> Result<End, LogError> {
        let tail = match self.reason {
            Some(reason) => Tail::judge(segment, self.at, reason)?,
            None => Tail::nothing(self.at),
        };
        tail.mend(segment, self.synced)?;
        Ok(End { at: self.at, unsealed: self.told > self.synced })
    }

    /// A segment behind which another one is in use.
    fn must_be_closed(self, segment: &Segment, next: Option<&Arc<Segment>>) -> Result<End, LogError> {
        match (self.reason, next) {
            (None, _) => Ok(End { at: self.at, unsealed: false }),
            (Some(Damage::Nothing), Some(next)) if !is_opened(next)? => {
                let tail = Tail::judge(next, HEADER_BYTES, Damage::NotBlank)?;
                Err(next.damaged(tail.first, Damage::NotBlank))
            }
            (Some(Damage::Nothing), _) => Err(segment.damaged(self.at, Damage::NotClosed)),
            (Some(reason), _) => Err(segment.damaged(self.at, reason)),
        }
    }
}

/// Finds the segment to go on in, and checks that none is missing on either side.
fn assemble(segments: Vec<Arc<Segment>>, replay: Replay, end: End) -> Result<Recovered, LogError> {
    check_front(&segments, &replay)?;
    let mut finished = VecDeque::new();
    let mut spares: VecDeque<_> = segments.into();
    let mut open = None;
    for told in &replay.segments {
        let Some(segment) = spares.pop_front() else { break };
        let filled = Filled { segment, last: told.last, first: told.first };
        match told.closed {
            None => open = Some(filled),
            Some(next) => {
                check_next(&filled.segment, next, spares.front())?;
                finished.push_back(filled);
            }
        }
    }
    let at = if open.is_some() { end.at } else { HEADER_BYTES };
    let blank = if open.is_some() { None } else { spares.pop_front().map(Filled::blank) };
    let current = open.or(blank).ok_or(LogError::Exhausted)?;
    let previous = finished.back().map(|before: &Filled| before.segment.id);
    let (standing, unsealed) = (replay.standing(), end.unsealed);
    let position = Position { standing, finished, current, at, previous, unsealed };
    Ok(Recovered { index: replay.index, position, spares })
}

/// What the first segment left says was before it has to be purged or truncated by now.
fn check_front(segments: &[Arc<Segment>], replay: &Replay) -> Result<(), LogError> {
    let first = segments.first().filter(|first| first.seq != Seq::FIRST);
    let Some(first) = first else { return Ok(()) };
    if replay.segments.is_empty() || !replay.index.is_whole() {
        let before = Seq::from_u64(u64::from(first.seq.get()) - 1).unwrap_or(Seq::FIRST);
        return Err(LogError::SegmentMissing { path: first.path.with_file_name(file_name(before)) });
    }
    Ok(())
}

fn check_next(closed: &Segment, next: SegmentId, found: Option<&Arc<Segment>>) -> Result<(), LogError> {
    let Some(found) = found else {
        let seq = closed.seq.next().ok_or(LogError::Exhausted)?;
        return Err(LogError::SegmentMissing { path: closed.path.with_file_name(file_name(seq)) });
    };
    match found.id == next {
        true => Ok(()),
        false => Err(found.damaged(16, Damage::Chain)),
    }
}
