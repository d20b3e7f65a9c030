//! A directory tree at rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::memory::MemoryFiles;

/// Every file and directory below a root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    pub(super) root: PathBuf,
    pub(super) dirs: BTreeSet<PathBuf>,
    pub(super) files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Image {
    pub fn empty(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), dirs: BTreeSet::new(), files: BTreeMap::new() }
    }

    /// Adds a file, and the directories that it is in.
    pub fn put(&mut self, path: &Path, bytes: Vec<u8>) {
        let dirs = path.ancestors().skip(1).take_while(|dir| **dir != self.root);
        self.dirs.extend(dirs.map(Path::to_owned));
        self.files.insert(path.to_owned(), bytes);
    }

    pub fn get(&self, path: &Path) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    pub fn files(&self) -> &BTreeMap<PathBuf, Vec<u8>> {
        &self.files
    }

    pub fn dirs(&self) -> &BTreeSet<PathBuf> {
        &self.dirs
    }

    /// The image as files that can be opened.
    pub fn to_memory(&self) -> Arc<MemoryFiles> {
        let memory = MemoryFiles::shared();
        self.files.iter().for_each(|(path, bytes)| memory.put(path, bytes.clone()));
        memory
    }
}
