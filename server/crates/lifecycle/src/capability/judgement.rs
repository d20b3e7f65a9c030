//! The judgement on a gate: a row for each check, a column for each member.

use std::time::Duration;

use elastickv_fsm::Writer;
use elastickv_types::{FullNodeId, LogId, NodeName, PeerAddress};

use super::{Check, Gate, Problem};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    Passes,
    /// An earlier check of this member failed, so this one could not be made.
    NotAsked,
    Warns,
    Blocks,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub check: Check,
    /// `None` for what is of the cluster as a whole.
    pub member: Option<NodeName>,
    pub verdict: Verdict,
    pub problem: Option<Problem>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JudgedMember {
    pub name: NodeName,
    pub id: FullNodeId,
    pub address: PeerAddress,
    pub voter: bool,
    pub leader: bool,
    pub answered: bool,
    pub took: Duration,
    pub build: Option<String>,
    pub sidecar: bool,
    pub encryption: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    pub gate: Gate,
    /// The membership that was asked.
    pub membership: Option<LogId>,
    pub unix_ms: u64,
    pub members: Vec<JudgedMember>,
    pub findings: Vec<Finding>,
    /// The loads that a key which is made now is registered for.
    pub cohort: Vec<Writer>,
}

/// All that stands in the way, at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blocked(pub Vec<Finding>);

impl std::fmt::Display for Blocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, finding) in self.0.iter().enumerate() {
            let lead = if place == 0 { "" } else { "; " };
            let problem = finding.problem.as_ref().map(ToString::to_string).unwrap_or_default();
            match &finding.member {
                Some(member) => write!(f, "{lead}{member}: {problem}")?,
                None => write!(f, "{lead}{problem}")?,
            }
        }
        Ok(())
    }
}

impl Judgement {
    pub fn blockers(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.verdict == Verdict::Blocks)
    }

    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.verdict == Verdict::Warns)
    }

    pub fn passed(&self) -> bool {
        self.blockers().next().is_none()
    }

    /// Whether everything that blocks is likely to pass in a moment; whoever does not answer may just be coming back.
    pub fn may_pass_soon(&self, coming_back: bool) -> bool {
        let passes =
            |problem: &Problem| problem.passes() || (coming_back && matches!(problem, Problem::NoAnswer(_)));
        let majority_comes = coming_back || self.members_may_pass_soon();
        !self.passed()
            && self.blockers().filter_map(|finding| finding.problem.as_ref()).all(|problem| match problem {
                Problem::NoMajority { .. } => majority_comes,
                other => passes(other),
            })
    }

    /// Whether all that members lack is likely to pass: then so does the lack of a majority of them.
    fn members_may_pass_soon(&self) -> bool {
        let found = self.blockers().chain(self.warnings()).filter(|finding| finding.member.is_some());
        let mut problems = found.filter_map(|finding| finding.problem.as_ref()).peekable();
        problems.peek().is_some() && problems.all(Problem::passes)
    }
}
