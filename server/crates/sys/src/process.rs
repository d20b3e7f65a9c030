//! Processes that belong together.

use std::io;
use std::process::Child;

use rustix::process::{Pid, Signal};

/// From now on this process is killed when its parent ends, however that comes about. An error when it has no such parent
/// any more. What the process becomes by `exec` keeps it.
pub fn end_with_parent(parent: u32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended just before, and then nobody will ever kill us.
    let now = rustix::process::getppid().map(|id| id.as_raw_pid().unsigned_abs());
    if now == Some(parent) {
        return Ok(());
    }
    Err(io::Error::other(format!("process {parent} is not, or is no longer, the parent")))
}

/// Asks a process to end.
pub fn terminate(child: &Child) -> io::Result<()> {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let id = id.ok_or_else(|| io::Error::other("no process id"))?;
    Ok(rustix::process::kill_process(id, Signal::TERM)?)
}
