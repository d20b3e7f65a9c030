use elastickv_crypto::*;

fn read(dek: &Dek<Storage>, material: &KeyMaterial, kek: &WrappingKey) {
    let _ = &dek.aead;
    let _ = &material.secret;
    let _ = material.secret();
    let _ = &kek.aead;
}

fn main() {}
