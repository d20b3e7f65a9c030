//! Changes of who belongs to the cluster and who leads it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Report};
use crate::output::Table;

/// What was done to a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    AddLearner,
    Promote,
    Remove,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MembershipChange {
    pub cluster_name: String,
    pub step: Step,
    pub member: String,
    pub address: String,
    /// The index of the membership that holds now.
    pub membership_index: Decimal,
    /// It was so already.
    pub unchanged: bool,
}

impl Report for MembershipChange {
    const KIND: &'static str = "MembershipChange";

    fn table(&self) -> Table {
        let Self { member, cluster_name, membership_index, .. } = self;
        let text = match (self.step, self.unchanged) {
            (Step::AddLearner, false) => {
                format!("{member} at {} is now a learner of {cluster_name}", self.address)
            }
            (Step::AddLearner, true) => format!("{member} is a member of {cluster_name} already"),
            (Step::Promote, false) => format!("{member} has a vote in {cluster_name} now"),
            (Step::Promote, true) => format!("{member} has a vote in {cluster_name} already"),
            (Step::Remove, false) => format!("{member} no longer belongs to {cluster_name}"),
            (Step::Remove, true) => format!("{member} does not belong to {cluster_name}"),
        };
        Table::new().line(format!("{text} (membership of index {membership_index})"))
    }

    fn short(&self) -> String {
        format!("{}\n", self.membership_index)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LeaderTransfer {
    pub cluster_name: String,
    pub from: String,
    pub to: String,
    pub term: Option<Decimal>,
    /// It led already.
    pub unchanged: bool,
}

impl Report for LeaderTransfer {
    const KIND: &'static str = "LeaderTransfer";

    fn table(&self) -> Table {
        let term = self.term.map(|term| format!(" in term {term}")).unwrap_or_default();
        Table::new().line(if self.unchanged {
            format!("{} leads {} already", self.to, self.cluster_name)
        } else {
            format!("{} leads {} now{term}, after {}", self.to, self.cluster_name, self.from)
        })
    }

    fn short(&self) -> String {
        format!("{}\n", self.to)
    }
}
