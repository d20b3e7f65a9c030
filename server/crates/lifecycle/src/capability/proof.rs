//! That a gate was passed, as a value: whoever makes the gate's entry demands it, and only a judgement without
//! blockers gives it.

use std::marker::PhantomData;

use elastickv_fsm::Cohort;
use elastickv_types::LogId;

use super::{Blocked, Gate, Judgement};

/// A gate, as a type.
pub trait Opens {
    fn is(gate: Gate) -> bool;
}

macro_rules! opens {
    ($($(#[$doc:meta])* $name:ident = $gate:pat,)*) => {
        $($(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Opens for $name {
            fn is(gate: Gate) -> bool {
                matches!(gate, $gate)
            }
        })*
    };
}

opens! {
    ForBootstrap = Gate::Bootstrap,
    ForStorage = Gate::EnableStorage,
    ForRaft = Gate::EnableRaft,
    ForRotation = Gate::Rotate(_),
    ForRewrap = Gate::Rewrap,
    ForClosing = Gate::Close(_),
    ForRetirement = Gate::Retire(_),
}

/// It names the membership that was asked and those who answered.
#[derive(Debug)]
#[must_use = "a gate is passed in order to do something"]
pub struct Proof<G: Opens> {
    membership: LogId,
    cohort: Cohort,
    gate: PhantomData<G>,
}

impl<G: Opens> Proof<G> {
    pub fn of(judgement: &Judgement) -> Result<Self, Blocked> {
        let blockers: Vec<_> = judgement.blockers().cloned().collect();
        let cohort = Cohort::new(judgement.cohort.clone());
        match (judgement.membership, cohort) {
            (Some(membership), Some(cohort)) if blockers.is_empty() && G::is(judgement.gate) => {
                Ok(Self { membership, cohort, gate: PhantomData })
            }
            _ => Err(Blocked(blockers)),
        }
    }

    pub fn membership(&self) -> LogId {
        self.membership
    }

    pub fn cohort(&self) -> &Cohort {
        &self.cohort
    }
}
