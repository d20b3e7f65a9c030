#![allow(clippy::disallowed_methods, reason = "tests look into the store's files themselves")]

mod conformance;
mod damage;
mod erase;
mod format;
mod full;
mod journals;
mod kill;
mod random;
mod subject;

use crate::KeyspaceName;

fn name(text: &str) -> KeyspaceName {
    KeyspaceName::new(text).unwrap()
}

/// Opens a store. The threads of the one that was open here before may hold its lock for a moment longer.
fn opened(dir: &std::path::Path, options: crate::FjallOptions) -> crate::FjallEngine {
    let begun = std::time::Instant::now();
    loop {
        match crate::FjallEngine::open(dir, options.clone()) {
            Err(crate::EngineError::Locked { .. }) if begun.elapsed().as_secs() < 60 => {
                std::thread::yield_now()
            }
            opened => return opened.unwrap(),
        }
    }
}
