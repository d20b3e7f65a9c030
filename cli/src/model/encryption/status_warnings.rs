//! What about a cluster's encryption deserves a line of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use elastickv_types::LocalEpoch;

use super::status::{EncryptionMember, EncryptionStatusReport};
use super::status_table::is_short_of_nonces;
use super::words::KekView;
use crate::error::{Code, Warning};

/// A key that seals for longer than this should have a successor.
pub const OLD: Duration = Duration::from_secs(90 * 24 * 3600);

impl EncryptionStatusReport {
    pub fn warnings(&self) -> Vec<Warning> {
        let about = |member: &EncryptionMember| {
            let name = member.name.clone();
            self.of_member(member).into_iter().map(move |warning| warning.about(&name)).collect::<Vec<_>>()
        };
        let mut found: Vec<Warning> = self.members.iter().flat_map(about).collect();
        found.extend(self.different_keks());
        for standing in self.keys.iter().filter(|standing| standing.key.state == "active") {
            let id = standing.key.key_id;
            if is_short_of_nonces(standing) {
                let text = format!("a load has used most of its nonces under key {id}");
                found.push(Warning::new(Code::NonceBudgetLow, text).about(format!("key {id}")));
            }
            if self.age_of(&standing.key.created_at).is_some_and(|age| age > OLD) {
                let text = format!("key {id} is active since {}", standing.key.created_at);
                found.push(Warning::new(Code::KeyOld, text).about(format!("key {id}")));
            }
        }
        found
    }

    fn of_member(&self, member: &EncryptionMember) -> Vec<Warning> {
        let name = &member.name;
        if !member.answered {
            let error = member.error.as_deref().unwrap_or("no reason given");
            return vec![Warning::new(Code::MemberSilent, format!("{name} does not answer: {error}"))];
        }
        let mut found = Vec::new();
        if let Some(because) = member.incapable_because {
            found
                .push(Warning::new(Code::NotCapable, format!("{name} can not take part: {}", told(because))));
        }
        match member.sidecar {
            Some("behind") => {
                let text = format!("{name}'s sidecar is behind what it has applied");
                found.push(Warning::new(Code::SidecarBehind, text));
            }
            Some("missing") => {
                found.push(Warning::new(Code::SidecarMissing, format!("{name} has no sidecar")))
            }
            _ => {}
        }
        for key in member.keys.iter().filter(|key| !key.open) {
            let because = key.closed_because.as_deref().unwrap_or("it is being unwrapped");
            let text = format!("{name} has key {} not open: {because}", key.key_id);
            found.push(Warning::new(Code::KeyNotOpen, text));
        }
        for key in &member.waits_for_keys {
            let text = format!("{name} has stopped applying and waits for key {key}");
            found.push(Warning::new(Code::KeyNotOpen, text));
        }
        if member.local_epoch.is_some_and(|epoch| epoch > u32::from(LocalEpoch::WARN_ABOVE.get())) {
            let text = format!("{name} has started nearly as often as it can under its key");
            found.push(Warning::new(Code::EpochNearlyExhausted, text));
        }
        found
    }

    fn different_keks(&self) -> Option<Warning> {
        let keks: BTreeSet<String> =
            self.members.iter().filter_map(|member| member.kek.as_ref()).map(KekView::to_string).collect();
        let several = keks.len() > 1;
        let list: Vec<String> = keks.into_iter().collect();
        several.then(|| {
            Warning::new(Code::KeksDiffer, format!("members use different KEKs: {}", list.join(", ")))
        })
    }

    fn age_of(&self, created: &str) -> Option<Duration> {
        let created: jiff::Timestamp = created.parse().ok()?;
        let created = u64::try_from(created.as_millisecond()).ok()?;
        Some(Duration::from_millis(self.taken_ms.saturating_sub(created)))
    }
}

fn told(because: &str) -> &str {
    match because {
        "off" => "it was started without encryption",
        "no KEK" => "it has no KEK",
        "build" => "its build knows no encryption",
        other => other,
    }
}
