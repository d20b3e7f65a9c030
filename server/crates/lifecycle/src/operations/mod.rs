//! Operations: one at a time in a cluster, each acts once.

mod asking;
mod driver;
mod due;
mod keys;
mod next;
mod opening;
mod previous;
mod progress;
mod remembered;
mod request;
mod steps;
mod vetting;

pub use asking::Begun;
pub use driver::{CheckError, Operations, Parts};
pub use due::{Because, Due, due};
pub use keys::KeyTrouble;
pub use next::{Next, next};
pub use opening::{GONE_AFTER, Silences, waited_for};
pub use progress::{Progress, Refusal, Waiting};
pub use request::{
    Request, RequestError, Supplied, SuppliedKey, SuppliedProposer, SuppliedWriter, draw_operation,
};
pub use vetting::SuppliedError;
