//! The way of one series through the tiers: where it is first stored, and gate by gate to wherever it ends.

use leptos::html::Div;
use leptos::prelude::*;
use promtier::engine::protocol::{FateView, GateView, HopView, MarkView, TraceAnswer, TraceQuery};

use crate::browser::dom;
use crate::browser::draw::{Canvas, Drawn};
use crate::components::live::{self, Make};
use crate::components::sentence::words;
use crate::page::Page;
use crate::state::rows::in_braces;
use crate::state::words::{grouped, sentence_case};

/// The panel under “Trace”.
#[component]
pub(crate) fn Trace() -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    let canvas = StoredValue::new_local(Canvas::default());
    live::effect(move || {
        let drawn = page.way.with(|way| way.answer().map(|answer| way_of(answer)).unwrap_or_default());
        if let Some(frame) = frame.get() {
            canvas.update_value(|canvas| canvas.draw(&frame, drawn));
        }
    });
    let follows = move || page.way.with(|way| way.query().is_some());
    let title = move || page.way.with(|way| way.query().map(title)).unwrap_or_default();
    let outcome = move || {
        page.way.with(|way| match way.answer() {
            None => String::new(),
            Some(answer) if answer.series.is_empty() => {
                [&answer.node, " does not store it: a change has taken it away, or given it other labels."]
                    .concat()
            }
            Some(answer) => answer.outcome.clone(),
        })
    };
    let mood = move || {
        let lost = page.way.with(|way| way.answer().is_some_and(|answer| !answer.arrives));
        if lost { "outcome bad" } else { "outcome" }
    };
    let more = move || page.way.with(|way| way.answer().map_or(0, |answer| answer.more));
    view! {
        <div class="trace">
            <p class="aside nothing" hidden=live::flag(follows)>
                "Choose a series of any node under “Series” and press Enter, or its arrow: its whole way is told \
                 here, also where it does not arrive."
            </p>
            <div class="trace-head" hidden=live::flag(move || !follows())>
                <h3 id="trace-title" class="mono" tabindex="-1">
                    <span class="unseen">"Trace of "</span>
                    {live::text(title)}
                </h3>
                <button type="button" class="mini" on:click=move |_| page.leave_way()>
                    "Close"
                    <span class="unseen">" the trace"</span>
                </button>
                <p class=live::value(mood) role="status">
                    {live::text(outcome)}
                </p>
            </div>
            <div
                class="way"
                node_ref=frame
                on:click=move |event| {
                    if let Some(at) = dom::data_under(&event, "data-gate") {
                        page.go_to_gate(at as usize);
                    }
                }
            ></div>
            {live::some(move || {
                let more = more();
                (more > 0)
                    .then(|| {
                        view! {
                            <button type="button" class="mini more" on:click=move |_| page.tell_more_hops()>
                                {["Show more of the other ", &grouped(u64::from(more))].concat()}
                            </button>
                        }
                            .made()
                    })
            })}
        </div>
    }
}

fn title(query: &TraceQuery) -> String {
    [&query.name, "{", &in_braces(&query.labels), "} of ", &query.node].concat()
}

/// The steps from the bottom up.
fn way_of(answer: &TraceAnswer) -> Vec<Drawn> {
    let mut out: Vec<Drawn> = answer
        .first
        .iter()
        .map(|first| {
            let head = heading("h4", ["Stored by ", &first.node].concat(), &first.from, None);
            step("passage ok", "●", vec![head, series(&first.series)])
        })
        .collect();
    let mut gates = 0;
    for hop in answer.down.iter().chain(&answer.up) {
        let about = ["job ", &hop.job, ", target ", &hop.target].concat();
        let words = [&hop.source, " → ", &hop.node].concat();
        out.push(Drawn::new("div", "hop", vec![heading("h3", words, &about, None)]));
        for gate in &hop.gates {
            let number = gates;
            gates += 1;
            out.push(passage(gate, number, hop.fate));
        }
        if hop.fate == FateView::Stored {
            out.push(stored(hop));
        }
    }
    out
}

fn step(class: &str, sign: &str, inside: Vec<Drawn>) -> Drawn {
    let sign = Drawn::word("i", "gate-sign", sign).with("aria-hidden", "true");
    Drawn::new("div", class, vec![sign, Drawn::new("div", "told", inside)])
}

/// A heading with what it is about, and a way to the gate that decides.
fn heading(tag: &'static str, words: String, about: &str, place: Option<(&GateView, usize)>) -> Drawn {
    let mut inside = vec![Drawn::Text(words + " ")];
    if !about.is_empty() {
        inside.push(Drawn::word("small", "", about));
    }
    if let Some((gate, number)) = place {
        let line = [&gate.path, ":", &gate.range.line.to_string()].concat();
        inside.push(
            Drawn::word("button", "place", line)
                .with("type", "button")
                .with("data-gate", number.to_string())
                .with("title", "Go to this line"),
        );
    }
    Drawn::new(tag, "", inside)
}

fn series(text: &str) -> Drawn {
    Drawn::word("code", "box", text)
}

fn passage(gate: &GateView, number: usize, fate: FateView) -> Drawn {
    let (class, sign) = match (gate.passed, fate) {
        (true, _) if gate.series.is_empty() => ("passage ok", "✓"),
        (true, _) => ("passage changed", "+"),
        (false, FateView::Unknown) => ("passage changed", "?"),
        (false, _) => ("passage stopped", "✕"),
    };
    let place = (!gate.path.is_empty()).then_some((gate, number));
    let mut inside = vec![
        heading("h4", gate.title.clone(), "", place),
        Drawn::new("p", "because", words(&sentence_case(&gate.because))),
    ];
    if !gate.remedy.is_empty() {
        inside.push(Drawn::new("p", "remedy", words(&["To let it through: ", &gate.remedy].concat())));
    }
    if !gate.series.is_empty() {
        let pieces = gate.series.iter().map(|(mark, text)| match mark {
            MarkView::Kept => Drawn::Text(text.clone()),
            MarkView::Added => marked("ins", "added ", text),
            MarkView::Removed => marked("del", "removed ", text),
        });
        inside.push(Drawn::new("code", "box", pieces.collect()));
    }
    step(class, sign, inside)
}

/// A piece of a series, its mark also in words for those who listen.
fn marked(tag: &'static str, words: &str, text: &str) -> Drawn {
    Drawn::new(tag, "", vec![Drawn::word("span", "unseen", words), Drawn::Text(text.to_owned())])
}

fn stored(hop: &HopView) -> Drawn {
    let mut inside = vec![heading("h4", ["Stored by ", &hop.node].concat(), "", None), series(&hop.series)];
    for other in &hop.shared_with {
        let words = ["The same labels also come from ", other, ": their samples are mixed."].concat();
        inside.push(Drawn::word("p", "mixed", words));
    }
    let class = if hop.shared_with.is_empty() { "passage ok" } else { "passage changed" };
    step(class, "●", inside)
}
