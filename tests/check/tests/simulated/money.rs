//! Transfers between accounts, and snapshots of all of them.

use elastickv_check::bank::{Bank, Snapshot};
use elastickv_check::{Call, Findings, Moment, Outcome};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::store::{Commit, Store};
use crate::{all_clean, found};

const ACCOUNTS: u64 = 6;
const DEPOSIT: i64 = 50;
const STEPS: u64 = 400;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// Only one of the two accounts is written.
    Half,
    /// Another transfer came between reading and writing.
    Overwritten,
    /// A snapshot takes one account from another moment.
    Torn,
}

fn run(fault: Option<Fault>, mut random: StdRng) -> (Findings, bool) {
    let bank = Bank { accounts: ACCOUNTS, total: ACCOUNTS as i64 * DEPOSIT };
    let mut store = Store::new();
    store.write((0..ACCOUNTS).map(|account| (account, DEPOSIT)).collect());
    let armed = random.random_range(50..STEPS / 2);
    let (mut injected, mut snapshots) = (false, Vec::new());
    for step in 0..STEPS {
        let mut strikes = |of| {
            let strikes = fault == Some(of) && step >= armed && !injected;
            injected |= strikes;
            strikes
        };
        let now = store.newest();
        if random.random_ratio(1, 3) {
            let call =
                Call { client: 0, begun: Moment(step), ended: Moment(step), outcome: Outcome::Committed };
            let mut balances: Vec<_> =
                (0..ACCOUNTS).map(|account| (account, store.read(account, now))).collect();
            let before = store.read(0, Commit(now.0.saturating_sub(10)));
            if balances[0].1 != before && strikes(Fault::Torn) {
                balances[0].1 = before;
            }
            snapshots.push(Snapshot { call, balances });
            continue;
        }
        let from = random.random_range(0..ACCOUNTS);
        let to = (from + random.random_range(1..ACCOUNTS)) % ACCOUNTS;
        let amount = random.random_range(1..20);
        let writes = vec![(from, store.read(from, now) - amount), (to, store.read(to, now) + amount)];
        if strikes(Fault::Half) {
            store.write(writes[..1].to_vec());
            continue;
        }
        if strikes(Fault::Overwritten) {
            let third = (0..ACCOUNTS).find(|account| ![from, to].contains(account));
            let third = third.expect("there are more than two");
            store.write(vec![(from, store.read(from, now) - 1), (third, store.read(third, now) + 1)]);
        }
        store.write(writes);
    }
    (bank.check(&snapshots), injected)
}

#[test]
fn a_correct_bank_passes() {
    all_clean(|random| run(None, random));
}

#[test]
fn one_fault_is_found_every_time() {
    for fault in [Fault::Half, Fault::Overwritten, Fault::Torn] {
        found(&format!("{fault:?}"), 100, |random| run(Some(fault), random));
    }
}
