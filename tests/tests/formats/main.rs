//! Formats, checked against a reading of the format pages in another language.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stand outside the server"
)]

mod backups;
mod envelopes;
