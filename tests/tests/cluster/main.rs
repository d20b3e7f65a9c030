//! Clusters of real processes: that they do what they should, and that no trouble makes them break
//! their word.
//!
//! ```text
//! cargo test -p elastickv-tests --test cluster                        what every change is held against
//! ELASTICKV_SCALE=full cargo test -p elastickv-tests --test cluster   fifty rounds instead of some
//! ELASTICKV_SEED=1 …                                                  the same victims again
//! ELASTICKV_KEEP=1 …                                                  logs and data stay for a look
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests stand outside the server"
)]

mod doors;
mod interrupted_change;
mod isolation;
mod kill;
mod kv_commands;
mod lock;
mod locking;
mod log_size;
mod membership;
mod reflection;
mod slow_links;
mod snapshots;
mod succession;
mod three_nodes;
mod tools;
mod transfer;
mod txn;
