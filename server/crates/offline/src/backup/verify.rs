//! Looking through a finished backup: whether it is what was written, and whether it opens.

use std::path::{Path, PathBuf};

use elastickv_crypto::{Dek, KeyMaterial, RowContext, Storage};
use elastickv_fsm::{KeyState, SnapshotHead};
use elastickv_mvcc::{HEADER_BYTES, RowHeader};
use elastickv_sys::files::SharedFiles;
use elastickv_types::{GroupId, KeyId};

use super::examine::{Tally, examine};
use super::keys::{self, BackupKey, BackupKeys};
use super::manifest::{GroupFacts, Manifest};
use super::seal::facts_of;
use super::{BackupError, LARGEST_TEXT, io_at};
use crate::{Pace, Strides};

/// A directory that holds a backup, of which the manifest was read.
#[derive(Clone, Debug)]
pub struct Backup {
    pub(super) files: SharedFiles,
    pub(super) dir: PathBuf,
    pub manifest: Manifest,
    /// `None` when they did not come along.
    pub keys: Option<BackupKeys>,
}

/// A backup of which every byte was looked at.
#[derive(Clone, Debug)]
pub struct Verified {
    pub backup: Backup,
    /// Of the control group.
    pub head: SnapshotHead,
    pub tally: Tally,
    pub bytes: u64,
}

impl Backup {
    pub fn open(files: SharedFiles, dir: &Path) -> Result<Self, BackupError> {
        let manifest = Manifest::read(&*files, dir)?;
        let path = dir.join(keys::FILE);
        let there = files.exists(&path).map_err(io_at(&path))?;
        let text = there.then(|| files.read(&path, LARGEST_TEXT)).transpose().map_err(io_at(&path))?;
        let keys = text.map(|text| keys::parse(&path, &text)).transpose();
        let keys = match keys {
            // Which of its bytes it was shows the checksum.
            Err(BackupError::Unreadable { .. }) if !same(&*files, &path, &manifest) => {
                return Err(BackupError::Altered { path });
            }
            keys => keys?,
        };
        Ok(Self { files, dir: dir.to_owned(), manifest, keys })
    }

    /// Reads everything: files against the manifest, the snapshot in itself, keys against what is sealed.
    pub fn verify(self, mut pace: Pace, strides: &Strides) -> Result<Verified, BackupError> {
        let bytes = self.manifest.files.values().map(|file| file.bytes).sum();
        strides.expect(2 * bytes);
        let group = self.manifest.group(GroupId::CONTROL.get()).cloned().ok_or_else(|| {
            BackupError::Unreadable { path: self.dir.clone(), reason: "it has no control group".to_owned() }
        })?;
        for (name, expected) in &self.manifest.files {
            let path = self.dir.join(name);
            if !self.files.exists(&path).map_err(io_at(&path))? {
                return Err(match name.as_str() {
                    keys::FILE => {
                        let rows = self.manifest.keys.iter().map(|key| key.rows).sum();
                        BackupError::MissingSidecar { path, rows }
                    }
                    _ => BackupError::Missing { path },
                });
            }
            let found = facts_of(&*self.files, &path, &mut pace, strides)?;
            if found.bytes < expected.bytes {
                let (found, expected) = (found.bytes, expected.bytes);
                return Err(BackupError::CutShort { path, found, expected });
            }
            if found != *expected {
                return Err(BackupError::Altered { path });
            }
        }
        let path = self.dir.join(&group.file);
        if !self.manifest.files.contains_key(&group.file) {
            return Err(BackupError::Missing { path });
        }
        let (head, tally) = examine(&*self.files, &path, GroupId::CONTROL, &mut pace, strides)?;
        self.check_group(&path, &group, &head, &tally)?;
        self.check_keys(&head, &tally)?;
        Ok(Verified { backup: self, head, tally, bytes })
    }

    fn check_group(
        &self,
        path: &Path,
        group: &GroupFacts,
        head: &SnapshotHead,
        tally: &Tally,
    ) -> Result<(), BackupError> {
        let foreign = |what: &str| BackupError::Foreign { path: path.to_owned(), what: what.to_owned() };
        let last = head.applied.last.map(|last| (last.term.get(), last.index.get()));
        if last != Some((group.term, group.applied_index)) {
            return Err(foreign("it ends at another entry than the manifest says"));
        }
        if (tally.rows, tally.locks, tally.clear) != (group.rows, group.locks, self.manifest.clear_rows) {
            return Err(foreign("it has other rows than the manifest counts"));
        }
        Ok(())
    }

    /// Each key that anything is sealed under has come along, and is the one that the state knows by this id.
    fn check_keys(&self, head: &SnapshotHead, tally: &Tally) -> Result<(), BackupError> {
        let path = self.dir.join(keys::FILE);
        let foreign = |what: String| BackupError::Foreign { path: path.clone(), what };
        let Some(keys) = &self.keys else {
            return match tally.sealed_rows() {
                0 => Ok(()),
                rows => Err(BackupError::MissingSidecar { path, rows }),
            };
        };
        if keys.cluster != self.manifest.cluster_id {
            return Err(foreign(format!("it has the keys of cluster {}", keys.cluster)));
        }
        if let Some((&key, sealed)) = tally.sealed.iter().find(|(key, _)| !keys.keys.contains_key(key)) {
            return Err(BackupError::KeyMissing { key, rows: sealed.rows });
        }
        let control = head.applied.state.control.as_deref();
        for (id, row) in control.into_iter().flat_map(|control| control.keys.unretired()) {
            let held = keys.keys.get(&id).ok_or(BackupError::KeyMissing { key: id, rows: 0 })?;
            if (held.purpose, held.commitment) != (row.purpose, row.commitment) {
                return Err(foreign(format!("key {id} is another than that of the data")));
            }
        }
        Ok(())
    }
}

fn same(files: &dyn elastickv_sys::files::Files, path: &Path, manifest: &Manifest) -> bool {
    let found = facts_of(files, path, &mut Pace::unbounded(), &Strides::default()).ok();
    found.as_ref() == manifest.files.get(keys::FILE)
}

impl Verified {
    /// The keys that came along, with how many values are sealed under each.
    pub fn keys(&self) -> impl Iterator<Item = (KeyId, &BackupKey, u64)> {
        let rows = |key| self.tally.sealed.get(&key).map_or(0, |sealed| sealed.rows);
        let keys = self.backup.keys.iter().flat_map(|keys| &keys.keys);
        keys.map(move |(&id, key)| (id, key, rows(id)))
    }

    /// Opens a value that is sealed under this key, and so proves that the key is the one. There may be none.
    pub fn prove(&self, material: KeyMaterial) -> Result<bool, BackupError> {
        let Some(sealed) = self.tally.sealed.get(&material.id()) else { return Ok(false) };
        let (row_key, value) = &sealed.sample;
        let (header, envelope) = RowHeader::split(value.clone())?;
        let header: [u8; HEADER_BYTES] = header.encode();
        let mut out = bytes::BytesMut::new();
        Dek::<Storage>::new(material)?.open(RowContext { header: &header, row_key }, &envelope, &mut out)?;
        Ok(true)
    }

    /// Whether the cluster had keys.
    pub fn has_keys(&self) -> bool {
        let control = self.head.applied.state.control.as_deref();
        control.is_some_and(|control| control.keys.iter().any(|(_, row)| row.state == KeyState::Active))
    }
}
