//! Which reads are open, and which of them began before the rows were counted.
//!
//! A view goes on showing rows as they were. Whoever counts rows, so that a key can go, has to know whether somebody
//! still looks at those of before. So time is cut into eras: each view holds the era in which it began, and a count ends
//! one.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

#[derive(Debug, Default)]
pub struct OpenReads(Mutex<Eras>);

#[derive(Debug, Default)]
struct Eras {
    now: Era,
    past: Vec<Weak<()>>,
}

/// When a view began, as long as it is open.
#[derive(Clone, Debug, Default)]
pub struct Era(Arc<()>);

impl OpenReads {
    /// To be called before the view is taken: a view that is taken for older than it is holds up a little, and the other
    /// way round rows would be missed.
    pub fn begin(&self) -> Era {
        self.0.lock().now.clone()
    }

    /// What begins from now on sees all that was done before.
    pub fn cut(&self) {
        let mut eras = self.0.lock();
        let ended = std::mem::take(&mut eras.now);
        let Eras { past, .. } = &mut *eras;
        past.push(Arc::downgrade(&ended.0));
        drop(ended);
        past.retain(|era| era.strong_count() > 0);
    }

    /// How many are open that began before the last cut.
    pub fn older(&self) -> usize {
        self.0.lock().past.iter().map(Weak::strong_count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_before_the_last_cut_is_older_until_it_ends() {
        let reads = OpenReads::default();
        let first = reads.begin();
        assert_eq!(reads.older(), 0, "nothing was counted yet");
        reads.cut();
        let (second, third) = (reads.begin(), reads.begin());
        assert_eq!(reads.older(), 1);
        reads.cut();
        let fourth = reads.begin();
        assert_eq!(reads.older(), 3, "those before an earlier cut too");
        drop((first, second));
        assert_eq!(reads.older(), 1);
        drop(third);
        assert_eq!(reads.older(), 0);
        drop(fourth);
    }
}
