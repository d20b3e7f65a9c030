//! Opening a group's store. One that does not open is set aside, never deleted: the log and the last
//! snapshot hold everything that was acknowledged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use elastickv_engine::{EngineError, FjallEngine, FjallOptions, SharedEngine, Shortages};
use elastickv_sys::clock::SharedClock;
use elastickv_sys::files::SharedFiles;

use super::refusal;
use crate::config::Config;
use crate::exit::Stop;

const STATE: &str = "state";

pub fn open(
    config: &Config,
    files: &SharedFiles,
    clock: &SharedClock,
    shortages: &Shortages,
    group_dir: &Path,
) -> Result<SharedEngine, Stop> {
    let dir = elastickv_datadir::state_dir(group_dir);
    let options = || FjallOptions {
        reserve_bytes: config.storage_reserve / 2,
        shortages: shortages.clone(),
        files: files.clone(),
        clock: clock.clone(),
        ..FjallOptions::default()
    };
    let first = FjallEngine::open(&dir, options());
    let opened = match first {
        Err(EngineError::Unopenable { reason, .. }) => {
            let aside = set_aside(files, group_dir, &dir).map_err(|error| refusal::aside(&dir, &error))?;
            tracing::error!(
                store = %dir.display(), aside = %aside.display(), reason,
                "the store does not open and is set aside; it is rebuilt from the last snapshot and the log"
            );
            FjallEngine::open(&dir, options())
        }
        other => other,
    };
    opened.map(|engine| Arc::new(engine) as SharedEngine).map_err(|error| refusal::store(&dir, &error))
}

fn set_aside(files: &SharedFiles, group_dir: &Path, dir: &Path) -> std::io::Result<PathBuf> {
    let taken = files.list(group_dir)?;
    let free = (1..).map(|n| format!("{STATE}.aside-{n}")).find(|name| !taken.contains(name));
    let aside = group_dir.join(free.unwrap_or_default());
    files.rename(dir, &aside)?;
    files.sync_dir(group_dir)?;
    Ok(aside)
}
