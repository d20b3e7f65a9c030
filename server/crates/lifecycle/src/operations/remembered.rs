//! What one node remembers of operations beside the replicated history, which does not have it: bounded, and gone with
//! the process.

use std::collections::VecDeque;

use elastickv_types::OperationId;
use parking_lot::Mutex;

/// Operations of which something is remembered.
const MOST: usize = 64;

#[derive(Debug)]
pub struct Remembered<T>(Mutex<VecDeque<(OperationId, T)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Remembered<T> {
    /// The last that is noted of an operation counts.
    pub fn note(&self, operation: OperationId, what: T) {
        let mut all = self.0.lock();
        all.retain(|(of, _)| *of != operation);
        all.push_back((operation, what));
        while all.len() > MOST {
            all.pop_front();
        }
    }

    pub fn find(&self, operation: OperationId) -> Option<T> {
        self.0.lock().iter().find(|(of, _)| *of == operation).map(|(_, what)| what.clone())
    }
}
