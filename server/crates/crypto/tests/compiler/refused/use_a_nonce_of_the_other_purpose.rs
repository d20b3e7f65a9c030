use bytes::BytesMut;
use elastickv_crypto::*;

fn seal(dek: &Dek<Raft>, nonce: FreshNonce<Storage>, context: EntryContext) {
    let _ = dek.seal(nonce, context, &mut BytesMut::new(), |_| ());
}

fn main() {}
