//! The whole graph: every pull in the order of the tiers, every node's series.
//!
//! [`Run`] goes through it in steps, so that whoever drives it can stop between them. What a step computes is
//! kept in a [`Memo`] with what it was computed from; the next run takes what rests on the same.

mod memo;
mod node;
mod pull;

use std::sync::Arc;

use crate::series::StoreFull;
use crate::text::FileId;
use crate::workspace::Workspace;

use super::Ambiguous;
use super::expected::Expected;
use super::node_store::NodeStore;
use super::outcome::PullOutcome;
use super::recorded::Recorded;
use super::topology::{Peer, Topology};

pub use memo::Memo;

/// The series of every node, and how they came there.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What it was made of.
    pub workspace: Arc<Workspace>,
    /// Who pulls from whom.
    pub topology: Arc<Topology>,
    /// What each pull of the topology brings.
    pub pulls: Vec<PullOutcome>,
    /// What each node of the workspace stores.
    pub nodes: Vec<Arc<NodeStore>>,
    /// What the rules of each node make, and what it may hold besides what is listed.
    pub recorded: Vec<Arc<Recorded>>,
    /// What the selectors of the manifest's expectations select on each node.
    pub expected: Vec<Expected>,
    /// What the samples of each node could not tell: which node, which file, which label.
    pub ambiguous: Vec<(usize, FileId, Ambiguous)>,
}

impl Preview {
    /// Computes the preview of a workspace at once. `now`, in milliseconds since 1970, is when applications
    /// are scraped; without it, every timestamp that they expose is taken for a present one.
    ///
    /// # Errors
    /// When a node would store more than stores may hold.
    pub fn compute(workspace: Arc<Workspace>, now: Option<i64>, memo: &mut Memo) -> Result<Self, StoreFull> {
        let mut run = Run::new(workspace, now, memo);
        while run.step(memo)? {}
        Ok(run.finish(memo))
    }

    /// Whether a selector of a pull may bring series that are not listed: of targets of which nothing is known,
    /// alerts, or of rules that are not followed wholly.
    #[must_use]
    pub fn may_bring_more(&self, pull: usize, selector: usize) -> bool {
        let Some(pull) = self.topology.pulls.get(pull) else { return false };
        let Peer::Federate(source) = pull.peer else { return false };
        let matchers = pull.selectors.get(selector).and_then(|selector| selector.parsed.as_ref().ok());
        let unlisted = self.recorded.get(source).map_or(&[][..], |recorded| &recorded.unlisted);
        matchers.is_some_and(|matchers| unlisted.iter().any(|pattern| pattern.may_match(matchers)))
    }
}

/// One way through the graph, step by step.
#[derive(Debug)]
pub struct Run {
    workspace: Arc<Workspace>,
    topology: Arc<Topology>,
    pulls: Vec<PullOutcome>,
    nodes: Vec<Option<Arc<NodeStore>>>,
    recorded: Vec<Arc<Recorded>>,
    ambiguous: Vec<(usize, FileId, Ambiguous)>,
    now: Option<i64>,
    /// What is left to do, the next last.
    work: Vec<Work>,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Pull(usize),
    Node(usize),
}

impl Run {
    /// Finds out who pulls from whom; nothing is computed yet. `now` is as in [`Preview::compute`].
    #[must_use]
    pub fn new(workspace: Arc<Workspace>, now: Option<i64>, memo: &mut Memo) -> Self {
        memo.run += 1;
        let topology = Arc::new(Topology::new(&workspace));
        let mut work = Vec::new();
        for &node in topology.heights.order.iter().filter(|&&node| node < workspace.nodes.len()) {
            work.extend(topology.pulls_of(node).map(Work::Pull));
            work.push(Work::Node(node));
        }
        work.reverse();
        Self {
            pulls: vec![PullOutcome::default(); topology.pulls.len()],
            nodes: vec![None; workspace.nodes.len()],
            recorded: vec![Arc::default(); workspace.nodes.len()],
            ambiguous: Vec::new(),
            now,
            workspace,
            topology,
            work,
        }
    }

    /// What the preview is made of.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Does the next piece of work: one pull, or one node. Says whether there is more.
    ///
    /// # Errors
    /// When a node would store more than stores may hold.
    pub fn step(&mut self, memo: &mut Memo) -> Result<bool, StoreFull> {
        match self.work.pop() {
            Some(Work::Pull(at)) => self.pulls[at] = self.pull(at, memo)?,
            Some(Work::Node(at)) => self.nodes[at] = Some(self.node(at, memo)?),
            None => {}
        }
        Ok(!self.work.is_empty())
    }

    /// The preview, once no work is left. What the memo holds of other workspaces is forgotten.
    #[must_use]
    pub fn finish(self, memo: &mut Memo) -> Preview {
        let run = memo.run;
        memo.nodes.retain(|_, node| node.run == run);
        memo.pulls.retain(|_, pull| pull.run == run);
        let nodes: Vec<Arc<NodeStore>> = self.nodes.into_iter().map(Option::unwrap_or_default).collect();
        let mut expected = Vec::with_capacity(nodes.len());
        for (at, (node, stored)) in self.workspace.nodes.iter().zip(&nodes).enumerate() {
            let old = memo.nodes.entry(node.name.clone()).or_default();
            old.expected.update((&self.workspace, &self.topology, at), stored.store(), &mut old.cache);
            expected.push(old.expected.clone());
        }
        Preview {
            workspace: self.workspace,
            topology: self.topology,
            pulls: self.pulls,
            nodes,
            expected,
            recorded: self.recorded,
            ambiguous: self.ambiguous,
        }
    }
}
