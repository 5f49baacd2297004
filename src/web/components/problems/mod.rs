//! The list of what is wrong.

use leptos::prelude::*;
use promtier::engine::protocol::{FindingView, SeverityView};

use crate::components::live::{self, Item, Made, Make};
use crate::components::sentence::sentence;
use crate::page::Page;
use crate::state::edits::can_be_allowed;
use crate::state::flow;
use crate::state::problems::{sign, word};
use crate::state::words::sentence_case;

/// Findings shown before one asks for more.
const FIRST: usize = 40;

/// The list under the editor.
#[component]
pub(crate) fn Problems() -> impl IntoView {
    let page = Page::here();
    let shown = RwSignal::new(FIRST);
    let count = move || page.analysis.with(|analysis| analysis.findings.len());
    // Equal findings keep their elements, so that what has the focus keeps it.
    let items = move || {
        page.analysis.with(|analysis| {
            analysis.findings.iter().take(shown.get()).map(fingerprint).zip(0..).collect::<Vec<Item>>()
        })
    };
    let badges = move || {
        let (errors, warnings) = page.analysis.with(|analysis| flow::totals(&analysis.findings));
        view! {
            {live::count("badge error", errors as u32, "error", "errors")}
            {live::count("badge warning", warnings as u32, "warning", "warnings")}
        }
        .made()
    };
    view! {
        <section class="problems" aria-label="Problems" id="problems">
            <h2>
                "Problems"
                {live::part(badges)}
                <span class="aside" hidden=live::flag(move || count() > 0)>
                    "none found"
                </span>
            </h2>
            <ul>{live::list(items, move |_, at| one(page, at as usize))}</ul>
            {live::more(shown, FIRST, move || count().saturating_sub(shown.get()))}
        </section>
    }
}

/// What makes a finding the one it is on the page.
fn fingerprint(finding: &FindingView) -> String {
    [
        &*finding.path,
        &finding.range.line.to_string(),
        &finding.range.start.to_string(),
        &finding.code,
        &finding.message,
        &finding.because,
        &finding.fixes.len().to_string(),
    ]
    .join("\n")
}

fn one(page: Page, at: usize) -> Made {
    let Some(finding) = page.analysis.with_untracked(|analysis| analysis.findings.get(at).cloned()) else {
        return live::nothing();
    };
    let severity = finding.severity;
    let class = match severity {
        SeverityView::Error => "sign error",
        SeverityView::Warning => "sign warning",
        SeverityView::Info => "sign info",
    };
    let place = [&finding.path, ":", &finding.range.line.to_string()].concat();
    let fixes = finding
        .fixes
        .iter()
        .enumerate()
        .map(|(fix, view)| {
            view! {
                <button type="button" class="mini" on:click=move |_| page.apply_fix(at, fix)>
                    {sentence(&view.title)}
                </button>
            }
        })
        .collect_view();
    let part = |text: &str, class: &'static str| {
        (!text.is_empty()).then(|| view! { <p class=class>{sentence(&sentence_case(text))}</p> })
    };
    view! {
        <li class=live::value(move || if page.problem.get() == Some(at) { "chosen" } else { "" })>
            <i class=class aria-hidden="true">{sign(severity)}</i>
            <div class="words">
                <button type="button" class="message" on:click=move |_| page.go_to_problem(at)>
                    <span class="unseen">{word(severity)} ": "</span>
                    {sentence(&finding.message)}
                </button>
                {part(&finding.because, "because")}
                {part(&finding.help, "help")}
                <p class="where">
                    <code>{finding.code.clone()}</code>
                    " · "
                    {place}
                </p>
            </div>
            <div class="fixes">
                {fixes}
                {can_be_allowed(&finding.code)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="mini allow"
                                title="Write a comment that allows it, with your reason"
                                on:click=move |_| page.allow_finding(at)
                            >
                                "Allow…"
                            </button>
                        }
                    })}
            </div>
        </li>
    }
    .made()
}
