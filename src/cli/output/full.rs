//! Findings for people: the lines of the source with the place marked, why it matters, and what to do.

use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet, normalize_untrusted_str,
};
use promtier::diagnostic::{Applicability, Severity};
use promtier::text::Span;

use super::{Finding, Source, Sources};

/// The most lines of one place that are shown; of a longer one the first is.
const MAX_LINES: u32 = 6;
/// The most bytes of source that one snippet takes.
const MAX_BYTES: usize = 4096;
/// Other places within so many lines share the snippet of the finding.
const NEAR_LINES: u32 = 40;

/// Prints the findings, with an empty line after each.
pub(crate) fn write(
    out: &mut impl Write,
    renderer: &Renderer,
    sources: &Sources<'_>,
    findings: &[Finding],
) -> io::Result<()> {
    for finding in findings {
        writeln!(out, "{}\n", render(renderer, sources, finding))?;
    }
    Ok(())
}

fn render(renderer: &Renderer, sources: &Sources<'_>, Finding { file, diagnostic }: &Finding) -> String {
    let source = sources.get(*file);
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_ref())
        .id(diagnostic.code.as_str())
        .elements([] as [Origin<'_>; 0]);

    // Other places close by are marked in the same snippet, the others get one of their own.
    let main = Window::of(source, diagnostic.span);
    let mut shown = main;
    let mut marks = vec![(diagnostic.span, None)];
    let mut apart = Vec::new();
    for label in &diagnostic.labels {
        let other = sources.get(label.file.unwrap_or(*file));
        let place = Window::of(other, label.span);
        let joined = shown.joined(place);
        if label.file.is_none_or(|other| other == *file)
            && joined.last - joined.first < NEAR_LINES
            && joined.fits(source)
        {
            shown = joined;
            marks.push((label.span, Some(label.message.as_str())));
        } else {
            apart.push((other, label.span, label.message.as_str()));
        }
    }
    group = snippet(group, source, shown, &marks);
    for (other, span, message) in apart {
        group = snippet(group, other, Window::of(other, span), &[(span, Some(message))]);
    }
    if !diagnostic.because.is_empty() {
        group = group.element(Level::NOTE.message(normalize_untrusted_str(&diagnostic.because)));
    }
    if !diagnostic.help.is_empty() {
        group = group.element(Level::HELP.message(normalize_untrusted_str(&diagnostic.help)));
    }

    let mut report = vec![group];
    for fix in &diagnostic.fixes {
        let title = match fix.applicability {
            Applicability::Safe => normalize_untrusted_str(&fix.title),
            Applicability::Unsafe => {
                format!("{} (changes what is collected)", normalize_untrusted_str(&fix.title))
            }
            Applicability::DisplayOnly => {
                format!("{} (an illustration)", normalize_untrusted_str(&fix.title))
            }
        };
        let title = Level::HELP.secondary_title(title);
        let touched = fix.edits.iter().map(|edit| Window::of_all(source, edit.span)).reduce(Window::joined);
        let mut fix_group = Group::with_title(title);
        if let Some(touched) = touched.filter(|touched| touched.fits(source)) {
            let (start, text) = source.lines(touched.first, touched.last);
            let patches =
                fix.edits.iter().map(|edit| Patch::new(within(edit.span, start, text), edit.text.clone()));
            let lines = Snippet::source(text).path(source.path.as_str()).line_start(touched.first as usize);
            fix_group = fix_group.element(lines.patches(patches));
        }
        report.push(fix_group);
    }
    renderer.render(&report)
}

/// The lines `first..=last` of a source, from 1.
#[derive(Clone, Copy)]
struct Window {
    first: u32,
    last: u32,
}

impl Window {
    /// The lines of `span`, or its first one where there are many.
    fn of(source: &Source<'_>, span: Span) -> Self {
        let all = Self::of_all(source, span);
        if all.last - all.first >= MAX_LINES { Self { first: all.first, last: all.first } } else { all }
    }

    fn of_all(source: &Source<'_>, span: Span) -> Self {
        let first = source.place(span.start).line;
        // A span that ends with a line's end does not reach the next line.
        let end = if span.is_empty() { span.end } else { span.end - 1 };
        Self { first, last: source.place(end).line.max(first) }
    }

    fn joined(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    fn fits(self, source: &Source<'_>) -> bool {
        source.lines(self.first, self.last).1.len() <= MAX_BYTES
    }
}

/// Adds the lines of `window` with the places marked: the first one as the finding's own where it has no
/// words, all others as what belongs to it. Lines too long to show are named only.
fn snippet<'a>(
    group: Group<'a>,
    source: &'a Source<'_>,
    window: Window,
    marks: &[(Span, Option<&'a str>)],
) -> Group<'a> {
    if !window.fits(source) || source.is_empty() {
        let mut group = group;
        for (span, message) in marks {
            let place = source.place(span.start);
            let origin = Origin::path(source.path.as_str())
                .line(place.line as usize)
                .char_column(place.column as usize);
            group = group.element(origin);
            if let Some(message) = message {
                group = group.element(Level::NOTE.message(normalize_untrusted_str(message)));
            }
        }
        return group;
    }
    let (start, text) = source.lines(window.first, window.last);
    let annotations = marks.iter().map(|(span, message)| -> Annotation<'a> {
        let kind = if message.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(within(*span, start, text)).label(*message)
    });
    let lines = Snippet::source(text).path(source.path.as_str()).line_start(window.first as usize);
    group.element(lines.annotations(annotations))
}

/// The span inside of a text that starts at `start`, cut to it and to whole characters.
fn within(span: Span, start: u32, text: &str) -> Range<usize> {
    let cut = |offset: u32| text.floor_char_boundary((offset.saturating_sub(start) as usize).min(text.len()));
    let (from, to) = (cut(span.start), cut(span.end));
    from..to.max(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use promtier::diagnostic::{Code, Diagnostic, Fix};
    use promtier::text::{LineColumn, TextEdit};
    use proptest::prelude::*;

    #[test]
    fn shows_the_place_the_reason_and_the_remedy() {
        let (sources, findings) = super::super::tests::example();
        let mut out = Vec::new();
        write(&mut out, &Renderer::plain(), &sources, &findings).expect("memory takes it");
        insta::assert_snapshot!(String::from_utf8(out).expect("text"), @r#"
        error[prometheus/invalid-duration]: not a valid duration string: "15"
         --> conf/a,b:c.yml:2:20
          |
        1 | global:
          | ------ in this section
        2 |   scrape_interval: 15
          |                    ^^
          |
         ::: other.yml:1:1
          |
        1 | x: 1
          | - and here
          |
          = note: Prometheus refuses to start, 100% of the time:
                  really
          = help: give a unit
        help: Write `15s`
          |
        2 |   scrape_interval: 15s
          |                      +

        warning[prometheus/odd]: odd
         --> conf/a,b:c.yml:3:3
          |
        3 | # é→
          |   ^^
        "#);
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_is_shown(
            text in "[a é→\t\r\n\u{1b}]{0,60}",
            spans in proptest::collection::vec((0u32..70, 0u32..20), 1..5),
            long in any::<bool>(),
            base in 0u32..5,
        ) {
            let text = if long { text.repeat(200) } else { text };
            let mut sources = Sources::default();
            let file = sources.push_piece("x".to_owned(), &text, base, LineColumn { line: 3, column: 2 });
            let mut spans = spans.into_iter().map(|(start, len)| Span::new(start, start + len));
            let span = spans.next().unwrap_or_default();
            let mut diagnostic = Diagnostic::error(Code::new("a/b"), span, "m");
            for other in spans {
                diagnostic = diagnostic.label(other, "l").fix(Fix::safe("f", vec![TextEdit::replace(other, "é")]));
            }
            let findings = [Finding { file, diagnostic }];
            for renderer in [Renderer::plain(), Renderer::styled()] {
                write(&mut Vec::new(), &renderer, &sources, &findings).expect("memory takes it");
            }
            super::super::json::write(&mut Vec::new(), &sources, &findings).expect("memory takes it");
        }
    }
}
