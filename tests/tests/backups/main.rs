//! Nodes whose sidecar was lost, and clusters that come back from backups.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stand outside the server"
)]

mod interrupted;
mod kills;
mod lifecycle;
mod operator;
mod restored;
mod resync;
mod spoiled;
