use elastickv_crypto::*;

fn twice(dek: Dek<Storage>, material: KeyMaterial, kek: WrappingKey) {
    let _ = [dek.clone(), dek];
    let _ = [material.clone(), material];
    let _ = [kek.clone(), kek];
}

fn main() {}
