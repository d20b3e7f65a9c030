//! What clients see while trouble is made, judged afterwards: no store that keeps its word could have shown
//! anything else than what they saw.
//!
//! ```text
//! cargo test -p elastickv-tests --test histories                        what every change is held against
//! ELASTICKV_SCALE=full cargo test -p elastickv-tests --test histories   fifty thousand operations
//! ELASTICKV_SEED=1 …                                                    the same choices again
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests stand outside the server"
)]

mod locking;
mod serializable;
mod stamps;
