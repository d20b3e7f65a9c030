//! Segments of the Raft log (docs/formats/raft-log.md).

use std::path::Path;

use elastickv_log::{Entry, Log, Options};
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::{GroupId, LogId, LogIndex, Term};

use crate::{Memory, Target, none_costly};

/// The log reads through buffers of its own; what it was asked to read it checks itself.
const BUFFERS: usize = 256 << 10;

pub const SEGMENT: Target = Target {
    name: "log-segment",
    decode: elastickv_log::fuzz,
    seeds: segments,
    costly: none_costly,
    memory: Memory { times: 16, beside: BUFFERS },
};

fn segments() -> Vec<Vec<u8>> {
    let files = MemoryFiles::shared();
    let options = Options { first_segment_bytes: 2048, largest_segment_bytes: 2048, ..Options::default() };
    let log =
        Log::open(files.clone(), Path::new("/seed"), GroupId::CONTROL, options).expect("memory makes a log");
    let (appended, wait) = std::sync::mpsc::channel();
    let entries = (0..8_u8).map(|at| {
        Entry::new(LogId::new(Term::new(1), LogIndex::new(u64::from(at))), vec![at; usize::from(at) * 9])
    });
    drop(log.append(entries.collect(), Box::new(move |done| drop(appended.send(done)))));
    drop(wait.recv());
    drop(log.close());
    let segments = files.paths().into_iter().filter(|path| path.extension().is_some_and(|end| end == "log"));
    segments.filter_map(|path| files.get(&path)).collect()
}
