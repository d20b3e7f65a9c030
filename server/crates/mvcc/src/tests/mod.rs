//! Rows against a model, over both engines.

#![allow(clippy::disallowed_methods, reason = "tests look at the disk themselves")]

mod format;
mod model;
mod random;
mod support;
