//! Snapshots of accounts between which money is moved: the sum never changes.
//!
//! Every transfer takes from one account what it gives to another, in one transaction, so a snapshot in
//! which the sum differs shows a half of a transfer, one that was lost, or one that was made twice. A snapshot
//! shows the same sum whatever became of transfers without an answer, so these need no thought.

use std::collections::BTreeSet;

use crate::{Call, Findings, Kind};

/// What every snapshot must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bank {
    /// Accounts are numbered from zero.
    pub accounts: u64,
    pub total: i64,
}

/// One snapshot: each account and its balance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    pub call: Call,
    pub balances: Vec<(u64, i64)>,
}

impl Bank {
    pub fn check(&self, snapshots: &[Snapshot]) -> Findings {
        let mut findings = Findings::default();
        for snapshot in snapshots {
            let accounts: BTreeSet<_> = snapshot.balances.iter().map(|(account, _)| *account).collect();
            if snapshot.balances.len() != accounts.len() || !accounts.iter().copied().eq(0..self.accounts) {
                findings.note(Kind::WrongAccounts, || {
                    let missing: Vec<_> =
                        (0..self.accounts).filter(|account| !accounts.contains(account)).collect();
                    let shown = snapshot.balances.len();
                    format!("{}: {shown} of {} accounts, without {missing:?}", snapshot.call, self.accounts)
                });
            }
            let total: i64 = snapshot.balances.iter().map(|(_, balance)| balance).sum();
            if total != self.total {
                findings.note(Kind::WrongTotal, || {
                    format!("{}: {total} instead of {} in {:?}", snapshot.call, self.total, snapshot.balances)
                });
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Moment, Outcome};

    fn findings(balances: &[(u64, i64)]) -> Findings {
        let call = Call { client: 0, begun: Moment(0), ended: Moment(1), outcome: Outcome::Committed };
        Bank { accounts: 3, total: 30 }.check(&[Snapshot { call, balances: balances.to_vec() }])
    }

    #[test]
    fn the_sum_is_the_same_whoever_has_the_money() {
        assert!(findings(&[(0, 10), (1, 10), (2, 10)]).is_clean());
        assert!(findings(&[(2, 31), (0, -1), (1, 0)]).is_clean());
    }

    #[test]
    fn a_half_of_a_transfer_is_found() {
        let found = findings(&[(0, 5), (1, 10), (2, 10)]);
        assert_eq!((found.count(Kind::WrongTotal), found.count(Kind::WrongAccounts)), (1, 0), "{found}");
    }

    #[test]
    fn an_account_that_is_missing_twice_there_or_of_nobody_is_found() {
        for wrong in [[(0, 15), (1, 15), (1, 0)], [(0, 15), (1, 15), (3, 0)]] {
            let found = findings(&wrong);
            assert_eq!((found.count(Kind::WrongTotal), found.count(Kind::WrongAccounts)), (0, 1), "{found}");
        }
        assert_eq!(findings(&[(0, 15), (1, 15)]).count(Kind::WrongAccounts), 1);
    }
}
