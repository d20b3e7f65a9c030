//! Opcode 12: jobs.

use elastickv_types::ByteRate;

use super::fields::{self, Read};
use super::wire;
use crate::command::{JobChange, JobCommand};

pub fn to_wire(command: &JobCommand) -> wire::Job {
    let rated = |rate: Option<ByteRate>| wire::Rated { rate: rate.map_or(0, ByteRate::get) };
    let change = match command.change {
        JobChange::StartRewrite { rate } => wire::JobChange::StartRewrite(rated(rate)),
        JobChange::Pause => wire::JobChange::Pause(wire::Nothing {}),
        JobChange::Resume => wire::JobChange::Resume(wire::Nothing {}),
        JobChange::SetRate { rate } => wire::JobChange::SetRate(rated(rate)),
        JobChange::Cancel => wire::JobChange::Cancel(wire::Nothing {}),
        JobChange::Finish { log_sealed, membership, under } => wire::JobChange::Finish(wire::Finish {
            log_sealed,
            membership: Some(fields::log_id_to_wire(membership)),
            under: under.get(),
        }),
    };
    wire::Job { change: Some(change), origin: Some(fields::origin_to_wire(&command.origin)) }
}

pub fn from_wire(raw: wire::Job) -> Read<JobCommand> {
    let rate = |rated: wire::Rated| ByteRate::from_u64(rated.rate);
    let change = match raw.change.ok_or("a job is told nothing")? {
        wire::JobChange::StartRewrite(rated) => JobChange::StartRewrite { rate: rate(rated) },
        wire::JobChange::Pause(_) => JobChange::Pause,
        wire::JobChange::Resume(_) => JobChange::Resume,
        wire::JobChange::SetRate(rated) => JobChange::SetRate { rate: rate(rated) },
        wire::JobChange::Cancel(_) => JobChange::Cancel,
        wire::JobChange::Finish(finish) => {
            let membership = fields::log_id(finish.membership)?;
            let under = fields::key_id(finish.under)?;
            JobChange::Finish { log_sealed: finish.log_sealed, membership, under }
        }
    };
    Ok(JobCommand { origin: fields::origin(raw.origin)?, change })
}
