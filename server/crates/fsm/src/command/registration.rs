//! Who seals under a key.

use elastickv_types::{FullNodeId, KeyId, LoadToken, LocalEpoch};

use super::List;

/// One load of one node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Writer {
    pub node: FullNodeId,
    pub epoch: LocalEpoch,
    pub token: LoadToken,
}

/// From now on this load seals under this key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registration {
    pub key: KeyId,
    pub writer: Writer,
}

/// The loads that a new key's gate heard from; they are registered together with the key.
pub type Cohort = List<Writer, 1024>;
