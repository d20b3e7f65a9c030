//! `cluster drain` and `undrain`: one node out of service and back.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Decimal, Report};
use crate::output::Table;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DrainReport {
    pub member: String,
    /// Groups whose leadership went elsewhere.
    pub transferred: Decimal,
    /// It was drained already.
    pub unchanged: bool,
}

impl Report for DrainReport {
    const KIND: &'static str = "NodeDrain";

    fn table(&self) -> Table {
        let Self { member, transferred, .. } = self;
        Table::new().line(match (self.unchanged, transferred.0) {
            (true, _) => format!("{member} is out of service already"),
            (false, 0) => format!("{member} is out of service; it led nothing"),
            (false, 1) => format!("{member} is out of service; it handed over the leadership of 1 group"),
            (false, _) => {
                format!("{member} is out of service; it handed over the leadership of {transferred} groups")
            }
        })
    }

    fn short(&self) -> String {
        format!("{} drained\n", self.member)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct UndrainReport {
    pub member: String,
    /// It was in service already.
    pub unchanged: bool,
}

impl Report for UndrainReport {
    const KIND: &'static str = "NodeUndrain";

    fn table(&self) -> Table {
        let already = if self.unchanged { " already" } else { " again" };
        Table::new().line(format!("{} is in service{already}", self.member))
    }

    fn short(&self) -> String {
        format!("{} serving\n", self.member)
    }
}
