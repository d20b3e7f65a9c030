//! How `encryption status` looks.

use super::stage_text;
use super::status::{EncryptionMember, EncryptionStatusReport, KeyStanding, NONCE_BUDGET};
use super::words::KekView;
use crate::model::status::build_text;
use crate::model::{Decimal, Report};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};
use elastickv_types::LocalEpoch;

impl Report for EncryptionStatusReport {
    const KIND: &'static str = "EncryptionStatus";

    fn table(&self) -> Table {
        let mut table = Table::new().line(self.heading()).grid(self.members_grid());
        if !self.keys.is_empty() {
            table = table.grid(self.keys_grid());
        }
        if let Some(verification) = &self.verification {
            table = table.grid(verification.grid());
        }
        if let Some(running) = &self.running {
            table = table.line(Cell::new(Tone::Warn, format!("Under way: {}", running.progress())));
            table = table.line(Cell::new(Tone::Dim, format!("operation {}", running.operation_id)));
        }
        if let Some(line) = self.previous_kek_line() {
            table = table.line(line);
        }
        match &self.next {
            Some(next) if self.running.is_none() => table.line(format!("Next: {next}")),
            _ => table,
        }
    }

    fn short(&self) -> String {
        let capable = self.members.iter().filter(|member| member.capable == Some(true)).count();
        let active = |purpose: &str| {
            let keys = self.keys.iter().map(|standing| &standing.key);
            let key = keys
                .filter(|key| key.purpose == purpose && key.state == "active")
                .map(|key| key.key_id)
                .next();
            key.map_or("none".to_owned(), |key| key.to_string())
        };
        format!(
            "{} stage={} storage-key={} raft-key={} capable={capable}/{}\n",
            self.cluster_name,
            self.stage.as_deref().unwrap_or("unknown"),
            active("storage"),
            active("raft"),
            self.members.len(),
        )
    }
}

impl EncryptionStatusReport {
    fn heading(&self) -> Cell {
        let leader = match (&self.leader, self.has_quorum) {
            (Some(leader), true) => format!("leader {leader}"),
            (Some(leader), false) => format!("NO QUORUM, leader {leader}"),
            (None, _) => "NO LEADER".to_owned(),
        };
        let stage = self.stage.as_deref().map_or("stage unknown", stage_text);
        let clock = self.taken_at.get(11..19).unwrap_or(&self.taken_at);
        let text = format!("Cluster {}   {leader}   {stage}   {clock}Z", self.cluster_name);
        Cell::new(if self.has_quorum { Tone::Plain } else { Tone::Bad }, text)
    }

    fn members_grid(&self) -> Grid {
        let columns = vec![
            Column::left("NODE", Keep::Always),
            Column::left("ADDRESS", Keep::IfRoom(7)),
            Column::left("ROLE", Keep::Always),
            Column::left("CAPABLE", Keep::Always),
            Column::left("SIDECAR", Keep::IfRoom(1)),
            Column::right("EPOCH", Keep::IfRoom(4)),
            Column::right("APPLIED", Keep::IfRoom(2)),
            Column::left("BUILD", Keep::IfRoom(5)),
            Column::left("SEEN", Keep::IfRoom(3)).may_be_cut(12),
            Column::left("KEK", Keep::IfRoom(6)),
            Column::left("PREVIOUS KEK", Keep::Wide),
            Column::left("STAGE", Keep::Wide),
            Column::left("SEALS UNDER", Keep::Wide),
            Column::right("CONTROL", Keep::Wide),
        ];
        Grid { columns, rows: self.members.iter().map(member_row).collect() }
    }

    fn keys_grid(&self) -> Grid {
        let columns = vec![
            Column::right("KEY", Keep::Always),
            Column::left("PURPOSE", Keep::Always),
            Column::left("STATE", Keep::Always),
            Column::left("CREATED", Keep::IfRoom(2)),
            Column::left("NONCE BUDGET", Keep::IfRoom(1)),
            Column::left("OPEN ON", Keep::IfRoom(3)),
            Column::left("SEALS ON", Keep::Wide),
            Column::left("HEX", Keep::Wide),
            Column::left("KEK", Keep::Wide),
        ];
        let members = self.members.len();
        Grid { columns, rows: self.keys.iter().map(|standing| key_row(standing, members)).collect() }
    }

    fn previous_kek_line(&self) -> Option<Cell> {
        let previous = self.previous_kek.as_ref()?;
        let still = self.members.iter().any(|member| member.previous_kek.is_some());
        match (previous.may_go, still) {
            // Nobody was started with one any more.
            (true, false) => None,
            (true, true) => Some("The previous KEK may go: nothing needs it any more.".into()),
            (false, _) => {
                let texts: Vec<String> = previous.waiting.iter().map(super::WaitingView::text).collect();
                let text = format!("The previous KEK is still needed: {}", texts.join("; "));
                Some(Cell::new(Tone::Warn, text))
            }
        }
    }
}

fn member_row(member: &EncryptionMember) -> Vec<Cell> {
    let seals: Vec<String> =
        member.keys.iter().filter(|key| key.seal_key).map(|key| key.key_id.to_string()).collect();
    let role = if member.role == "leader" { Cell::new(Tone::Good, "leader") } else { member.role.into() };
    vec![
        member.name.as_str().into(),
        member.address.as_str().into(),
        role,
        capable_cell(member),
        sidecar_cell(member),
        epoch_cell(member.local_epoch),
        Cell::maybe(member.applied_index),
        Cell::maybe(member.build.as_ref().map(build_text)),
        seen_cell(member),
        Cell::maybe(member.kek.as_ref().map(KekView::to_string)),
        Cell::maybe(member.previous_kek.as_ref().map(KekView::to_string)),
        Cell::maybe(member.stage.as_deref()),
        Cell::maybe(Some(seals.join(", ")).filter(|text| !text.is_empty())),
        Cell::maybe(member.control_index),
    ]
}

fn capable_cell(member: &EncryptionMember) -> Cell {
    match (member.capable, member.incapable_because) {
        (None, _) => Cell::new(Tone::Bad, "UNKNOWN"),
        (Some(true), _) => "yes".into(),
        (Some(false), Some(because)) => Cell::new(Tone::Bad, format!("NO ({because})")),
        (Some(false), None) => Cell::new(Tone::Bad, "NO"),
    }
}

fn sidecar_cell(member: &EncryptionMember) -> Cell {
    match member.sidecar {
        Some("in-sync") => "in sync".into(),
        Some("behind") => Cell::new(Tone::Warn, "behind"),
        Some("missing") => Cell::new(Tone::Bad, "MISSING"),
        _ => Cell::none(),
    }
}

fn epoch_cell(epoch: Option<u32>) -> Cell {
    match epoch {
        Some(epoch) if epoch > u32::from(LocalEpoch::WARN_ABOVE.get()) => {
            Cell::new(Tone::Warn, epoch.to_string())
        }
        epoch => Cell::maybe(epoch),
    }
}

fn seen_cell(member: &EncryptionMember) -> Cell {
    match (&member.error, member.answered_after_ms) {
        (Some(error), _) => Cell::new(Tone::Bad, error.as_str()),
        (None, after) => Cell::maybe(after),
    }
}

fn key_row(standing: &KeyStanding, members: usize) -> Vec<Cell> {
    let key = &standing.key;
    let open = format!("{}/{members}", standing.open_on);
    vec![
        key.key_id.to_string().into(),
        key.purpose.as_str().into(),
        key.state_cell(),
        key.created_cell(),
        budget_cell(standing),
        if standing.open_on < members && key.state != "retired" {
            Cell::new(Tone::Warn, open)
        } else {
            open.into()
        },
        format!("{}/{members}", standing.sealing_on).into(),
        key.key_hex.as_str().into(),
        key.kek_cell(),
    ]
}

fn budget_cell(standing: &KeyStanding) -> Cell {
    if matches!(standing.key.state.as_str(), "closed" | "retired") {
        return "closed".into();
    }
    let text = percent_text(standing.most_seals);
    if is_short_of_nonces(standing) { Cell::new(Tone::Warn, text) } else { text.into() }
}

/// Of the nonces of one load, in tenths of a percent.
fn percent_text(seals: Decimal) -> String {
    let tenths = seals.0.min(NONCE_BUDGET) * 1000 / NONCE_BUDGET;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

pub fn is_short_of_nonces(standing: &KeyStanding) -> bool {
    standing.most_seals.0 >= NONCE_BUDGET / 10 * 9
}
