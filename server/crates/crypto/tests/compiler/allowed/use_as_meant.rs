//! The same calls as in the forbidden cases, used as they are meant: those fail for their own reasons.

use bytes::BytesMut;
use elastickv_crypto::*;
use elastickv_types::{ClusterId, FullNodeId, GroupId, KeyId, LocalEpoch, Purpose};

fn main() {
    let id = KeyId::from_u32(1).unwrap();
    let material = KeyMaterial::draw(id, Purpose::Raft, |bytes| bytes.fill(1));
    let kek = WrappingKey::load(|bytes| Ok::<(), ()>(bytes.fill(2))).unwrap();
    kek.wrap(ClusterId::from_bytes([1; 16]), &material, |nonce| nonce.fill(3));
    let dek: Dek<Raft> = Dek::new(material).unwrap();
    let node = FullNodeId::of_name("n1").short();
    let nonces = NonceSource::new(&dek, node, LocalEpoch::ZERO, NonceSalt::new(1));
    let context = EntryContext { group: GroupId::CONTROL };
    dek.seal(nonces.draw().unwrap(), context, &mut BytesMut::new(), |_| ()).unwrap();
}
