//! Waiting for something to become true.
//!
//! A probe is asked again and again until it holds or the deadline passes; what it said last is the
//! reason that the failure gives. A pause between two probes is only politeness: no test depends on its
//! length.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

const PAUSE: Duration = Duration::from_millis(10);

/// Long enough for anything that is going to happen at all, on a machine busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An error of a probe that no further asking can mend; it ends the wait at once.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Hopeless(pub String);

/// Asks `probe` until it answers `Ok`, at most for `limit`.
pub async fn until<T, F, Fut>(what: &str, limit: Duration, mut probe: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let begun = Instant::now();
    let mut last = anyhow::anyhow!("the first probe did not answer");
    loop {
        let left = limit.saturating_sub(begun.elapsed());
        match tokio::time::timeout(left, probe()).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(why)) if why.is::<Hopeless>() => {
                return Err(why).with_context(|| format!("no use in waiting for {what}"));
            }
            Ok(Err(why)) => last = why,
            Err(_) => {}
        }
        if begun.elapsed() >= limit {
            return Err(last).with_context(|| format!("waited {limit:?} for {what}"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// As [`until`], for a plain yes or no.
pub async fn until_true<F, Fut>(what: &str, limit: Duration, mut probe: F) -> Result<()>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    until(what, limit, || {
        let answer = probe();
        async move { if answer.await { Ok(()) } else { Err(anyhow::anyhow!("not so yet")) } }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_reason_is_told() {
        let mut asked = 0;
        let result = until("the moon", Duration::from_millis(50), || {
            asked += 1;
            async { Err::<(), _>(anyhow::anyhow!("still the sun")) }
        })
        .await;
        let text = format!("{:#}", result.expect_err("it never holds"));
        assert!(text.contains("the moon") && text.contains("still the sun"), "{text}");
        assert!(asked > 1);
    }

    #[tokio::test]
    async fn a_hopeless_wait_ends_at_once() {
        let result = until("a dead man", PATIENCE * 100, || async {
            Err::<(), _>(anyhow::Error::new(Hopeless("he is dead".to_owned())).context("looked"))
        });
        let text = format!("{:#}", result.await.expect_err("it never holds"));
        assert!(text.contains("he is dead"), "{text}");
    }

    #[tokio::test]
    async fn a_probe_that_hangs_does_not_outlive_the_limit() {
        let result = until("an answer", Duration::from_millis(20), std::future::pending::<Result<()>>).await;
        assert!(result.is_err());
    }
}
