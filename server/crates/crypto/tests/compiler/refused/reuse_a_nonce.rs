use bytes::BytesMut;
use elastickv_crypto::*;

fn seal_twice(dek: &Dek<Raft>, nonce: FreshNonce<Raft>, context: EntryContext) {
    let _ = dek.seal(nonce, context, &mut BytesMut::new(), |_| ());
    let _ = dek.seal(nonce, context, &mut BytesMut::new(), |_| ());
}

fn main() {}
