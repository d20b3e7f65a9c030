//! What an operator looks with, on one cluster: lines of the log, slow requests, watching while members go away.

mod doctor;
pub mod evidence;
mod hung;
mod levels;
mod watching;

use anyhow::Result;
use elastickv_tests::cluster::Plan;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_at_a_cluster_in_every_way_there_is() -> Result<()> {
    // Every request is slow.
    let cluster = Plan::new("tools").encrypted().with_movable_clocks().setting("slow-request", "1us");
    let cluster = cluster.start().await?;
    levels::go_back_by_themselves(&cluster).await?;
    levels::slow_requests_are_told_of(&cluster).await?;
    watching::survives_a_member_that_goes_away(&cluster).await?;
    doctor::finds_what_is_wrong(&cluster).await?;
    evidence::dates_are_told_where_there_is_a_rate(&cluster).await?;
    evidence::a_report_is_evidence(&cluster).await?;
    evidence::a_bundle_shows_nothing_of_users(&cluster).await?;
    hung::leaves_the_others_in_sight(&cluster).await?;
    cluster.finish().await
}
