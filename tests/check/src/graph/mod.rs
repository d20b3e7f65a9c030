//! Directed graphs whose edges carry a reason, and cycles in them.
//!
//! Whether there is a cycle, and among which nodes, is found in one pass ([`components`]). Which one is the
//! shortest takes a search from every node, so that is done within a budget ([`cycle`]): the cycle that is
//! shown is the shortest of those searched for.

mod components;
mod cycle;

pub(crate) use cycle::{Step, shortest_cycle};

/// An edge, and what it is there for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge<W> {
    pub to: u32,
    pub why: W,
}

/// Edges by the node they start from, in one vector.
#[derive(Debug)]
pub(crate) struct Graph<W> {
    starts: Vec<usize>,
    edges: Vec<Edge<W>>,
}

impl<W: Copy> Graph<W> {
    /// Of edges `(from, to, why)` between nodes below `nodes`. Edges from a node to itself are left out.
    pub fn new(nodes: usize, mut list: Vec<(u32, u32, W)>) -> Self {
        list.retain(|(from, to, _)| from != to);
        list.sort_by_key(|(from, _, _)| *from);
        let mut starts = Vec::with_capacity(nodes + 1);
        let mut at = 0;
        for node in 0..nodes {
            at += list.iter().skip(at).take_while(|(from, _, _)| (*from as usize) < node).count();
            starts.push(at);
        }
        starts.push(list.len());
        Self { starts, edges: list.into_iter().map(|(_, to, why)| Edge { to, why }).collect() }
    }

    pub fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn from(&self, node: u32) -> &[Edge<W>] {
        let bound = |node: usize| self.starts.get(node).copied().unwrap_or(self.edges.len());
        let node = node as usize;
        self.edges.get(bound(node)..bound(node + 1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_found_by_where_they_start() {
        let graph = Graph::new(4, vec![(2, 0, 'c'), (0, 1, 'a'), (3, 3, 'x'), (0, 2, 'b')]);
        let of = |node| graph.from(node).iter().map(|edge| (edge.to, edge.why)).collect::<Vec<_>>();
        assert_eq!(graph.nodes(), 4);
        assert_eq!((of(0), of(1)), (vec![(1, 'a'), (2, 'b')], vec![]));
        assert_eq!((of(2), of(3)), (vec![(0, 'c')], vec![]));
    }
}
