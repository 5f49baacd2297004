//! Series that several pulls bring with equal labels, and what becomes of their samples.
//!
//! When a target is asked is fixed by a hash of its labels and its URL and of the asking server's host name and
//! external labels (`scrape/target.go`, `offset`; `scrape/manager.go`, `setOffsetSeed`): it never changes while these
//! stay, and nobody knows it before. A sample is stored only if it is newer than the series' newest one
//! (`tsdb/head_append.go`, `ErrOutOfOrderSample`), and federated samples keep the timestamps of the server that
//! scraped them. So which of two sources is heard depends on the phases, and both outcomes are told here.

use std::collections::{BTreeMap, BTreeSet};

use crate::labels::LabelSet;
use crate::series::{Bitset, Row};
use crate::sort::ordered_set;
use crate::units::Duration;

use super::freshness::{classes, pace};
use super::node_store::{Bringer, NodeStore};
use super::tiers::Preview;
use super::topology::{Peer, Pull};

/// How many collisions are told of.
const MAX_COLLISIONS: usize = 100;

/// Of how many series of a collision the intervals are looked at.
const MAX_ROWS: usize = 10_000;

/// Series that two pulls of a server both bring, or one of them twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Collision {
    /// The server, by its place among the workspace's nodes.
    pub node: usize,
    /// The pulls, by their places in the topology, the earlier one first; twice the same where one answer has several
    /// series that are stored as one.
    pub pulls: [usize; 2],
    /// How many series they are.
    pub series: u32,
    /// One of them, as it is stored.
    pub example: LabelSet,
    /// The row of the example in the server's store.
    pub row: Row,
    /// What the pulls have to do with one another.
    pub cause: Cause,
    /// What becomes of the samples.
    pub outcome: Outcome,
}

/// What two pulls have to do with one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// They ask the same server.
    SameServer,
    /// They ask replicas: the set, by its place in [`Workspace::replica_sets`](crate::workspace::Workspace).
    Replicas(usize),
    /// It is one pull: the series are told apart in the answer, and no more once they are relabelled.
    SameAnswer,
    /// They ask servers, or applications, that have nothing to do with one another.
    Others,
}

/// What becomes of the samples of two sources of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Each is stored with the time of its scrape: none is lost, and values go back and forth.
    Alternate,
    /// Both bring the same samples, which are stored once.
    Repeat,
    /// It depends on when each is asked.
    ByPhase(Phases),
    /// Of series in one answer that keep their timestamps: their order in the answer and their times decide.
    ByOrder,
    /// Of samples with the time of one scrape, the first one of the answer is stored.
    First,
    /// All are stored, late ones too, since the server takes samples out of order: values go back and forth.
    OutOfOrderWindow,
}

/// What decides between two sources whose samples keep their timestamps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phases {
    /// How often each source is asked, in milliseconds.
    pub asked_ms: [u64; 2],
    /// How often each source has new samples, in milliseconds; 0 where that is not known.
    pub sampled_ms: [u64; 2],
    /// In which share of all phases, from 0 to 1, every sample is stored and values go back and forth. `None` where
    /// that cannot be told.
    pub all_kept: Option<f64>,
    /// What happens in the other phases.
    pub otherwise: Loss,
}

/// Which samples are refused as out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// All of one source, whichever the phases choose, for as long as they stay.
    OneSource,
    /// Some, now and then.
    Some,
}

impl Outcome {
    /// What becomes of the samples, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Alternate => "none is lost, since each is stored with the time of its scrape: values go back and forth between the two".to_owned(),
            Self::Repeat => "both bring the same samples, which are stored once".to_owned(),
            Self::OutOfOrderWindow => "all are stored, late ones too, since the server takes samples out of order: values go back and forth between the two".to_owned(),
            Self::ByOrder => "when each was scraped is fixed by a hash, and known only once the servers run: where the one that the answer lists first is the older one, samples of both are stored in turn, so that values go back and forth; else, or where both have the same time, as results of rules do, those of the other are dropped without a word in the log".to_owned(),
            Self::First => "all have the time of the scrape, so that the first one of the answer is stored each time, and those of the others are dropped without a word in the log".to_owned(),
            Self::ByPhase(phases) => phases.words(),
        }
    }
}

/// The collisions of all servers: by server, then by pull. A hundred are told of at most.
#[must_use]
pub fn collisions(preview: &Preview) -> Vec<Collision> {
    let mut found = Vec::new();
    for (node, store) in preview.nodes.iter().enumerate() {
        for (pulls, (series, rows)) in shared(preview, store) {
            if found.len() >= MAX_COLLISIONS {
                return found;
            }
            found.extend(collision(preview, (node, series), pulls, &rows));
        }
    }
    found
}

/// How many series each two pulls both bring, or one pull more than once, and the rows of the first of them.
fn shared(preview: &Preview, store: &NodeStore) -> BTreeMap<[usize; 2], (u32, Vec<Row>)> {
    let mut found: BTreeMap<[usize; 2], (u32, Vec<Row>)> = BTreeMap::new();
    let mut note = |pulls, row| {
        let (count, rows) = found.entry(pulls).or_default();
        *count += 1;
        if rows.len() < MAX_ROWS {
            rows.push(row);
        }
    };
    // What an application exposes twice to the letter, by pull.
    let mut repeated: BTreeMap<usize, BTreeSet<Row>> = BTreeMap::new();
    for row in store.shared_rows() {
        let mut pulls: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for origin in store.origins(row) {
            if let Bringer::Pull(pull) = origin.bringer {
                pulls.entry(pull).or_default().push(origin.position);
            }
        }
        for (&pull, positions) in pulls.iter().filter(|(_, positions)| positions.len() > 1) {
            let Some(source) = preview.pulls.get(pull).map(|outcome| &outcome.source) else { continue };
            let repeated = repeated
                .entry(pull)
                .or_insert_with(|| ordered_set(source.duplicates().iter().map(|&(row, _)| row)));
            let is_new =
                |position: &&u32| source.row_at(**position).is_none_or(|row| !repeated.contains(&row));
            if positions.iter().filter(is_new).count() > 1 {
                note([pull, pull], row);
            }
        }
        for (&earlier, &later) in pulls.keys().zip(pulls.keys().skip(1)) {
            note([earlier, later], row);
        }
    }
    found
}

fn collision(
    preview: &Preview,
    (node, series): (usize, u32),
    pulls: [usize; 2],
    rows: &[Row],
) -> Option<Collision> {
    let store = preview.nodes.get(node)?;
    let row = *rows.first()?;
    let example = store.store().label_set(row);
    let [one, other] = [preview.topology.pulls.get(pulls[0])?, preview.topology.pulls.get(pulls[1])?];
    let cause = if pulls[0] == pulls[1] { Cause::SameAnswer } else { cause(preview, one, other) };
    let timed = [one, other].iter().all(|pull| pull.settings.honor_timestamps && pull.federates);
    let config = preview.workspace.nodes.get(node).and_then(|node| node.config.as_ref());
    let window = config.and_then(|config| config.out_of_order_time_window.as_ref());
    let outcome = if !timed {
        if cause == Cause::SameAnswer { Outcome::First } else { Outcome::Alternate }
    } else if cause == Cause::SameServer {
        Outcome::Repeat
    } else if window.is_some_and(|window| !window.value.is_zero()) {
        Outcome::OutOfOrderWindow
    } else if cause == Cause::SameAnswer {
        Outcome::ByOrder
    } else {
        let sampled = pulls.map(|pull| sampled(preview, store, pull, rows));
        Outcome::ByPhase(Phases::of([one.interval_ms, other.interval_ms], sampled))
    };
    Some(Collision { node, pulls, series, example, row, cause, outcome })
}

/// How often, in milliseconds, the source of a pull has new samples of some rows of the server's store. `None` where
/// that is not known, or is no steady pace: only what the source scrapes itself comes at one.
fn sampled(preview: &Preview, store: &NodeStore, pull: usize, rows: &[Row]) -> Option<u64> {
    let Peer::Federate(source) = preview.topology.pulls.get(pull)?.peer else { return None };
    let of = preview.nodes.get(source)?;
    let position = |row: &Row| {
        let mut origins = store.origins(*row);
        origins.find(|origin| origin.bringer == Bringer::Pull(pull)).map(|origin| origin.position)
    };
    let at_source = rows.iter().filter_map(|row| of.store().row_at(position(row)?));
    let rows = Bitset::from_rows(of.store().len(), at_source);
    let paces = classes(preview, source, &rows).into_iter().map(|class| pace(preview, source, class));
    paces.collect::<Option<Vec<u64>>>()?.into_iter().max()
}

fn cause(preview: &Preview, one: &Pull, other: &Pull) -> Cause {
    let (Peer::Federate(first), Peer::Federate(second)) = (one.peer, other.peer) else {
        return if one.peer == other.peer { Cause::SameServer } else { Cause::Others };
    };
    if first == second {
        return Cause::SameServer;
    }
    let mut sets = preview.workspace.replica_sets.iter();
    let set = sets.position(|set| set.nodes.contains(&first) && set.nodes.contains(&second));
    set.map_or(Cause::Others, Cause::Replicas)
}

impl Phases {
    /// What intervals say of two sources: how often each is asked, and how often each has new samples, in
    /// milliseconds.
    ///
    /// Let both be asked every I, the second Δ after the first, and both have samples every i, the second δ after the
    /// first; let g be the greatest common divisor of I and i. What a source answers is r, r + g, r + 2g, … old, with
    /// an r below g that never changes. The second one's samples come late where δ - Δ is more than r, the first
    /// one's where (i - δ) - (I - Δ) is. Over all phases that is a share of (i³ - (i - g)³) / 6iIg each; where g is i,
    /// all answers are equally old, and a source is always late or never.
    #[must_use]
    pub fn of(asked_ms: [u64; 2], sampled_ms: [Option<u64>; 2]) -> Self {
        let [asked, other_asked] = asked_ms;
        let unknown = Self {
            asked_ms,
            sampled_ms: sampled_ms.map(|sampled| sampled.unwrap_or(0)),
            all_kept: None,
            otherwise: Loss::Some,
        };
        let [Some(sampled), Some(other_sampled)] = sampled_ms else { return unknown };
        if asked == 0 || sampled == 0 || asked != other_asked || sampled != other_sampled {
            return unknown;
        }
        let steady = asked.is_multiple_of(sampled);
        let otherwise = if steady { Loss::OneSource } else { Loss::Some };
        let all_kept = if asked < sampled {
            0.0
        } else {
            // In parts of i, so that nothing grows beyond what a number holds.
            let part = divisor(asked, sampled) as f64 / sampled as f64;
            1.0 - (1.0 - (1.0 - part).powi(3)) / (3.0 * part) * (sampled as f64 / asked as f64)
        };
        Self { all_kept: Some(all_kept), otherwise, ..unknown }
    }
}

impl Phases {
    fn words(&self) -> String {
        let lost = match self.otherwise {
            Loss::OneSource => {
                "all samples of one come later than newer ones of the other, and are refused as out of order"
            }
            Loss::Some => {
                "samples come later than newer ones of the other source now and then, and are refused as out of order"
            }
        };
        let kept = "samples of both are stored in turn, so that values go back and forth";
        let why = "when each is asked is fixed by a hash, and known only once the servers run";
        match self.all_kept {
            Some(share) if share > 0.0 => {
                let percent = share * 100.0;
                let asked = Duration::from_millis(self.asked_ms[0]);
                let sampled = Duration::from_millis(self.sampled_ms[0]);
                format!(
                    "{why}: in {percent:.0} of 100 cases (samples every {sampled}, asked for every {asked}) {kept}; in the others {lost}"
                )
            }
            Some(_) => {
                format!("{kept}, and since they are asked for more often than there are new ones, {lost}")
            }
            None => format!("{why}: either {kept}, or {lost}"),
        }
    }
}

/// The greatest common divisor.
fn divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::super::Memo;
    use super::*;
    use crate::workspace::Files;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// The cause and the outcome of the collision at a server above two leaves, with more lines of its
    /// configuration and of its job.
    fn check(top: &str, job: &str, targets: &str, expect: Option<(Cause, &str)>) {
        let text = format!(
            "{top}scrape_configs:\n- job_name: up\n  honor_labels: true\n  metrics_path: /federate\n{job}  params: {{ 'match[]': [up] }}\n  static_configs: [{{ targets: [{targets}] }}]\n"
        );
        let mut files = Files::new(1);
        files.put_text("promtier.yaml", "nodes:\n  a: { config: a.yml, samples: a.prom, listen: ['a:1', 'a:2'], replica_set: s }\n  b: { config: b.yml, samples: b.prom, listen: ['b:1'], replica_set: s }\n  c: { config: a.yml, samples: c.prom, listen: ['c:1'] }\n  top: { config: top.yml }\n");
        for leaf in ["a", "b"] {
            files.put_text(
                &format!("{leaf}.yml"),
                "global: { scrape_interval: 15s }\nscrape_configs: [{ job_name: app }]\n",
            );
            files.put_text(&format!("{leaf}.prom"), "up{job=\"app\",instance=\"x\"} 1\n");
        }
        let two = "up{job=\"app\",instance=\"x\"} 1\nup{job=\"app\",instance=\"y\"} 1\n";
        files.put_text("c.prom", two);
        files.put_text("top.yml", text.as_str());
        let preview =
            Preview::compute(Arc::new(files.assemble()), None, &mut Memo::new(1)).expect("a preview");
        let found = collisions(&preview);
        let got: Vec<(Cause, String)> =
            found.iter().map(|it| (it.cause, format!("{:?}", it.outcome).replace("Phases ", ""))).collect();
        let expect: Vec<(Cause, String)> =
            expect.iter().map(|(cause, outcome)| (*cause, (*outcome).to_owned())).collect();
        assert_eq!(got.len(), expect.len(), "{text}: {got:?}");
        for (got, expect) in got.iter().zip(&expect) {
            assert!(got.0 == expect.0 && got.1.starts_with(&expect.1), "{text}: {got:?}");
        }
    }

    #[test]
    fn outcomes_follow_what_is_asked_and_how() {
        let two = "'a:1', 'b:1'";
        let replicas = Cause::Replicas(0);
        check(
            "",
            "",
            two,
            Some((
                replicas,
                "ByPhase({ asked_ms: [60000, 60000], sampled_ms: [15000, 15000], all_kept: Some(0.91",
            )),
        );
        check(
            "",
            "  scrape_interval: 20s\n",
            two,
            Some((
                replicas,
                "ByPhase({ asked_ms: [20000, 20000], sampled_ms: [15000, 15000], all_kept: Some(0.47",
            )),
        );
        check("", "  honor_timestamps: false\n", two, Some((replicas, "Alternate")));
        check(
            "storage: { tsdb: { out_of_order_time_window: 1h } }\n",
            "",
            two,
            Some((replicas, "OutOfOrderWindow")),
        );
        check("", "", "'a:1', 'a:2'", Some((Cause::SameServer, "Repeat")));
        check("", "  honor_labels: false\n", "'a:1'", None);
        let joined = "  metric_relabel_configs: [{ regex: instance, action: labeldrop }]\n";
        check("", joined, "'c:1'", Some((Cause::SameAnswer, "ByOrder")));
        let forged = format!("{joined}  honor_timestamps: false\n");
        check("", &forged, "'c:1'", Some((Cause::SameAnswer, "First")));
        check("", "", "'c:1'", None);
    }

    #[test]
    fn intervals_decide_what_phases_may_do() {
        let check = |asked: [u64; 2], sampled: [u64; 2], kept: f64, otherwise: Loss| {
            let phases = Phases::of(asked, sampled.map(Some));
            let got = phases.all_kept.expect("a share");
            assert!((got - kept).abs() < 1e-9, "{asked:?} {sampled:?}: {got}");
            assert_eq!(phases.otherwise, otherwise, "{asked:?} {sampled:?}");
        };
        check([60, 60], [15, 15], 1.0 - 1.0 / 12.0, Loss::OneSource);
        check([15, 15], [15, 15], 2.0 / 3.0, Loss::OneSource);
        check([20, 20], [15, 15], 1.0 - 19.0 / 36.0, Loss::Some);
        check([10, 10], [15, 15], 0.0, Loss::Some);
        assert_eq!(Phases::of([60, 60], [Some(15), Some(5)]).all_kept, None);
        assert_eq!(Phases::of([60, 30], [Some(15), Some(15)]).all_kept, None);
        assert_eq!(Phases::of([0, 0], [Some(0), Some(0)]).all_kept, None);
        assert_eq!(Phases::of([60, 60], [Some(15), None]).all_kept, None);
    }

    /// Lets two sources be asked for a while: how many samples each brings that are refused as out of order.
    fn refused(asked: u64, sampled: u64, phases: [u64; 4]) -> [u32; 2] {
        let [first, second, one, other] = phases;
        let mut newest = None;
        let mut refused = [0, 0];
        // Late enough that both have samples.
        for round in 100..158 {
            let mut scrapes =
                [(round * asked + first % asked, 0, one), (round * asked + second % asked, 1, other)];
            scrapes.sort_unstable();
            for (time, source, phase) in scrapes {
                let phase = phase % sampled;
                let sample = (time - phase) / sampled * sampled + phase;
                match newest {
                    Some(at) if sample < at => refused[source] += 1,
                    _ => newest = Some(sample),
                }
            }
        }
        refused
    }

    proptest! {
        #[test]
        fn every_outcome_is_one_that_is_told(
            asked in 20u64..120, sampled in 10u64..60, phases in proptest::array::uniform4(0u64..7200),
        ) {
            let told = Phases::of([asked, asked], [Some(sampled); 2]);
            let [one, other] = refused(asked, sampled, phases);
            if told.otherwise == Loss::OneSource {
                // All or nothing, and never of both.
                prop_assert!(one.min(other) == 0 && [0, 57, 58].contains(&one.max(other)), "{one} and {other}");
            }
            if told.all_kept == Some(0.0) && (phases[2] % sampled) != (phases[3] % sampled) {
                prop_assert!(one + other > 0);
            }
        }
    }

    #[test]
    fn the_share_is_that_of_all_phases() {
        for (asked, sampled) in [(60u64, 15u64), (15, 15), (30, 10), (20, 15), (50, 15)] {
            let mut kept = 0u32;
            let mut all = 0u32;
            for second in 0..asked {
                for one in 0..sampled {
                    for other in 0..sampled {
                        all += 1;
                        // A hundred parts of each, so that few coincide.
                        let phases = [0, second * 100 + 50, one * 100 + 25, other * 100 + 75];
                        kept += u32::from(refused(asked * 100, sampled * 100, phases) == [0, 0]);
                    }
                }
            }
            let got = f64::from(kept) / f64::from(all);
            let told = Phases::of([asked, asked], [Some(sampled); 2]).all_kept.expect("a share");
            assert!((got - told).abs() < 0.03, "{asked} {sampled}: {got} of all, {told} is told");
        }
    }
}
