//! Many who connect and show nothing, and one whose time runs out.

use anyhow::{Context, Result, ensure};
use elastickv_tests::authority::Subject;
use elastickv_tests::client::Client;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::{self, PATIENCE};

/// What the server is started with.
pub const PLACES: usize = 40;
/// So long the certificate counts of somebody who stays.
const SECONDS: i64 = 4;

/// They get their part of the places and no more, and whoever has a certificate comes in nevertheless. Those that only hold
/// their places lose them.
pub async fn leave_room_for_others(cluster: &Cluster) -> Result<()> {
    let (authority, address) = (cluster.authority()?, cluster.nodes()[0].address.to_string());
    let short = authority.issue("short", &Subject::client("owner").valid(-3600..SECONDS))?;
    let stays = Client::sealed(&address, &authority.dialer(Some(&short))?)?;
    stays.describe().await?;

    let nothing = authority.dialer(None)?;
    let strangers =
        (0..2 * PLACES).map(|_| Client::sealed(&address, &nothing)).collect::<Result<Vec<_>>>()?;
    let is_judged = async |stranger: &Client| {
        let refusal = stranger.describe().await.err();
        refusal.is_some_and(|refusal| refusal.reason == "Unauthenticated")
    };
    let mut judged = 0;
    for stranger in &strangers {
        judged += usize::from(is_judged(stranger).await);
    }
    println!("{judged} of {} strangers came in", strangers.len());
    ensure!((1..=PLACES / 2).contains(&judged), "{judged} of {} strangers came in", strangers.len());
    let owner = Client::sealed(&address, &authority.dialer(Some(authority.owner()))?)?;
    owner.describe().await?;

    wait::until("the certificate of a standing connection to expire", PATIENCE, || async {
        let refusal = stays.describe().await.err().context("it is still let in")?;
        ensure!(refusal.message.contains("expired since it was made"), "{refusal}");
        Ok(())
    })
    .await?;
    // All of them still hold their ends; the places are free again nevertheless.
    wait::until_true("strangers to lose their places", PATIENCE, || async {
        is_judged(&Client::sealed(&address, &nothing).expect("a client is made without a connection")).await
    })
    .await?;
    ensure!(strangers.len() == 2 * PLACES);
    owner.describe().await?;
    Ok(())
}
