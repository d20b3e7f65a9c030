//! `elastickv-admin`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    let exit = elastickv_admin::main(std::env::args_os().collect());
    ExitCode::from(exit.code())
}
