//! What a judge has found wrong.

use std::collections::BTreeMap;
use std::fmt;

/// Stories that are told of one kind; the rest is only counted.
const STORIES: usize = 3;

/// The ways in which a history can be impossible. Names in capitals are those of Adya and of Elle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// The history itself is not fit to be judged: one element was appended by two transactions.
    ReusedElement,
    /// Something was read that nobody wrote.
    ForeignElement,
    /// G1a: a transaction that was aborted, by its answer, was read.
    AbortedRead,
    /// G1b: a part of a transaction was read.
    IntermediateRead,
    /// A transaction found in its snapshot what it was about to write.
    OwnEffectRead,
    /// One append stands in a list twice.
    DuplicateAppend,
    /// Two reads of a list are not one the beginning of the other.
    Diverged,
    /// An acknowledged append is missing in a later read.
    LostAppend,
    /// G0: a cycle of writes.
    WriteCycle,
    /// G1c: a cycle of writes and reads of them.
    ReadCycle,
    /// G-single: a cycle with one overwritten read.
    SkewedRead,
    /// G2: a cycle with several overwritten reads.
    WriteSkew,
    /// A cycle that only the order of calls in real time closes.
    RealTimeCycle,
    /// The calls of a key have no order in which each could have seen what it saw.
    NotLinearizable,
    /// The search for such an order was given up.
    Undecided,
    /// Money came from nowhere or went there.
    WrongTotal,
    /// A snapshot without all accounts, or with one twice.
    WrongAccounts,
    /// One stamp was handed out twice.
    RepeatedStamp,
    /// A stamp is not above one whose answer came before it was asked for.
    StampBackwards,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::ReusedElement => "element appended by two transactions",
            Kind::ForeignElement => "element that nobody appended",
            Kind::AbortedRead => "G1a, aborted read",
            Kind::IntermediateRead => "G1b, intermediate read",
            Kind::OwnEffectRead => "own effect read before it was written",
            Kind::DuplicateAppend => "duplicate append",
            Kind::Diverged => "diverged list",
            Kind::LostAppend => "lost append",
            Kind::WriteCycle => "G0, write cycle",
            Kind::ReadCycle => "G1c, read cycle",
            Kind::SkewedRead => "G-single, skewed read",
            Kind::WriteSkew => "G2, write skew",
            Kind::RealTimeCycle => "real-time cycle",
            Kind::NotLinearizable => "key not linearizable",
            Kind::Undecided => "key undecided",
            Kind::WrongTotal => "wrong total",
            Kind::WrongAccounts => "wrong accounts",
            Kind::RepeatedStamp => "repeated stamp",
            Kind::StampBackwards => "stamp backwards",
        }
    }
}

/// How often each kind was found, and some stories to look into.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    counts: BTreeMap<Kind, usize>,
    stories: Vec<(Kind, String)>,
}

impl Findings {
    pub fn is_clean(&self) -> bool {
        self.counts.is_empty()
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    pub fn has(&self, kind: Kind) -> bool {
        self.count(kind) > 0
    }

    /// Puts the findings of another judge beside these.
    pub fn join(mut self, other: Findings) -> Self {
        for (kind, count) in other.counts {
            *self.counts.entry(kind).or_insert(0) += count;
        }
        self.stories.extend(other.stories);
        self
    }

    /// The story is only made when it is going to be told.
    pub(crate) fn note(&mut self, kind: Kind, story: impl FnOnce() -> String) {
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        if *count <= STORIES {
            self.stories.push((kind, story()));
        }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            return f.write_str("nothing wrong");
        }
        let counts: Vec<_> =
            self.counts.iter().map(|(kind, count)| format!("{count} × {}", kind.name())).collect();
        f.write_str(&counts.join(", "))?;
        self.stories
            .iter()
            .try_for_each(|(kind, story)| write!(f, "\n  {}: {}", kind.name(), story.replace('\n', "\n    ")))
    }
}
