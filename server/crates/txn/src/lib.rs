//! What clients ask for, on top of one group: writes that are stamped, batched and proposed, and reads
//! at a timestamp.
//!
//! This crate knows no wire format and no Raft library.

mod ceiling;
mod clock;
mod coordinator;
mod limits;
mod proposer;
mod time;

pub use clock::{HybridClock, Stamps};
pub use coordinator::{Consistency, Coordinator, ReadAt, ReadFailure, Reading, Scan, ScanPage};
pub use limits::{LimitError, Limits};
pub use proposer::{Admission, Refused, WriteDone, WriteError};
