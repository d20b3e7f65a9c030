//! Many who connect and show nothing.

use anyhow::{Result, ensure};
use elastickv_tests::client::Client;
use elastickv_tests::cluster::Cluster;

/// What the server is started with.
pub const PLACES: usize = 40;

/// They get their part of the places and no more, and whoever has a certificate comes in nevertheless.
pub async fn leave_room_for_others(cluster: &Cluster) -> Result<()> {
    let (authority, address) = (cluster.authority()?, cluster.nodes()[0].address.to_string());
    let nothing = authority.dialer(None)?;
    let strangers =
        (0..2 * PLACES).map(|_| Client::sealed(&address, &nothing)).collect::<Result<Vec<_>>>()?;
    let mut judged = 0;
    for stranger in &strangers {
        let refusal = stranger.describe().await.err();
        judged += usize::from(refusal.is_some_and(|refusal| refusal.reason == "Unauthenticated"));
    }
    println!("{judged} of {} strangers came in", strangers.len());
    ensure!((1..=PLACES / 2).contains(&judged), "{judged} of {} strangers came in", strangers.len());
    let owner = Client::sealed(&address, &authority.dialer(Some(authority.owner()))?)?;
    owner.describe().await?;
    Ok(())
}
