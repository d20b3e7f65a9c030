//! Installing a received snapshot: rows into a new generation, then one switch.

use elastickv_engine::{Batch, EngineError};
use elastickv_fsm::{
    Applied, PerformError, Requests, SnapshotReader, SnapshotSection, Transactions, read_tables,
};
use elastickv_mvcc::RowError;
use elastickv_sys::point;

use super::{SnapshotFile, Snapshots, SnapshotsError};
use crate::replica::{Replica, Waiting};

/// Rows go to the store in batches of about this size.
const BATCH_BYTES: usize = 4 << 20;
const ROOM_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

impl Snapshots {
    /// Makes the group's state that of a snapshot. A crash before the switch leaves the old state whole
    /// and the half-filled generation to be removed at the next start.
    ///
    /// The keys that it brings come first: no row is stored in clear that they could seal.
    pub fn install(&self, replica: &Replica, file: SnapshotFile) -> Result<(), SnapshotsError> {
        // Keys may leave with that, under which the rows in use were once sealed.
        with_room(replica, || replica.engine.persist())?;
        replica.adopt_keys(&file.head.applied.state)?;
        point!(SnapshotKeysAdopted);
        let next = replica.applied().generation.next();
        let (rows, locks) = (replica.keyspaces.rows(next), replica.keyspaces.locks(next));
        with_room(replica, || replica.drop_other_generations())?;
        for keyspace in [&rows, &locks] {
            with_room(replica, || replica.engine.create_keyspace(keyspace))?;
        }
        let mut reader = SnapshotReader::open(&*self.files, &file.path, self.group)?;
        let mut batch = Batch::default();
        let keyspaces = &replica.keyspaces;
        let requests = Requests { keyspaces, generation: next };
        let transactions = Transactions { keyspaces, generation: next };
        while let Some(section) = reader.next_section()? {
            match section {
                SnapshotSection::Requests(found) => {
                    found.iter().for_each(|(request, first)| requests.put(&mut batch, request, *first));
                }
                SnapshotSection::Over(found) => {
                    found.iter().for_each(|(start, over)| transactions.put_over(&mut batch, *start, *over));
                }
                SnapshotSection::Locks(found) => {
                    for (key, value) in found {
                        let value = with_a_key(replica, || replica.sealer().carried(&key, value.clone()))?;
                        batch.put(&locks, key, value);
                    }
                }
                SnapshotSection::Rows(found) => {
                    for (key, value) in found {
                        let value = with_a_key(replica, || replica.sealer().carried(&key, value.clone()))?;
                        batch.put(&rows, key, value);
                    }
                }
            }
            if batch.bytes() >= BATCH_BYTES {
                write(replica, std::mem::take(&mut batch))?;
            }
        }
        write(replica, batch)?;
        with_room(replica, || replica.engine.persist())?;
        point!(SnapshotFilled);
        let tables = read_tables(&*replica.engine.view()?, keyspaces, next)?;
        let head = reader.head();
        let applied = Applied { generation: next, ..head.applied.clone() };
        // Nobody is to collect in a generation that is replaced.
        let held = replica.latch.hold();
        with_room(replica, || replica.switch(applied.clone(), head.membership.clone(), tables.clone()))?;
        point!(SnapshotSwitched);
        with_room(replica, || replica.engine.persist())?;
        point!(SnapshotDurable);
        with_room(replica, || replica.drop_other_generations())?;
        drop(held);
        self.make_current(file).map(|_| ())
    }
}

/// Waits, visibly, for a key to seal a row under.
fn with_a_key<T>(replica: &Replica, attempt: impl Fn() -> Result<T, RowError>) -> Result<T, RowError> {
    let mut waited = false;
    loop {
        let done = attempt();
        match done.as_ref().err().and_then(RowError::waits_for) {
            Some(key) => replica.set_waiting(Some(Waiting::Key(key))),
            None if waited => {
                replica.set_waiting(None);
                return done;
            }
            None => return done,
        }
        waited = true;
        std::thread::sleep(ROOM_PAUSE);
    }
}

fn write(replica: &Replica, batch: Batch) -> Result<(), EngineError> {
    with_room(replica, || replica.engine.write(batch.clone()))
}

/// Waits out a full disk, visibly: this runs on a thread of its own.
fn with_room<E>(replica: &Replica, attempt: impl Fn() -> Result<(), E>) -> Result<(), E>
where
    E: IsFull,
{
    loop {
        match attempt() {
            Err(error) if error.is_full() => replica.set_waiting(Some(Waiting::Room)),
            other => {
                replica.set_waiting(None);
                return other;
            }
        }
        std::thread::sleep(ROOM_PAUSE);
    }
}

/// Whether it was the room on the disk that was missing.
trait IsFull {
    fn is_full(&self) -> bool;
}

impl IsFull for EngineError {
    fn is_full(&self) -> bool {
        matches!(self, EngineError::Full { .. })
    }
}

impl IsFull for PerformError {
    fn is_full(&self) -> bool {
        matches!(self, PerformError::Engine(error) if error.is_full())
    }
}
