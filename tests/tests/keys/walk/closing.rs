//! What a walk amounted to.

use std::fmt::Write;

use elastickv_tests::canaries::Found;
use elastickv_tests::summary::Summary;

#[derive(Debug)]
pub struct Closing {
    pub clients: usize,
    pub summary: Summary,
    pub reads: u64,
    /// Of the canaries from before the first cutover.
    pub early: Found,
    pub found: Found,
}

/// One line for each walk.
pub fn table(walks: &[(&str, &Closing)]) -> String {
    let mut table = format!(
        "{:8} {:>8} {:>8} {:>14} {:>8} {:>9} {:>6} {:>15} {:>6} {:>11}",
        "WALK",
        "CLIENTS",
        "WRITES",
        "ACKNOWLEDGED %",
        "READS",
        "CANARIES",
        "FILES",
        "BYTES SEARCHED",
        "FOUND",
        "EARLY FOUND"
    );
    for (name, walk) in walks {
        let (summary, found) = (&walk.summary, &walk.found);
        let _ = write!(
            table,
            "\n{name:8} {:>8} {:>8} {:>14.2} {:>8} {:>9} {:>6} {:>15} {:>6} {:>11}",
            walk.clients,
            summary.operations,
            summary.acknowledged_share(),
            walk.reads,
            found.sought,
            found.files,
            found.bytes,
            found.canaries(),
            format!("{}/{}", walk.early.canaries(), walk.early.sought),
        );
    }
    table
}
