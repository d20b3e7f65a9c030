//! What the control group alone knows.

use elastickv_types::{FullNodeId, KeyId, LocalEpoch, LogIndex, Purpose};

use super::{History, Job, KeyTable, Registry, Running, Stage};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Control {
    pub stage: Stage,
    pub keys: KeyTable,
    pub writers: Registry,
    pub running: Option<Running>,
    pub job: Option<Job>,
    pub history: History,
    /// The last entry that changed keys or stage: what a node's own copy of them is compared by. An
    /// operation that begins or ends, a registration, a rejection and a repetition move it not.
    pub control_index: Option<LogIndex>,
    /// The last entry that changed the table of keys.
    pub keyring_version: Option<LogIndex>,
}

impl Control {
    /// The key that a node seals under: of those that seal, the newest one that is open to it and under which
    /// its load, or an earlier one of it, is registered. So a key takes over at once where its cohort has a row,
    /// and a node that it does not cover goes on under the one before until it has registered.
    ///
    /// `own` tells the epoch of this load under a key that is open here.
    pub fn seal_key(
        &self,
        purpose: Purpose,
        node: FullNodeId,
        own: impl Fn(KeyId) -> Option<LocalEpoch>,
    ) -> Option<KeyId> {
        let sealing = self.keys.iter().filter(|(_, row)| row.purpose == purpose && row.state.seals());
        let covered = sealing.filter(|(key, _)| {
            let registered = self.writers.of(*key, node).map(|row| row.epoch);
            registered.zip(own(*key)).is_some_and(|(registered, own)| registered <= own)
        });
        covered.max_by_key(|(_, row)| row.created).map(|(key, _)| key)
    }
}

#[cfg(test)]
mod tests {
    use elastickv_types::{Commitment, LoadToken};

    use super::*;
    use crate::command::{UnixMillis, Writer};
    use crate::state::{KeyRow, KeyState};

    fn key(raw: u32) -> KeyId {
        KeyId::from_u32(raw).unwrap()
    }

    /// Keys 1 to 4, one newer than the other, in these states; n1 is registered under all of them at epoch 3.
    fn control(states: [KeyState; 4]) -> Control {
        let mut control = Control::default();
        for (id, state) in (1..).zip(states) {
            let row = KeyRow {
                purpose: Purpose::Storage,
                state,
                commitment: Commitment::new([0; 32]),
                created: LogIndex::new(u64::from(id)),
                created_at: UnixMillis::default(),
                wrapping: None,
            };
            control.keys.put(key(id), row);
            let writer =
                Writer { node: n1(), epoch: LocalEpoch::new(3), token: LoadToken::new(u64::from(id)) };
            control.writers.put(key(id), writer);
        }
        control
    }

    fn n1() -> FullNodeId {
        FullNodeId::of_name("n1")
    }

    const CLOSED: KeyState = KeyState::Closed { at: LogIndex::new(9) };

    #[test]
    fn the_newest_key_that_covers_a_node_seals() {
        let open = |_| Some(LocalEpoch::new(3));
        let states = [CLOSED, KeyState::Retiring, KeyState::Active, KeyState::Installed];
        let control = control(states);
        assert_eq!(control.seal_key(Purpose::Storage, n1(), open), Some(key(3)));
        // It is not open yet, or registered only for a later load: the one before goes on.
        let closed_3 = |asked| (asked != key(3)).then_some(LocalEpoch::new(3));
        assert_eq!(control.seal_key(Purpose::Storage, n1(), closed_3), Some(key(2)));
        let late = |asked| Some(LocalEpoch::new(if asked == key(3) { 2 } else { 4 }));
        assert_eq!(control.seal_key(Purpose::Storage, n1(), late), Some(key(2)));
    }

    #[test]
    fn nobody_seals_under_a_closed_key_or_one_that_is_not_theirs() {
        let open = |_| Some(LocalEpoch::new(3));
        let without = control([CLOSED, CLOSED, KeyState::Installed, KeyState::Installed]);
        assert_eq!(without.seal_key(Purpose::Storage, n1(), open), None);
        let with = control([KeyState::Retiring, KeyState::Active, CLOSED, CLOSED]);
        assert_eq!(with.seal_key(Purpose::Raft, n1(), open), None);
        let namesake = FullNodeId::from_u64(0x1_0000 | u64::from(n1().short().get())).unwrap();
        assert_eq!(namesake.short(), n1().short());
        assert_eq!(with.seal_key(Purpose::Storage, namesake, open), None);
    }
}
