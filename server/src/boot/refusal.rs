//! What the pieces of a group say against being opened, with the way out.
//!
//! The way out of damage costs a member its data. So it is offered for damage alone: a disk without room, a
//! limit of the process or an error of the disk say nothing about what is on it.

use std::io;
use std::path::Path;

use elastickv_consensus::{OpenError, SnapshotsError};
use elastickv_engine::EngineError;
use elastickv_fsm::{PerformError, SnapshotError};
use elastickv_kek::{KekError, KekUri};
use elastickv_keyring::{KeyringError, Remedy};
use elastickv_log::LogError;
use elastickv_types::{NodeName, StoreId};

use crate::config::Inconsistent;
use crate::exit::Stop;

/// The name under which a start refuses for want of room.
pub const NO_ROOM: &str = "StorageFull";

/// What stands in the way, by what can be done about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cause {
    NoRoom,
    /// The operating system refused, or something of this process did not work.
    System,
    /// Written by a build that this one does not know, or put there by somebody.
    Unknown,
    /// The store alone is damaged; the log and the last snapshot can bring it back.
    Store,
    /// What was acknowledged is not all there any more.
    Damage,
    Settings,
}

impl Cause {
    fn way_out(self) -> &'static str {
        match self {
            Cause::NoRoom => "make room on the disk, then start again",
            Cause::System => {
                "look at the disk and at the limits of open files and memory, then start again; leave the data \
                 directory as it is"
            }
            Cause::Unknown => "start the build that wrote it, or take away what somebody put there",
            Cause::Store => {
                "start the build that wrote it; if it is damaged, move the group's directory `state` away: the \
                 next start rebuilds it from the last snapshot and the log"
            }
            Cause::Damage => {
                "remove this member from the cluster, empty its data directory and join under a new name"
            }
            Cause::Settings => "correct the settings, then start again",
        }
    }
}

fn stop(cause: Cause, name: &'static str, what: impl ToString) -> Stop {
    let name = if cause == Cause::NoRoom { NO_ROOM } else { name };
    Stop::refused(name, what.to_string(), cause.way_out())
}

/// What a group says against being opened.
pub fn group(error: &OpenError) -> Stop {
    let (name, cause) = match error {
        OpenError::Log(log) => ("LogUnusable", of_log(log)),
        OpenError::Store(store) => ("StoreUnusable", of_store(store)),
        OpenError::Keys(_) => ("KeysUnusable", Cause::Settings),
        OpenError::Snapshots(snapshots) => ("SnapshotsUnusable", of_snapshots(snapshots)),
        OpenError::Config(_) => ("Settings", Cause::Settings),
        OpenError::LogBehindStore { .. } => ("LogBehindStore", Cause::Damage),
        OpenError::StoreBehindLog { .. } => ("StoreBehindLog", Cause::Damage),
        OpenError::LogContradictsStore { .. } => ("LogContradictsStore", Cause::Damage),
        OpenError::Raft(_) => ("GroupUnusable", Cause::System),
    };
    stop(cause, name, error)
}

/// What a store says against being read.
pub fn stored(error: &PerformError) -> Stop {
    stop(of_store(error), "StoreUnusable", error)
}

/// What a store says against being opened.
pub fn store(dir: &Path, error: &EngineError) -> Stop {
    let what = format!("the store in {} can not be used: {error}", dir.display());
    stop(of_engine(error), "StoreUnusable", what)
}

/// What the system says against setting a store aside.
pub fn aside(dir: &Path, error: &io::Error) -> Stop {
    let what = format!("the store in {} does not open and can not be set aside: {error}", dir.display());
    stop(of_system(error.kind()), "StoreUnusable", what)
}

/// What the system says against starting threads.
pub fn threads(error: &io::Error) -> Stop {
    stop(Cause::System, "NoRuntime", format!("a thread can not be started: {error}"))
}

/// The way out where what was on the disk is not all there any more.
const REJOIN: &str =
    "remove this member from the cluster, empty its data directory and join under a new name";

/// What a node's record of its keys says against a start.
pub fn keyring(error: &KeyringError) -> Stop {
    let name = match error {
        KeyringError::Io { kind, .. } | KeyringError::Piece { kind, .. } if is_full(*kind) => NO_ROOM,
        KeyringError::Io { .. } | KeyringError::Latched { .. } => "SidecarUnusable",
        KeyringError::Piece { .. } => "LoadMarkUnusable",
        KeyringError::UnsupportedFilesystem { .. } => "UnsupportedFilesystem",
        KeyringError::Damaged { .. } => "SidecarDamaged",
        KeyringError::Version { .. } => "SidecarVersion",
        KeyringError::Foreign { .. } => "SidecarForeign",
        KeyringError::RolledBack { .. } => "DataDirRolledBack",
        KeyringError::LocalEpochExhausted { .. } => "LocalEpochExhausted",
        KeyringError::KekMismatch { .. } => "KekMismatch",
        KeyringError::Unwritable { .. }
        | KeyringError::EpochBackwards { .. }
        | KeyringError::KeyConflict { .. }
        | KeyringError::OtherCluster { .. }
        | KeyringError::CutoverConflict { .. }
        | KeyringError::NothingActive { .. }
        | KeyringError::NotRecorded
        | KeyringError::Lookup(_)
        | KeyringError::Crypto(_) => "SidecarUnusable",
    };
    let way_out = match error.remedy() {
        _ if name == NO_ROOM => Cause::NoRoom.way_out(),
        Remedy::Resync => SIDECAR_LOST,
        Remedy::OtherBuild => "start the build that wrote it, or a newer one",
        Remedy::OwnDirectory => "start this node with its own data directory, or put its own file back",
        Remedy::OtherFilesystem => "put the data directory on a local file system",
        Remedy::Rejoin => REJOIN,
        Remedy::Rotate => {
            "start it with --accept-exhausted-epoch, which rests on the salt of the nonces alone, rotate the key at \
             once, and drop the flag"
        }
        Remedy::OtherKek => OTHER_KEK,
        Remedy::Disk => Cause::System.way_out(),
        Remedy::Report => Cause::Unknown.way_out(),
    };
    Stop::refused(name, error.to_string(), way_out)
}

const SIDECAR_LOST: &str = "make it anew: elastickv-admin encryption resync-sidecar --data-dir DIR, with --endpoint \
                            HOST:PORT of a member where the cluster runs";
const OTHER_KEK: &str = "give this node the wrapping key of its cluster with --kek, and with --kek-previous the one \
                         before it";

pub fn inconsistent(error: &Inconsistent) -> Stop {
    Stop::refused(
        "EncryptionFlags",
        format!("{error}: it is not clear whether this node is to hold keys"),
        "give both, or neither",
    )
}

/// A wrapping key that can not be had.
pub fn kek(uri: &KekUri, error: &KekError) -> Stop {
    let text = format!("the wrapping key {uri} does not load: {error}");
    Stop::refused("KekUnusable", text, "mend what it says, then start again")
}

/// Encryption was dropped although something may be sealed.
pub fn not_enabled(mark: &str) -> Stop {
    Stop::refused(
        "EncryptionNotEnabled",
        format!(
            "{mark}, and this node is started without encryption: it could not read, and would store clear"
        ),
        "start it with --encryption-enabled and --kek",
    )
}

pub fn without_kek() -> Stop {
    Stop::refused(
        "KekMissing",
        "this node is to hold keys, and no wrapping key is given: it could open none of them",
        "give it the wrapping key of its cluster with --kek",
    )
}

pub fn sidecar_io(path: &Path, error: &io::Error) -> Stop {
    let what = format!("{}: {error}", path.display());
    stop(of_system(error.kind()), "SidecarUnusable", what)
}

pub fn sidecar_missing(path: &Path, mark: &str) -> Stop {
    let text = format!(
        "{} is missing, and {mark}: nobody can tell under which epochs this node has sealed",
        path.display()
    );
    Stop::refused("SidecarMissing", text, SIDECAR_LOST)
}

pub fn kek_mismatch(what: String) -> Stop {
    Stop::refused("KekMismatch", what, OTHER_KEK)
}

pub fn node_id_collision(what: String) -> Stop {
    let what = format!("{what}: their nonces could repeat");
    Stop::refused(
        "NodeIdCollision",
        what,
        "remove the one that joined last, and let it join under another name",
    )
}

pub fn rolled_back(what: String) -> Stop {
    Stop::refused("DataDirRolledBack", what, REJOIN)
}

/// A directory that is empty, under the name of a member that is not.
pub fn replaced(name: &NodeName, by: &str, store: StoreId) -> Stop {
    rolled_back(format!("{by} knows {name} as a member with store {store}, and this directory was made anew"))
}

pub fn sidecar_behind(what: String) -> Stop {
    Stop::refused(
        "SidecarBehindRaftLog",
        format!("{what}: it was put back from an earlier time"),
        SIDECAR_LOST,
    )
}

pub fn cutovers_differ(what: String) -> Stop {
    Stop::refused("CutoversDiffer", format!("{what}: they are not of one cluster"), REJOIN)
}

fn is_full(kind: io::ErrorKind) -> bool {
    of_system(kind) == Cause::NoRoom
}

fn of_system(kind: io::ErrorKind) -> Cause {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Cause::NoRoom,
        _ => Cause::System,
    }
}

fn of_log(error: &LogError) -> Cause {
    match error {
        LogError::Full { .. } => Cause::NoRoom,
        LogError::Io { kind, .. } => of_system(*kind),
        LogError::Closed | LogError::WriterGone | LogError::Exhausted => Cause::System,
        LogError::UnknownFormat { .. } | LogError::UnknownRecord { .. } | LogError::UnknownFile { .. } => {
            Cause::Unknown
        }
        LogError::Damaged { .. }
        | LogError::ForeignGroup { .. }
        | LogError::SegmentMissing { .. }
        | LogError::Gap { .. }
        | LogError::TooLarge { .. }
        | LogError::Purged { .. }
        | LogError::Conflict { .. }
        | LogError::Lost { .. } => Cause::Damage,
    }
}

fn of_engine(error: &EngineError) -> Cause {
    match error {
        EngineError::Full { .. } => Cause::NoRoom,
        EngineError::Unopenable { .. } => Cause::Store,
        EngineError::Fault { .. }
        | EngineError::Locked { .. }
        | EngineError::Waiting { .. }
        | EngineError::Unwanted { .. }
        | EngineError::KeyLength { .. }
        | EngineError::NoKeyspace { .. } => Cause::System,
    }
}

fn of_store(error: &PerformError) -> Cause {
    match error {
        PerformError::Engine(error) => of_engine(error),
        PerformError::Row(_) | PerformError::Record { .. } | PerformError::State(_) => Cause::Store,
    }
}

fn of_snapshots(error: &SnapshotsError) -> Cause {
    match error {
        SnapshotsError::Full { .. } => Cause::NoRoom,
        SnapshotsError::Dir { error, .. } => of_system(error.kind()),
        SnapshotsError::Engine(error) => of_engine(error),
        SnapshotsError::Perform(error) => of_store(error),
        SnapshotsError::Snapshot(SnapshotError::Io { error, .. }) => of_system(error.kind()),
        SnapshotsError::Snapshot(SnapshotError::HeaderUnknownMagic { .. }) => Cause::Unknown,
        SnapshotsError::Snapshot(SnapshotError::Damaged { .. } | SnapshotError::OtherGroup { .. }) => {
            Cause::Damage
        }
        SnapshotsError::Row(_) => Cause::Store,
        SnapshotsError::Keys(_) => Cause::System,
        SnapshotsError::Checksum { .. } | SnapshotsError::Gap { .. } | SnapshotsError::Nothing => {
            Cause::System
        }
    }
}

#[cfg(test)]
mod tests {
    use elastickv_log::Damage;

    use super::*;

    const ENOSPC: i32 = 28;
    const EMFILE: i32 = 24;
    const EIO: i32 = 5;

    fn system(number: i32) -> io::Error {
        io::Error::from_raw_os_error(number)
    }

    fn log(number: i32) -> OpenError {
        let error = system(number);
        LogError::Io { doing: "opening", path: "00.seg".into(), kind: error.kind(), text: error.to_string() }
            .into()
    }

    fn snapshots(number: i32) -> [OpenError; 2] {
        let file = "00.snapshot".to_owned();
        let dir = "snapshots".to_owned();
        [
            SnapshotsError::Snapshot(SnapshotError::Io { file, error: system(number) }).into(),
            SnapshotsError::Dir { dir, error: system(number) }.into(),
        ]
    }

    fn keyspace(error: EngineError) -> OpenError {
        PerformError::Engine(error).into()
    }

    fn dir() -> String {
        "state".to_owned()
    }

    /// Nobody is told to empty a directory with which nothing is wrong.
    #[test]
    fn shortage_and_errors_of_the_disk_leave_the_data_alone() {
        let full = || EngineError::Full { dir: dir(), reason: "0 bytes are free".to_owned() };
        let fault = || EngineError::Fault { dir: dir(), reason: system(EMFILE).to_string() };
        let no_room = [log(ENOSPC), LogError::Full { dir: "log".into(), needed: 1 }.into(), keyspace(full())];
        let broken = [log(EMFILE), log(EIO), keyspace(fault()), OpenError::Raft("EIO".to_owned())];
        for error in no_room.into_iter().chain(snapshots(ENOSPC)) {
            let stop = group(&error);
            assert_eq!(stop.name, NO_ROOM, "{error}");
            assert_eq!(stop.way_out, Cause::NoRoom.way_out(), "{error}");
        }
        for error in broken.into_iter().chain(snapshots(EMFILE)).chain(snapshots(EIO)) {
            let stop = group(&error);
            assert_ne!(stop.name, NO_ROOM, "{error}");
            assert_eq!(stop.way_out, Cause::System.way_out(), "{error}");
        }
        assert_eq!(store(Path::new("state"), &full()).name, NO_ROOM);
        assert_eq!(store(Path::new("state"), &fault()).way_out, Cause::System.way_out());
        assert!(!Cause::NoRoom.way_out().contains("empty") && !Cause::System.way_out().contains("empty"));
    }

    #[test]
    fn damage_costs_the_member_its_data_and_a_damaged_store_only_the_store() {
        let damaged = LogError::Damaged { path: "00.seg".into(), offset: 7, reason: Damage::Magic };
        let stop = group(&damaged.into());
        assert_eq!((stop.name, stop.way_out.as_str()), ("LogUnusable", Cause::Damage.way_out()));
        assert!(stop.way_out.contains("empty its data directory"));
        let record = PerformError::Record { record: "applied", reason: "too short".to_owned() };
        let stop = group(&record.into());
        assert_eq!((stop.name, stop.way_out.as_str()), ("StoreUnusable", Cause::Store.way_out()));
        let newer = LogError::UnknownFormat { path: "00.seg".into(), found: 9 };
        assert_eq!(group(&newer.into()).way_out, Cause::Unknown.way_out());
    }
}
