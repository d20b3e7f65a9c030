//! The kinds of files that a node's directory holds.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// A kind of file, by what it is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    Lock,
    Identity,
    LogIdentity,
    Segment,
    Snapshot,
    IncomingSnapshot,
    StoreMarker,
    StoreLock,
    StoreJournal,
    StoreCurrent,
    StoreTableList,
    StoreTable,
}

impl Kind {
    pub const ALL: [Kind; 12] = [
        Kind::Lock,
        Kind::Identity,
        Kind::LogIdentity,
        Kind::Segment,
        Kind::Snapshot,
        Kind::IncomingSnapshot,
        Kind::StoreMarker,
        Kind::StoreLock,
        Kind::StoreJournal,
        Kind::StoreCurrent,
        Kind::StoreTableList,
        Kind::StoreTable,
    ];

    /// How often a damage falls on this kind, for each time it falls on one that matters little.
    pub fn weight(self) -> u32 {
        match self {
            Kind::Lock | Kind::StoreLock | Kind::IncomingSnapshot | Kind::StoreMarker => 1,
            Kind::Identity | Kind::LogIdentity | Kind::StoreCurrent => 2,
            Kind::Segment | Kind::Snapshot | Kind::StoreJournal => 4,
            Kind::StoreTableList | Kind::StoreTable => 4,
        }
    }

    /// The kind of the file at a path below a node's directory; none that is not known may be there.
    fn of(path: &Path) -> Option<Kind> {
        let name = path.file_name()?.to_str()?;
        let parent = path.parent()?.file_name().and_then(|parent| parent.to_str()).unwrap_or_default();
        Some(match (parent, name) {
            ("", "LOCK") => Kind::Lock,
            ("", "identity.json") => Kind::Identity,
            ("log", "identity") => Kind::LogIdentity,
            ("log", name) if name.ends_with(".log") => Kind::Segment,
            ("snapshots", name) if name.ends_with(".snap") => Kind::Snapshot,
            ("snapshots", name) if name.ends_with(".incoming") => Kind::IncomingSnapshot,
            ("state", "version") => Kind::StoreMarker,
            ("state", "lock") => Kind::StoreLock,
            ("state", name) if name.ends_with(".jnl") => Kind::StoreJournal,
            ("tables", _) => Kind::StoreTable,
            (_, "current") => Kind::StoreCurrent,
            (_, name) if name.starts_with('v') => Kind::StoreTableList,
            _ => return None,
        })
    }
}

/// A file of a node, its path below the node's directory and its kind.
#[derive(Clone, Debug)]
pub struct Organ {
    pub path: PathBuf,
    pub kind: Kind,
}

/// Every file below a node's directory, in order.
pub fn organs(dir: &Path) -> Result<Vec<Organ>> {
    let mut found = Vec::new();
    collect(dir, Path::new(""), &mut found)?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn collect(dir: &Path, below: &Path, found: &mut Vec<Organ>) -> Result<()> {
    for entry in fs::read_dir(dir.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(dir, &path, found)?;
        } else {
            let kind =
                Kind::of(&path).ok_or_else(|| anyhow::anyhow!("{} is of no known kind", path.display()))?;
            found.push(Organ { path, kind });
        }
    }
    Ok(())
}
