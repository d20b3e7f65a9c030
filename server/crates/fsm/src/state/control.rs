//! What the control group alone knows.

use elastickv_types::LogIndex;

use super::{History, KeyTable, Registry, Running, Stage};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Control {
    pub stage: Stage,
    pub keys: KeyTable,
    pub writers: Registry,
    pub running: Option<Running>,
    pub history: History,
    /// The last entry that changed keys or stage: what a node's own copy of them is compared by. An
    /// operation that begins or ends, a registration, a rejection and a repetition move it not.
    pub control_index: Option<LogIndex>,
    /// The last entry that changed the table of keys.
    pub keyring_version: Option<LogIndex>,
}
