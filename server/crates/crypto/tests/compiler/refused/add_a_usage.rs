use elastickv_crypto::*;
use elastickv_types::Purpose;

#[derive(Debug)]
enum Both {}

impl Usage for Both {
    const PURPOSE: Purpose = Purpose::Storage;
    const FLAGS: u8 = 1;
    type Context<'a> = EntryContext;
}

fn main() {}
