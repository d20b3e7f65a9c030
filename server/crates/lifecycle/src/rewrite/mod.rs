//! Sealing old rows anew, and making what they were disappear.
//!
//! ```text
//!   StartRewrite (an entry) ──▶ each member, for itself:  count ─▶ rows ─▶ locks ─▶ erase ─▶ done, recorded
//!   the leader, once every member is done:  Finish (an entry)
//! ```
//!
//! A member reads what there is to do from replicated state and from its own record, each time anew. So a job goes on
//! after a restart; a member that joins, or that got another generation of rows by a snapshot, does its part from the
//! beginning, also of a job that is finished; and nobody has to remember anything. Nothing is done when the last row
//! is written: what it was lies in older files, and erasing those is a part of the work ([`erasing`]).
//!
//! The work keeps to the job's rate and gives way to clients ([`pace`]). Whatever it waits for it says.

mod erasing;
mod local;
mod over;
mod pace;
mod verify;

pub use local::Local;
pub use over::{JobError, MemberPart};
pub use pace::Pressure;
pub use verify::{Verified, Verifier, VerifyError};
