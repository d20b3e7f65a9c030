//! The sidecar on the disk. Nothing else reads or writes it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use elastickv_sys::durable;
use elastickv_sys::files::{Open, SharedFiles};
use elastickv_types::{ClusterId, KeyId, LoadToken, NodeName};

use super::{Parsed, Sidecar, decode, encode, text};
use crate::epoch::{Exhausted, RecordedEpoch};
use crate::error::{KeyringError, Problem, Result};

/// Where a data directory keeps it.
pub const SIDECAR_DIR: &str = "encryption";
const FILE: &str = "keys.json";
const ASIDE: &str = "keys.json.aside-";
/// The longest sidecar that is read or written: all the keys there may be, in ordinary wrappings.
const LARGEST: u64 = 4 << 20;
/// A damaged one may be longer; what is longer still was never one.
const LARGEST_KEPT: u64 = 16 * LARGEST;

/// Whose sidecar it has to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    pub node: NodeName,
    /// `None` as long as the node belongs to no cluster.
    pub cluster: Option<ClusterId>,
}

#[derive(Clone, Debug)]
pub struct SidecarFile {
    files: SharedFiles,
    data_dir: PathBuf,
    dir: PathBuf,
    path: PathBuf,
    owner: Owner,
}

/// A sidecar that is on the disk as it is here: the proof of it. Only [`SidecarFile`] makes one.
#[derive(Clone, Debug)]
pub struct Recorded(Arc<Sidecar>);

impl Recorded {
    pub fn sidecar(&self) -> &Sidecar {
        &self.0
    }

    /// The epoch for sealing under a key in this load, if there is one.
    pub(crate) fn epoch(&self, key: KeyId, load: LoadToken, exhausted: Exhausted) -> Option<RecordedEpoch> {
        RecordedEpoch::of(key, self.0.keys.get(&key)?, load, exhausted)
    }
}

impl SidecarFile {
    pub fn of(files: SharedFiles, data_dir: &Path, owner: Owner) -> Self {
        let dir = data_dir.join(SIDECAR_DIR);
        Self { files, data_dir: data_dir.to_owned(), path: dir.join(FILE), dir, owner }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Refuses a file system that can not make a name durable, before a key depends on it.
    pub fn probe(&self) -> Result<()> {
        let probed = self.house().and_then(|()| durable::probe(&*self.files, &self.dir));
        probed.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::PermissionDenied => self.io("probe", &error),
            _ => KeyringError::UnsupportedFilesystem { dir: self.dir.clone(), text: error.to_string() },
        })
    }

    /// Reads the sidecar; `None` when there is none. What is read may have been written by a process that was
    /// killed before it synced it, so it is synced before anybody relies on it.
    pub fn load(&self) -> Result<Option<Recorded>> {
        if !self.files.exists(&self.path).map_err(|error| self.io("look for", &error))? {
            return Ok(None);
        }
        let bytes = self.read()?;
        let sidecar = match decode(&bytes).map_err(|problem| self.damaged(problem))? {
            Parsed::Known(sidecar) => *sidecar,
            Parsed::Version(found) => {
                return Err(KeyringError::Version { path: self.path.clone(), found, known: text::VERSION });
            }
        };
        self.check_owner(&sidecar)?;
        if self.owner.cluster.is_none() {
            return Err(self.foreign(&format!("cluster {}", sidecar.cluster), "a node that joined none"));
        }
        self.make_sure().map_err(|error| self.io("sync", &error))?;
        Ok(Some(Recorded(Arc::new(sidecar))))
    }

    /// Replaces the last sidecar and returns once the next one can not be lost any more. After an error of the
    /// disk it holds either. No epoch goes down, whatever led to the next one.
    pub fn save(&self, last: Option<&Recorded>, next: Sidecar) -> Result<Recorded> {
        let unwritable = |problem| KeyringError::Unwritable { path: self.path.clone(), problem };
        self.check_owner(&next)?;
        check_epochs(last, &next)?;
        let bytes = encode(&next).map_err(unwritable)?;
        let found = bytes.len() as u64;
        if found > LARGEST {
            return Err(unwritable(Problem::TooLong { found, limit: LARGEST }));
        }
        let replaced = self.house().and_then(|()| durable::replace(&*self.files, &self.path, &bytes));
        replaced.map_err(|error| self.io("write", &error))?;
        Ok(Recorded(Arc::new(next)))
    }

    /// Copies the file as it is beside itself, under a name of its own, and says where; `None` when there is none.
    pub(crate) fn keep_aside(&self) -> Result<Option<PathBuf>> {
        if !self.files.exists(&self.path).map_err(|error| self.io("look for", &error))? {
            return Ok(None);
        }
        self.copy_aside().map(Some).map_err(|error| self.io("keep aside", &error))
    }

    /// Names of earlier sidecars that were kept aside: each has keys in their wrappings, those that retired since too.
    pub fn asides(&self) -> Result<Vec<String>> {
        self.names_aside().map_err(|error| self.io("look for", &error))
    }

    /// Removes those, durably.
    pub fn remove_asides(&self) -> Result<Vec<String>> {
        let removed = self.names_aside().and_then(|names| {
            names.iter().try_for_each(|name| self.files.remove(&self.dir.join(name)))?;
            if !names.is_empty() {
                self.files.sync_dir(&self.dir)?;
            }
            Ok(names)
        });
        removed.map_err(|error| self.io("remove", &error))
    }

    fn names_aside(&self) -> io::Result<Vec<String>> {
        let names = match self.files.exists(&self.dir)? {
            true => self.files.list(&self.dir)?,
            false => Vec::new(),
        };
        Ok(names.into_iter().filter(|name| name.starts_with(ASIDE)).collect())
    }

    fn copy_aside(&self) -> io::Result<PathBuf> {
        let bytes = self.files.read(&self.path, LARGEST_KEPT)?;
        let taken = self.files.list(&self.dir)?;
        let free = (1..).map(|n| format!("{ASIDE}{n}")).find(|name| !taken.contains(name));
        let aside = self.dir.join(free.unwrap_or_default());
        durable::replace(&*self.files, &aside, &bytes)?;
        Ok(aside)
    }

    fn read(&self) -> Result<Vec<u8>> {
        let read = || {
            let file = self.files.open(&self.path, Open::Read)?;
            let found = file.len()?;
            if found > LARGEST {
                return Ok(Err(Problem::TooLong { found, limit: LARGEST }));
            }
            let mut bytes = vec![0; usize::try_from(found).map_err(io::Error::other)?];
            file.read_exact_at(&mut bytes, 0)?;
            Ok(Ok(bytes))
        };
        let read: io::Result<Result<Vec<u8>, Problem>> = read();
        read.map_err(|error| self.io("read", &error))?.map_err(|problem| self.damaged(problem))
    }

    /// The directory, and its own name in the data directory.
    fn house(&self) -> io::Result<()> {
        self.files.create_dir_all(&self.dir)?;
        self.files.sync_dir(&self.data_dir)
    }

    fn make_sure(&self) -> io::Result<()> {
        self.files.open(&self.path, Open::Read)?.sync_data()?;
        self.files.sync_dir(&self.dir)?;
        self.files.sync_dir(&self.data_dir)
    }

    /// A node that joined no cluster yet may be about to record the keys of its first one.
    fn check_owner(&self, sidecar: &Sidecar) -> Result<()> {
        let Owner { node, cluster } = &self.owner;
        if sidecar.node != *node {
            return Err(self.foreign(&format!("node {}", sidecar.node), &format!("node {node}")));
        }
        match cluster {
            Some(cluster) if *cluster != sidecar.cluster => {
                Err(self.foreign(&format!("cluster {}", sidecar.cluster), &format!("cluster {cluster}")))
            }
            _ => Ok(()),
        }
    }

    fn foreign(&self, found: &str, expected: &str) -> KeyringError {
        let (found, expected) = (found.to_owned(), expected.to_owned());
        KeyringError::Foreign { path: self.path.clone(), found, expected }
    }

    fn damaged(&self, problem: Problem) -> KeyringError {
        KeyringError::Damaged { path: self.path.clone(), problem }
    }

    fn io(&self, doing: &'static str, error: &io::Error) -> KeyringError {
        KeyringError::Io { doing, path: self.path.clone(), kind: error.kind(), text: error.to_string() }
    }
}

fn check_epochs(last: Option<&Recorded>, next: &Sidecar) -> Result<()> {
    let recorded = last.into_iter().flat_map(|last| &last.sidecar().keys);
    for (&key, last) in recorded {
        match next.keys.get(&key) {
            Some(next) if next.epoch < last.epoch => {
                return Err(KeyringError::EpochBackwards { key, recorded: last.epoch, asked: next.epoch });
            }
            _ => {}
        }
    }
    Ok(())
}
