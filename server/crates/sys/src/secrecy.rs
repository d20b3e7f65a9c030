//! Keeping what this process has in memory out of files: out of core dumps, and out of swap where that is allowed.
//!
//! A process that can not be dumped can not be traced by others of its user either. Locking takes the whole process,
//! since keys are copied on their way; pages that are not touched cost nothing. It is done only where the limit on
//! locked memory is off: under a limit, one allocation too many would end the process.

use std::fmt;
use std::io;

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit, set_dumpable_behavior};

/// Whether memory may go to swap.
#[derive(Debug)]
pub enum Locking {
    Locked,
    /// There is a limit on locked memory, of so many bytes.
    Limited(u64),
    Failed(io::Error),
}

impl fmt::Display for Locking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Locking::Locked => write!(f, "locked"),
            Locking::Limited(bytes) => write!(f, "not locked: the limit on locked memory is {bytes} bytes"),
            Locking::Failed(error) => write!(f, "not locked: {error}"),
        }
    }
}

/// Has the kernel write no core dump of this process, whatever limits and patterns say.
pub fn forbid_dumps() -> io::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // What is said of it is what the kernel says.
    match dumpable_behavior()? {
        DumpableBehavior::NotDumpable => Ok(()),
        other => Err(io::Error::other(format!("the kernel has it as {other:?}"))),
    }
}

/// Keeps all memory of this process, now and later, out of swap.
pub fn lock_memory() -> Locking {
    if let Some(limit) = getrlimit(Resource::Memlock).current {
        return Locking::Limited(limit);
    }
    match mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT) {
        Ok(()) => Locking::Locked,
        Err(error) => Locking::Failed(error.into()),
    }
}
