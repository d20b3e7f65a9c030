//! What is handed to others: the programs as they are delivered, and the commands the README promises.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests stand outside the server"
)]

mod benchmark;
mod delivered;
mod demo;
mod install;
mod monitoring;
mod readme;
mod transcripts;
