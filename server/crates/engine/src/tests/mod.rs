#![allow(clippy::disallowed_methods, reason = "tests look into the store's files themselves")]

mod conformance;
mod damage;
mod erase;
mod format;
mod full;
mod journals;
mod kill;
mod random;

use crate::KeyspaceName;

fn name(text: &str) -> KeyspaceName {
    KeyspaceName::new(text).unwrap()
}
