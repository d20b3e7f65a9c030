//! Brings the committed completions, manual pages and tables up to date:
//! `cargo run -p elastickv-admin --example generate`.

use std::path::Path;
use std::process::ExitCode;

use elastickv_admin::generated;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match generated::update(&root) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a tool of the source tree, not the program")]
            {
                eprintln!("{error}");
            }
            ExitCode::FAILURE
        }
    }
}
