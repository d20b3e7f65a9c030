//! Failures of disks, files and members, made on purpose to real processes.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests stand outside the server"
)]

mod damage;
mod damaged_transfer;
mod full_disk;
mod late_learner;
mod short_start;
mod transfer;
