//! What a decoder takes, seen from the allocator.
//!
//! Two figures, since they find different faults. The largest single request is what a length that is believed
//! before it is checked shows in, however little else is held; the most that is held at once is what many small
//! requests show in.

use accounting_allocator::AccountingAlloc;
use peak_alloc::PeakAlloc;

/// The allocator of whoever feeds decoders.
pub type Allocator = AccountingAlloc<PeakAlloc>;

pub const fn allocator() -> Allocator {
    AccountingAlloc::with_allocator(PeakAlloc)
}

/// What was taken while something was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The largest single request, of new memory or for more in place of some.
    pub largest: usize,
    /// The most that was held at once, beyond what was held before.
    pub at_once: usize,
}

/// Does something and tells what it took. Whatever other threads take meanwhile is counted as well.
pub fn measure<T>(memory: &Allocator, work: impl FnOnce() -> T) -> (T, Taken) {
    memory.count();
    PeakAlloc.reset_peak_usage();
    let before = PeakAlloc.current_usage();
    let result = work();
    let at_once = PeakAlloc.peak_usage().saturating_sub(before);
    let largest = memory.count().since_last.largest_alloc;
    (result, Taken { largest, at_once })
}
