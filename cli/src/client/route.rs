//! Whom to ask next: the leader if one was named, else the endpoints in turn, round after round.

use std::time::Duration;

use elastickv_types::PeerAddress;

use super::Failure;
use super::call::Aim;

/// When nothing answers at all, so many rounds are enough to know.
const ROUNDS_WITHOUT_CONNECTION: u32 = 3;
/// Nodes that point at each other are followed so often before there is a pause.
const HOPS: u32 = 4;
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The order in which nodes are asked.
#[derive(Debug)]
pub(super) struct Route {
    candidates: Vec<PeerAddress>,
    at: usize,
    pub(super) ahead: Option<PeerAddress>,
    hops: u32,
    rounds: u32,
    pauses: u32,
    /// Of this round.
    failures: Vec<Failure>,
    /// The most telling thing that happened, from any round.
    said: Option<Failure>,
}

impl Route {
    pub(super) fn new(aim: &Aim, endpoints: &[PeerAddress]) -> Self {
        let candidates = match aim {
            Aim::Anyone | Aim::Leader(_) => endpoints.to_vec(),
            Aim::Only(address) => vec![address.clone()],
        };
        let ahead = match aim {
            Aim::Leader(address) => Some(address.clone()),
            Aim::Anyone | Aim::Only(_) => None,
        };
        Self { candidates, at: 0, ahead, hops: 0, rounds: 0, pauses: 0, failures: Vec::new(), said: None }
    }

    pub(super) fn next(&mut self) -> Option<PeerAddress> {
        if let Some(leader) = self.ahead.take() {
            return Some(leader);
        }
        let address = self.candidates.get(self.at).cloned();
        self.at += 1;
        address
    }

    pub(super) fn follow(&mut self, leader: PeerAddress) {
        self.hops += 1;
        if self.hops <= HOPS {
            self.ahead = Some(leader);
        }
    }

    pub(super) fn failed(&mut self, failure: Failure, again_here: bool) {
        if again_here {
            self.ahead = Some(failure.address().clone());
        }
        if weight(&failure) > 0 && weight(&failure) >= self.said.as_ref().map_or(0, weight) {
            self.said = Some(failure.clone());
        }
        self.failures.push(failure);
    }

    pub(super) fn restart(&mut self) {
        self.at = 0;
        self.hops = 0;
        self.rounds += 1;
        self.failures.clear();
    }

    pub(super) fn pause(&mut self) -> Duration {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.pauses.min(10)).min(LONGEST_PAUSE);
        self.pauses += 1;
        pause
    }

    pub(super) fn unconnected(&self) -> Vec<&Failure> {
        self.failures.iter().filter(|failure| matches!(failure, Failure::Unconnected { .. })).collect()
    }

    /// The failure worth telling: what a node said rather than that another one is down.
    pub(super) fn telling_failure(&self) -> Option<&Failure> {
        self.said.as_ref().or_else(|| self.failures.last())
    }

    pub(super) fn is_hopeless(&self) -> bool {
        self.said.is_none() && self.rounds + 1 >= ROUNDS_WITHOUT_CONNECTION
    }
}

/// How much a failure tells: a node's own word more than silence, silence more than a closed door.
fn weight(failure: &Failure) -> u8 {
    match failure {
        Failure::Unconnected { .. } | Failure::Untrusted { .. } => 0,
        Failure::TimedOut { .. } | Failure::Broken { .. } => 1,
        Failure::Unnamed { .. } => 2,
        Failure::Refused { .. } => 3,
        Failure::Foreign { .. } => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;

    fn address(text: &str) -> PeerAddress {
        text.parse().unwrap()
    }

    fn unconnected(text: &str) -> Failure {
        Failure::Unconnected { address: address(text), cause: "connection refused".to_owned() }
    }

    #[test]
    fn the_leader_comes_first_then_the_endpoints_in_their_order() {
        let mut route = Route::new(&Aim::Leader(address("l:1")), &[address("a:1"), address("b:1")]);
        let order: Vec<String> =
            std::iter::from_fn(|| route.next()).map(|address| address.to_string()).collect();
        assert_eq!(order, ["l:1", "a:1", "b:1"]);
    }

    #[test]
    fn nodes_that_point_at_each_other_are_not_followed_for_ever() {
        let mut route = Route::new(&Aim::Anyone, &[address("a:1")]);
        let mut asked = 0;
        while route.next().is_some() {
            asked += 1;
            assert!(asked < 20);
            route.follow(address("b:1"));
        }
        assert_eq!(asked, 1 + HOPS);
    }

    #[test]
    fn when_nobody_listens_three_rounds_are_enough() {
        let mut route = Route::new(&Aim::Anyone, &[address("a:1")]);
        for _ in 1..ROUNDS_WITHOUT_CONNECTION {
            route.failed(unconnected("a:1"), false);
            assert!(!route.is_hopeless());
            route.restart();
        }
        route.failed(unconnected("a:1"), false);
        assert!(route.is_hopeless());
    }

    #[test]
    fn what_a_node_said_is_told_rather_than_who_is_down() {
        let mut route = Route::new(&Aim::Anyone, &[address("a:1"), address("b:1")]);
        route.failed(Failure::TimedOut { address: address("a:1"), after: Duration::from_secs(1) }, false);
        route.failed(unconnected("b:1"), false);
        assert_eq!(route.telling_failure().map(Failure::address), Some(&address("a:1")));
        assert!(!route.is_hopeless());
    }

    #[test]
    fn a_word_is_told_rather_than_a_silence_that_came_later() {
        let mut route = Route::new(&Aim::Anyone, &[]);
        let refused = |reason| Failure::Refused {
            address: address("a:1"),
            reason,
            message: String::new(),
            told: Default::default(),
        };
        route.failed(refused(Reason::NoLeader), false);
        route.failed(Failure::TimedOut { address: address("b:1"), after: Duration::from_secs(1) }, false);
        assert_eq!(route.telling_failure().and_then(Failure::reason), Some(Reason::NoLeader));
        route.restart();
        route.failed(refused(Reason::NoQuorum), false);
        assert_eq!(route.telling_failure().and_then(Failure::reason), Some(Reason::NoQuorum));
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let mut route = Route::new(&Aim::Anyone, &[]);
        let pauses: Vec<Duration> = std::iter::repeat_with(|| route.pause()).take(20).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses.first(), Some(&FIRST_PAUSE));
        assert_eq!(pauses.last(), Some(&LONGEST_PAUSE));
    }
}
