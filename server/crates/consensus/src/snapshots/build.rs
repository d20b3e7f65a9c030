//! Building a snapshot from a view, while writes go on.

use elastickv_engine::{Direction, KeyRange};
use elastickv_fsm::{Requests, SnapshotHead, SnapshotWriter, Transactions};
use elastickv_sys::stall;
use elastickv_types::LogIndex;

use super::{BUILDING, SnapshotFile, Snapshots, SnapshotsError};
use crate::replica::Replica;

/// How much is written between two looks at the free space.
const CHECK_BYTES: u64 = 4 << 20;

/// As long as one is being built. It is over before the next one begins.
struct UnderWay<'a>(&'a Snapshots);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *self.0.under_way.lock() = None;
    }
}

impl Snapshots {
    /// Writes everything the replica holds now to a file of its own, which becomes the current one.
    /// A failure removes the unfinished file and changes nothing else.
    pub fn build(&self, replica: &Replica) -> Result<SnapshotFile, SnapshotsError> {
        let _turn = self.building.lock();
        // About as long as the one before.
        self.check_room(self.current().map_or(0, |file| file.bytes))?;
        let id = self.fresh_id();
        let name = format!("{id}{BUILDING}");
        let building = self.dir.join(&name);
        // The view that it is of comes after this.
        let begun = replica.applied().last.map_or(LogIndex::default(), |last| last.index);
        *self.under_way.lock() = Some((name, begun));
        let _under_way = UnderWay(self);
        let written = self.write(replica, &building);
        if written.is_err()
            && let Err(error) = self.files.remove(&building)
        {
            tracing::warn!(%error, file = %building.display(), "an unfinished snapshot stays until the next start");
        }
        let (head, bytes) = written?;
        let path = self.finished_path(&head, id);
        self.files
            .rename(&building, &path)
            .and_then(|()| self.files.sync_dir(&self.dir))
            .map_err(|error| self.dir_error(error))?;
        self.make_current(SnapshotFile { id, path, bytes, head, received: None })
    }

    fn write(
        &self,
        replica: &Replica,
        path: &std::path::Path,
    ) -> Result<(SnapshotHead, u64), SnapshotsError> {
        let (read, membership) = replica.consistent_view()?;
        stall!(SnapshotBegun);
        if read.applied.last.is_none() {
            return Err(SnapshotsError::Nothing);
        }
        let control = read.applied.state.control.as_deref();
        let keyring_version = control.and_then(|control| control.keyring_version);
        let (keyspaces, generation) = (&replica.keyspaces, read.applied.generation);
        let head = SnapshotHead { group: self.group, applied: read.applied, membership, keyring_version };
        let mut writer = SnapshotWriter::create(&*self.files, path, &head)?;
        for pair in (Requests { keyspaces, generation }).read(&*read.view)? {
            let (request, first) = pair?;
            writer.request(&request, first)?;
        }
        for pair in (Transactions { keyspaces, generation }).over(&*read.view)? {
            let (start_ts, over) = pair?;
            writer.over(start_ts, over)?;
        }
        let locks = keyspaces.locks(generation);
        for pair in read.view.range(&locks, KeyRange::ALL, Direction::Forward)? {
            let (key, value) = pair?;
            writer.lock(&key, &read.sealer.carried(&key, value)?)?;
        }
        let mut checked = 0;
        for pair in read.view.range(&read.rows, KeyRange::ALL, Direction::Forward)? {
            let (key, value) = pair?;
            let value = read.sealer.carried(&key, value)?;
            writer.row(&key, &value)?;
            if writer.bytes() >= checked + CHECK_BYTES {
                checked = writer.bytes();
                self.check_room(0)?;
            }
        }
        let summary = writer.finish()?;
        Ok((head, summary.bytes))
    }
}
