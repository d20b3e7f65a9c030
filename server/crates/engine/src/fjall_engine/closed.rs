//! Whether a store is really closed.
//!
//! fjall's drop waits until its threads have said that they end, not until they have ended. For a
//! moment one of them still has the journal, which it flushes and syncs when it lets go of it.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::PAUSE;
use super::failure::Place;
use super::options::FjallOptions;
use crate::Result;

const OPEN_FILES: &str = "/proc/self/fd";
const LONG: Duration = Duration::from_secs(10);

/// Returns once this process has no file of the directory open.
pub(super) fn wait_until_closed(dir: &Path, place: &Place, options: &FjallOptions) -> Result<()> {
    let failed = |error: io::Error| place.system("waiting until it is closed", &error);
    let dir = dir.canonicalize().map_err(failed)?;
    let deadline = options.clock.now().after(LONG);
    while is_open(&dir, options).map_err(failed)? {
        if options.clock.now() >= deadline {
            return Err(place.fault("its files stay open after it was closed"));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

fn is_open(dir: &Path, options: &FjallOptions) -> io::Result<bool> {
    let below = Path::new(OPEN_FILES);
    let names = options.files.list(below)?;
    // One that is closed between the two calls is not open.
    Ok(names.iter().any(|name| std::fs::read_link(below.join(name)).is_ok_and(|path| path.starts_with(dir))))
}
