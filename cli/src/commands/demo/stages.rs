//! What happens, in which order.

use super::walk::Walk;
use crate::error::CliError;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Found,
    Join,
    FindClear,
    Bootstrap,
    SealValues,
    SealLog,
    SealLogUnderFire,
    Rotate,
    Rewrite,
    Count,
    Retire,
    Damage,
    Resync,
    BackUp,
    LookThrough,
    Restore,
    ReadBack,
    Compare,
    FindNothing,
}

use Stage::*;

pub const WALK: [Stage; 18] = [
    Found,
    Join,
    FindClear,
    Bootstrap,
    SealValues,
    SealLogUnderFire,
    Rotate,
    Rewrite,
    Count,
    Retire,
    Damage,
    Resync,
    BackUp,
    LookThrough,
    Restore,
    ReadBack,
    Compare,
    FindNothing,
];

pub const QUICK: [Stage; 9] =
    [Found, FindClear, Bootstrap, SealValues, SealLog, Rewrite, Count, ReadBack, FindNothing];

impl Stage {
    pub fn title(self) -> &'static str {
        match self {
            Found => "found",
            Join => "join",
            FindClear => "leak scan, clear",
            Bootstrap => "bootstrap",
            SealValues => "storage cutover",
            SealLog | SealLogUnderFire => "raft cutover",
            Rotate => "rotate",
            Rewrite => "rewrite",
            Count => "count",
            Retire => "retire",
            Damage => "damage",
            Resync => "resync",
            BackUp => "backup",
            LookThrough => "verify backup",
            Restore => "restore",
            ReadBack => "read back",
            Compare => "compare",
            FindNothing => "leak scan, sealed",
        }
    }

    /// What is about to happen.
    pub fn announcement(self) -> &'static str {
        match self {
            Found => "three nodes found a cluster, in clear text, and somebody begins to write",
            Join => "a fourth node joins as a learner",
            FindClear => "a node is stopped, and its files are searched for what was written: it is found",
            Bootstrap => "the cluster makes its data keys",
            SealValues => "every member seals the values that are written from now on",
            SealLog => "every entry of the log is sealed from now on",
            SealLogUnderFire => {
                "the log is to be sealed as well, and the leader is killed in the middle of it"
            }
            Rotate => "a new key takes the place of the active one",
            Rewrite => "old values are sealed anew, and what they were is removed",
            Count => "every value of every member is counted by its key",
            Retire => "the key that was replaced leaves",
            Damage => "the file of keys of a node is damaged: the node refuses to start",
            Resync => "the file is made anew, and the node comes back",
            BackUp => "a backup is made of the running cluster",
            LookThrough => "the backup is looked through, with the wrapping key",
            Restore => "a new cluster is made of the backup",
            ReadBack => "the writer ends, and every acknowledged write is read back, from both clusters",
            Compare => "the members compare what they hold",
            FindNothing => "all nodes are stopped, and all their files searched for what was written",
        }
    }

    /// Does it, and says what came of it.
    pub async fn act(self, walk: &mut Walk<'_>) -> Result<String, CliError> {
        match self {
            Found => walk.found().await,
            Join => walk.join().await,
            FindClear => walk.find_clear().await,
            Bootstrap => walk.bootstrap().await,
            SealValues => walk.seal_values().await,
            SealLog => walk.seal_log().await,
            SealLogUnderFire => walk.seal_log_under_fire().await,
            Rotate => walk.rotate().await,
            Rewrite => walk.rewrite().await,
            Count => walk.count().await,
            Retire => walk.retire().await,
            Damage => walk.damage().await,
            Resync => walk.resync().await,
            BackUp => walk.back_up().await,
            LookThrough => walk.look_through().await,
            Restore => walk.restore().await,
            ReadBack => walk.read_back().await,
            Compare => walk.compare().await,
            FindNothing => walk.find_nothing().await,
        }
    }
}
