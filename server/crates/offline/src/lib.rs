//! What is done to the files of a node while no server runs on them.
//!
//! Every data directory that is looked at is held by its lock first, so that nothing here ever meets a running server.
//! This crate talks to no terminal and to no cluster: it takes paths, and what a cluster said, and gives reports.

pub mod backup;
mod data_dir;
mod evidence;
mod examined;
pub mod leak;
mod own_state;
mod pace;
mod resync;

pub use data_dir::{DataDir, DataDirError};
pub use examined::{Examined, is_half_restored};
pub use own_state::{OwnState, OwnStateError, Replicated, Source, Trouble};
pub use pace::{Pace, Strides};
pub use resync::ResyncError;
