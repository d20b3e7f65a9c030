//! Names the decoders; with a name and a directory, writes that one's seeds there.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a small program of its own")]

use std::error::Error;
use std::path::Path;

use elastickv_fuzz::{TARGETS, target};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(dir)) = (arguments.next(), arguments.next()) else {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        return Ok(());
    };
    let target = target(&name).ok_or_else(|| format!("there is no decoder {name}"))?;
    for (number, seed) in (target.seeds)().into_iter().enumerate() {
        std::fs::write(Path::new(&dir).join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}
