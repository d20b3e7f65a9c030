use std::path::Path;

use elastickv_engine::model::ModelEngine;
use elastickv_engine::{Batch, Engine};
use elastickv_fsm::Action;
use elastickv_sys::clock::ManualClock;
use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::random::SeededRandom;
use elastickv_types::{GroupId, Term};
use tokio::sync::watch;

use super::*;

const GROUP: GroupId = GroupId::CONTROL;

fn state_machine(engine: &Arc<ModelEngine>) -> StateMachine {
    let files: elastickv_sys::files::SharedFiles = MemoryFiles::shared();
    let (dir, clock) = (Path::new("/group"), ManualClock::at_unix_ms(0));
    files.create_dir_all(dir).unwrap();
    let replica = Replica::open(GROUP, engine.clone(), NodeKeys::none(), clock).unwrap();
    let snapshots = Snapshots::open(GROUP, &dir.join("snapshots"), files.clone(), SeededRandom::shared(1), 0);
    let log = Log::open(files, &dir.join("log"), GROUP, elastickv_log::Options::default()).unwrap();
    StateMachine {
        replica: Arc::new(replica),
        snapshots: Arc::new(snapshots.unwrap()),
        durable_end: watch::channel(LogIndex::new(u64::MAX)).1,
        log,
        rules: Rules::default(),
        stopwatch: Stopwatch::unwatched(),
    }
}

/// As a step of a rewrite leaves it: written, and lost when the power goes.
fn seal_a_row_anew(replica: &Replica) {
    let mut batch = Batch::default();
    batch.put(&replica.keyspaces.rows(replica.applied().generation), &b"row"[..], &b"under the new key"[..]);
    replica.engine.write(batch).unwrap();
}

/// A node without keys has no sidecar to write: it stops right where the sidecar would be written.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_durable_before_a_key_can_leave_the_sidecar() {
    let engine = Arc::new(ModelEngine::default());
    let mut machine = state_machine(&engine);
    let replica = machine.replica.clone();
    engine.persist().unwrap();
    seal_a_row_anew(&replica);
    assert_eq!(engine.unpersisted(), 1);
    let mut gathered = Gathered::begin(&replica, machine.rules).unwrap();
    gathered.batch.perform(vec![Action::WriteSidecar]).unwrap();
    gathered.mark_applied(LogId::new(Term::new(1), LogIndex::new(1)), None, Answers::default());
    let stopped = machine.flush(gathered).await.unwrap_err().to_string();
    assert!(stopped.contains("was not started with encryption"), "{stopped}");
    assert_eq!(engine.unpersisted(), 0, "a row that a power loss takes back to the key that is gone");
}
