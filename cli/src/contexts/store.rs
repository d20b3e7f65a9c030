//! Where the file of contexts is, and how it is replaced.
//!
//! It is for its owner alone, and believed only when nobody else can have written it: it says to which servers a token
//! is shown. A change takes the lock beside it, reads, writes a new file and puts it in the old one's place.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use elastickv_sys::private::{self, Others};

use super::{Document, Malformed};
use crate::local_files;

const LONGEST_FILE: u64 = 1 << 20;
/// Whoever holds the lock writes a small file.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("neither XDG_CONFIG_HOME nor HOME says where contexts are")]
    Nowhere,
    #[error("{}: {cause}", path.display())]
    Io { path: PathBuf, cause: io::Error },
    #[error("{}: {cause}", path.display())]
    Malformed { path: PathBuf, cause: Malformed },
    #[error("{}: it can not be written: {cause}", path.display())]
    Unwritable { path: PathBuf, cause: serde_yaml::Error },
    #[error("{}: somebody else is changing it", path.display())]
    Locked { path: PathBuf },
}

/// The file of contexts.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What stands in it; nothing where there is no file.
    pub fn load(&self) -> Result<Document, StoreError> {
        let io = |cause| StoreError::Io { path: self.path.clone(), cause };
        let bytes = match private::read(&self.path, Others::Read, LONGEST_FILE) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Document::default()),
            Err(error) => return Err(io(error)),
        };
        let text = String::from_utf8(bytes).map_err(|error| io(io::Error::other(error)))?;
        Document::parse(&text, self.home())
            .map_err(|cause| StoreError::Malformed { path: self.path.clone(), cause })
    }

    /// Changes it, unless the change says no; nobody else does meanwhile.
    pub fn change<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Document) -> Result<T, E>,
    ) -> Result<T, E> {
        let io = |cause| StoreError::Io { path: self.path.clone(), cause };
        local_files::create_private_directory(self.home()).map_err(io)?;
        let lock = self.path.with_added_extension("lock");
        let held = local_files::lock(&lock, PATIENCE).map_err(io)?;
        let _held = held.ok_or_else(|| StoreError::Locked { path: self.path.clone() })?;
        let mut document = self.load()?;
        let before = document.clone();
        let changed = change(&mut document)?;
        if document != before {
            let text =
                document.text().map_err(|cause| StoreError::Unwritable { path: self.path.clone(), cause })?;
            local_files::replace(&self.path, text.as_bytes()).map_err(io)?;
        }
        Ok(changed)
    }

    fn home(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test reads what was written")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::contexts::Entry;

    fn add(store: &Store, name: &str) -> Result<(), StoreError> {
        store.change(|document| {
            let entry = Entry { endpoints: vec!["a:1".parse().unwrap()], ..Entry::default() };
            document.contexts.insert(name.parse().unwrap(), entry);
            Ok(())
        })
    }

    #[test]
    fn it_is_for_its_owner_alone_and_always_whole() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path().join("new/admin.yaml"));
        assert_eq!(store.load().unwrap(), Document::default());
        let adding = |name: &'static str| add(&store, name).unwrap();
        std::thread::scope(|scope| {
            for name in ["a", "b", "c", "d"] {
                scope.spawn(move || adding(name));
            }
        });
        assert_eq!(store.load().unwrap().names().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(store.path()), 0o600);
        assert_eq!(mode(store.path().parent().unwrap()), 0o700);
    }

    #[test]
    fn what_others_could_have_written_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path().join("admin.yaml"));
        add(&store, "a").unwrap();
        std::fs::set_permissions(store.path(), PermissionsExt::from_mode(0o666)).unwrap();
        assert!(matches!(store.load(), Err(StoreError::Io { .. })));
    }

    #[test]
    fn a_change_that_is_refused_and_one_amid_another_leave_it_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path().join("admin.yaml"));
        add(&store, "a").unwrap();
        let refused: Result<(), StoreError> = store.change(|document| {
            document.contexts.clear();
            Err(StoreError::Nowhere)
        });
        assert!(refused.is_err());
        assert_eq!(store.load().unwrap().contexts.len(), 1);
    }
}
