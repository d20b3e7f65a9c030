//! Reads the text that Prometheus reads.

use std::collections::BTreeMap;

use serde::Serialize;

/// How often each step was timed, and how long all of it took, by the step's name.
pub type Timings = BTreeMap<String, Timing>;

#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Timing {
    pub count: f64,
    pub seconds: f64,
}

impl Timing {
    pub fn mean_us(&self) -> f64 {
        if self.count > 0.0 { self.seconds / self.count * 1e6 } else { 0.0 }
    }
}

/// The sum of all samples of a name, whatever their labels.
pub fn value(page: &str, name: &str) -> Option<f64> {
    samples(page).filter(|(found, _, _)| *found == name).map(|(_, _, value)| value).reduce(|a, b| a + b)
}

/// Every histogram of durations whose name begins with `prefix`; labels are part of its name.
pub fn timings(page: &str, prefix: &str) -> Timings {
    let mut timings = Timings::new();
    for (name, labels, value) in samples(page).filter(|(name, _, _)| name.starts_with(prefix)) {
        if let Some(step) = name.strip_suffix("_seconds_sum") {
            timings.entry(format!("{step}{labels}")).or_default().seconds = value;
        } else if let Some(step) = name.strip_suffix("_seconds_count") {
            timings.entry(format!("{step}{labels}")).or_default().count = value;
        }
    }
    timings
}

/// What was added between two readings.
pub fn since(before: &Timings, after: &Timings) -> Timings {
    let added = after.iter().map(|(step, now)| {
        let then = before.get(step).copied().unwrap_or_default();
        let timing = Timing { count: now.count - then.count, seconds: now.seconds - then.seconds };
        (step.clone(), timing)
    });
    added.filter(|(_, timing)| timing.count > 0.0).collect()
}

/// Name, labels in their braces, and value of each sample.
fn samples(page: &str) -> impl Iterator<Item = (&str, &str, f64)> {
    page.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_at(series.find('{').unwrap_or(series.len()));
        Some((name, labels, value.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP x y\nx_fsync_seconds_sum{group=\"1\"} 0.5\nx_fsync_seconds_count{group=\"1\"} 10\n\
                        x_total 3\nx_total{a=\"b c\"} 4\ny_seconds_count 1\n";

    #[test]
    fn samples_are_added_and_timed() {
        assert_eq!(value(PAGE, "x_total"), Some(7.0));
        assert_eq!(value(PAGE, "z"), None);
        let timings = timings(PAGE, "x_");
        assert_eq!(timings["x_fsync{group=\"1\"}"].mean_us(), 50_000.0);
        assert!(since(&timings, &timings).is_empty());
        assert_eq!(since(&Timings::new(), &timings), timings);
    }
}
