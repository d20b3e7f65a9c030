//! A sidecar that is replaced is the old one or the new one at every moment, and always readable.
//!
//! The calls of a replacement are recorded. After each of them every state is made that a power loss may leave
//! by the rules of [`elastickv_sys::crash`], and loaded. The controls leave one kind of call out of the same
//! recording, and the same enumeration finds what it is there for.

use elastickv_sys::crash::{Disk, Image, Op};
use elastickv_sys::failing::{FailingFiles, Rule};
use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::recording::{RecordingFiles, Tape};
use proptest::prelude::*;

use super::*;
use crate::{KeyringError, Sidecar};

/// More than any of the recordings here has, so that nothing is drawn.
const ALL: u64 = 1 << 20;

fn recorded(base: &Image) -> (Node, Arc<Tape>) {
    let (files, tape) = RecordingFiles::over(base.to_memory(), base.clone()).unwrap();
    (Node::new(files, 1), tape)
}

/// Sidecars of different lengths that tell themselves apart.
fn sidecar(number: u64) -> Sidecar {
    let mut table = table(token(number));
    table.index = index(number);
    for extra in 0..number % 7 {
        let id = key(100 + extra as u32);
        table.keys.insert(id, table_key(id, Purpose::Storage, KeyState::Retiring, 1));
    }
    Sidecar::with_table(None, &owner().node, settled(number), &table).unwrap()
}

type Found = Result<Option<Sidecar>, KeyringError>;

fn load(files: SharedFiles) -> Found {
    Ok(Node::new(files, 1).load()?.map(|recorded| recorded.sidecar().clone()))
}

/// Every distinct thing that may be loaded after a power loss, and how many states that was.
fn after_power_loss(disk: &Disk) -> (Vec<Found>, u64) {
    assert!(disk.count() <= ALL, "{} states", disk.count());
    let (mut found, mut states) = (Vec::new(), 0);
    for image in disk.states(ALL, 1) {
        states += 1;
        let loaded = load(image.to_memory());
        if !found.contains(&loaded) {
            found.push(loaded);
        }
    }
    (found, states)
}

fn only(found: &[Found], allowed: &[Option<u64>]) -> bool {
    found.iter().all(|one| allowed.iter().any(|number| *one == Ok(number.map(sidecar))))
}

#[test]
fn a_replacement_leaves_the_old_sidecar_or_the_new_one() {
    let (node, tape) = recorded(&Image::empty(ROOT));
    let mut ends = vec![0];
    for number in [3, 12, 5] {
        node.file().save(None, sidecar(number)).unwrap();
        ends.push(tape.len());
    }
    let mut states = 0;
    let generations = [None, Some(3), Some(12), Some(5)];
    for (saved, span) in ends.windows(2).enumerate() {
        for calls in span[0]..=span[1] {
            let (found, tried) = after_power_loss(&tape.disk_after(calls).unwrap());
            states += tried;
            let (old, new) = (generations[saved], generations[saved + 1]);
            assert!(only(&found, &[old, new]), "after {calls} calls: {found:?}");
            assert!(calls < span[1] || found == [Ok(new.map(sidecar))], "acknowledged, and lost: {found:?}");
            assert!(calls > span[0] || found == [Ok(old.map(sidecar))], "not begun: {found:?}");
        }
    }
    println!("{} calls, {states} states", tape.len());
    assert!(states > 70, "only {states} states");
}

fn control(missing: fn(&Op) -> bool) -> Vec<Found> {
    let (node, tape) = recorded(&Image::empty(ROOT));
    node.file().save(None, sidecar(3)).unwrap();
    node.file().save(None, sidecar(12)).unwrap();
    after_power_loss(&tape.disk_after_without(tape.len(), missing).unwrap()).0
}

#[test]
fn control_without_syncing_the_directory_an_acknowledged_sidecar_is_lost() {
    let found = control(|op| matches!(op, Op::SyncDir(_)));
    assert!(found.contains(&Ok(None)), "{found:?}");
    let found = control(|op| matches!(op, Op::SyncDir(dir) if dir.ends_with("encryption")));
    assert!(found.contains(&Ok(None)) && found.contains(&Ok(Some(sidecar(3)))), "{found:?}");
}

#[test]
fn control_without_syncing_the_name_of_the_directory_all_of_it_is_lost() {
    let found = control(|op| matches!(op, Op::SyncDir(dir) if dir == Path::new(ROOT)));
    assert!(found.contains(&Ok(None)), "{found:?}");
}

#[test]
fn control_without_syncing_the_file_a_sidecar_is_torn() {
    let found = control(|op| matches!(op, Op::Sync(_)));
    let torn = found.iter().filter(|one| matches!(one, Err(KeyringError::Damaged { .. })));
    assert!(torn.count() >= 3, "{found:?}");
}

/// A process is killed in a replacement and its successor relies on what it reads; then the power goes.
#[test]
fn what_a_successor_read_stays() {
    let mut unsure = 0;
    for calls in 0.. {
        let (recording, tape) = RecordingFiles::over(MemoryFiles::shared(), Image::empty(ROOT)).unwrap();
        Node::new(recording.clone(), 1).file().save(None, sidecar(3)).unwrap();
        let (failing, failures) = FailingFiles::over(recording.clone());
        failures.add(Rule::crash_after(calls));
        let saved = Node::new(failing, 1).file().save(None, sidecar(12));
        let killed = tape.len();
        let read = load(recording);
        let (found, _) = after_power_loss(&tape.disk_after(tape.len()).unwrap());
        assert_eq!(found, [read], "killed after {calls} calls");
        // The control: without the syncs of reading.
        unsure += u64::from(after_power_loss(&tape.disk_after(killed).unwrap()).0.len() > 1);
        if saved.is_ok() {
            break;
        }
    }
    assert!(unsure > 0, "reading had nothing to make sure of");
}

/// The owner's alone, and no stale mode or content comes back with a temporary file.
#[test]
fn on_a_real_file_system_the_sidecar_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mut node = Node::new(elastickv_sys::files::SystemFiles::shared(), 1);
    node.root = dir.path().to_owned();
    node.file().probe().unwrap();
    let stale = node.sidecar_path().with_added_extension("tmp");
    std::fs::write(&stale, "a stale file that is longer than any sidecar".repeat(100)).unwrap();
    std::fs::set_permissions(&stale, std::fs::Permissions::from_mode(0o666)).unwrap();
    node.file().save(None, sidecar(3)).unwrap();
    assert_eq!(node.sidecar(), sidecar(3));
    let mode = std::fs::metadata(node.sidecar_path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let names: Vec<_> = std::fs::read_dir(dir.path().join("encryption")).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_file_system_that_can_not_sync_a_directory_is_refused() {
    use elastickv_sys::failing::{Call, EIO, ENOSPC};
    let (files, failures) = FailingFiles::over(MemoryFiles::shared());
    let probe = || Node::new(files.clone(), 1).file().probe();
    probe().unwrap();
    failures.add(Rule::once(Call::SyncDir, EIO).on("encryption"));
    assert!(matches!(probe(), Err(KeyringError::UnsupportedFilesystem { .. })));
    failures.add(Rule::once(Call::Write, ENOSPC));
    assert!(matches!(probe(), Err(KeyringError::Io { .. })), "a full disk is no reason to move");
    probe().unwrap();
    assert!(load(files).unwrap().is_none(), "probing leaves no sidecar");
}

proptest! {
    #![proptest_config(cases(150, 3000))]

    /// The power goes in one replacement, and again in the one after it.
    #[test]
    fn after_any_number_of_power_losses_it_is_one_of_the_last_two(
        losses in prop::collection::vec((0..9_u64, any::<u64>()), 1..6),
    ) {
        let mut image = Image::empty(ROOT);
        let mut there = None;
        for (number, (calls, drawn)) in (1..).zip(losses) {
            let (recording, tape) = RecordingFiles::over(image.to_memory(), image.clone()).unwrap();
            let (failing, failures) = FailingFiles::over(recording);
            failures.add(Rule::crash_after(calls));
            let saved = Node::new(failing, 1).file().save(None, sidecar(number)).is_ok();
            let disk = tape.disk_after(tape.len()).unwrap();
            let states: Vec<_> = disk.states(64, drawn).collect();
            image = states[(drawn % states.len() as u64) as usize].clone();
            let found = load(image.to_memory()).unwrap();
            let old = !saved && found == there.map(sidecar);
            prop_assert!(old || found == Some(sidecar(number)), "{:?}", found);
            there = if old { there } else { Some(number) };
        }
    }
}
