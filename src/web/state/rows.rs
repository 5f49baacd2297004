//! The rows of the chosen node: which are asked for, which are there.

use std::sync::Arc;

use promtier::engine::protocol::{Origin, PullView, RowView, RowsAnswer, RowsQuery};

use super::scroll::Scroller;

/// Rows asked for beyond those laid out, on either side.
const MARGIN: u32 = 24;

/// The table of series.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    node: String,
    filter: String,
    pull: Option<u32>,
    /// Revision of the picture on the page; rows of an older one are shown only until newer ones are here.
    revision: u64,
    next_id: u32,
    in_flight: Option<RowsQuery>,
    answer: Option<Arc<RowsAnswer>>,
    /// What the answer was for.
    answered: Option<RowsQuery>,
    /// Which rows are in view.
    pub(crate) scroller: Scroller,
    /// The row that the keys move, counted as shown.
    chosen: Option<u32>,
}

impl Rows {
    /// A table with rows of that height.
    pub(crate) fn new(row_height: f64) -> Self {
        Self {
            node: String::new(),
            filter: String::new(),
            pull: None,
            revision: 0,
            next_id: 1,
            in_flight: None,
            answer: None,
            answered: None,
            scroller: Scroller::new(row_height),
            chosen: None,
        }
    }

    /// The filter as typed.
    pub(crate) fn filter(&self) -> &str {
        &self.filter
    }

    /// The pull whose rows alone are shown.
    pub(crate) fn pull(&self) -> Option<u32> {
        self.pull
    }

    /// The chosen row.
    pub(crate) fn chosen(&self) -> Option<u32> {
        self.chosen
    }

    /// Chooses a row and brings it into view.
    pub(crate) fn choose(&mut self, row: u32) {
        self.chosen = Some(row);
        self.scroller.reveal(row);
    }

    /// Another node: everything from the start.
    pub(crate) fn show_node(&mut self, node: &str) {
        if self.node != node {
            node.clone_into(&mut self.node);
            self.filter.clear();
            self.pull = None;
            self.answer = None;
            self.answered = None;
            self.start_over();
            self.scroller.set_rows(0);
        }
    }

    /// Another filter; the rows there stay until the new ones are.
    pub(crate) fn set_filter(&mut self, filter: &str) {
        if self.filter != filter {
            filter.clone_into(&mut self.filter);
            self.start_over();
        }
    }

    /// Only the rows of one pull, or of all.
    pub(crate) fn set_pull(&mut self, pull: Option<u32>) {
        if self.pull != pull {
            self.pull = pull;
            self.start_over();
        }
    }

    fn start_over(&mut self) {
        self.chosen = None;
        self.scroller.rewind();
    }

    /// The picture on the page is a newer one. `same_pulls`: places of pulls mean what they meant.
    pub(crate) fn set_revision(&mut self, revision: u64, same_pulls: bool) {
        self.revision = revision;
        if !same_pulls {
            self.pull = None;
        }
    }

    /// The engine that was asked is gone.
    pub(crate) fn forget_question(&mut self) {
        self.in_flight = None;
        self.answered = None;
    }

    /// What to ask now; `None` where all in view is there, or an answer is on its way.
    pub(crate) fn ask(&mut self) -> Option<RowsQuery> {
        if self.node.is_empty() || self.in_flight.is_some() {
            return None;
        }
        let window = self.scroller.window();
        if let (Some(query), Some(answer)) = (&self.answered, &self.answer) {
            let same = query.node == self.node && query.filter == self.filter && query.pull == self.pull;
            let have = answer.start..answer.start + answer.rows.len() as u32;
            let covered = window.is_empty() || (have.start <= window.start && window.end <= have.end);
            if same && answer.revision >= self.revision && covered {
                return None;
            }
        }
        let start = window.start.saturating_sub(MARGIN);
        let query = RowsQuery {
            id: self.next_id,
            node: self.node.clone(),
            filter: self.filter.clone(),
            pull: self.pull,
            start,
            // Before the first answer nobody knows how many there are: a screenful.
            count: (window.end.max(window.start + self.scroller.page() + 2) - start) + MARGIN,
        };
        self.next_id += 1;
        self.in_flight = Some(query.clone());
        Some(query)
    }

    /// Takes an answer; one that was not asked for last is dropped.
    pub(crate) fn take(&mut self, answer: RowsAnswer) {
        if self.in_flight.as_ref().is_none_or(|query| query.id != answer.id) {
            return;
        }
        let Some(query) = self.in_flight.take() else { return };
        if query.node != self.node {
            return;
        }
        self.scroller.set_rows(answer.total);
        self.chosen = self.chosen.filter(|&row| row < answer.total);
        self.answered = Some(query);
        self.answer = Some(Arc::new(answer));
    }

    /// What is known; `None` before the first answer for this node.
    pub(crate) fn answer(&self) -> Option<&Arc<RowsAnswer>> {
        self.answer.as_ref()
    }

    /// A row, counted as shown, where it is there.
    pub(crate) fn row(&self, at: u32) -> Option<&RowView> {
        let answer = self.answer.as_ref()?;
        answer.rows.get(at.checked_sub(answer.start)? as usize)
    }

    /// Whether the places of pulls in the rows are those of the picture on the page.
    pub(crate) fn pulls_known(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.revision == self.revision)
    }
}

/// Letters of labels that a line of the table can ever show.
const LETTERS: usize = 240;

/// As many labels as fit, and whether there are more. The target's own labels, which most rows share, come
/// last, so that a line shows what tells its series from the next.
pub(crate) fn labels_in_line(row: &RowView) -> (Vec<&(String, String)>, bool) {
    let of_target = |label: &&(String, String)| matches!(label.0.as_str(), "instance" | "job");
    let all = row.labels.iter().filter(|label| !of_target(label)).chain(row.labels.iter().filter(of_target));
    let mut letters = 0;
    let fitting: Vec<_> = all
        .take_while(|(name, value)| {
            let fits = letters < LETTERS;
            letters += name.len() + value.len() + 5;
            fits
        })
        .collect();
    let more = fitting.len() < row.labels.len();
    (fitting, more)
}

/// The start of a label's value, where it is longer than any line.
pub(crate) fn value_in_line(value: &str) -> &str {
    match value.char_indices().nth(LETTERS) {
        Some((end, _)) => &value[..end],
        None => value,
    }
}

/// Labels as a selector's braces would hold them.
pub(crate) fn in_braces(labels: &[(String, String)]) -> String {
    let mut out = String::new();
    for (at, (name, value)) in labels.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        out.push_str(name);
        out.push_str("=\"");
        for c in value.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                _ => out.push(c),
            }
        }
        out.push('"');
    }
    out
}

/// A short word for where a row came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    /// `#1`, `samples`, `report`, `scrape`.
    pub(crate) word: String,
    /// It in a sentence; empty where the pulls are not known just now.
    pub(crate) title: String,
}

/// Where a row came from, each origin once; `pulls` are those of the same picture, where they are known.
pub(crate) fn chips(row: &RowView, pulls: Option<&[PullView]>) -> Vec<Chip> {
    let mut out: Vec<Chip> = Vec::new();
    let mut add = |word: String, title: String| match out.iter_mut().find(|chip| chip.word == word) {
        Some(chip) => {
            if !title.is_empty() && !chip.title.split('\n').any(|line| line == title) {
                chip.title.push('\n');
                chip.title.push_str(&title);
            }
        }
        None => out.push(Chip { word, title }),
    };
    let pull_of = |at: u32| pulls.and_then(|pulls| pulls.get(at as usize));
    for origin in &row.origins {
        match origin {
            Origin::Samples => add("samples".to_owned(), "from the samples attached to this node".to_owned()),
            Origin::Report { pull } => {
                let title = pull_of(*pull).map(|pull| ["made by Prometheus for ", &said(pull)].concat());
                add("report".to_owned(), title.unwrap_or_default());
            }
            Origin::Rule { path, line } => {
                let line = line.to_string();
                add("rule".to_owned(), ["recorded by the rule in line ", &line, " of ", path].concat());
            }
            Origin::Pull { pull, selectors } if selectors.is_empty() => {
                add("scrape".to_owned(), pull_of(*pull).map(said).unwrap_or_default());
            }
            Origin::Pull { pull, selectors } => {
                for &selector in selectors {
                    let title = pull_of(*pull).map(|pull| {
                        let text =
                            pull.selectors.get(selector as usize).map_or("", |selector| &selector.text);
                        [&said(pull), " by ", text].concat()
                    });
                    add(["#", &(u32::from(selector) + 1).to_string()].concat(), title.unwrap_or_default());
                }
            }
        }
    }
    if row.possible {
        let title = "whether it exists depends on values, which rules compute and which are not known";
        add("possible".to_owned(), title.to_owned());
    }
    out
}

/// How many different targets write this same series.
pub(crate) fn writers(row: &RowView) -> usize {
    let mut pulls: Vec<Option<u32>> = Vec::new();
    for origin in &row.origins {
        let pull = match origin {
            Origin::Samples | Origin::Rule { .. } => None,
            Origin::Pull { pull, .. } | Origin::Report { pull } => Some(*pull),
        };
        if !pulls.contains(&pull) {
            pulls.push(pull);
        }
    }
    pulls.len()
}

/// A pull in words: `job federate, target prometheus-1:9090`.
pub(crate) fn said(pull: &PullView) -> String {
    let mut out = ["job ", &pull.job, ", target ", &pull.target].concat();
    if let Some(via) = &pull.via {
        out.push_str(" via ");
        out.push_str(via);
    }
    out
}

#[cfg(test)]
mod tests {
    use promtier::engine::protocol::{RangeView, SelectorView};

    use super::*;

    fn row(name: &str, origins: Vec<Origin>) -> RowView {
        RowView { name: name.to_owned(), labels: Vec::new(), value: None, possible: false, origins }
    }

    fn answer(query: &RowsQuery, revision: u64, total: u32) -> RowsAnswer {
        let end = (query.start + query.count).min(total);
        RowsAnswer {
            id: query.id,
            revision,
            node: query.node.clone(),
            total,
            start: query.start,
            rows: (query.start..end).map(|at| row(&at.to_string(), Vec::new())).collect(),
            filter_error: String::new(),
        }
    }

    fn table() -> Rows {
        let mut rows = Rows::new(30.0);
        rows.scroller.set_viewport(300.0);
        rows.show_node("global");
        rows
    }

    #[test]
    fn one_question_at_a_time_and_only_for_what_is_shown() {
        let mut rows = table();
        let first = rows.ask().expect("a question");
        assert!(first.count < 60, "{first:?}");
        assert!(rows.ask().is_none());
        rows.take(answer(&first, 0, 100_000));
        assert!(rows.ask().is_none());
        assert_eq!(rows.row(3).map(|row| row.name.as_str()), Some("3"));
        rows.scroller.scrolled(60_000.0);
        let second = rows.ask().expect("a question");
        assert!(second.start > 1900 && second.start < 2000);
        // An answer to an older question changes nothing.
        rows.take(answer(&first, 0, 5));
        assert_eq!(rows.scroller.rows(), 100_000);
        rows.take(answer(&second, 0, 100_000));
        assert!(rows.row(2005).is_some());
        assert!(rows.row(5).is_none());
    }

    #[test]
    fn rows_stay_until_newer_are_there() {
        let mut rows = table();
        let first = rows.ask().expect("a question");
        rows.take(answer(&first, 1, 10));
        rows.set_revision(2, true);
        assert!(!rows.pulls_known());
        let second = rows.ask().expect("a question");
        assert!(rows.row(0).is_some());
        rows.take(answer(&second, 2, 3));
        assert!(rows.pulls_known());
        assert!(rows.ask().is_none());
        rows.set_filter("{job=\"x\"}");
        assert_eq!(rows.ask().expect("a question").filter, "{job=\"x\"}");
        assert!(rows.row(0).is_some());
        rows.show_node("other");
        assert!(rows.row(0).is_none());
        assert_eq!(rows.filter(), "");
    }

    #[test]
    fn an_empty_table_asks_once() {
        let mut rows = table();
        let first = rows.ask().expect("a question");
        rows.take(answer(&first, 0, 0));
        assert!(rows.ask().is_none());
        rows.forget_question();
        assert!(rows.ask().is_some());
    }

    #[test]
    fn a_choice_ends_with_its_row() {
        let mut rows = table();
        let first = rows.ask().expect("a question");
        rows.take(answer(&first, 0, 1000));
        rows.choose(999);
        let second = rows.ask().expect("a question");
        rows.take(answer(&second, 0, 1000));
        assert_eq!(rows.row(999).map(|row| row.name.as_str()), Some("999"));
        rows.set_revision(1, true);
        let third = rows.ask().expect("a question");
        rows.take(answer(&third, 1, 10));
        assert_eq!(rows.chosen(), None);
    }

    fn pull(job: &str, target: &str) -> PullView {
        let selector = |text: &str| SelectorView {
            text: text.to_owned(),
            range: RangeView::default(),
            matched: 0,
            only: 0,
            ..SelectorView::default()
        };
        PullView {
            node: "global".to_owned(),
            job: job.to_owned(),
            target: target.to_owned(),
            via: None,
            source: None,
            federates: true,
            exposed: 0,
            kept: 0,
            dropped: 0,
            bytes: 0,
            error: String::new(),
            selectors: vec![selector("{a=\"b\"}"), selector("up")],
            ..PullView::default()
        }
    }

    #[test]
    fn chips_say_where_from() {
        let pulls = [pull("federate", "p1:9090"), pull("federate", "p2:9090")];
        let both = row(
            "x",
            vec![
                Origin::Pull { pull: 0, selectors: vec![0, 1] },
                Origin::Pull { pull: 1, selectors: vec![0] },
            ],
        );
        let chips = chips(&both, Some(&pulls));
        assert_eq!(chips.iter().map(|chip| chip.word.as_str()).collect::<Vec<_>>(), ["#1", "#2"]);
        assert_eq!(
            chips[0].title,
            "job federate, target p1:9090 by {a=\"b\"}\njob federate, target p2:9090 by {a=\"b\"}"
        );
        assert_eq!(writers(&both), 2);
        let report = row("up", vec![Origin::Report { pull: 1 }]);
        assert_eq!(super::chips(&report, None), [Chip { word: "report".to_owned(), title: String::new() }]);
        let scraped = row("x", vec![Origin::Pull { pull: 9, selectors: Vec::new() }, Origin::Samples]);
        let words: Vec<_> = super::chips(&scraped, Some(&pulls)).into_iter().map(|chip| chip.word).collect();
        assert_eq!(words, ["scrape", "samples"]);
    }

    #[test]
    fn labels_are_cut_for_a_line_only() {
        let mut long = row("x", Vec::new());
        long.labels = (0..100).map(|at| ("label".to_owned(), at.to_string() + "\"\n")).collect();
        let (fitting, more) = labels_in_line(&long);
        assert!(more && fitting.len() < 30);
        assert!(in_braces(&long.labels).ends_with("label=\"99\\\"\\n\""));
        assert_eq!(value_in_line(&"é".repeat(1000)).chars().count(), LETTERS);
        assert_eq!(value_in_line("é"), "é");
        long.labels = ["instance", "job", "le"].map(|name| (name.to_owned(), "1".to_owned())).into();
        let names: Vec<&str> = labels_in_line(&long).0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["le", "instance", "job"]);
    }
}
