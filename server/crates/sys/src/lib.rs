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
pub mod open_files;
#[cfg(feature = "testing")]
pub mod points;
pub mod private;
pub mod process;
pub mod random;
#[cfg(feature = "testing")]
pub mod recording;
pub mod secrecy;
pub mod stages;
pub mod supervisor;
pub mod task;
pub mod tree;

/// Passes a point: where a test may have ordered that the process ends or is held. Nothing in a release.
#[cfg(feature = "testing")]
#[macro_export]
macro_rules! point {
    ($point:ident) => {
        $crate::points::pass($crate::points::Point::$point)
    };
    ($point:ident, if $condition:expr) => {
        if $condition {
            $crate::points::pass($crate::points::Point::$point)
        }
    };
}

/// Passes a point: where a test may have ordered that the process ends or is held. Nothing in a release.
#[cfg(not(feature = "testing"))]
#[macro_export]
macro_rules! point {
    ($($anything:tt)*) => {};
}

/// Passes a moment at which a test may have ordered to wait. Nothing in a release.
#[cfg(feature = "testing")]
#[macro_export]
macro_rules! stall {
    ($stall:ident) => {
        $crate::points::stall($crate::points::Stall::$stall)
    };
    ($stall:ident, if $condition:expr) => {
        if $condition {
            $crate::points::stall($crate::points::Stall::$stall)
        }
    };
}

/// Passes a moment at which a test may have ordered to wait. Nothing in a release.
#[cfg(not(feature = "testing"))]
#[macro_export]
macro_rules! stall {
    ($($anything:tt)*) => {};
}

/// Whether a test has ordered that something wrong is done, this once. Never in a release.
#[cfg(feature = "testing")]
#[macro_export]
macro_rules! wrong {
    ($wrong:ident, if $condition:expr) => {
        $condition && $crate::points::is_ordered($crate::points::Wrong::$wrong)
    };
}

/// Whether a test has ordered that something wrong is done, this once. Never in a release.
#[cfg(not(feature = "testing"))]
#[macro_export]
macro_rules! wrong {
    ($($anything:tt)*) => {
        false
    };
}
