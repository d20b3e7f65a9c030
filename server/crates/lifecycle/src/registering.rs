//! Letting loads in as writers: the leader's side.
//!
//! A load asks before it seals anything, and may ask again with the same token as often as it likes. What the
//! registry decides is final; a node that it does not let in does not start.

use elastickv_consensus::ProposeError;
use elastickv_fsm::{Answer, Command, Registration, Rejection, Writer};
use elastickv_sys::point;
use elastickv_types::{FullNodeId, KeyId, LoadToken, LocalEpoch, LogIndex};

use crate::operations::Operations;
use crate::ports::{Question, Standing};

/// An entry that was proposed in vain is proposed so often.
const ATTEMPTS: usize = 10;

/// What a load wants to seal under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AskedRow {
    pub key: KeyId,
    pub epoch: LocalEpoch,
    pub token: LoadToken,
}

/// The last entry that changed a row; `None` when all of them stood there before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registered {
    pub at: Option<LogIndex>,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Away(#[from] ProposeError),
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error("{0} is not a member")]
    NotAMember(FullNodeId),
    #[error("{node} did not tell what it writes under: {reason}")]
    NoAnswer { node: FullNodeId, reason: String },
    #[error("{node} does not write under key {key}")]
    NotAWriter { node: FullNodeId, key: KeyId },
    #[error("{node} is at epoch {found} under key {key}, not at {given}")]
    OtherEpoch { node: FullNodeId, key: KeyId, found: LocalEpoch, given: LocalEpoch },
}

impl Operations {
    /// Registers a load under the keys that it says it holds. Rows under keys that have retired since are passed
    /// over: nothing is sealed under those any more.
    pub async fn register(&self, node: FullNodeId, rows: &[AskedRow]) -> Result<Registered, RegisterError> {
        let standing = self.parts.cluster.standing().await?;
        let mut last = None;
        for row in rows {
            let retired = standing.control.keys.get(row.key).is_some_and(|key| key.state.is_retired());
            if retired {
                continue;
            }
            let writer = Writer { node, epoch: row.epoch, token: row.token };
            last = self.enter(&standing, Registration { key: row.key, writer }).await?.or(last);
        }
        Ok(Registered { at: last })
    }

    /// Registers a member by hand: only what the node itself answers is entered.
    pub async fn register_by_hand(
        &self,
        node: FullNodeId,
        key: KeyId,
        given: Option<LocalEpoch>,
    ) -> Result<(LocalEpoch, Registered), RegisterError> {
        let standing = self.parts.cluster.standing().await?;
        let member = standing.membership.members.get(&node).ok_or(RegisterError::NotAMember(node))?;
        let asked = self.parts.fleet.ask(member, &Question::default()).await;
        let facts = asked.map_err(|silence| RegisterError::NoAnswer { node, reason: silence.0 })?;
        if facts.name.full_id() != node || facts.store != member.store_id {
            let reason = "another node answers in its place".to_owned();
            return Err(RegisterError::NoAnswer { node, reason });
        }
        let held = facts.key(key).zip(facts.load).ok_or(RegisterError::NotAWriter { node, key })?;
        let (epoch, token) = (held.0.epoch, held.1);
        if let Some(given) = given.filter(|given| *given != epoch) {
            return Err(RegisterError::OtherEpoch { node, key, found: epoch, given });
        }
        let registration = Registration { key, writer: Writer { node, epoch, token } };
        let at = self.enter(&standing, registration).await?;
        Ok((epoch, Registered { at }))
    }

    /// `None` when the row stands there already.
    pub(crate) async fn enter(
        &self,
        standing: &Standing,
        registration: Registration,
    ) -> Result<Option<LogIndex>, RegisterError> {
        if standing.control.keys.get(registration.key).is_some()
            && !standing.control.writers.judge(&registration)?
        {
            return Ok(None);
        }
        for _ in 0..ATTEMPTS {
            // Proposed twice, the same row changes nothing.
            point!(RowDue);
            let proposed = self.parts.cluster.propose(Command::RegisterWriter(registration)).await;
            point!(RowAnswered);
            match proposed {
                Ok(done) => match done.answers {
                    Answer::Registered(Ok(registered)) => {
                        return Ok(registered.changed.then_some(done.id.index));
                    }
                    Answer::Registered(Err(rejection)) => return Err(rejection.into()),
                    Answer::Nothing
                    | Answer::Misfit(_)
                    | Answer::Writes(_)
                    | Answer::Ceiling(_)
                    | Answer::PreWritten(_)
                    | Answer::Resolved(_)
                    | Answer::Done(_) => {}
                },
                Err(ProposeError::OutcomeUnknown) => drop(self.parts.cluster.standing().await?),
                Err(error) => return Err(error.into()),
            }
        }
        Err(ProposeError::OutcomeUnknown.into())
    }
}
