use bytes::BytesMut;
use elastickv_crypto::*;

fn open(dek: &Dek<Raft>, context: RowContext<'_>, envelope: &[u8]) {
    let _ = dek.open(context, envelope, &mut BytesMut::new());
}

fn main() {}
