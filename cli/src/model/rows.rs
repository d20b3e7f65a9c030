//! The members as every envelope lists them.

use schemars::JsonSchema;
use serde::Serialize;

use super::Millis;

/// A member of the cluster, reachable or not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MemberRow {
    pub id: String,
    pub address: String,
    /// "leader", "voter", "learner", or "none" for a node that is no member.
    pub role: &'static str,
    /// Null when the command had no reason to ask it.
    pub reachable: Option<bool>,
    /// How old what we know of it is: since its answer, or since the leader last heard from it.
    pub age_ms: Option<Millis>,
    pub last_error: Option<String>,
}
