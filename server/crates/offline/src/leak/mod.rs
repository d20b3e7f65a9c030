//! The search for planted bytes in files.
//!
//! Canaries are bytes that nobody could have written by accident: they are put into values, and then looked for in
//! everything a node has on its disk. A file may hold a canary as it is, or spelled in hexadecimal or Base64, and in
//! Base64 the same bytes look different behind one, two or three others. All spellings of all canaries are looked
//! for in one pass over each file.
//!
//! What is looked for is a canary's first sixteen bytes: sixteen random ones come about by no accident, and a copy that
//! was cut short counts as well.

mod canaries;
mod search;
mod spelling;

pub use canaries::{Canaries, CanaryError, LONGEST_FILE};
pub use search::{Finding, Found, LeakError, MOST_LISTED, Search};
pub use spelling::Spelling;

/// So many bytes of a canary are looked for, and the first of them have to tell it from every other.
pub const SOUGHT: usize = 16;
/// A shorter canary may stand anywhere by accident.
pub const SHORTEST: usize = 8;
