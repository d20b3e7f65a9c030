use bytes::BytesMut;
use elastickv_crypto::*;

fn seal(dek: &Dek<Storage>, nonce: FreshNonce<Storage>, context: EntryContext) {
    let _ = dek.seal(nonce, context, b"command", &mut BytesMut::new());
}

fn main() {}
