//! The data keys a node holds, and the file that brings them back at its next start.
//!
//! ```text
//!             SidecarFile ── load ──┐                ┌── KeyTable (replicated state)
//!                  ▲                ▼                ▼
//!                save            Start ──────▶  Keystore ── publish ──▶ Keyring (readers, without a lock)
//!                  │                                 ▲
//!               Recorded ── RecordedEpoch ── NonceSource     KeyMaterial (unwrapped elsewhere)
//! ```
//!
//! Two rules make this crate. An epoch is on the disk before a nonce is made of it, and readers see a key
//! only after the sidecar holds it. It knows nothing of KEKs and providers, of the registry's rules, of the
//! engine or of Raft: they hand over what it needs.

mod epoch;
mod error;
mod failures;
#[cfg(any(test, feature = "testing"))]
mod fuzz;
mod json;
mod keystore;
mod load;
mod resync;
mod ring;
mod sidecar;
mod start;
#[cfg(feature = "testing")]
pub mod subject;
mod table;
#[cfg(test)]
mod tests;
#[cfg(feature = "testing")]
mod watch;

pub use epoch::{Exhausted, RecordedEpoch, Registration};
pub use error::{KeyringError, Lookup, Problem, Remedy, Result};
pub use failures::{Failure, Failures};
#[cfg(feature = "testing")]
pub use fuzz::{fuzz_mark, fuzz_sidecar};
pub use keystore::{Change, KeyStatus, Keystore, Sealing, Unopened};
pub use load::{FilePiece, LoadMark, LoadTrace, MarkError, Others, Piece, PieceError, Pieces};
pub use resync::{Resync, Resynced};
pub use ring::{Held, Keyring, Ring};
pub use sidecar::{
    Active, LONGEST_LABEL, MOST_GROUPS, MOST_KEYS, Owner, Recorded, SIDECAR_DIR, Sidecar, SidecarFile,
    SidecarKey,
};
pub use start::{Checked, Start};
pub use table::{KeyState, KeyTable, Row, TableKey};
#[cfg(feature = "testing")]
pub use watch::{record_nonces, repeat_nonces, repeat_salts};
