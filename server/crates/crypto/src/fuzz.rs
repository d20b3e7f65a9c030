//! Opening whatever bytes somebody hands over. Panics are the failures that a fuzzer looks for.

use std::fmt::Debug;

use bytes::{Bytes, BytesMut};
use elastickv_types::{ClusterId, FullNodeId, GroupId, KeyId, LocalEpoch, Purpose, WrappedKey};

use crate::{
    CryptoError, Dek, EntryContext, EnvelopeHeader, KeyMaterial, LONGEST_VALUE, NonceSalt, NonceSource,
    RowContext, Storage, Usage, WrapContext, WrappingKey,
};

const ROW: RowContext<'static> = RowContext { header: &[2, 0, 0, 0, 0, 0, 0, 0, 0], row_key: b"k" };

/// Takes these bytes for the value of a sealed row, under whichever key they name.
pub fn storage_envelope(data: &[u8]) {
    envelope::<Storage>(data, |dek, out| dek.open(ROW, data, out), |dek, all| dek.open_in_place(ROW, all));
}

/// Takes these bytes for a sealed log entry, under whichever key they name.
pub fn raft_envelope(data: &[u8]) {
    let entry = EntryContext { group: GroupId::CONTROL };
    envelope::<crate::Raft>(
        data,
        |dek, out| dek.open(entry, data, out),
        |dek, all| dek.open_in_place(entry, all),
    );
}

fn envelope<U: Usage>(
    data: &[u8],
    open: impl Fn(&Dek<U>, &mut BytesMut) -> Result<(), CryptoError>,
    open_in_place: impl Fn(&Dek<U>, &mut BytesMut) -> Result<(), CryptoError>,
) {
    let named = EnvelopeHeader::<U>::parse(data);
    let dek = dek::<U>(named.as_ref().map_or(KeyId::from_u32(1), |header| Some(header.key())));
    let (mut out, mut all) = (BytesMut::new(), BytesMut::from(data));
    let (copied, in_place) = (open(&dek, &mut out), open_in_place(&dek, &mut all));
    assert_eq!(copied, in_place, "opened by copying and in place, it is something else");
    assert_eq!(named.err(), copied.err().filter(|error| !is_about_content(*error)));
    assert_eq!(out, all);
    assert!(out.capacity() <= 2 * data.len(), "{} bytes of room for {}", out.capacity(), data.len());
}

fn is_about_content(error: CryptoError) -> bool {
    matches!(error, CryptoError::Integrity { .. } | CryptoError::Decompression { .. })
}

/// Seals these bytes as if they were a compressed value, and opens that.
pub fn compressed_value(data: &[u8]) {
    let dek = dek::<Storage>(KeyId::from_u32(1));
    let node = FullNodeId::of_name("n1").short();
    let nonces = NonceSource::new(&dek, node, LocalEpoch::ZERO, NonceSalt::new(0));
    let mut sealed = BytesMut::new();
    let nonce = nonces.draw().expect("the first nonce");
    let flagged = dek.seal_frame(nonce, ROW, &mut sealed, |out| {
        out.extend_from_slice(data);
        1
    });
    flagged.expect("nobody fuzzes with that much");
    let mut out = BytesMut::new();
    match dek.open(ROW, &sealed, &mut out) {
        Ok(()) => assert!(out.len() <= LONGEST_VALUE),
        Err(CryptoError::Decompression { .. }) => assert!(out.is_empty()),
        Err(error) => panic!("refused for another reason: {error}"),
    }
    let most = LONGEST_VALUE.min(22 * data.len()).max(sealed.len());
    assert!(out.capacity() <= 2 * most, "{} bytes of room for {}", out.capacity(), data.len());
    dek.open_in_place(ROW, &mut sealed).ok();
    assert_eq!(sealed, out);
}

/// Takes these bytes for a wrapped key.
pub fn wrapped_key(data: &[u8]) {
    let Some(wrapped) = WrappedKey::new(Bytes::copy_from_slice(data)) else { return };
    let key = WrappingKey::load(|bytes| {
        bytes.fill(1);
        Ok::<(), ()>(())
    });
    let Some(id) = KeyId::from_u32(1) else { return };
    let context = WrapContext { cluster: ClusterId::from_bytes([2; 16]), key: id, purpose: Purpose::Raft };
    let opened = key.map(|key| key.unwrap(context, &wrapped).is_ok());
    assert_eq!(opened, Ok(false), "{} bytes out of nowhere are a wrapped key", data.len());
}

fn dek<U: Usage>(id: Option<KeyId>) -> Dek<U> {
    let id = id.expect("key ids of headers and this crate's own are not zero");
    sound(Dek::new(KeyMaterial::draw(id, U::PURPOSE, |bytes| bytes.fill(1))))
}

fn sound<T, E: Debug>(made: Result<T, E>) -> T {
    made.unwrap_or_else(|error| panic!("a key of the right purpose was refused: {error:?}"))
}
