//! Nonces as they are found in what was sealed.

use std::collections::HashSet;

use super::*;

/// Remembers every pair of key and nonce it is shown, and keeps those it is shown again.
#[derive(Default)]
struct Recorder {
    seen: HashSet<(KeyId, [u8; 12])>,
    repeated: Vec<[u8; 12]>,
}

impl Recorder {
    fn note<U: Usage>(&mut self, envelope: &[u8]) {
        let header = EnvelopeHeader::<U>::parse(envelope).unwrap();
        if !self.seen.insert((header.key(), *header.nonce())) {
            self.repeated.push(*header.nonce());
        }
    }
}

fn load(epoch: u16, salt: u32) -> Pen<Storage> {
    let dek = Dek::new(material(1, Purpose::Storage)).unwrap();
    let node = FullNodeId::of_name("n1").short();
    let nonces = NonceSource::new(&dek, node, LocalEpoch::new(epoch), NonceSalt::new(salt));
    Pen { dek, nonces }
}

fn seal_some(recorder: &mut Recorder, pen: &Pen<Storage>) {
    (0..500).for_each(|_| recorder.note::<Storage>(&pen.sealed(b"v")));
}

#[test]
fn a_nonce_is_node_epoch_salt_and_a_counter_from_one() {
    let pen = load(7, 0xa1b2_c3d4);
    for counter in 1..=3 {
        let sealed = pen.sealed(b"v");
        let expected = [0xd4, 0xc0, 0, 7, 0xa1, 0xb2, 0xc3, 0xd4, 0, 0, 0, counter];
        assert_eq!(EnvelopeHeader::<Storage>::parse(&sealed).unwrap().nonce(), &expected);
    }
    assert_eq!(pen.nonces.used(), 3);
}

#[test]
fn a_source_that_ran_dry_stays_dry() {
    let pen = load(0, 1);
    pen.nonces.skip_to(u32::MAX);
    let last = pen.sealed(b"v");
    assert_eq!(EnvelopeHeader::<Storage>::parse(&last).unwrap().nonce()[8..], [0xff; 4]);
    for _ in 0..1000 {
        let dry = pen.nonces.draw().map(|_| ());
        assert_eq!(dry, Err(CryptoError::NoncesExhausted { key: pen.dek.id() }));
    }
    pen.nonces.skip_to(1);
    assert!(pen.nonces.draw().is_err());
    assert_eq!(pen.nonces.used(), NonceSource::<Storage>::CAPACITY);
}

#[test]
fn a_nonce_is_refused_by_another_key() {
    let (one, other) = (Pen::<Storage>::new(1), Pen::<Storage>::new(2));
    let mut out = BytesMut::from(&b"before"[..]);
    let refused = other.dek.seal(one.nonces.draw().unwrap(), ROW, b"v", &mut out);
    assert_eq!(refused, Err(CryptoError::ForeignNonce { drawn_for: one.dek.id(), key: other.dek.id() }));
    assert_eq!(out, &b"before"[..]);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "threads of a test")]
fn threads_never_share_a_nonce() {
    let pen = load(0, 1);
    let mut recorder = Recorder::default();
    let sealed: Vec<Vec<BytesMut>> = std::thread::scope(|scope| {
        let seal = || (0..5000).map(|_| pen.sealed(b"v")).collect();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(seal)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    sealed.iter().flatten().for_each(|envelope| recorder.note::<Storage>(envelope));
    assert_eq!((recorder.seen.len(), recorder.repeated.len()), (20_000, 0));
}

#[test]
fn neither_restarts_nor_a_disk_put_back_repeat_a_nonce() {
    let mut recorder = Recorder::default();
    for (epoch, salt) in [(0, 11), (1, 12), (2, 13), (1, 14), (2, 15), (0xffff, 16), (0xffff, 17)] {
        seal_some(&mut recorder, &load(epoch, salt));
    }
    assert_eq!((recorder.seen.len(), recorder.repeated.len()), (7 * 500, 0));
}

/// The same loads with the salt pinned: the recorder has to notice those whose epoch came again, and with
/// the epochs pinned as well every load after the first.
#[test]
fn the_recorder_notices_what_salt_and_epoch_prevent() {
    let mut without_salt = Recorder::default();
    for epoch in [0, 1, 2, 1, 2, 0xffff, 0xffff] {
        seal_some(&mut without_salt, &load(epoch, 1));
    }
    assert_eq!(without_salt.repeated.len(), 3 * 500);
    let mut without_either = Recorder::default();
    (0..7).for_each(|_| seal_some(&mut without_either, &load(0, 1)));
    assert_eq!(without_either.repeated.len(), 6 * 500);
}
