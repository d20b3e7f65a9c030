//! Contexts: clusters by name.
//!
//! A context is what an operator would otherwise repeat on every command line: endpoints, files to get in with, and
//! two things that keep one cluster from being taken for another: the id that it must answer with, and whether changes
//! have to be confirmed by its name. [`document`] is the file as it is read and written, [`store`] where it is and how
//! it is replaced, [`settings`] what counts in the end. Of secrets only paths are known here.

mod document;
mod name;
mod settings;
mod similar;
mod store;

pub use document::{Document, Entry, Malformed};
pub use name::{Choice, ContextName, NO_CONTEXT};
pub use settings::{Environment, Setting, Settings, Source, unknown as unknown_context};
pub use similar::{did_you_mean, similar};
pub use store::{Store, StoreError};
