use elastickv_crypto::*;

fn twice(nonce: FreshNonce<Storage>) -> [FreshNonce<Storage>; 2] {
    [nonce.clone(), nonce]
}

fn main() {}
