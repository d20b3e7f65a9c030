//! Says whether what clients saw of a store can have happened in a correct one.
//!
//! Clients write down every call they made: when it began, when its answer came, what the answer was. No
//! clock, socket or file appears in here; a history goes in and [`Findings`] come out, so the judges are
//! tested with histories made by hand, and with those of a small simulated store that is broken on purpose.
//!
//! | judge | of | holds against it |
//! |---|---|---|
//! | [`lists`] | transactions that read and append to lists | strict serializability, by cycles of dependencies |
//! | [`registers`] | single puts, deletes and gets | linearizability, key by key |
//! | [`bank`] | snapshots of accounts between which money is moved | the sum never changes |
//! | [`stamps`] | timestamps handed out | no two alike, and later ones larger |
//!
//! A call whose answer never came may have had its effect, may have it later, or never: each judge counts it
//! as *possible* until something that only it can have caused is seen. No judge ever reports what a correct
//! store could have done.

pub mod bank;
mod call;
mod findings;
mod graph;
pub mod lists;
pub mod registers;
pub mod stamps;

pub use call::{Call, Moment, Outcome};
pub use findings::{Findings, Kind};
