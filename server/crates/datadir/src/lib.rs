//! What a data directory is: whose it is, who holds it, and where its parts lie.
//!
//! The server opens data directories, and so do tools beside it. What they have to agree on is here, and nothing of
//! what the parts hold.

mod identity;
mod layout;
mod lock;
mod store_mark;

pub use identity::{
    Identity, IdentityError, announce_identity, assume_identity, identity_path, is_restoring, read_identity,
    restoring_names, write_identity,
};
pub use layout::{GROUPS, group_dir, has_groups, log_dir, log_mark, state_dir};
pub use lock::{LOCK, LockError, lock};
pub use store_mark::StorePiece;
