//! `cluster members`: who belongs to the cluster.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Millis, Report};
use crate::client::Survey;
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MembersReport {
    pub cluster_name: String,
    pub membership_index: Decimal,
    pub membership_pending: bool,
    pub members: Vec<MemberEntry>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MemberEntry {
    pub name: String,
    pub address: String,
    /// "leader", "voter" or "learner".
    pub role: &'static str,
    pub store_id: String,
    pub matched_index: Option<Decimal>,
    pub last_contact_ms: Option<Millis>,
}

impl MembersReport {
    pub fn of(survey: &Survey) -> Self {
        let leader = survey.leader().map(|seen| seen.entry.name.clone());
        let members = survey.members.iter().map(|seen| MemberEntry {
            name: seen.entry.name.clone(),
            address: seen.entry.address.clone(),
            role: match (&leader, seen.entry.voter) {
                (Some(leader), _) if *leader == seen.entry.name => "leader",
                (_, true) => "voter",
                (_, false) => "learner",
            },
            store_id: seen.entry.store_id.clone(),
            matched_index: seen.entry.matched.map(Decimal),
            last_contact_ms: seen.entry.last_contact_ms.map(Millis),
        });
        Self {
            cluster_name: survey.cluster_name.clone(),
            membership_index: Decimal(survey.membership_index),
            membership_pending: survey.membership_pending,
            members: members.collect(),
        }
    }
}

impl Report for MembersReport {
    const KIND: &'static str = "ClusterMembers";

    fn table(&self) -> Table {
        let pending = if self.membership_pending { "   NOT AGREED YET" } else { "" };
        let heading =
            format!("Cluster {}   membership of index {}{pending}", self.cluster_name, self.membership_index);
        let columns = vec![
            Column::left("NODE", Keep::Always),
            Column::left("ADDRESS", Keep::Always),
            Column::left("ROLE", Keep::Always),
            Column::right("MATCHED", Keep::IfRoom(1)),
            Column::left("CONTACT", Keep::IfRoom(2)),
            Column::left("STORE", Keep::IfRoom(3)),
        ];
        let rows = self.members.iter().map(|member| {
            let tone = if member.role == "leader" { Tone::Good } else { Tone::Plain };
            vec![
                member.name.as_str().into(),
                member.address.as_str().into(),
                Cell::new(tone, member.role),
                Cell::maybe(member.matched_index),
                Cell::maybe(member.last_contact_ms),
                member.store_id.as_str().into(),
            ]
        });
        Table::new().line(heading).grid(Grid { columns, rows: rows.collect() })
    }
}
