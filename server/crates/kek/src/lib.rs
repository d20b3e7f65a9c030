//! Keys that wrap data keys (KEKs), wherever they are kept.
//!
//! A [`KekUri`] says where one is, [`Kek::open`] gets hold of it, and a [`Kek`] wraps and unwraps with it,
//! within a deadline, and never hands out a data key other than the one that was asked for. Behind it stands a
//! [`KekProvider`]: a key in a [`file`], or in an [`environment`] variable.
//!
//! Providers may be slow or gone for a while, so nothing that must not wait calls this crate. It knows
//! nothing of clusters, logs or stores.

pub mod environment;
mod error;
#[cfg(feature = "testing")]
mod faults;
pub mod file;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
mod local;
mod provider;
#[cfg(test)]
mod tests;
mod uri;

pub use error::{FileFault, KekError, Result, TextFault, UriFault};
pub use provider::{Kek, KekProvider, Wrapped};
pub use uri::KekUri;
