use elastickv_crypto::*;

fn print(dek: &Dek<Storage>, material: &KeyMaterial, kek: &WrappingKey) {
    println!("{dek:?}");
    println!("{dek}");
    println!("{material:?}");
    println!("{material}");
    println!("{kek:?}");
    println!("{kek}");
}

fn main() {}
