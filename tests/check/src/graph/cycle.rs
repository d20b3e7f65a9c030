//! The shortest cycle, by searching from node after node.

use std::collections::VecDeque;

use super::{Edge, Graph, components};

/// Edges looked at before the search is content with what it has: a second or so.
const BUDGET: usize = 30_000_000;

/// No cycle is shorter than two steps.
const SHORTEST: u32 = 2;

const FAR: u32 = u32::MAX;

/// One edge of a cycle, with the node it starts from.
pub(crate) type Step<W> = (u32, Edge<W>);

/// A short cycle over edges that `length` gives a length, or `None` if there is no cycle at all. A length
/// is one, or zero for edges that are only half of a step; only nodes that `starts` accepts are started from.
pub(crate) fn shortest_cycle<W: Copy>(
    graph: &Graph<W>,
    length: impl Fn(W) -> Option<u32>,
    starts: impl Fn(u32) -> bool,
) -> Option<Vec<Step<W>>> {
    let components = components::cyclic(graph, |why| length(why).is_some());
    let mut walk = Walk::new(graph);
    let mut best: Option<(u32, Vec<Step<W>>)> = None;
    for (number, component) in components.iter().enumerate() {
        for &node in component {
            walk.component_of(node, number as u32 + 1);
        }
        for &start in component.iter().filter(|&&node| starts(node)) {
            let shorter_than = best.as_ref().map_or(FAR, |(length, _)| *length);
            if shorter_than <= SHORTEST || (walk.looked_at > BUDGET && best.is_some()) {
                return best.map(|(_, cycle)| cycle);
            }
            best = walk.around(start, shorter_than, &length).or(best);
        }
    }
    best.map(|(_, cycle)| cycle)
}

struct Walk<'g, W> {
    graph: &'g Graph<W>,
    component: Vec<u32>,
    distance: Vec<u32>,
    came_by: Vec<Option<Step<W>>>,
    touched: Vec<u32>,
    looked_at: usize,
}

#[expect(clippy::indexing_slicing, reason = "nodes are below the length of each vector, by Graph::new")]
impl<'g, W: Copy> Walk<'g, W> {
    fn new(graph: &'g Graph<W>) -> Self {
        let nodes = graph.nodes();
        Self {
            graph,
            component: vec![0; nodes],
            distance: vec![FAR; nodes],
            came_by: vec![None; nodes],
            touched: Vec::new(),
            looked_at: 0,
        }
    }

    fn component_of(&mut self, node: u32, number: u32) {
        self.component[node as usize] = number;
    }

    /// The shortest way from `start` back to it inside its component, if it is shorter than `limit`.
    fn around(
        &mut self,
        start: u32,
        limit: u32,
        length: &impl Fn(W) -> Option<u32>,
    ) -> Option<(u32, Vec<Step<W>>)> {
        for node in self.touched.drain(..) {
            self.distance[node as usize] = FAR;
        }
        let mut queue = VecDeque::from([(start, 0)]);
        while let Some((node, distance)) = queue.pop_front() {
            if node != start && distance > self.distance[node as usize] {
                continue;
            }
            for edge in self.graph.from(node) {
                self.looked_at += 1;
                let Some(step) = length(edge.why) else { continue };
                let (to, there) = (edge.to as usize, distance + step);
                if self.component[to] != self.component[start as usize] || there >= limit {
                    continue;
                }
                if there < self.distance[to] {
                    self.distance[to] = there;
                    self.came_by[to] = Some((node, *edge));
                    self.touched.push(edge.to);
                    if edge.to == start {
                        continue;
                    }
                    if step == 0 {
                        queue.push_front((edge.to, there))
                    } else {
                        queue.push_back((edge.to, there))
                    }
                }
            }
        }
        let around = self.distance[start as usize];
        (around != FAR).then(|| (around, self.trace(start)))
    }

    fn trace(&self, start: u32) -> Vec<Step<W>> {
        let mut steps = Vec::new();
        let mut node = start;
        while let Some(step) = self.came_by[node as usize] {
            steps.push(step);
            node = step.0;
            if node == start {
                break;
            }
        }
        steps.reverse();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(cycle: &[Step<u32>]) -> Vec<u32> {
        cycle.iter().map(|(from, _)| *from).collect()
    }

    #[test]
    fn of_several_cycles_the_shortest_is_shown() {
        let edges = [(0, 1), (1, 2), (2, 3), (3, 0), (2, 4), (4, 5), (5, 2), (6, 7)];
        let graph = Graph::new(8, edges.iter().map(|&(from, to)| (from, to, 1)).collect());
        let found = shortest_cycle(&graph, Some, |_| true).expect("there are two");
        assert_eq!(found.len(), 3);
        let mut nodes = nodes(&found);
        nodes.sort_unstable();
        assert_eq!(nodes, [2, 4, 5]);
    }

    #[test]
    fn half_steps_do_not_count_and_are_not_started_from() {
        // 0 to 3 by way of two half steps is one step; 0 to 1 to 2 to 0 are three.
        let edges = vec![(0, 1, 1), (1, 2, 1), (2, 0, 1), (0, 4, 1), (4, 5, 0), (5, 3, 0), (3, 0, 1)];
        let graph = Graph::new(6, edges);
        let found = shortest_cycle(&graph, Some, |node| node < 4).expect("there are two");
        assert_eq!(nodes(&found), [0, 4, 5, 3]);
        assert!(shortest_cycle(&graph, |why| (why == 0).then_some(why), |_| true).is_none());
    }
}
