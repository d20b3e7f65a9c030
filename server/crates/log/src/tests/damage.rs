//! Bytes that changed behind the log's back: found and named, or of no consequence. Never other entries,
//! never a panic.

use std::ops::Range;

use elastickv_sys::files::{Files, Open};
use elastickv_sys::memory::MemoryFiles;

use super::model::Model;
use super::*;
use crate::format::Record;
use crate::scan::{Found, Scan, Step};
use crate::segment::{Name, Segment};

const DIR: &str = "/example/log";

/// The files of a log, and what it holds.
struct Example {
    files: Arc<MemoryFiles>,
    holds: Model,
}

impl Example {
    fn new(options: Options) -> (Self, Log) {
        let files = MemoryFiles::shared();
        let log = Log::open(files.clone(), Path::new(DIR), group(), options).unwrap();
        fill(&log);
        (Self { files, holds: Model::of(&log) }, log)
    }

    /// The files as they are now, whatever the log does to them later.
    fn frozen(self) -> Self {
        Self { files: self.files.copy(), ..self }
    }

    /// Paths of segments, in order.
    fn segments(&self) -> Vec<PathBuf> {
        self.files
            .paths()
            .into_iter()
            .filter(|path| path.extension().is_some_and(|end| end == "log"))
            .collect()
    }

    fn bytes(&self, path: &Path) -> Vec<u8> {
        self.files.get(path).unwrap()
    }

    fn records(&self, path: &Path) -> Vec<Found> {
        let Name::Segment(seq) = Name::read(path.file_name().unwrap().to_str().unwrap()) else {
            panic!("{path:?}")
        };
        let segment = Segment::open(self.files.as_ref(), Path::new(DIR), seq, group()).unwrap();
        let mut scan = Scan::of(&segment);
        let mut records = Vec::new();
        while let Ok(Step::Found(found)) = scan.step() {
            records.push(found);
        }
        records
    }

    /// What opening gives if a file has these bytes instead. Nothing in the example changes.
    fn opened_with(&self, path: &Path, bytes: &[u8]) -> Result<Model, LogError> {
        let copy = self.files.copy();
        copy.put(path, bytes.to_vec());
        Model::read(copy, Path::new(DIR), group())
    }
}

/// Several segments: votes, terms, a truncation, a purge and a committed id.
fn fill(log: &Log) {
    log.vote_now(vote(1)).unwrap();
    for index in 0..20 {
        log.append_now(vec![entry(1, index, &[index as u8; 201])]).unwrap();
    }
    log.truncate_now(Some(at(17))).unwrap();
    log.vote_now(vote(2)).unwrap();
    log.append_now(vec![entry(2, 18, b"eighteen"), entry(2, 19, b"")]).unwrap();
    log.purge_now(id(1, 3)).unwrap();
    log.save_committed(Some(id(1, 10)));
    log.append_now(vec![entry(2, 20, &[20; 33])]).unwrap();
}

fn closed() -> Example {
    let (example, log) = Example::new(small());
    log.close().unwrap();
    example
}

/// As a kill or a power loss would leave it, some time after the last answer.
fn marked() -> Example {
    let (example, _log) = Example::new(Options { seal_after: Duration::from_millis(1), ..small() });
    let sealed = |path: &PathBuf| example.records(path).last().is_some_and(is_seal);
    wait_until(|| example.segments().iter().any(sealed));
    example.frozen()
}

/// As a kill would leave it right after the last answer.
fn unmarked() -> Example {
    let (example, _log) = Example::new(small());
    example.frozen()
}

fn is_seal(found: &Found) -> bool {
    matches!(found.record, Record::Mark(_)) && found.synced == found.at
}

/// Where the record ends that is the last of these.
fn end_of(records: &[Found]) -> usize {
    records.last().map_or(64, |last| (last.at + 32 + last.body).next_multiple_of(8) as usize)
}

/// A damaged file is named, with a place in it.
fn names(error: &LogError, path: &Path) -> bool {
    let expected = path.file_name();
    match error {
        LogError::Damaged { path, offset, .. } => path.file_name() == expected && *offset < 1 << 20,
        LogError::UnknownRecord { path, .. } | LogError::UnknownFormat { path, .. } => {
            path.file_name() == expected
        }
        LogError::ForeignGroup { path, .. } => path.file_name() == expected,
        _ => false,
    }
}

/// Changes every byte of every file in several ways. Where it may pass unnoticed the log must still hold
/// the same, committed ids aside; elsewhere it must be refused and the place named.
fn flip_everything(example: &Example, may_pass: impl Fn(&Path, usize) -> bool) {
    let mut files = example.segments();
    files.push(Path::new(DIR).join("identity"));
    let (mut refused, mut passed) = (0, 0);
    for path in files {
        let good = example.bytes(&path);
        for at in 0..good.len() {
            for change in [0x01, 0x80, 0xff, good[at]] {
                let mut bad = good.clone();
                bad[at] ^= change;
                if bad == good {
                    continue;
                }
                match example.opened_with(&path, &bad) {
                    Err(error) => {
                        assert!(names(&error, &path), "{path:?} byte {at} ^ {change:#x}: {error}");
                        refused += 1;
                    }
                    Ok(found) => {
                        assert!(may_pass(&path, at), "{path:?} byte {at} ^ {change:#x} went unnoticed");
                        let same = Model { committed: example.holds.committed, ..found };
                        assert_eq!(same, example.holds, "{path:?} byte {at} ^ {change:#x}");
                        passed += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 10_000 && passed > 100, "{refused} refused, {passed} passed");
}

/// What carries nothing: zeroes behind the records, and a mark that is the last record of all.
fn carries_nothing(example: &Example) -> impl Fn(&Path, usize) -> bool {
    let records: Vec<_> = example.segments().into_iter().map(|path| (example.records(&path), path)).collect();
    let last_used = records.iter().rposition(|(records, _)| !records.is_empty()).unwrap();
    let ends = records.into_iter().enumerate().map(move |(position, (mut records, path))| {
        if position == last_used && records.last().is_some_and(is_seal) {
            records.pop();
        }
        (path, end_of(&records))
    });
    let ends: Vec<_> = ends.collect();
    move |path, at| ends.iter().any(|(known, end)| known == path && at >= *end)
}

#[test]
fn every_changed_byte_of_a_closed_log_is_found() {
    let example = closed();
    assert!(example.segments().len() >= 3);
    flip_everything(&example, carries_nothing(&example));
}

#[test]
fn every_changed_byte_of_a_log_left_alone_for_a_moment_is_found() {
    let example = marked();
    flip_everything(&example, carries_nothing(&example));
}

/// In the last batch a change looks like a torn write: some of its entries may be missing then, and nothing
/// else is different. Everywhere before it a change is found.
#[test]
fn in_the_last_batch_a_changed_byte_at_worst_looks_like_a_torn_write() {
    let example = unmarked();
    let path = example.segments().into_iter().rfind(|path| !example.records(path).is_empty()).unwrap();
    let batch = last_batch(&example.records(&path));
    let good = example.bytes(&path);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        match example.opened_with(&path, &bad) {
            Err(error) => assert!(names(&error, &path) && !batch.contains(&at), "byte {at}: {error}"),
            Ok(found) if at < batch.start => panic!("byte {at} went unnoticed: {found:?}"),
            Ok(found) if at >= batch.end => assert_eq!(found, example.holds, "byte {at}"),
            Ok(found) => {
                let held = &example.holds;
                assert!(held.entries.starts_with(&found.entries), "byte {at}");
                assert!(found.entries.len() + 1 >= held.entries.len(), "byte {at}");
                assert_eq!((found.vote, found.purged), (held.vote, held.purged), "byte {at}");
            }
        }
    }
}

/// Of two entries that were written together the first is torn. What comes in its place is just as long, and
/// directly behind it there would be the old second one.
#[test]
fn what_was_behind_a_torn_entry_does_not_come_back() {
    let files = MemoryFiles::shared();
    let log = Log::open(files.clone(), Path::new(DIR), group(), small()).unwrap();
    log.append_now(vec![entry(1, 0, &[1; 40]), entry(1, 1, &[1; 40])]).unwrap();
    let killed = files.copy();
    let path = Path::new(DIR).join("0000000001.log");
    let mut bytes = killed.get(&path).unwrap();
    bytes[64 + 112 + 60] ^= 1;
    killed.put(&path, bytes);
    let log = Log::open(killed.clone(), Path::new(DIR), group(), small()).unwrap();
    assert_eq!(log.everything(), []);
    log.append_now(vec![entry(1, 0, &[2; 40])]).unwrap();
    let found = Model::read(killed.copy(), Path::new(DIR), group()).unwrap();
    assert_eq!(found.entries, [entry(1, 0, &[2; 40])]);
}

/// From where the last batch begins to where it ends.
fn last_batch(records: &[Found]) -> Range<usize> {
    let synced = records.iter().map(|found| found.synced).max().unwrap();
    synced as usize..end_of(records)
}

#[test]
fn a_segment_cut_short_anywhere_is_found() {
    let example = closed();
    for path in example.segments() {
        let good = example.bytes(&path);
        for len in 0..good.len() {
            let error = example.opened_with(&path, &good[..len]).unwrap_err();
            assert!(
                matches!(&error, LogError::Damaged { offset, .. } if *offset == len as u64)
                    && names(&error, &path),
                "{path:?} cut to {len}: {error}"
            );
        }
        let longer = [good.as_slice(), &[0; 8]].concat();
        assert!(names(&example.opened_with(&path, &longer).unwrap_err(), &path));
    }
}

/// A disk that loses a stretch gives back zeroes. Only if the mark at the very end is lost with it can this
/// look like a log that never was any longer.
#[test]
fn a_stretch_that_became_zero_is_found() {
    let example = closed();
    let passes = carries_nothing(&example);
    let mut found = 0;
    for path in example.segments() {
        let good = example.bytes(&path);
        let seal = example.records(&path).last().filter(|last| is_seal(last)).map(|last| last.at as usize);
        for (from, len) in (0..good.len()).step_by(8).flat_map(|from| [8, 64, 512].map(|len| (from, len))) {
            let mut bad = good.clone();
            bad.iter_mut().skip(from).take(len).for_each(|byte| *byte = 0);
            let reaches_the_end = seal.is_some_and(|seal| from + len > seal);
            if bad == good || passes(&path, from) || reaches_the_end {
                continue;
            }
            let error = example.opened_with(&path, &bad).expect_err("a hole");
            assert!(names(&error, &path), "{path:?} {from}+{len}: {error}");
            found += 1;
        }
    }
    assert!(found > 500, "only {found} holes");
}

#[test]
fn a_missing_or_exchanged_segment_is_found() {
    let example = closed();
    let files = example.segments();
    let in_use = files.iter().filter(|path| !example.records(path).is_empty()).count();
    for (position, path) in files.iter().enumerate() {
        let copy = example.files.copy();
        copy.remove(path).unwrap();
        match Model::read(copy, Path::new(DIR), group()) {
            Ok(found) => assert!(position >= in_use && found == example.holds, "{path:?}"),
            Err(LogError::SegmentMissing { path: missing }) => assert_eq!(&missing, path),
            Err(other) => panic!("{path:?}: {other}"),
        }
        let next = &files[(position + 1) % files.len()];
        let exchanged = example.opened_with(path, &example.bytes(next)).unwrap_err();
        assert!(names(&exchanged, path), "{exchanged}");
    }
    let copy = example.files.copy();
    files.iter().for_each(|path| copy.remove(path).unwrap());
    let nothing = Model::read(copy, Path::new(DIR), group());
    assert!(matches!(nothing, Err(LogError::SegmentMissing { .. })));
}

/// A segment put back from an earlier time, when the log was shorter.
#[test]
fn an_older_version_of_a_finished_segment_is_found() {
    let files = MemoryFiles::shared();
    let log = Log::open(files.clone(), Path::new(DIR), group(), small()).unwrap();
    log.append_now(vec![entry(1, 0, b"old")]).unwrap();
    let first = Path::new(DIR).join("0000000001.log");
    let old = files.get(&first).unwrap();
    for index in 1..30 {
        log.append_now(vec![entry(1, index, &[1; 100])]).unwrap();
    }
    let holds = Model::of(&log);
    log.close().unwrap();
    let error = Example { files, holds }.opened_with(&first, &old).unwrap_err();
    let reason = crate::Damage::NotClosed;
    assert!(matches!(&error, LogError::Damaged { reason: found, .. } if *found == reason), "{error}");
}

#[test]
fn records_moved_within_a_segment_are_found() {
    let example = closed();
    let path = example.segments().remove(0);
    let good = example.bytes(&path);
    let records = example.records(&path);
    let same_len: Vec<_> = records.iter().filter(|found| found.body == 16 + 201).collect();
    let (one, two) = (same_len[0].at as usize, same_len[1].at as usize);
    let len = two - one;
    let mut bad = good.clone();
    bad[one..one + len].copy_from_slice(&good[two..two + len]);
    bad[two..two + len].copy_from_slice(&good[one..one + len]);
    let error = example.opened_with(&path, &bad).unwrap_err();
    assert!(names(&error, &path), "{error}");
}

#[test]
fn damage_that_comes_while_the_log_is_open_is_found_by_reading() {
    let files = MemoryFiles::shared();
    let log =
        Log::open(files.clone(), Path::new(DIR), group(), Options { cache_bytes: 0, ..small() }).unwrap();
    log.append_now(vec![entry(1, 0, &[7; 300]), entry(1, 1, &[8; 300])]).unwrap();
    let path = Path::new(DIR).join("0000000001.log");
    let holds = Model::of(&log);
    let example = Example { files, holds };
    let second = example.records(&path)[2].at;
    let file = example.files.open(&path, Open::Write).unwrap();
    for (place, what) in [(second + 5, "frame"), (second + 40, "log id"), (second + 200, "payload")] {
        let good = example.bytes(&path)[place as usize];
        file.write_all_at(&[good ^ 4], u64::from(place)).unwrap();
        let error = log.read(at(0), at(2), 1000).unwrap_err();
        assert!(names(&error, &path), "{what}: {error}");
        file.write_all_at(&[good], u64::from(place)).unwrap();
    }
    assert_eq!(log.everything().len(), 2);
}

#[test]
fn a_file_that_is_almost_named_like_a_segment_is_not_skipped() {
    let example = closed();
    let odd = Path::new(DIR).join("1.log");
    example.files.put(&odd, vec![]);
    let found = Model::read(example.files, Path::new(DIR), group());
    assert_eq!(found, Err(LogError::UnknownFile { path: odd }));
}
