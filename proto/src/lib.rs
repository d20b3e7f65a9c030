//! The wire: messages and services generated from the `.proto` files, without logic.
//!
//! The compatible services have no package and live at the root of this crate; the project's own are
//! in [`v1`]. Messages carry users' keys and values, so none of them implements `Debug` by itself.

#![allow(clippy::all, missing_debug_implementations, reason = "generated")]

tonic::include_proto!("_");

pub mod v1 {
    tonic::include_proto!("elastickv.v1");
}

/// How the services without a package name messages of ours.
mod elastickv {
    pub use crate::v1;
}

/// All file descriptors, for server reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
