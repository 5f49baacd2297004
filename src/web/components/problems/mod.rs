//! The list of what is wrong.

use std::sync::Arc;

use leptos::prelude::*;
use promtier::engine::protocol::{FindingView, SeverityView};

use crate::components::sentence::sentence;
use crate::page::Page;
use crate::state::flow;
use crate::state::problems::{sign, word};
use crate::state::words::grouped;

/// Findings shown before one asks for more.
const FIRST: usize = 40;

/// The list under the editor.
#[component]
pub(crate) fn Problems() -> impl IntoView {
    let page = Page::here();
    let shown = RwSignal::new(FIRST);
    let findings = Memo::new(move |_| page.analysis.with(|analysis| Arc::new(analysis.findings.clone())));
    let totals = move || findings.with(|findings| flow::totals(findings));
    // Equal findings keep their elements, so that what has the focus keeps it.
    let rows = move || {
        findings.with(|findings| findings.iter().take(shown.get()).cloned().enumerate().collect::<Vec<_>>())
    };
    let more = move || findings.with(|findings| findings.len().saturating_sub(shown.get()));
    view! {
        <section class="problems" aria-label="Problems" id="problems">
            <h2>
                "Problems"
                {move || {
                    let (errors, warnings) = totals();
                    view! {
                        {(errors > 0)
                            .then(|| {
                                view! {
                                    <span class="badge error">
                                        {grouped(errors)}
                                        <span class="unseen">" errors"</span>
                                    </span>
                                }
                            })}
                        {(warnings > 0)
                            .then(|| {
                                view! {
                                    <span class="badge warning">
                                        {grouped(warnings)}
                                        <span class="unseen">" warnings"</span>
                                    </span>
                                }
                            })}
                    }
                }}
                {move || {
                    findings
                        .with(|findings| findings.is_empty())
                        .then(|| view! { <span class="aside">"none found"</span> })
                }}
            </h2>
            <ul>
                <For
                    each=rows
                    key=|(at, finding)| (*at, fingerprint(finding))
                    let((at, finding))
                >
                    {one(page, at, finding)}
                </For>
            </ul>
            {move || {
                (more() > 0)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="mini more"
                                on:click=move |_| shown.update(|shown| *shown += FIRST)
                            >
                                {["Show more of the other ", &grouped(more() as u64)].concat()}
                            </button>
                        }
                    })
            }}
        </section>
    }
    .into_any()
}

/// What makes a finding the one it is on the page.
fn fingerprint(finding: &FindingView) -> (String, u32, u32, String, usize) {
    (
        finding.path.clone(),
        finding.range.start,
        finding.range.line,
        [&*finding.code, &finding.message, &finding.because].concat(),
        finding.fixes.len(),
    )
}

fn one(page: Page, at: usize, finding: FindingView) -> impl IntoView {
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
        (!text.is_empty()).then(|| view! { <p class=class>{sentence(text)}</p> })
    };
    view! {
        <li class:chosen=move || page.problem.get() == Some(at)>
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
            <div class="fixes">{fixes}</div>
        </li>
    }
    .into_any()
}
