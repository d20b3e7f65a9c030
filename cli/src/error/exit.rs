//! What the exit status tells a script. The numbers are a contract; new meanings get new numbers.

/// The exit status of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// Done, or the wanted state was there already.
    Done = 0,
    /// A failure nobody foresaw.
    Unexpected = 1,
    /// The command line is wrong, or names something that does not exist or is not unique.
    Usage = 2,
    /// A rule refused it; nothing changed.
    Refused = 3,
    /// It worked, with warnings, and `--fail-on warn` was given.
    Warnings = 4,
    /// No connection, no leader, no quorum; nothing was sent or nothing was taken in.
    NotConnected = 5,
    /// Not authenticated, or not permitted.
    NotPermitted = 6,
    /// Some members answered or acted, others did not.
    Partial = 7,
    /// Waiting ended; what was waited for may still come.
    StillGoing = 8,
    /// A check found a fault in the data.
    FaultFound = 9,
    /// With `--detailed-exit-code`: nothing needed doing.
    NothingToDo = 10,
    /// Another operation is in the way, or the state has moved on.
    Conflict = 11,
    /// A wrapping key, or what keeps it, is not available or not fit for use.
    Kms = 12,
    /// It was sent, and no answer came: it may have happened.
    OutcomeUnknown = 13,
    /// The operator said no.
    Declined = 14,
    /// Interrupted (SIGINT) before anything was sent.
    Interrupted = 130,
    /// Ended (SIGTERM) before anything was sent.
    Terminated = 143,
}

impl Exit {
    pub fn code(self) -> u8 {
        self as u8
    }
}
