//! Changing the state as it was decided, and telling which records of it changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Control, GroupState, RaftEnvelope, RecordKey};
use crate::command::Registration;
use crate::plan::Action;

impl GroupState {
    /// Does to the state what an action says. The records named in `touched` are to be written anew.
    pub fn perform(&mut self, action: &Action, touched: &mut BTreeSet<RecordKey>) {
        match action {
            // These change the tables.
            Action::PutRows { .. }
            | Action::RememberRequest { .. }
            | Action::PutLocks { .. }
            | Action::EndTransaction { .. } => {}
            Action::WriteSidecar | Action::PublishKeyring => {}
            Action::AdvanceTimestamp { to } => self.last_commit_ts = *to,
            Action::RaiseCeiling { to } => self.ceiling = *to,
            Action::RaiseOldest { to } => self.oldest = *to,
            Action::NoteSealed { key, at } => {
                self.raft_mut().last_sealed.insert(*key, *at);
                touched.insert(RecordKey::Sealed(*key));
            }
            Action::CutOver { at } => {
                self.raft_mut().cutover = Some(*at);
                touched.insert(RecordKey::Cutover);
            }
            Action::RaiseFloor { key, at } => {
                self.raft_mut().floor.insert(*key, *at);
                touched.insert(RecordKey::Floor(*key));
            }
            Action::SetStage(stage) => {
                self.control_mut().stage = *stage;
                touched.insert(RecordKey::Control);
            }
            Action::PutKey { key, row } => {
                self.control_mut().keys.put(*key, row.clone());
                touched.insert(RecordKey::Key(*key));
            }
            Action::PutWriter(registration) => {
                let Registration { key, writer } = *registration;
                self.control_mut().writers.put(key, writer);
                touched.insert(RecordKey::Writer(key, writer.node.short()));
            }
            Action::DropWriters { key } => {
                let gone = self.control_mut().writers.remove(*key);
                touched.extend(gone.into_iter().map(|short| RecordKey::Writer(*key, short)));
            }
            Action::SetRunning(running) => {
                self.control_mut().running = running.as_deref().cloned();
                touched.insert(RecordKey::Control);
            }
            Action::SetJob(job) => {
                self.control_mut().job = Some((**job).clone());
                touched.insert(RecordKey::Job);
            }
            Action::Remember { at, record } => {
                self.control_mut().history.put(*at, (**record).clone());
                touched.extend([RecordKey::Control, RecordKey::History(*at)]);
            }
            Action::Forget { at } => {
                self.control_mut().history.forget(*at);
                touched.extend([RecordKey::Control, RecordKey::History(*at)]);
            }
            Action::MoveControlIndex { at } => {
                self.control_mut().control_index = Some(*at);
                touched.insert(RecordKey::Control);
            }
            Action::MoveKeyringVersion { at } => {
                self.control_mut().keyring_version = Some(*at);
                touched.insert(RecordKey::Control);
            }
        }
    }

    fn raft_mut(&mut self) -> &mut RaftEnvelope {
        Arc::make_mut(&mut self.raft)
    }

    /// Only the control group's plans hold actions that come here.
    fn control_mut(&mut self) -> &mut Control {
        Arc::make_mut(self.control.get_or_insert_default())
    }
}
