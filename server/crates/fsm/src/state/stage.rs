//! How far a cluster's encryption has come.
//!
//! ```text
//! Cleartext ── bootstrap ──▶ Bootstrapped ── seal storage ──▶ StorageSealed
//!                                 │                                │
//!                             seal raft                        seal raft
//!                                 ▼                                ▼
//!                             RaftSealed ──── seal storage ──▶ FullySealed
//! ```
//!
//! There is no way back. A milestone that was reached before is reached: whoever asks again is told
//! where that was.

use elastickv_types::LogIndex;

/// Each stage knows where in the control group's log its milestones are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    #[default]
    Cleartext,
    Bootstrapped {
        bootstrap: LogIndex,
    },
    /// Rows are sealed from `storage` on.
    StorageSealed {
        bootstrap: LogIndex,
        storage: LogIndex,
    },
    /// Entries of the control group above `raft` are sealed; each other group has a cutover of its own.
    RaftSealed {
        bootstrap: LogIndex,
        raft: LogIndex,
    },
    FullySealed {
        bootstrap: LogIndex,
        storage: LogIndex,
        raft: LogIndex,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Milestone {
    Bootstrap,
    SealStorage,
    SealRaft,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reached {
    Now(Stage),
    Before(LogIndex),
}

/// There are no keys to seal with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotBootstrapped;

impl Stage {
    /// The stage after a milestone at this index.
    pub fn reach(self, milestone: Milestone, at: LogIndex) -> Result<Reached, NotBootstrapped> {
        use Milestone::{Bootstrap, SealRaft, SealStorage};
        use Stage::{Bootstrapped, Cleartext, FullySealed, RaftSealed, StorageSealed};
        Ok(match (self, milestone) {
            (Cleartext, Bootstrap) => Reached::Now(Bootstrapped { bootstrap: at }),
            (Cleartext, SealStorage | SealRaft) => return Err(NotBootstrapped),
            (Bootstrapped { bootstrap }, SealStorage) => {
                Reached::Now(StorageSealed { bootstrap, storage: at })
            }
            (Bootstrapped { bootstrap }, SealRaft) => Reached::Now(RaftSealed { bootstrap, raft: at }),
            (StorageSealed { bootstrap, storage }, SealRaft) => {
                Reached::Now(FullySealed { bootstrap, storage, raft: at })
            }
            (RaftSealed { bootstrap, raft }, SealStorage) => {
                Reached::Now(FullySealed { bootstrap, storage: at, raft })
            }
            (
                Bootstrapped { bootstrap }
                | StorageSealed { bootstrap, .. }
                | RaftSealed { bootstrap, .. }
                | FullySealed { bootstrap, .. },
                Bootstrap,
            ) => Reached::Before(bootstrap),
            (StorageSealed { storage, .. } | FullySealed { storage, .. }, SealStorage) => {
                Reached::Before(storage)
            }
            (RaftSealed { raft, .. } | FullySealed { raft, .. }, SealRaft) => Reached::Before(raft),
        })
    }

    pub fn bootstrap(self) -> Option<LogIndex> {
        match self {
            Stage::Cleartext => None,
            Stage::Bootstrapped { bootstrap }
            | Stage::StorageSealed { bootstrap, .. }
            | Stage::RaftSealed { bootstrap, .. }
            | Stage::FullySealed { bootstrap, .. } => Some(bootstrap),
        }
    }

    /// From where on rows are sealed.
    pub fn storage(self) -> Option<LogIndex> {
        match self {
            Stage::Cleartext | Stage::Bootstrapped { .. } | Stage::RaftSealed { .. } => None,
            Stage::StorageSealed { storage, .. } | Stage::FullySealed { storage, .. } => Some(storage),
        }
    }

    /// Above which entries of the control group are sealed.
    pub fn raft(self) -> Option<LogIndex> {
        match self {
            Stage::Cleartext | Stage::Bootstrapped { .. } | Stage::StorageSealed { .. } => None,
            Stage::RaftSealed { raft, .. } | Stage::FullySealed { raft, .. } => Some(raft),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Cleartext => "cleartext",
            Stage::Bootstrapped { .. } => "bootstrapped",
            Stage::StorageSealed { .. } => "storage-sealed",
            Stage::RaftSealed { .. } => "raft-sealed",
            Stage::FullySealed { .. } => "fully-sealed",
        }
    }

    /// The stage with these milestones; `None` when there can be no such stage.
    pub fn of(
        bootstrap: Option<LogIndex>,
        storage: Option<LogIndex>,
        raft: Option<LogIndex>,
    ) -> Option<Self> {
        match (bootstrap, storage, raft) {
            (None, None, None) => Some(Stage::Cleartext),
            (None, Some(_), _) | (None, None, Some(_)) => None,
            (Some(bootstrap), None, None) => Some(Stage::Bootstrapped { bootstrap }),
            (Some(bootstrap), Some(storage), None) => Some(Stage::StorageSealed { bootstrap, storage }),
            (Some(bootstrap), None, Some(raft)) => Some(Stage::RaftSealed { bootstrap, raft }),
            (Some(bootstrap), Some(storage), Some(raft)) => {
                Some(Stage::FullySealed { bootstrap, storage, raft })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILESTONES: [Milestone; 3] = [Milestone::Bootstrap, Milestone::SealStorage, Milestone::SealRaft];

    fn at(raw: u64) -> LogIndex {
        LogIndex::new(raw)
    }

    /// Walks every path of three milestones, and checks each stage on it.
    #[test]
    fn every_way_ends_in_the_last_stage_and_none_leads_back() {
        let mut ends = Vec::new();
        for first in MILESTONES {
            for second in MILESTONES {
                for third in MILESTONES {
                    let mut stage = Stage::Cleartext;
                    for (milestone, index) in [first, second, third].into_iter().zip([2, 4, 6]) {
                        stage = step(stage, milestone, at(index));
                    }
                    ends.push(stage.as_str());
                }
            }
        }
        assert_eq!(ends.iter().filter(|end| **end == "fully-sealed").count(), 2);
        assert!(
            ["cleartext", "bootstrapped", "storage-sealed", "raft-sealed"]
                .iter()
                .all(|end| ends.contains(end))
        );
    }

    fn step(stage: Stage, milestone: Milestone, index: LogIndex) -> Stage {
        let of = |stage: Stage| match milestone {
            Milestone::Bootstrap => stage.bootstrap(),
            Milestone::SealStorage => stage.storage(),
            Milestone::SealRaft => stage.raft(),
        };
        assert_eq!(Stage::of(stage.bootstrap(), stage.storage(), stage.raft()), Some(stage));
        match stage.reach(milestone, index) {
            Err(NotBootstrapped) => {
                assert!(stage == Stage::Cleartext && milestone != Milestone::Bootstrap);
                stage
            }
            Ok(Reached::Before(first)) => {
                assert_eq!(of(stage), Some(first));
                stage
            }
            Ok(Reached::Now(next)) => {
                assert_eq!((of(stage), of(next)), (None, Some(index)));
                let kept = [Stage::bootstrap, Stage::storage, Stage::raft];
                assert!(kept.iter().all(|of| of(stage).is_none() || of(stage) == of(next)));
                next
            }
        }
    }

    #[test]
    fn nothing_is_sealed_without_keys() {
        assert_eq!(Stage::of(None, Some(at(1)), None), None);
        assert_eq!(Stage::of(None, None, Some(at(1))), None);
        assert_eq!(Stage::of(None, Some(at(1)), Some(at(1))), None);
    }
}
