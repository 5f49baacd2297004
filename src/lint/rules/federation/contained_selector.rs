//! A selector that another one of the job contains
//!
//! # What it finds
//! Whatever one `match[]` of a job selects, another one of the same job selects too: its matchers ask for no less.
//!
//! # Why it matters
//! It brings nothing of its own. Whoever removes it, to pull less, sees no change and looks for the reason.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]':
//!         - '{__name__=~"job:.*"}'
//!         - 'job:requests:rate5m{job="shop"}'
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Remove the narrower one, or the wider one if it selects too much.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]':
//!         - '{__name__=~"job:.*"}'
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! web/federate.go, federation: the union of all selectors, each series once

use super::FederationJob;
use super::unbounded_selector::accepts_all;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::{PullSelector, implies};
use crate::lint::Found;
use crate::series::CompiledMatcher;
use crate::text::{Span, TextEdit};

const CODE: Code = Code::new("federation/contained-selector");

/// Each selector is compared with each other; more than these nobody writes by hand.
const MOST_SELECTORS: usize = 500;

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let mut lists: Vec<&[PullSelector]> = Vec::new();
    for (pull, _) in &job.pulls {
        let same = |list: &&[PullSelector]| {
            list.len() == pull.selectors.len()
                && list.iter().zip(&pull.selectors).all(|(a, b)| (a.file, a.span) == (b.file, b.span))
        };
        if !lists.iter().any(same) {
            lists.push(&pull.selectors);
        }
    }
    if lists.iter().any(|list| list.len() > MOST_SELECTORS) {
        return;
    }
    let written = job.selectors();
    for selector in written.iter().map(|written| written.selector).filter(|one| one.file == job.file) {
        // Each list that has it must contain it: a target's own parameter may take the other's place.
        let mut with = lists.iter().filter_map(|list| {
            let at = list.iter().position(|one| (one.file, one.span) == (selector.file, selector.span))?;
            Some((*list, at))
        });
        let Some((list, at)) = with.next() else { continue };
        let Some(wider) = container(list, at) else { continue };
        if !with.all(|(list, at)| container(list, at).is_some()) {
            continue;
        }
        let message = format!("`{}` selects nothing that `{}` does not select", selector.text, wider.text);
        let diagnostic = Diagnostic::warning(CODE, selector.span, message)
            .because("each series is sent once, whichever selectors select it: this one changes nothing")
            .help("remove it, or the wider one if that selects too much");
        let diagnostic = if wider.file == selector.file {
            diagnostic.label(wider.span, "the wider one")
        } else {
            diagnostic.label_in(wider.file, wider.span, "the wider one")
        };
        let file = job.preview.workspace.file(selector.file);
        let text = file.text.as_deref().filter(|_| !file.from_last_valid);
        found.push((
            selector.file,
            match text.and_then(|text| without_item(text, selector.span)) {
                Some(edit) => diagnostic.fix(Fix::safe("Remove the selector", vec![edit])),
                None => diagnostic,
            },
        ));
    }
}

/// The first selector of a list that contains the one at `at`. Of equal ones the first stays.
fn container(list: &[PullSelector], at: usize) -> Option<&PullSelector> {
    let narrow = matchers(list.get(at)?)?;
    let contains = |&(other, wide): &(usize, &PullSelector)| {
        let Some(wide) = matchers(wide) else { return false };
        // One that selects all is reported itself, and is the one to go.
        let unbounded = wide.iter().all(|matcher| accepts_all(matcher.matcher()));
        other != at && !unbounded && implies(narrow, wide) && (other < at || !implies(wide, narrow))
    };
    list.iter().enumerate().find(contains).map(|(_, wide)| wide)
}

/// The matchers of a selector that can be read and has some.
fn matchers(selector: &PullSelector) -> Option<&[CompiledMatcher]> {
    selector.parsed.as_deref().ok().filter(|matchers| !matchers.is_empty())
}

/// The edit that takes an item out of a list: its line, or between brackets the item with a comma.
pub(super) fn without_item(text: &str, item: Span) -> Option<TextEdit> {
    let (start, end) = (item.start as usize, item.end as usize);
    let before = text.get(..start)?;
    let behind = text.get(end..)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = behind.find('\n').map_or(behind.len(), |at| at + 1);
    let alone = before.get(line..)?.trim() == "-" && behind.get(..rest)?.trim().is_empty();
    if alone {
        return Some(TextEdit::delete(Span::new(line as u32, (end + rest) as u32)));
    }
    let after_comma = behind.trim_start_matches(' ').strip_prefix(',');
    let first = before.trim_end_matches(' ');
    match after_comma {
        Some(after) if first.ends_with(['[', ',']) => {
            let end = text.len() - after.trim_start_matches(' ').len();
            Some(TextEdit::delete(Span::new(item.start, end as u32)))
        }
        None if first.ends_with(',') && behind.trim_start_matches(' ').starts_with(']') => {
            Some(TextEdit::delete(Span::new(first.len() as u32 - 1, item.end)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply_edits;

    #[test]
    fn takes_an_item_out_as_it_is_written() {
        let check = |text: &str, item: &str, expect: Option<&str>| {
            let at = text.find(item).expect("the item") as u32;
            let edit = without_item(text, Span::new(at, at + item.len() as u32));
            let got = edit.map(|edit| apply_edits(text, &[edit]).expect("fits").0);
            assert_eq!(got.as_deref(), expect, "{text}");
        };
        check("m:\n  - 'a'\n  - 'b'\n", "'a'", Some("m:\n  - 'b'\n"));
        check("m:\n  - 'a'\n  - 'b'", "'b'", Some("m:\n  - 'a'\n"));
        check("m:\n  - 'a' # why\n  - 'b'\n", "'a'", None);
        check("m:\n  - &x 'a'\n  - 'b'\n", "'a'", None);
        check("m: ['a', 'b']\n", "'a'", Some("m: ['b']\n"));
        check("m: ['a', 'b']\n", "'b'", Some("m: ['a']\n"));
        check("m: [ 'a' , 'b' , 'c' ]\n", "'b'", Some("m: [ 'a' , 'c' ]\n"));
        check("m: ['b']\n", "'b'", None);
    }
}
