//! Rows against a model, over both engines.

#![allow(clippy::disallowed_methods, reason = "tests look at the disk themselves")]

mod bounds;
mod collecting;
mod delete_range;
mod forged;
mod format;
mod keyed;
mod latch;
mod model;
mod paging;
mod random;
mod support;
mod tokens;
