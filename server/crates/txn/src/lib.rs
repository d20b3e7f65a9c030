//! What clients ask for, on top of one group: writes that are stamped, batched and proposed, and reads
//! at a timestamp.
//!
//! This crate knows no wire format and no Raft library.

mod abandoned;
mod backlog;
mod ceiling;
mod clock;
mod collector;
mod conditions;
mod coordinator;
mod digest;
mod holds;
mod limits;
mod lookups;
mod oldest;
mod proposer;
mod reads;
mod rules;
mod skew;
mod steps;
mod time;
mod write;

pub use clock::{HybridClock, Stamps};
pub use collector::CollectedSoFar;
pub use coordinator::{Coordinator, CoordinatorParts, RangeDeleted, Reading, Scan, ScanPage};
pub use digest::{DigestAt, Digested};
pub use holds::{HoldId, Holding};
pub use limits::{LimitError, Limits};
pub use lookups::Lookups;
pub use proposer::Admission;
pub use reads::{Consistency, ReadAt, ReadFailure};
pub use rules::Rules;
pub use skew::watch_for_skew;
pub use steps::StepError;
pub use write::{Condition, Expected, Refused, WriteDone, WriteError, WriteRequest};
