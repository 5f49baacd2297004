//! How high each node stands over the leaves, and in which order to compute them.

use crate::sort;

/// The outcome of [`heights`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heights {
    /// Per node its height: 0 where it pulls from nobody, else one more than its highest source.
    pub height: Vec<u32>,
    /// The nodes in an order in which every source comes before whoever pulls from it.
    pub order: Vec<usize>,
    /// The edges, by their place in the list given, that close a cycle. They count for nothing above.
    pub cut: Vec<usize>,
}

/// Orders `nodes` nodes by the pulls between them, each given as `(who pulls, from whom)`.
///
/// A cycle is cut at the edge that closes it when the graph is walked from the first node on, in the order
/// of the edges; so the answer depends on nothing but the input. Takes time linear in nodes and edges.
#[must_use]
pub fn heights(nodes: usize, edges: &[(usize, usize)]) -> Heights {
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for (index, &(puller, source)) in edges.iter().enumerate() {
        if puller < nodes && source < nodes {
            leaving[puller].push(index);
        }
    }
    let mut out = Heights { height: vec![0; nodes], order: Vec::with_capacity(nodes), cut: Vec::new() };
    let mut state = vec![State::New; nodes];
    // The walk keeps its own stack of (node, next edge), since a chain of nodes may be longer than the
    // machine's stack is deep.
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for start in 0..nodes {
        if state[start] != State::New {
            continue;
        }
        state[start] = State::Open;
        stack.push((start, 0));
        while let Some((node, next)) = stack.pop() {
            let Some(&edge) = leaving[node].get(next) else {
                state[node] = State::Done;
                out.order.push(node);
                continue;
            };
            let source = edges[edge].1;
            match state[source] {
                State::New => {
                    // The same edge is looked at again once its source is done.
                    stack.push((node, next));
                    state[source] = State::Open;
                    stack.push((source, 0));
                }
                State::Open => {
                    out.cut.push(edge);
                    stack.push((node, next + 1));
                }
                State::Done => {
                    out.height[node] = out.height[node].max(out.height[source] + 1);
                    stack.push((node, next + 1));
                }
            }
        }
    }
    sort::sort_by(&mut out.cut, usize::cmp);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(nodes: usize, edges: &[(usize, usize)], height: &[u32], cut: &[usize]) {
        let got = heights(nodes, edges);
        assert_eq!((got.height.as_slice(), got.cut.as_slice()), (height, cut), "{edges:?}");
    }

    #[test]
    fn heights_follow_the_longest_way_down() {
        check(0, &[], &[], &[]);
        check(2, &[], &[0, 0], &[]);
        check(3, &[(0, 1), (1, 2)], &[2, 1, 0], &[]);
        check(4, &[(0, 1), (0, 2), (1, 3), (2, 1)], &[3, 1, 2, 0], &[]);
    }

    #[test]
    fn cycles_are_cut_where_they_close() {
        check(1, &[(0, 0)], &[0], &[0]);
        check(2, &[(0, 1), (1, 0)], &[1, 0], &[1]);
        check(3, &[(0, 1), (1, 2), (2, 1)], &[2, 1, 0], &[2]);
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let edges: Vec<_> = (0..200_000).map(|at| (at, at + 1)).collect();
        assert_eq!(heights(200_001, &edges).height[0], 200_000);
    }

    proptest! {
        #[test]
        fn sources_come_first_and_lower(edges in proptest::collection::vec((0usize..8, 0usize..8), 0..20)) {
            let got = heights(8, &edges);
            let place = |node: usize| got.order.iter().position(|&at| at == node);
            for (index, &(puller, source)) in edges.iter().enumerate() {
                if !got.cut.contains(&index) {
                    prop_assert!(got.height[puller] > got.height[source]);
                    prop_assert!(place(puller) > place(source));
                }
            }
            prop_assert_eq!(got.order.len(), 8);
        }
    }
}
