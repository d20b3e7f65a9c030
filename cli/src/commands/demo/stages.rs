//! What happens, in which order.

use Stage::{Bootstrap, Count, FindClear, FindNothing, Found, ReadBack, Rewrite, SealLog, SealValues};

use super::walk::Walk;
use crate::error::CliError;

/// Each stage with what does it, what it is called, and what is said before it.
macro_rules! stages {
    ($($stage:ident $act:ident $title:literal: $announcement:literal;)+) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Stage {
            $($stage,)+
        }

        const ALL: &[Stage] = &[$(Stage::$stage,)+];

        impl Stage {
            pub fn title(self) -> &'static str {
                match self {
                    $(Stage::$stage => $title,)+
                }
            }

            /// What is about to happen.
            pub fn announcement(self) -> &'static str {
                match self {
                    $(Stage::$stage => $announcement,)+
                }
            }

            /// Does it, and says what came of it.
            pub async fn act(self, walk: &mut Walk<'_>) -> Result<String, CliError> {
                match self {
                    $(Stage::$stage => walk.$act().await,)+
                }
            }
        }
    };
}

stages! {
    Found found "found": "three nodes found a cluster, in clear text, and somebody begins to write";
    Join join "join": "a fourth node joins as a learner";
    FindClear find_clear "leak scan, clear":
        "a node is stopped, and its files are searched for what was written: it is found";
    Bootstrap bootstrap "bootstrap": "the cluster makes its data keys";
    SealValues seal_values "storage cutover": "every member seals the values that are written from now on";
    SealLog seal_log "raft cutover": "every entry of the log is sealed from now on";
    SealLogUnderFire seal_log_under_fire "raft cutover":
        "the log is to be sealed as well, and the leader is killed in the middle of it";
    Rotate rotate "rotate": "a new key takes the place of the active one";
    Rewrite rewrite "rewrite": "old values are sealed anew, and what they were is removed";
    Count count "count": "every value of every member is counted by its key";
    Retire retire "retire": "the key that was replaced leaves";
    Damage damage "damage": "the file of keys of a node is damaged: the node refuses to start";
    Resync resync "resync": "the file is made anew, and the node comes back";
    BackUp back_up "backup": "a backup is made of the running cluster";
    LookThrough look_through "verify backup": "the backup is looked through, with the wrapping key";
    Restore restore "restore": "a new cluster is made of the backup";
    ReadBack read_back "read back":
        "the writer ends, and every acknowledged write is read back, from both clusters";
    Compare compare "compare": "the members compare what they hold";
    FindNothing find_nothing "leak scan, sealed":
        "all nodes are stopped, and all their files searched for what was written";
}

/// All of it, with the log sealed in the worst of moments.
pub fn walk() -> Vec<Stage> {
    ALL.iter().copied().filter(|stage| *stage != Stage::SealLog).collect()
}

pub const QUICK: [Stage; 9] =
    [Found, FindClear, Bootstrap, SealValues, SealLog, Rewrite, Count, ReadBack, FindNothing];
