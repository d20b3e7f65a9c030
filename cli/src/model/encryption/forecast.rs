//! `encryption forecast`: when a key's budgets are used up, by date.
//!
//! Three things come to an end under a key: the nonces of one start of a node, the starts of a node, and the time that a key
//! should be used for. Rates are measured over what the cluster knows, or given. Where there is nothing to measure, nothing
//! is foretold. The first two are each member's own, and not the one that has used most ends first, but often a young and fast
//! one: each is foretold, and the earliest end is told.

use std::cmp::Reverse;
use std::time::Duration;

use elastickv_types::LocalEpoch;
use schemars::JsonSchema;
use serde::Serialize;

use super::status::{EncryptionStatusReport, KeyStanding, NONCE_BUDGET};
use super::status_warnings::OLD;
use crate::client::{Seen, Survey};
use crate::error::{Code, Warning};
use crate::model::{Decimal, Report, duration_text, utc};
use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

/// At nine tenths of a load's nonces the leader rotates by itself.
const NONCES: u64 = NONCE_BUDGET / 10 * 9;
/// What was measured for a shorter time says nothing.
const SHORTEST: Duration = Duration::from_secs(60);
/// Starts are rare: a day says something of them.
const DAY: Duration = Duration::from_secs(86_400);
/// Beyond it a date means nothing.
const FURTHEST: Duration = Duration::from_secs(1000 * 365 * 86_400);

/// What the operator knows better.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct GivenRates {
    pub seals_per_second: Option<f64>,
    pub starts_per_day: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct ForecastReport {
    pub cluster_name: String,
    pub taken_at: String,
    /// Of each key that new data is sealed under.
    pub budgets: Vec<Budget>,
}

#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Budget {
    pub key_id: u32,
    pub key_hex: String,
    pub purpose: String,
    /// "nonces", "epochs" or "age".
    pub budget: &'static str,
    /// Where it ends first; null for what is no member's alone.
    pub member: Option<String>,
    pub used: Decimal,
    pub limit: Decimal,
    /// A second for nonces, a day for epochs and age.
    pub rate: Option<f64>,
    /// "measured", "given" or "calendar".
    pub rate_is: Option<&'static str>,
    /// When the limit is reached; null where nobody can tell, or in no time that matters.
    pub full_at: Option<String>,
    /// Why it is not told.
    pub unknown_because: Option<String>,
    #[serde(skip)]
    left: Option<Duration>,
}

impl Budget {
    /// The earliest date first, then what nobody can tell, then what never ends; the most used before the others.
    fn rank(&self) -> (u8, Duration, Reverse<u64>) {
        let class = match (self.left, &self.unknown_because) {
            (Some(_), _) => 0,
            (None, Some(_)) => 1,
            (None, None) => 2,
        };
        (class, self.left.unwrap_or_default(), Reverse(self.used.0))
    }
}

impl ForecastReport {
    pub fn of(survey: &Survey, status: &EncryptionStatusReport, given: GivenRates) -> Self {
        let active = status.keys.iter().filter(|standing| standing.key.state == "active");
        let budgets = active.flat_map(|standing| {
            let measured = Measured { survey, status, standing };
            [measured.nonces(given.seals_per_second), measured.epochs(given.starts_per_day), measured.age()]
        });
        Self {
            cluster_name: status.cluster_name.clone(),
            taken_at: status.taken_at.clone(),
            budgets: budgets.collect(),
        }
    }

    /// Budgets that end within the time.
    pub fn warnings(&self, within: Duration) -> Vec<Warning> {
        let ending = self.budgets.iter().filter(|budget| budget.left.is_some_and(|left| left <= within));
        let warning = |budget: &Budget| {
            let at = budget.full_at.as_deref().unwrap_or("now");
            let text = format!("{} of {} key {} end {at}", budget.budget, budget.purpose, budget.key_id);
            Warning::new(Code::BudgetEnds, text).about(format!("key {}", budget.key_id))
        };
        ending.map(warning).collect()
    }
}

/// A key, and what there is to measure of it.
struct Measured<'a> {
    survey: &'a Survey,
    status: &'a EncryptionStatusReport,
    standing: &'a KeyStanding,
}

impl Measured<'_> {
    fn blank(&self, budget: &'static str, limit: u64) -> Budget {
        Budget {
            key_id: self.standing.key.key_id,
            key_hex: self.standing.key.key_hex.clone(),
            purpose: self.standing.key.purpose.clone(),
            budget,
            member: None,
            used: Decimal(0),
            limit: Decimal(limit),
            rate: None,
            rate_is: None,
            full_at: None,
            unknown_because: None,
            left: None,
        }
    }

    fn key_age(&self) -> Duration {
        let created = self.standing.key.created_at.parse::<jiff::Timestamp>().ok();
        let created = created.and_then(|created| u64::try_from(created.as_millisecond()).ok());
        let created = created.unwrap_or(self.status.taken_ms);
        Duration::from_millis(self.status.taken_ms.saturating_sub(created))
    }

    /// A member counts seals since its start, and under a key since there is one.
    fn counted_for(&self, member: &str) -> Option<Duration> {
        let uptime = self.survey.member(member).and_then(Seen::facts)?.uptime_ms;
        Some(Duration::from_millis(uptime).min(self.key_age()))
    }

    /// What each member has used: a number for each start of each node.
    fn used(&self, of: impl Fn(&super::status::MemberKeyView) -> u64) -> Vec<(String, u64)> {
        let members = self.status.members.iter().filter(|member| member.answered);
        let held = members.filter_map(|member| {
            let key = member.keys.iter().find(|key| key.key_id == self.standing.key.key_id)?;
            Some((member.name.clone(), of(key)))
        });
        held.collect()
    }

    /// The end that comes first, of those that are foretold.
    fn earliest(budgets: impl Iterator<Item = Budget>, blank: Budget) -> Budget {
        budgets
            .min_by_key(Budget::rank)
            .unwrap_or(Budget { unknown_because: Some("no member tells".to_owned()), ..blank })
    }

    fn nonces(&self, given: Option<f64>) -> Budget {
        let blank = self.blank("nonces", NONCES);
        let budgets = self.used(|key| key.seals.0).into_iter().map(|(member, used)| {
            let counted = self.counted_for(&member).filter(|time| *time >= SHORTEST);
            let measured = counted.map(|time| used as f64 / time.as_secs_f64());
            let budget = Budget { member: Some(member), used: Decimal(used), ..blank.clone() };
            self.foretell(budget, given, measured, 1.0, "it has run for less than a minute under it")
        });
        Self::earliest(budgets, blank.clone())
    }

    fn epochs(&self, given: Option<f64>) -> Budget {
        let blank = self.blank("epochs", u64::from(LocalEpoch::WARN_ABOVE.get()));
        let days = self.key_age().as_secs_f64() / 86_400.0;
        let budgets = self.used(|key| u64::from(key.local_epoch)).into_iter().map(|(member, used)| {
            let measured = (self.key_age() >= DAY).then(|| used as f64 / days);
            let budget = Budget { member: Some(member), used: Decimal(used), ..blank.clone() };
            self.foretell(budget, given, measured, 86_400.0, "the key is younger than a day")
        });
        Self::earliest(budgets, blank.clone())
    }

    fn age(&self) -> Budget {
        let days = |time: Duration| time.as_secs() / 86_400;
        let age = self.key_age();
        let left = OLD.saturating_sub(age);
        Budget {
            used: Decimal(days(age)),
            rate: Some(1.0),
            rate_is: Some("calendar"),
            full_at: Some(self.date(left)),
            left: Some(left),
            ..self.blank("age", days(OLD))
        }
    }

    fn foretell(
        &self,
        budget: Budget,
        given: Option<f64>,
        measured: Option<f64>,
        rate_seconds: f64,
        unmeasured: &str,
    ) -> Budget {
        let rate_is = Some(if given.is_some() { "given" } else { "measured" });
        let Some(rate) = given.or(measured) else {
            return Budget { unknown_because: Some(unmeasured.to_owned()), ..budget };
        };
        // What is used up already ends now, however slowly it was used.
        let left = match budget.limit.0.saturating_sub(budget.used.0) {
            0 => 0.0,
            left => left as f64 / rate * rate_seconds,
        };
        let left = (left.is_finite() && left < FURTHEST.as_secs_f64()).then(|| Duration::from_secs_f64(left));
        Budget { rate: Some(rate), rate_is, full_at: left.map(|left| self.date(left)), left, ..budget }
    }

    fn date(&self, left: Duration) -> String {
        utc(self.status.taken_ms.saturating_add(u64::try_from(left.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Report for ForecastReport {
    const KIND: &'static str = "EncryptionForecast";

    fn table(&self) -> Table {
        if self.budgets.is_empty() {
            return Table::new()
                .line(format!("{} has no key that anything is sealed under", self.cluster_name));
        }
        let columns = vec![
            Column::right("KEY", Keep::Always),
            Column::left("PURPOSE", Keep::Always),
            Column::left("BUDGET", Keep::Always),
            Column::right("USED", Keep::IfRoom(2)),
            Column::left("RATE", Keep::IfRoom(1)),
            Column::left("ENDS", Keep::Always),
            Column::left("IN", Keep::IfRoom(3)),
            Column::left("ON", Keep::IfRoom(4)),
        ];
        Table::new().grid(Grid { columns, rows: self.budgets.iter().map(row).collect() })
    }
}

fn row(budget: &Budget) -> Vec<Cell> {
    let tenths = budget.used.0.min(budget.limit.0).saturating_mul(1000) / budget.limit.0.max(1);
    let ends = match (&budget.full_at, &budget.unknown_because) {
        (Some(at), _) => at.get(..10).unwrap_or(at).into(),
        (None, Some(_)) => Cell::new(Tone::Warn, "unknown"),
        (None, None) => Cell::new(Tone::Dim, "never"),
    };
    vec![
        budget.key_id.to_string().into(),
        budget.purpose.as_str().into(),
        budget.budget.into(),
        format!("{}.{} %", tenths / 10, tenths % 10).into(),
        rate_cell(budget),
        ends,
        Cell::maybe(budget.left.map(duration_text)),
        Cell::maybe(budget.member.as_deref()),
    ]
}

fn rate_cell(budget: &Budget) -> Cell {
    let (Some(rate), Some(rate_is)) = (budget.rate, budget.rate_is) else {
        return match &budget.unknown_because {
            Some(because) => Cell::new(Tone::Dim, because.as_str()),
            None => Cell::none(),
        };
    };
    match budget.budget {
        "nonces" => format!("{rate:.1}/s {rate_is}").into(),
        "epochs" => format!("{rate:.1}/day {rate_is}").into(),
        _ => rate_is.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(member: &str, used: u64, left: Option<u64>, unknown: bool) -> Budget {
        Budget {
            key_id: 1,
            key_hex: "0x1".to_owned(),
            purpose: "storage".to_owned(),
            budget: "nonces",
            member: Some(member.to_owned()),
            used: Decimal(used),
            limit: Decimal(NONCES),
            rate: None,
            rate_is: None,
            full_at: None,
            unknown_because: unknown.then(|| "too young".to_owned()),
            left: left.map(Duration::from_secs),
        }
    }

    #[test]
    fn the_one_that_ends_first_is_told_and_not_the_one_that_used_most() {
        let earliest = |budgets: Vec<Budget>| {
            Measured::earliest(budgets.into_iter(), budget("", 0, None, true)).member.unwrap()
        };
        let (old, young) =
            (budget("n1", 4_000_000_000, Some(9_000_000), false), budget("n2", 3, Some(50), false));
        let (unknown, never) = (budget("n3", 9, None, true), budget("n4", 0, None, false));
        assert_eq!(earliest(vec![old.clone(), young.clone(), unknown.clone(), never.clone()]), "n2");
        assert_eq!(earliest(vec![never.clone(), unknown]), "n3");
        assert_eq!(earliest(vec![never, old]), "n1");
    }
}
