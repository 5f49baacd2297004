//! What the chosen node pulls: each job and target with what came of it, and what each `match[]` brings.

use leptos::prelude::*;
use promtier::engine::protocol::{PullView, SelectorView};

use crate::components::live::{self, Made, Make};
use crate::components::sentence::sentence;
use crate::page::Page;
use crate::state::words::{bytes, counted, grouped, interval, sentence_case};

/// Pulls shown before one asks for more.
const FIRST: usize = 10;

/// Selectors of a pull shown at most; a configuration with more of them is read in the editor.
const SELECTORS: usize = 30;

/// The list.
#[component]
pub(crate) fn Pulls() -> impl IntoView {
    let page = Page::here();
    let shown = RwSignal::new(FIRST);
    let count = move || {
        page.node.with(|node| {
            page.analysis.with(|analysis| {
                analysis.pulls.iter().filter(|pull| Some(&pull.node) == node.as_ref()).count()
            })
        })
    };
    let pulls = move || {
        page.node.with(|node| {
            page.analysis.with(|analysis| {
                let own =
                    analysis.pulls.iter().zip(0..).filter(|(pull, _)| Some(&pull.node) == node.as_ref());
                own.take(shown.get()).map(|(pull, at)| one(page, at, pull)).collect_view().made()
            })
        })
    };
    view! {
        <div class="pulls">
            <p class="aside nothing" hidden=live::flag(move || count() > 0)>
                "This node pulls from nobody: it has no scrape job with a fixed target."
            </p>
            {live::part(pulls)}
            {live::more(shown, FIRST, move || count().saturating_sub(shown.get()))}
        </div>
    }
}

fn one(page: Page, at: u32, pull: &PullView) -> Made {
    let from = match (&pull.source, &pull.via) {
        (Some(source), Some(via)) => [source.as_str(), " via ", via].concat(),
        (Some(source), None) => source.clone(),
        (None, Some(via)) => ["balancer ", via].concat(),
        (None, None) => "no node of this workspace".to_owned(),
    };
    let (path, range) = (pull.path.clone(), pull.range);
    let show = (pull.kept > 0).then(|| {
        view! {
            <button type="button" class="mini" on:click=move |_| page.show_pull(Some(at))>
                "Show its series"
            </button>
        }
    });
    let outcome = if pull.error.is_empty() {
        figures(pull)
    } else {
        view! {
            <p class="failure">
                <i class="sign error" aria-hidden="true">"●"</i>
                {sentence(&pull.error)}
            </p>
        }
        .made()
    };
    let selectors = (!pull.selectors.is_empty()).then(|| {
        view! {
            <ol>
                {pull.selectors.iter().take(SELECTORS).map(|view| selector(page, pull, view)).collect_view()}
            </ol>
        }
    });
    let rest = pull.selectors.len().saturating_sub(SELECTORS);
    view! {
        <article class="pull">
            <h3>
                <b>{pull.job.clone()}</b>
                " ← "
                <span class="target">{pull.target.clone()}</span>
                <span class="aside">{from}</span>
            </h3>
            {outcome}
            {selectors}
            {(rest > 0)
                .then(|| view! { <p class="aside">{["and ", &grouped(rest as u64), " selectors more"].concat()}</p> })}
            <div class="ways">
                {show}
                <button type="button" class="mini" on:click=move |_| page.go_to(&path, range)>
                    "Go to the job"
                </button>
            </div>
        </article>
    }
    .made()
}

fn figures(pull: &PullView) -> Made {
    let figure = |words: &'static str, value: String| {
        view! {
            <div>
                <dt>{words}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    view! {
        <dl class="figures">
            {figure("answered", grouped(u64::from(pull.exposed)))}
            {figure("kept", grouped(u64::from(pull.kept)))}
            {figure("dropped", grouped(u64::from(pull.dropped)))}
            {figure("size", bytes(pull.bytes))}
            {figure("every", interval(pull.interval_ms))}
        </dl>
    }
    .made()
}

/// What comes near to a selector that selects nothing, or the one that selects all of it too.
fn nearby(view: &SelectorView) -> String {
    let Some(within) = &view.within else { return view.near.clone() };
    let other = ["#", &grouped(u64::from(within.selector) + 1)].concat();
    let words = if within.equal { " selects the same" } else { " selects all of it too" };
    [other.as_str(), words, if within.always { ", whatever series there are" } else { "" }].concat()
}

fn selector(page: Page, pull: &PullView, view: &SelectorView) -> Made {
    let (path, range) = (pull.path.clone(), view.range);
    let nearby = nearby(view);
    let outcome = if view.error.is_empty() {
        // Of a server that is not in the workspace nobody knows what it has.
        let known = pull.source.is_some();
        let only = [" · ", &grouped(u64::from(view.only)), " only here"].concat();
        view! {
            <span class=match (known, view.matched) {
                (true, 0) => "figures bad",
                (true, _) => "figures",
                (false, _) => "figures unknown",
            }>
                <b>
                    {if known {
                        counted(u64::from(view.matched), "series", "series")
                    } else {
                        "not known".to_owned()
                    }}
                </b>
                {(view.matched > 0).then_some(only)}
            </span>
            <p class="because">{sentence(&view.explanation)}</p>
            {(!nearby.is_empty()).then(|| view! { <p>{sentence(&sentence_case(&nearby))}</p> })}
        }
        .made()
    } else {
        view! {
            <span class="figures bad"><b>"selects nothing"</b></span>
            <p class="failure">{sentence(&view.error)}</p>
        }
        .made()
    };
    view! {
        <li>
            <button
                type="button"
                class="selector"
                title="Go to it"
                on:click=move |_| page.go_to(&path, range)
            >
                <code>{view.text.clone()}</code>
            </button>
            {outcome}
        </li>
    }
    .made()
}
