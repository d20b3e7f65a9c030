//! What has to hold between a state and any later one. It knows nothing of how decisions are made.

use std::collections::{BTreeMap, BTreeSet};

use elastickv_fsm::*;
use elastickv_types::*;

/// All that was ever seen of a control group.
#[derive(Default)]
pub struct Rules {
    milestones: BTreeMap<&'static str, LogIndex>,
    keys: BTreeMap<KeyId, (Purpose, Commitment, LogIndex, u8)>,
    writers: BTreeMap<(KeyId, ShortNodeId), Writer>,
    floor: BTreeSet<KeyId>,
    sealed: BTreeMap<KeyId, LogIndex>,
    recorded: BTreeSet<OperationId>,
    running: Option<OperationId>,
    control_index: Option<LogIndex>,
    fingerprint: Option<Fingerprint>,
}

impl Rules {
    /// Looks at what was decided and at the state after it.
    pub fn check(
        &mut self,
        (form, command): &(Form, Command),
        decision: &Decision,
        state: &GroupState,
    ) -> Result<(), String> {
        let control = state.control.as_deref().unwrap();
        let always_clear = match command {
            Command::RegisterWriter(_) => true,
            Command::Group(command) => matches!(command.change, GroupChange::EnableRaft { .. }),
            Command::WriteBatch(_)
            | Command::Ceiling(_)
            | Command::PreWrite(_)
            | Command::Resolve(_)
            | Command::Step(_)
            | Command::Operation(_)
            | Command::Job(_) => false,
        };
        let refused = match &decision.answer {
            Answer::Registered(Err(_)) | Answer::Done(Err(_)) => true,
            Answer::Misfit(misfit) => match (misfit, decision.actions.as_slice()) {
                (Misfit::SealedAlthoughExempt, [Action::NoteSealed { .. }]) => true,
                (Misfit::SealedAlthoughExempt, _) => {
                    return Err("an entry that was opened is not known to be sealed".to_owned());
                }
                (_, []) => true,
                (_, _) => return Err("an entry of the wrong form left a trace".to_owned()),
            },
            Answer::Nothing
            | Answer::Writes(_)
            | Answer::Ceiling(_)
            | Answer::PreWritten(_)
            | Answer::Resolved(_)
            | Answer::Registered(Ok(_))
            | Answer::Done(Ok(_)) => false,
        };
        let of_record = |action: &Action| {
            let ended = matches!(action, Action::SetRunning(None) | Action::Forget { .. });
            ended || matches!(action, Action::Remember { .. } | Action::NoteSealed { .. })
        };
        if refused && !decision.actions.iter().all(of_record) {
            return Err("what was rejected changed more than the history".to_owned());
        }
        let cut_over = self.milestones.contains_key("cutover");
        if *form == Form::Clear && cut_over && !always_clear && !decision.actions.is_empty() {
            return Err("a clear entry took effect above the cutover".to_owned());
        }
        let judged = named_membership(command);
        if judged.is_some() && judged != state.membership && decision.actions.iter().any(takes_effect) {
            return Err("what other members were judged for took effect".to_owned());
        }
        self.stage(state, control)?;
        self.keys(state, control)?;
        self.writers(control)?;
        self.log(decision, state)?;
        self.operations(decision, control)?;
        self.moves(control)
    }

    fn stage(&mut self, state: &GroupState, control: &Control) -> Result<(), String> {
        let stage = control.stage;
        let reached = [
            ("bootstrap", stage.bootstrap()),
            ("storage", stage.storage()),
            ("raft", stage.raft()),
            ("cutover", state.raft.cutover),
        ];
        for (name, at) in reached {
            match (self.milestones.get(name), at) {
                (Some(first), at) if at != Some(*first) => {
                    return Err(format!("{name} moved from {first} to {at:?}"));
                }
                (None, Some(at)) => drop(self.milestones.insert(name, at)),
                _ => {}
            }
        }
        Ok(())
    }

    fn keys(&mut self, state: &GroupState, control: &Control) -> Result<(), String> {
        let accepted = |key: &KeyId| !state.raft.floor.contains_key(key);
        let mut raft = control.keys.iter().filter(|(_, row)| row.purpose == Purpose::Raft);
        if let Some((key, _)) = raft.find(|(key, row)| row.state.is_retired() && accepted(key)) {
            return Err(format!("key {key} is retired, and entries under it are accepted"));
        }
        for (key, row) in control.keys.iter() {
            let now = (row.purpose, row.commitment, row.created, row.state.as_u8());
            if let Some((purpose, commitment, created, state)) = self.keys.insert(key, now)
                && ((purpose, commitment, created) != (now.0, now.1, now.2) || now.3 < state)
            {
                return Err(format!("key {key} is another one, or as it was before"));
            }
        }
        if let Some(gone) = self.keys.keys().find(|key| control.keys.get(**key).is_none()) {
            return Err(format!("key {gone} is forgotten"));
        }
        for purpose in Purpose::ALL {
            let rows = control.keys.iter().filter(|(_, row)| row.purpose == purpose);
            let active = rows.filter(|(_, row)| row.state == KeyState::Active).count();
            if active != usize::from(control.stage.bootstrap().is_some()) {
                return Err(format!("{active} keys of purpose {purpose} are active"));
            }
        }
        Ok(())
    }

    fn writers(&mut self, control: &Control) -> Result<(), String> {
        for (key, row) in control.writers.iter() {
            if control.keys.get(key).is_none_or(|found| found.state.is_retired()) {
                return Err(format!("there are writers of key {key}"));
            }
            let Some(before) = self.writers.insert((key, row.node.short()), *row) else { continue };
            let same_load = before.epoch == row.epoch && before.token == row.token;
            if before.node != row.node || (before.epoch >= row.epoch && !same_load) {
                return Err(format!("two loads under key {key} can have the same nonces"));
            }
        }
        Ok(())
    }

    fn log(&mut self, decision: &Decision, state: &GroupState) -> Result<(), String> {
        for action in &decision.actions {
            if let Action::NoteSealed { key, at } = action
                && (self.floor.contains(key) || self.sealed.insert(*key, *at).is_some_and(|last| last >= *at))
            {
                return Err(format!("an entry under key {key} was accepted at {at}"));
            }
        }
        self.floor.extend(state.raft.floor.keys());
        if self.floor.len() != state.raft.floor.len() || self.sealed != state.raft.last_sealed {
            return Err("keys left the floor, or sealed entries are not known".to_owned());
        }
        Ok(())
    }

    fn operations(&mut self, decision: &Decision, control: &Control) -> Result<(), String> {
        for action in &decision.actions {
            if let Action::Remember { record, .. } = action
                && !self.recorded.insert(record.operation)
            {
                return Err(format!("operation {} acted twice", record.operation));
            }
        }
        let running = control.running.as_ref().map(|running| running.origin.operation);
        if let Some(before) = std::mem::replace(&mut self.running, running)
            && running != Some(before)
            && !self.recorded.contains(&before)
        {
            return Err(format!("operation {before} ended without a record"));
        }
        Ok(())
    }

    fn moves(&mut self, control: &Control) -> Result<(), String> {
        let (index, fingerprint) = (control.control_index, control.fingerprint());
        if index < self.control_index || control.keyring_version > index {
            return Err("the control index went back".to_owned());
        }
        if index == self.control_index && self.fingerprint.is_some_and(|before| before != fingerprint) {
            return Err("two states have one control index".to_owned());
        }
        (self.control_index, self.fingerprint) = (index, Some(fingerprint));
        Ok(())
    }
}

/// The membership that a command says was judged.
pub fn named_membership(command: &Command) -> Option<LogId> {
    match command {
        Command::Step(command) => match &command.step {
            Step::Bootstrap(bootstrap) => Some(bootstrap.membership),
            Step::Retire(retire) => Some(retire.membership),
            Step::EnableStorage { membership } => Some(*membership),
            Step::Install(_) | Step::Rewrap(_) | Step::Activate { .. } | Step::Close { .. } => None,
        },
        Command::Group(command) => match &command.change {
            GroupChange::EnableRaft { membership } => Some(*membership),
            GroupChange::RaiseFloor { .. } => None,
        },
        Command::Operation(command) => match &command.phase {
            Phase::Begin { membership, .. } => Some(*membership),
            Phase::End(_) => None,
        },
        Command::Job(command) => match command.change {
            JobChange::Finish { membership, .. } => Some(membership),
            JobChange::StartRewrite { .. }
            | JobChange::Pause
            | JobChange::Resume
            | JobChange::SetRate { .. }
            | JobChange::Cancel => None,
        },
        Command::WriteBatch(_)
        | Command::Ceiling(_)
        | Command::PreWrite(_)
        | Command::Resolve(_)
        | Command::RegisterWriter(_) => None,
    }
}

fn takes_effect(action: &Action) -> bool {
    matches!(action, Action::SetStage(_) | Action::PutKey { .. } | Action::CutOver { .. })
        || matches!(action, Action::SetRunning(Some(running)) if running.steps.is_empty())
}
