//! Counting every row of every member, all at once.

use std::cell::RefCell;
use std::collections::BTreeMap;

use elastickv_proto::v1;
use elastickv_types::PeerAddress;
use futures_util::future::join_all;

use crate::client::{Patience, Seen, Session, Survey, jobs_rpc};
use crate::model::encryption::Counts;
use crate::progress::Bar;

/// What each member counts; how far they are is told meanwhile.
pub async fn count(session: &Session, survey: &Survey, rate: u64) -> Counts {
    let told: RefCell<BTreeMap<String, u64>> = RefCell::default();
    let counts = survey.members.iter().map(|seen| of_member(session, seen, rate, &told));
    join_all(counts).await.into_iter().collect()
}

async fn of_member(
    session: &Session,
    seen: &Seen,
    rate: u64,
    told: &RefCell<BTreeMap<String, u64>>,
) -> (String, Result<v1::Count, String>) {
    let name = seen.entry.name.clone();
    let tell = |rows: u64| {
        told.borrow_mut().insert(name.clone(), rows);
        let bar = |(name, rows): (&String, &u64)| Bar {
            name: name.clone(),
            per_cent: None,
            text: format!("{rows} rows counted"),
        };
        session.progress().show("counting every row", told.borrow().iter().map(bar).collect());
    };
    let count = match seen.address() {
        Some(address) => stream(session, &address, rate, &tell).await,
        None => Err("it gave no address".to_owned()),
    };
    (name, count)
}

async fn stream(
    session: &Session,
    address: &PeerAddress,
    rate: u64,
    tell: &impl Fn(u64),
) -> Result<v1::Count, String> {
    let request = v1::VerifyRequest { rate };
    let answer = session.ask(address, Patience::Work, &request, jobs_rpc::verify).await;
    let mut news = answer.map_err(|failure| failure.brief())?.message;
    while let Some(told) = news.message().await.map_err(|status| status.message().to_owned())? {
        match told.count {
            Some(count) => return Ok(count),
            None => tell(told.counted_rows),
        }
    }
    Err("it ended without a count".to_owned())
}
