//! A backup that is being made is cut off after every call, and in every way that a power loss may leave it.

use elastickv_sys::recording::RecordingFiles;

use super::*;
use crate::backup::{Manifest, manifest};

const ROOT: &str = "/backups";

fn becomes() -> PathBuf {
    Path::new(ROOT).join("nightly")
}

/// What an operator does who finds it unfinished, or not begun.
fn go_on(source: &Source, image: &Image) -> Verified {
    let (_laid, place) = lay(image, Path::new(ROOT));
    let (files, dir) = (SystemFiles::shared(), place(&becomes()));
    let begin = || Partial::begin(files.clone(), &dir, source.plan()).unwrap();
    match Partial::is_there(&*files, &dir) {
        Ok(true) => {
            let partial = Partial::resume(files.clone(), &dir).unwrap().unwrap_or_else(begin);
            source.fill(partial).unwrap();
        }
        Ok(false) => source.fill(begin()).unwrap(),
        Err(BackupError::Exists { .. }) => {}
        Err(other) => panic!("{other}"),
    }
    verified(&dir)
}

#[tokio::test]
async fn what_has_the_name_is_whole_and_what_has_not_is_gone_on_with() {
    let source = Source::new().await;
    let empty = Image::empty(ROOT);
    let (files, tape) = RecordingFiles::over(empty.to_memory(), empty).unwrap();
    source.fill(Partial::begin(files, &becomes(), source.plan()).unwrap()).unwrap();
    let (mut whole, mut unfinished) = (0, 0);
    for calls in 0..=tape.len() {
        for (number, image) in tape.disk_after(calls).unwrap().states(most(), calls as u64).enumerate() {
            let named = image.files().keys().any(|path| path.starts_with(becomes()));
            (whole, unfinished) = (whole + u32::from(named), unfinished + u32::from(!named));
            assert!(named || calls < tape.len(), "acknowledged, and lost");
            if named {
                let backup = Backup::open(image.to_memory(), &becomes()).unwrap();
                let verified = backup.verify(Pace::unbounded(), &Strides::default()).unwrap();
                assert_eq!(verified.tally.rows, ROWS, "after {calls} calls");
            }
            if number < 3 {
                assert_eq!(go_on(&source, &image).tally.rows, ROWS, "after {calls} calls");
            }
        }
    }
    println!("{} calls: {whole} whole backups, {unfinished} unfinished ones", tape.len());
    assert!(whole > 5 && unfinished > 60, "{whole} whole, {unfinished} unfinished");
}

/// The control: without syncing files, the name stands for a backup that is not whole.
#[tokio::test]
async fn control_without_syncs_what_has_the_name_is_torn() {
    let source = Source::new().await;
    let empty = Image::empty(ROOT);
    let (files, tape) = RecordingFiles::over(empty.to_memory(), empty).unwrap();
    source.fill(Partial::begin(files, &becomes(), source.plan()).unwrap()).unwrap();
    let unsynced = |op: &elastickv_sys::crash::Op| matches!(op, elastickv_sys::crash::Op::Sync(_));
    let disk = tape.disk_after_without(tape.len(), unsynced).unwrap();
    let torn = disk.states(64, 1).filter(|image| {
        let backup = Backup::open(image.to_memory(), &becomes());
        backup.and_then(|backup| backup.verify(Pace::unbounded(), &Strides::default())).is_err()
    });
    assert!(torn.count() > 10);
}

#[tokio::test]
async fn a_directory_of_somebody_else_is_not_replaced() {
    let source = Source::new().await;
    let (files, dir) = (SystemFiles::shared(), source.dir.path().join("mine"));
    let resumed = |files| Partial::resume(files, &dir).map(|partial| partial.is_some());
    assert!(matches!(resumed(files.clone()), Err(BackupError::NothingToResume { .. })));
    let beside = source.dir.path().join("mine.partial");
    fs::create_dir(&beside).unwrap();
    assert!(!resumed(files.clone()).unwrap(), "begun, and nothing in it");
    fs::write(beside.join("letter"), "dear").unwrap();
    assert!(matches!(resumed(files.clone()), Err(BackupError::NothingToResume { .. })));
    fs::remove_file(beside.join("letter")).unwrap();
    source.fill(Partial::begin(files.clone(), &dir, source.plan()).unwrap()).unwrap();
    let begun = Partial::is_there(&*files, &dir);
    assert!(matches!(begun, Err(BackupError::Exists { .. })));
    assert_eq!(Manifest::read(&*files, &dir).unwrap().groups[0].rows, ROWS);
    assert!(dir.join(manifest::FILE).exists() && !dir.join("PLAN.json").exists());
}
