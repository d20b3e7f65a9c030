//! `backup create`
//!
//! One member writes down what it holds and sends it. A broken connection is taken up where it broke, as long as that
//! member still has what it began with; if it has not, everything begins anew, with what the leader holds then.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elastickv_offline::Strides;
use elastickv_offline::backup::{BackupError, Growing, Manifest, Part, Partial, Plan as Contents};
use elastickv_proto::v1;
use elastickv_sys::clock::{Moment, SharedClock, SystemClock};
use elastickv_sys::files::SystemFiles;
use elastickv_types::{ClusterId, PeerAddress};
use tonic::Streaming;

use super::{pace, refused};
use crate::args::backup::CreateArgs;
use crate::client::{Aim, Intent, Patience, Plan, Session, Survey, backup_rpc};
use crate::commands::striding::{so_far, striding};
use crate::error::{CliError, Code};
use crate::model::{BackupReport, Done, utc};

/// A stream that says nothing for so long has lost its node.
const SILENCE: Duration = Duration::from_secs(10);
/// So often is a part that arrived wrong, or was replaced on its way, begun anew.
const TRIES: usize = 5;

pub async fn run(session: &Session, args: &CreateArgs) -> Result<Done<BackupReport>, CliError> {
    let unfinished = Partial::is_there(&SystemFiles, &args.dir).map_err(|error| refused(&error))?;
    if unfinished && !args.resume {
        let text = format!("{}.partial was not finished", args.dir.display());
        return Err(CliError::new(Code::BackupThere, text).hint("go on with it: --resume; or remove it"));
    }
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, args.expect_cluster.as_deref())?;
    let mut partial = match args.resume {
        true => Partial::resume(SystemFiles::shared(), &args.dir).map_err(|error| refused(&error))?,
        false => None,
    };
    if let Some(partial) = &partial {
        same_cluster(partial, &survey, args)?;
    }
    for _ in 0..TRIES {
        let current = match partial.take() {
            Some(partial) => partial,
            None => begin(session, args).await?,
        };
        if fetch(session, &survey, &current, args.rate).await? {
            return finish(session, args, current).await;
        }
        session.progress().say("what was fetched is not current any more; beginning anew");
    }
    Err(CliError::new(Code::BackupGone, "the snapshot was replaced while it was fetched, again and again"))
}

/// What was fetched of one cluster does not make way for another one.
fn same_cluster(partial: &Partial, survey: &Survey, args: &CreateArgs) -> Result<(), CliError> {
    let begun = partial.plan.cluster_id.to_string();
    if survey.cluster_id == begun {
        return Ok(());
    }
    let text = format!(
        "{}.partial is of the cluster {begun}, and this is {}",
        args.dir.display(),
        survey.cluster_id
    );
    Err(CliError::new(Code::ClusterMismatch, text)
        .hint("give another directory, or the endpoint of that cluster"))
}

/// Has the leader write down what it holds.
async fn begin(session: &Session, args: &CreateArgs) -> Result<Partial, CliError> {
    session.progress().say("the leader writes down what it holds");
    let survey = session.survey_with_leader().await?;
    let aim = Aim::Leader(leader_address(session, &survey)?);
    let cluster = survey.cluster_id.parse::<ClusterId>().ok();
    let request = v1::PrepareBackupRequest {
        expected_cluster_id: cluster.map(|id| Bytes::copy_from_slice(id.as_bytes())).unwrap_or_default(),
    };
    let plan = Plan { intent: Intent::Read, aim, patience: Patience::Work };
    let told = session.call(plan, &request, backup_rpc::prepare).await?.message;
    let misunderstood =
        || CliError::new(Code::Unexpected, "the leader's answer is not understood by this build");
    let contents = contents(&told).ok_or_else(misunderstood)?;
    session.learn_cluster(contents.cluster_id.to_string());
    Partial::begin(SystemFiles::shared(), &args.dir, contents).map_err(|error| refused(&error))
}

fn contents(told: &v1::PrepareBackupResponse) -> Option<Contents> {
    let part = |part: &v1::BackupPart| {
        Some(Part {
            group_id: part.group_id,
            snapshot_id: part.snapshot_id.as_ref().try_into().ok()?,
            bytes: part.bytes,
            crc32c: part.crc32c,
        })
    };
    Some(Contents {
        cluster_id: ClusterId::from_slice(&told.cluster_id)?,
        cluster_name: told.cluster_name.parse().ok()?,
        node_name: told.node_name.parse().ok()?,
        taken_at: utc(told.unix_ms),
        parts: told.parts.iter().map(part).collect::<Option<Vec<_>>>().filter(|parts| parts.len() == 1)?,
    })
}

/// Fetches what is missing; false when the member does not have it any more.
async fn fetch(
    session: &Session,
    survey: &Survey,
    partial: &Partial,
    rate: Option<NonZeroU64>,
) -> Result<bool, CliError> {
    // Who has left has nothing to go on with.
    let Ok(member) = survey.resolve(partial.plan.node_name.as_str()) else { return Ok(false) };
    let address = session.address_of(member)?;
    let clock = SystemClock::shared();
    for part in &partial.plan.parts {
        let mut growing = partial.part(part).map_err(|error| refused(&error))?;
        let mut throttle = Throttle { rate, clock: clock.clone(), began: clock.now(), bytes: 0 };
        let mut in_vain = 0;
        while growing.len < part.bytes {
            let before = growing.len;
            if !stream(session, &address, part, &mut growing, &mut throttle).await? {
                return Ok(false);
            }
            in_vain = if growing.len > before { 0 } else { in_vain + 1 };
            if in_vain == TRIES {
                let text =
                    format!("{address} sends nothing behind byte {before}, although it is asked again");
                return Err(CliError::new(Code::NoAnswer, text).hint("go on from there: --resume"));
            }
        }
        if !partial.check(part, growing).map_err(|error| refused(&error))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One stream, as long as it lasts; false when there is nothing to stream any more.
async fn stream(
    session: &Session,
    address: &PeerAddress,
    part: &Part,
    growing: &mut Growing,
    throttle: &mut Throttle,
) -> Result<bool, CliError> {
    session.begin_step();
    let request = v1::FetchBackupRequest {
        group_id: part.group_id,
        snapshot_id: Bytes::copy_from_slice(&part.snapshot_id),
        offset: growing.len,
    };
    let plan = Plan { intent: Intent::Read, aim: Aim::Only(address.clone()), patience: Patience::Read };
    let mut pieces = match session.call(plan, &request, backup_rpc::fetch).await {
        Ok(answer) => answer.message,
        Err(error) if error.code() == Code::BackupGone => return Ok(false),
        Err(error) => return Err(error),
    };
    while let Some(piece) = next(&mut pieces).await {
        if piece.offset != growing.len || growing.len + piece.data.len() as u64 > part.bytes {
            break;
        }
        growing.append(&piece.data).map_err(|error| refused(&error))?;
        session.progress().say(so_far("fetching", (growing.len, part.bytes), session.elapsed()));
        throttle.take(piece.data.len() as u64).await;
    }
    Ok(true)
}

/// A piece; nothing at the end of the stream, or of its silence.
async fn next(pieces: &mut Streaming<v1::FetchBackupResponse>) -> Option<v1::FetchBackupResponse> {
    tokio::time::timeout(SILENCE, pieces.message()).await.ok()?.ok()?
}

/// Keeps to a rate without holding up whatever else this thread does.
struct Throttle {
    rate: Option<NonZeroU64>,
    clock: SharedClock,
    began: Moment,
    bytes: u64,
}

impl Throttle {
    async fn take(&mut self, bytes: u64) {
        self.bytes += bytes;
        let Some(rate) = self.rate else { return };
        let due = Duration::from_secs_f64(self.bytes as f64 / rate.get() as f64);
        tokio::time::sleep(due.saturating_sub(self.clock.now().since(self.began))).await;
    }
}

async fn finish(
    session: &Session,
    args: &CreateArgs,
    partial: Partial,
) -> Result<Done<BackupReport>, CliError> {
    let strides = Arc::new(Strides::default());
    let (shared, pace) = (strides.clone(), pace(None));
    let work = move || -> Result<Manifest, BackupError> { Ok(partial.finish(pace, &shared)?.0) };
    let manifest = striding(session, "looking through it", &strides, work).await?;
    let manifest = manifest.map_err(|error| refused(&error))?;
    Ok(Done::read(BackupReport::of(&args.dir, &manifest, None)))
}

fn leader_address(session: &Session, survey: &Survey) -> Result<PeerAddress, CliError> {
    let leader = survey.working_leader().ok_or_else(|| crate::client::no_leader(survey))?;
    session.address_of(leader)
}
