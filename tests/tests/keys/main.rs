//! Nodes with keys: how they start, and which starts they refuse.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests stand outside the server"
)]

mod admin;
mod bad_requests;
mod disks;
mod gates;
mod interrupted;
mod joining;
mod leaders;
mod newcomers;
mod nonces;
mod operator;
mod outage;
mod plant;
mod points;
mod refusals;
mod registration;
mod retire;
mod rewrite;
mod runbooks;
mod sealing;
mod shells;
mod starts;
mod walk;
