//! Installing a received snapshot: rows into a new generation, then one switch.

use elastickv_engine::{Batch, EngineError};
use elastickv_fsm::{Applied, SnapshotReader};

use super::{SnapshotFile, Snapshots, SnapshotsError};
use crate::replica::{Replica, Waiting};

/// Rows go to the store in batches of about this size.
const BATCH_BYTES: usize = 4 << 20;
const ROOM_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

impl Snapshots {
    /// Makes the group's state that of a snapshot. A crash before the switch leaves the old state whole
    /// and the half-filled generation to be removed at the next start.
    pub fn install(&self, replica: &Replica, file: SnapshotFile) -> Result<(), SnapshotsError> {
        let next = replica.applied().generation.next();
        let rows = replica.keyspaces.rows(next);
        replica.engine.drop_keyspace(&rows)?;
        replica.engine.create_keyspace(&rows)?;
        let mut reader = SnapshotReader::open(&*self.files, &file.path, self.group)?;
        let mut batch = Batch::default();
        while let Some(section) = reader.next_rows()? {
            for (key, value) in section {
                batch.put(&rows, key, value);
            }
            if batch.bytes() >= BATCH_BYTES {
                write_with_room(replica, std::mem::take(&mut batch))?;
            }
        }
        write_with_room(replica, batch)?;
        replica.engine.persist()?;
        let head = reader.head().clone();
        replica.switch(Applied { generation: next, ..head.applied }, head.membership)?;
        replica.engine.persist()?;
        replica.drop_other_generations()?;
        self.make_current(file)
    }
}

/// Waits out a full disk, visibly: this runs on a thread of its own.
fn write_with_room(replica: &Replica, batch: Batch) -> Result<(), EngineError> {
    loop {
        match replica.engine.write(batch.clone()) {
            Err(EngineError::Full { .. }) => replica.set_waiting(Some(Waiting::Room)),
            other => {
                replica.set_waiting(None);
                return other;
            }
        }
        std::thread::sleep(ROOM_PAUSE);
    }
}
