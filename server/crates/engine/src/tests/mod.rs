#![allow(clippy::disallowed_methods, reason = "tests look into the store's files themselves")]

mod conformance;
mod erase;
mod random;
mod subject;

use crate::KeyspaceName;

fn name(text: &str) -> KeyspaceName {
    KeyspaceName::new(text).unwrap()
}
