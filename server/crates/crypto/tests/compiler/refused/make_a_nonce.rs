use elastickv_crypto::*;
use elastickv_types::KeyId;

fn make(key: KeyId) -> FreshNonce<Storage> {
    FreshNonce { key, bytes: [0; 12], usage: std::marker::PhantomData }
}

fn main() {}
