//! The only door to the operating system's clock, files, randomness and tasks.
//!
//! Each of them is a trait or a function here, with the real thing behind it in the server and a
//! stand-in behind it in tests: a clock that is moved by hand, files that lose what was not synced
//! or refuse to grow, randomness that repeats. Everywhere else the originals are forbidden by a lint.

#![allow(clippy::disallowed_methods, reason = "this crate is where the originals are used")]

pub mod clock;
#[cfg(feature = "testing")]
pub mod crash;
pub mod durable;
#[cfg(feature = "testing")]
pub mod failing;
pub mod files;
#[cfg(feature = "testing")]
pub mod losing;
#[cfg(feature = "testing")]
pub mod memory;
#[cfg(feature = "testing")]
pub mod moved_clock;
pub mod private;
pub mod random;
#[cfg(feature = "testing")]
pub mod recording;
pub mod stages;
pub mod task;
