//! What older clients bring along, looked at before anything is proposed.
//!
//! A request that can not be right leaves no trace: nothing is begun, nothing is recorded, and its asker is told which
//! part does not hold. What may change between this look and the step, the replicas decide.

use elastickv_fsm::{Control, KeyState, Rejection};
use elastickv_types::{FullNodeId, LocalEpoch, Purpose};

use super::driver::Operations;
use super::keys::{KeyTrouble, Maker};
use super::{Supplied, SuppliedWriter};
use crate::ports::Standing;

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SuppliedError {
    #[error(transparent)]
    Key(#[from] KeyTrouble),
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error("{0} was named, and is not a member")]
    NotAMember(FullNodeId),
    #[error("{node} was named at epoch {given}, and is at {found}")]
    OtherEpoch { node: FullNodeId, given: LocalEpoch, found: LocalEpoch },
}

impl Operations {
    /// Nothing that passes by itself is refused here: the operation waits for that.
    pub async fn vet(
        &self,
        standing: &Standing,
        purpose: Option<Purpose>,
        supplied: &Supplied,
    ) -> Result<(), SuppliedError> {
        supplied.writers.iter().try_for_each(|writer| at_epoch(standing, *writer, LocalEpoch::ZERO))?;
        if let Some(proposer) = supplied.proposer {
            let found = highest_epoch(&standing.control, proposer.node);
            let given = SuppliedWriter { epoch: proposer.epoch.unwrap_or(found), node: proposer.node };
            at_epoch(standing, given, found)?;
        }
        if let Some(key) = purpose.and_then(|purpose| supplied.key(purpose).id) {
            unused(&standing.control, key)?;
        }
        let Some(keks) = &self.parts.keks else { return Ok(()) };
        let now = elastickv_fsm::UnixMillis::new(self.now_ms());
        let maker = Maker { standing, keks, random: &*self.parts.random, now };
        match maker.opens(supplied).await {
            Err(trouble) if !trouble.passes() => Err(trouble.into()),
            Err(_) | Ok(()) => Ok(()),
        }
    }
}

/// A key that nothing was sealed under yet may be named again: its rotation goes on.
fn unused(control: &Control, key: elastickv_types::KeyId) -> Result<(), Rejection> {
    match control.keys.get(key).map(|row| row.state) {
        None | Some(KeyState::Installed) => Ok(()),
        Some(_) => Err(Rejection::KeyIdUsed { key }),
    }
}

fn at_epoch(standing: &Standing, given: SuppliedWriter, found: LocalEpoch) -> Result<(), SuppliedError> {
    let SuppliedWriter { node, epoch } = given;
    if !standing.membership.members.contains_key(&node) {
        return Err(SuppliedError::NotAMember(node));
    }
    match epoch == found {
        true => Ok(()),
        false => Err(SuppliedError::OtherEpoch { node, given: epoch, found }),
    }
}

/// Of a node's present load: it has one for each key.
fn highest_epoch(control: &Control, node: FullNodeId) -> LocalEpoch {
    let own = control.writers.iter().filter(|(_, writer)| writer.node == node);
    own.map(|(_, writer)| writer.epoch).max().unwrap_or(LocalEpoch::ZERO)
}
