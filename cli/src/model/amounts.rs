//! Amounts: as machines read them and as people do.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// An index, term, size or timestamp. Written as a string, because JSON's readers lose digits past 2^53.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Decimal(pub u64);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "A number that can pass 2^53, as a string",
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A duration in whole milliseconds, written as a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl From<Duration> for Millis {
    fn from(time: Duration) -> Self {
        Self(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&duration_text(Duration::from_millis(self.0)))
    }
}

/// A duration with the two digits that matter: `0.3s`, `41s`, `12m`, `3h`, `5d`.
pub fn duration_text(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=9 => format!("{}.{}s", seconds, time.subsec_millis() / 100),
        10..=119 => format!("{seconds}s"),
        120..=7_199 => format!("{}m", seconds / 60),
        7_200..=172_799 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A size in binary units: `812 B`, `1.5 KiB`, `340 MiB`.
pub fn bytes_text(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut unit = 0;
    let mut rest = bytes as f64;
    while rest >= 999.95 && unit + 1 < UNITS.len() {
        rest /= 1024.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or("PiB");
    if unit == 0 || rest >= 99.95 { format!("{rest:.0} {name}") } else { format!("{rest:.1} {name}") }
}

/// A moment as RFC 3339 in UTC, to the millisecond.
pub fn utc(unix_ms: u64) -> String {
    let moment = i64::try_from(unix_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(|| "unknown".to_owned(), |moment| format!("{moment:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_digits_that_matter() {
        let text = |ms| duration_text(Duration::from_millis(ms));
        let texts = [0, 349, 9_999, 10_000, 119_999, 120_000, 7_200_000, 172_800_000].map(text);
        assert_eq!(texts, ["0.0s", "0.3s", "9.9s", "10s", "119s", "2m", "2h", "2d"]);
    }

    #[test]
    fn sizes_are_in_binary_units() {
        let texts = [0, 999, 1000, 1536, 102_400, 1 << 30, u64::MAX].map(bytes_text);
        assert_eq!(texts, ["0 B", "999 B", "1.0 KiB", "1.5 KiB", "100 KiB", "1.0 GiB", "16384 PiB"]);
    }

    #[test]
    fn moments_are_utc() {
        assert_eq!(utc(1_793_520_843_007), "2026-11-01T08:14:03.007Z");
        assert_eq!(utc(u64::MAX), "unknown");
    }

    #[test]
    fn large_numbers_keep_their_digits() {
        assert_eq!(
            serde_json::to_string(&(Decimal(u64::MAX), Millis(7))).unwrap(),
            "[\"18446744073709551615\",7]"
        );
    }
}
