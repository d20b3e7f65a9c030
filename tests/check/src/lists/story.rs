//! A cycle, in words.

use std::fmt::Write;

use super::dependencies::{Link, Why};
use super::{Element, Transaction};

/// Elements shown of a list: its last ones.
const SHOWN: usize = 6;

/// Transactions told of a cycle; nobody reads a longer one.
const TOLD: usize = 8;

pub(super) fn tell(history: &[Transaction], cycle: &[Link]) -> String {
    let mut story = format!("a cycle of {} transactions", cycle.len());
    if cycle.len() > TOLD {
        let _ = write!(story, ", the first {TOLD} of them");
    }
    let cycle = cycle.get(..TOLD).unwrap_or(cycle);
    for (number, _, _) in cycle {
        if let Some(transaction) = history.get(*number as usize) {
            let _ = write!(story, "\nT{number}: {}", describe(transaction));
        }
    }
    for link in cycle {
        let _ = write!(story, "\nT{} before T{}: {}", link.0, link.1, because(history, link));
    }
    story
}

fn describe(transaction: &Transaction) -> String {
    let mut text = transaction.call.to_string();
    for (key, list) in &transaction.reads {
        let _ = write!(text, "; read {key} {}", shown(list));
    }
    for (key, element) in &transaction.appends {
        let _ = write!(text, "; appended {element} to {key}");
    }
    text
}

fn shown(list: &[Element]) -> String {
    let hidden = list.len().saturating_sub(SHOWN);
    let last: Vec<_> = list.iter().skip(hidden).map(Element::to_string).collect();
    let dots = if hidden > 0 { format!("… {hidden} more … ") } else { String::new() };
    format!("[{dots}{}]", last.join(" "))
}

fn because(history: &[Transaction], (from, to, why): &Link) -> String {
    match why {
        Why::WriteWrite(key, before, after) => format!("in {key}, its {before} stands before {after}"),
        Why::WriteRead(key, element) => format!("its {element} in {key} was read"),
        Why::ReadWrite(key, element) => format!("it read {key} without {element}"),
        Why::Ended | Why::Passed | Why::Begun | Why::RealTime => {
            let call = |number: u32| history.get(number as usize).map(|of| of.call);
            let gap = call(*from).zip(call(*to)).map_or(0, |(one, other)| other.begun.0 - one.ended.0);
            format!("it had its answer {} µs before the other began", gap / 1_000)
        }
    }
}
