//! What a wrapping key guarantees whoever keeps it, shown with keepers that are slow, gone or wrong.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use elastickv_crypto::{WrapContext, WrappingKey};
use elastickv_types::{Commitment, KekLabel, WrappedKey};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::time::Instant;

use super::*;
use crate::local::LocalKek;

fn local(byte: u8) -> LocalKek {
    let key = WrappingKey::load(|bytes| {
        bytes.fill(byte);
        Ok::<(), KekError>(())
    });
    LocalKek::new(key.unwrap(), "test", "key", random())
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

#[tokio::test]
async fn a_wrapping_comes_back_and_says_who_made_it() {
    let kek = Kek::new(Arc::new(local(9)));
    let key = material(3);
    let (context, commitment) = (key.context(cluster()), key.commitment());
    let (one, other) =
        (kek.wrap(cluster(), &key, soon()).await.unwrap(), kek.wrap(cluster(), &key, soon()).await.unwrap());
    assert_eq!(one.by, kek.label());
    assert_ne!(one.key, other.key, "two wrappings have one nonce");
    for wrapped in [one.key, other.key] {
        let back = kek.unwrap(context, &wrapped, commitment, soon()).await.unwrap();
        assert_eq!(back.commitment(), commitment);
    }
}

#[tokio::test]
async fn another_key_or_another_content_is_a_mismatch() {
    let (kek, key, other) = (Kek::new(Arc::new(local(9))), material(3), material(4));
    let wrapped = kek.wrap(cluster(), &key, soon()).await.unwrap().key;
    let context = key.context(cluster());
    let mismatch = Some(KekError::Mismatch { key: key.id(), purpose: key.purpose() });
    let stranger = Kek::new(Arc::new(local(8)));
    assert_eq!(stranger.unwrap(context, &wrapped, key.commitment(), soon()).await.err(), mismatch);
    assert_eq!(kek.unwrap(context, &wrapped, other.commitment(), soon()).await.err(), mismatch);
    assert!(mismatch.is_some_and(|error| !error.is_transient()));
}

/// Gives out a key of its own choice, whatever it is asked.
struct Liar(fn() -> KeyMaterial);

impl KekProvider for Liar {
    fn label(&self) -> KekLabel {
        KekLabel { provider: "liar".to_owned(), key: String::new(), version: String::new() }
    }

    fn wrap<'a>(&'a self, _: ClusterId, _: &'a KeyMaterial) -> BoxFuture<'a, Result<Wrapped>> {
        pending().boxed()
    }

    fn unwrap<'a>(&'a self, _: WrapContext, _: &'a WrappedKey) -> BoxFuture<'a, Result<KeyMaterial>> {
        ready(Ok((self.0)())).boxed()
    }
}

#[tokio::test]
async fn a_keeper_that_hands_out_something_else_is_found_out() {
    let key = material(3);
    let wrapped = WrappedKey::new(vec![1].into()).unwrap();
    let unwrap = async |liar: fn() -> KeyMaterial, commitment: Commitment| {
        let kek = Kek::new(Arc::new(Liar(liar)));
        kek.unwrap(key.context(cluster()), &wrapped, commitment, soon()).await.map(|key| key.id())
    };
    let mismatch = Err(KekError::Mismatch { key: key.id(), purpose: key.purpose() });
    assert_eq!(unwrap(|| material(4), key.commitment()).await, mismatch, "another key");
    assert_eq!(unwrap(|| material(4), material(4).commitment()).await, mismatch, "a key under another id");
    assert_eq!(
        unwrap(|| material(3), key.commitment()).await,
        Ok(key.id()),
        "the control: what was asked for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_does_not_answer_is_given_up_at_the_deadline() {
    let kek = Kek::new(Arc::new(Liar(|| material(3))));
    let deadline = soon();
    let late = kek.wrap(cluster(), &material(3), deadline).await.unwrap_err();
    assert_eq!(late, KekError::Deadline { provider: "liar".to_owned() });
    assert!(late.is_transient());
    assert_eq!(Instant::now().duration_since(deadline).as_secs(), 0);
}

/// Counts the calls that were begun and those that were let go.
struct Counting<'a>(&'a AtomicUsize);

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Stuck(AtomicUsize);

impl KekProvider for Arc<Stuck> {
    fn label(&self) -> KekLabel {
        KekLabel { provider: "stuck".to_owned(), key: String::new(), version: String::new() }
    }

    fn wrap<'a>(&'a self, _: ClusterId, _: &'a KeyMaterial) -> BoxFuture<'a, Result<Wrapped>> {
        async {
            let _call = Counting(&self.0);
            pending().await
        }
        .boxed()
    }

    fn unwrap<'a>(&'a self, _: WrapContext, _: &'a WrappedKey) -> BoxFuture<'a, Result<KeyMaterial>> {
        pending().boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_or_late_ends_at_the_keeper_too() {
    let stuck = Arc::new(Stuck(AtomicUsize::new(0)));
    let kek = Kek::new(Arc::new(Arc::clone(&stuck)));
    let key = material(3);
    {
        let mut call = Box::pin(kek.wrap(cluster(), &key, soon()));
        assert!(futures_util::poll!(&mut call).is_pending());
        assert_eq!(stuck.0.load(Ordering::SeqCst), 0);
    }
    assert_eq!(stuck.0.load(Ordering::SeqCst), 1);
    assert!(kek.wrap(cluster(), &key, soon()).await.is_err());
    assert_eq!(stuck.0.load(Ordering::SeqCst), 2);
}

#[test]
fn nothing_of_a_key_is_printed() {
    let kek = Kek::new(Arc::new(local(0xab)));
    let told = format!("{kek:?}");
    assert!(told.starts_with("Kek(KekLabel {") && !told.contains("abab"), "{told}");
}
