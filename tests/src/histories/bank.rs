//! Accounts between which money is moved.

use std::time::Instant;

use anyhow::{Result, bail};
use bytes::Bytes;
use elastickv_check::bank::Snapshot;
use elastickv_proto as pb;
use elastickv_proto::v1;
use rand::RngExt;

use super::actor::Actor;
use super::caller::Failed;
use crate::client::request_id;

pub(super) const ACCOUNTS: u64 = 24;
const DEPOSIT: i64 = 100;
pub(super) const TOTAL: i64 = ACCOUNTS as i64 * DEPOSIT;

/// Accounts a page, so that a snapshot takes several.
const PAGE: u32 = 7;

const ATTEMPTS: u64 = 12;

pub(super) fn key_of(account: u64) -> Bytes {
    format!("bank/{account:04}").into()
}

fn account_of(key: &[u8]) -> Option<u64> {
    std::str::from_utf8(key).ok()?.strip_prefix("bank/")?.parse().ok()
}

fn put(account: u64, balance: i64) -> v1::Mutation {
    let value = Bytes::copy_from_slice(&balance.to_be_bytes());
    v1::Mutation {
        key: key_of(account),
        change: Some(v1::mutation::Change::Put(value)),
        ..Default::default()
    }
}

/// What an account is about to hold.
pub(super) fn kv(account: u64, balance: i64) -> pb::Kv {
    let value = Bytes::copy_from_slice(&balance.to_be_bytes());
    pb::Kv { key: key_of(account), value, ..Default::default() }
}

fn balance(value: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(value.try_into().ok()?))
}

impl Actor {
    /// Gives every account the same.
    pub(super) async fn deposit(&mut self) -> Result<()> {
        let mutations = (0..ACCOUNTS).map(|account| put(account, DEPOSIT)).collect();
        let request = v1::CommitRequest { mutations, request_id: request_id(), ..Default::default() };
        let begun = Instant::now();
        let result = self.commit(request).await;
        self.ended(begun, &result);
        match result {
            Ok(_) => Ok(()),
            Err(failed) => bail!("the accounts can not be opened: {failed:?}"),
        }
    }

    /// From where, to where, how much.
    pub(super) fn draw_transfer(&mut self) -> (u64, u64, i64) {
        let from = self.caller.random.random_range(0..ACCOUNTS);
        let to = (from + self.caller.random.random_range(1..ACCOUNTS)) % ACCOUNTS;
        (from, to, self.caller.random.random_range(1..10))
    }

    pub(super) async fn transfer(&mut self) {
        let (from, to, amount) = self.draw_transfer();
        let begun = Instant::now();
        let mut attempt = 1;
        let result = loop {
            match self.try_transfer(from, to, amount).await {
                Err(Failed::Outdated(_)) if attempt < ATTEMPTS => self.caller.back_off(attempt).await,
                result => break result,
            }
            attempt += 1;
        };
        let call = self.ended(begun, &result);
        if let Ok(commit) = result {
            self.stamped(call, commit.commit_ts, commit.already_applied);
        }
    }

    async fn try_transfer(&mut self, from: u64, to: u64, amount: i64) -> Result<v1::CommitResponse, Failed> {
        let start_ts = self.begin().await?;
        let [has, gets] = self.balances_of(start_ts, [from, to]).await?;
        let request = v1::CommitRequest {
            start_ts,
            read_keys: vec![key_of(from), key_of(to)],
            mutations: vec![put(from, has - amount), put(to, gets + amount)],
            request_id: request_id(),
            ..Default::default()
        };
        self.commit(request).await
    }

    pub(super) async fn balances_of(&mut self, ts: u64, accounts: [u64; 2]) -> Result<[i64; 2], Failed> {
        let answer = self.read(ts, accounts.map(key_of).to_vec()).await?;
        let balances: Vec<_> = answer.results.iter().filter_map(|result| balance(&result.value)).collect();
        let found = balances.len();
        balances.try_into().map_err(|_| Failed::Refused(format!("{found} balances of two accounts")))
    }

    /// Reads all accounts at one moment.
    pub(super) async fn add_up(&mut self) {
        let begun = Instant::now();
        let result = self.balances().await;
        let call = self.ended(begun, &result);
        if let Ok(balances) = result {
            self.record.snapshots.push(Snapshot { call, balances });
        }
    }

    async fn balances(&mut self) -> Result<Vec<(u64, i64)>, Failed> {
        let range = v1::KeyRange { start: "bank/".into(), end: "bank0".into() };
        let reverse = self.caller.random.random();
        let mut request = v1::ScanRequest { range: Some(range), limit: PAGE, reverse, ..Default::default() };
        let mut balances = Vec::new();
        loop {
            let page = self.scan(&request).await?;
            balances.extend(
                page.pairs.iter().filter_map(|pair| Some((account_of(&pair.key)?, balance(&pair.value)?))),
            );
            (request.ts, request.token) = (page.ts, page.next_token);
            if request.token.is_empty() {
                return Ok(balances);
            }
        }
    }
}
