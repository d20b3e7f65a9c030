//! `encryption probe-node-id`: the ids that go into nonces.

use std::collections::BTreeMap;

use elastickv_types::NodeName;
use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use crate::error::{Blocker, CliError, Code};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NodeIdsReport {
    pub nodes: Vec<NodeIdRow>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NodeIdRow {
    pub name: String,
    /// Whether it belongs to the cluster already.
    pub member: bool,
    pub full_id_hex: String,
    pub short_id: u16,
    pub short_id_hex: String,
    /// Other names with the same short id.
    pub clashes_with: Vec<String>,
}

impl NodeIdsReport {
    /// Members first; a name that is given and belongs to a member is one row.
    pub fn of(members: &[NodeName], given: &[NodeName]) -> Self {
        let mut names: BTreeMap<&NodeName, bool> = given.iter().map(|name| (name, false)).collect();
        names.extend(members.iter().map(|name| (name, true)));
        let clashing = |name: &NodeName| {
            let same =
                |other: &&NodeName| *other != name && other.full_id().short() == name.full_id().short();
            names.keys().copied().filter(same).map(ToString::to_string).collect()
        };
        let row = |(name, member): (&&NodeName, &bool)| NodeIdRow {
            name: name.to_string(),
            member: *member,
            full_id_hex: name.full_id().to_string(),
            short_id: name.full_id().short().get(),
            short_id_hex: name.full_id().short().to_string(),
            clashes_with: clashing(name),
        };
        Self { nodes: names.iter().map(row).collect() }
    }

    pub fn problem(&self) -> Option<CliError> {
        let clashing: Vec<Blocker> = self
            .nodes
            .iter()
            .filter(|row| !row.clashes_with.is_empty())
            .map(|row| Blocker {
                member: row.name.clone(),
                reason: format!("has {} like {}", row.short_id_hex, row.clashes_with.join(", ")),
            })
            .collect();
        let text = "names share a short id, and never get into one cluster";
        (!clashing.is_empty()).then(|| CliError::new(Code::NodeIdCollision, text).blocked_by(clashing))
    }
}

impl Report for NodeIdsReport {
    const KIND: &'static str = "NodeIds";

    fn table(&self) -> Table {
        let columns = vec![
            Column::left("NODE", Keep::Always),
            Column::left("SHORT ID", Keep::Always),
            Column::left("FULL ID", Keep::IfRoom(1)),
            Column::left("MEMBER", Keep::IfRoom(2)),
            Column::left("CLASH", Keep::Always),
        ];
        let rows = self.nodes.iter().map(|row| {
            let clash = match row.clashes_with.as_slice() {
                [] => Cell::from("-"),
                names => Cell::new(Tone::Bad, names.join(", ")),
            };
            vec![
                row.name.as_str().into(),
                row.short_id_hex.as_str().into(),
                row.full_id_hex.as_str().into(),
                if row.member { "yes" } else { "no" }.into(),
                clash,
            ]
        });
        Table::new().grid(Grid { columns, rows: rows.collect() })
    }

    fn short(&self) -> String {
        self.nodes
            .iter()
            .map(|row| format!("{} {} {}\n", row.name, row.short_id_hex, row.full_id_hex))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> Vec<NodeName> {
        of.iter().map(|name| name.parse().expect("a name")).collect()
    }

    #[test]
    fn names_with_the_same_two_bytes_clash() {
        // Found by trying: the low sixteen bits of both are equal.
        let (one, other) = clashing_pair();
        let report = NodeIdsReport::of(&names(&[&one]), &names(&[&other, "n1"]));
        let clashing: Vec<_> = report.nodes.iter().filter(|row| !row.clashes_with.is_empty()).collect();
        assert_eq!(clashing.len(), 2);
        assert!(report.problem().is_some());
    }

    fn clashing_pair() -> (String, String) {
        let mut seen = BTreeMap::new();
        for number in 0.. {
            let name = format!("node-{number}");
            let short = name.parse::<NodeName>().expect("a name").full_id().short();
            if let Some(other) = seen.insert(short, name.clone()) {
                return (other, name);
            }
        }
        unreachable!("there are only 65,536 short ids")
    }

    #[test]
    fn a_name_given_and_a_member_is_one_row() {
        let report = NodeIdsReport::of(&names(&["n1", "n2"]), &names(&["n1"]));
        assert_eq!(report.nodes.len(), 2);
        assert!(report.problem().is_none());
        assert_eq!(report.nodes[0].short_id_hex, "0xd4c0");
    }
}
