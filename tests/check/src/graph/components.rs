//! Strongly connected components, by Tarjan's algorithm on a stack of its own.

use super::Graph;

const UNSEEN: u32 = u32::MAX;

struct Search {
    /// In which order nodes were first seen.
    seen: Vec<u32>,
    /// The earliest node still open that is reached from here.
    low: Vec<u32>,
    open: Vec<bool>,
    stack: Vec<u32>,
    next: u32,
}

/// The components of more than one node, over edges that `follow` accepts, smallest first.
pub(super) fn cyclic<W: Copy>(graph: &Graph<W>, follow: impl Fn(W) -> bool) -> Vec<Vec<u32>> {
    let nodes = graph.nodes();
    let mut search = Search {
        seen: vec![UNSEEN; nodes],
        low: vec![UNSEEN; nodes],
        open: vec![false; nodes],
        stack: Vec::new(),
        next: 0,
    };
    let mut found = Vec::new();
    for root in 0..nodes as u32 {
        if search.is_new(root) {
            search.descend(graph, &follow, root, &mut found);
        }
    }
    found.sort_by_key(Vec::len);
    found
}

#[expect(clippy::indexing_slicing, reason = "nodes are below the length of each vector, by Graph::new")]
impl Search {
    fn is_new(&self, node: u32) -> bool {
        self.seen[node as usize] == UNSEEN
    }

    fn enter(&mut self, node: u32) {
        let at = node as usize;
        (self.seen[at], self.low[at], self.open[at]) = (self.next, self.next, true);
        self.next += 1;
        self.stack.push(node);
    }

    fn descend<W: Copy>(
        &mut self,
        graph: &Graph<W>,
        follow: &impl Fn(W) -> bool,
        root: u32,
        found: &mut Vec<Vec<u32>>,
    ) {
        self.enter(root);
        let mut path = vec![(root, 0)];
        while let Some((node, edge)) = path.last_mut() {
            let node = *node;
            let Some(next) = graph.from(node).get(*edge) else {
                path.pop();
                self.leave(node, path.last().map(|(parent, _)| *parent), found);
                continue;
            };
            *edge += 1;
            if !follow(next.why) {
                continue;
            }
            if self.is_new(next.to) {
                self.enter(next.to);
                path.push((next.to, 0));
            } else if self.open[next.to as usize] {
                self.low[node as usize] = self.low[node as usize].min(self.seen[next.to as usize]);
            }
        }
    }

    fn leave(&mut self, node: u32, parent: Option<u32>, found: &mut Vec<Vec<u32>>) {
        let low = self.low[node as usize];
        if let Some(parent) = parent {
            self.low[parent as usize] = self.low[parent as usize].min(low);
        }
        if low != self.seen[node as usize] {
            return;
        }
        let from = self.stack.iter().rposition(|&open| open == node).unwrap_or(0);
        let component = self.stack.split_off(from);
        for &member in &component {
            self.open[member as usize] = false;
        }
        if component.len() > 1 {
            found.push(component);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_that_share_a_node_are_one_component_and_a_chain_is_none() {
        let edges = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (4, 5), (6, 7), (7, 6), (7, 8), (8, 6)];
        let graph = Graph::new(9, edges.iter().map(|&(from, to)| (from, to, ())).collect());
        let mut found = cyclic(&graph, |()| true);
        for component in &mut found {
            component.sort_unstable();
        }
        found.sort();
        assert_eq!(found, [vec![0, 1, 2], vec![3, 4], vec![6, 7, 8]]);
        assert!(cyclic(&graph, |()| false).is_empty());
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let many = 300_000;
        let mut edges: Vec<_> = (1..many).map(|to| (to - 1, to, ())).collect();
        assert!(cyclic(&Graph::new(many as usize, edges.clone()), |()| true).is_empty());
        edges.push((many - 1, 0, ()));
        let found = cyclic(&Graph::new(many as usize, edges), |()| true);
        assert_eq!(found.first().map(Vec::len), Some(many as usize));
    }
}
