//! Segments of the Raft log (docs/formats/raft-log.md).

use std::path::Path;

use elastickv_log::{Entry, Log, Options};
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::{GroupId, LogId, LogIndex, Term};

use super::LARGE;
use crate::{Memory, Target, no_output};

/// The log reads through buffers of its own; what it was asked to read it checks itself.
const BUFFERS: usize = 256 << 10;

pub const SEGMENT: Target = Target {
    name: "log-segment",
    decode: elastickv_log::fuzz,
    seeds: segments,
    costly: costly_segments,
    output: no_output,
    memory: Memory { times: 16, beside: BUFFERS },
};

fn segments() -> Vec<Vec<u8>> {
    written(2048, (0..8).map(|at| entry(1, at, at as usize * 9)).collect())
}

/// As many entries as there can be, each of another term.
fn costly_segments() -> Vec<Vec<u8>> {
    let most = LARGE / 48 - 8;
    [most, 514]
        .map(|count| written(LARGE as u64, (0..count as u64).map(|at| entry(at, at, 0)).collect()))
        .concat()
}

fn entry(term: u64, at: u64, len: usize) -> Entry {
    Entry::new(LogId::new(Term::new(term), LogIndex::new(at)), vec![at as u8; len])
}

/// The segments that it takes to write these entries.
fn written(bytes: u64, entries: Vec<Entry>) -> Vec<Vec<u8>> {
    let files = MemoryFiles::shared();
    let options = Options { first_segment_bytes: bytes, largest_segment_bytes: bytes, ..Options::default() };
    let log =
        Log::open(files.clone(), Path::new("/seed"), GroupId::CONTROL, options).expect("memory makes a log");
    let (appended, wait) = std::sync::mpsc::channel();
    drop(log.append(entries, Box::new(move |done| drop(appended.send(done)))));
    drop(wait.recv());
    drop(log.close());
    let segments = files.paths().into_iter().filter(|path| path.extension().is_some_and(|end| end == "log"));
    segments.filter_map(|path| files.get(&path)).collect()
}
