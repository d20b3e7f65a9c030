//! `cluster drain` and `cluster undrain`: one node is asked, and nobody else.

use elastickv_proto::v1::{DrainRequest, UndrainRequest};
use elastickv_types::PeerAddress;

use crate::args::cluster::NodeArgs;
use crate::client::{Aim, Plan, Session, rpc};
use crate::error::CliError;
use crate::model::{Decimal, Done, DrainReport, UndrainReport};

pub async fn drain(session: &Session, args: &NodeArgs) -> Result<Done<DrainReport>, CliError> {
    let (member, address) = find(session, args).await?;
    session.progress().say(format!("{member} hands over what it leads"));
    let answer = session.call(Plan::write(Aim::Only(address)), &DrainRequest {}, rpc::drain).await?.message;
    let unchanged = answer.unchanged;
    Ok(Done::changed(DrainReport { member, transferred: Decimal(answer.transferred), unchanged }, !unchanged))
}

pub async fn undrain(session: &Session, args: &NodeArgs) -> Result<Done<UndrainReport>, CliError> {
    let (member, address) = find(session, args).await?;
    let answer =
        session.call(Plan::write(Aim::Only(address)), &UndrainRequest {}, rpc::undrain).await?.message;
    let unchanged = answer.unchanged;
    Ok(Done::changed(UndrainReport { member, unchanged }, !unchanged))
}

async fn find(session: &Session, args: &NodeArgs) -> Result<(String, PeerAddress), CliError> {
    session.begin_change();
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    session.expect_cluster(&survey, args.change.expect.expect_cluster.as_deref())?;
    let seen = survey.resolve(&args.member)?;
    Ok((seen.entry.name.clone(), session.address_of(seen)?))
}
