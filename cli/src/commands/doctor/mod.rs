//! `doctor`

mod cluster;
mod data_dir;

pub use cluster::run as of_cluster;

use super::Desk;
use crate::args::DoctorArgs;
use crate::error::Exit;

pub async fn run(desk: Desk<'_>, args: &DoctorArgs) -> Exit {
    let Desk { session, ui, .. } = desk;
    match &args.data_dir {
        Some(dir) => desk.show(data_dir::run(session, dir, args.kek.as_deref(), ui.cli())).await,
        None => desk.show(cluster::run(session, args, ui.cli())).await,
    }
}
