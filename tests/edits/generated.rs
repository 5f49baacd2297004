//! Any edit of any document: the text says exactly what is meant, what is not meant stays, the undo gives the
//! bytes back.

use promtier::text::apply_edits;
use promtier::yaml;
use promtier::yaml::edit::{Applied, Change, Edit, Obstacle, Sharing, Step, Value, apply};
use proptest::prelude::*;

use crate::changes;
use crate::documents::{Document, document};
use crate::random::Random;

/// What a text says.
pub(crate) fn read(text: &str) -> Value {
    let parsed = yaml::parse(text);
    assert!(!parsed.has_errors(), "{:?} in\n{text}", parsed.diagnostics);
    parsed.value.root().map_or(Value::Null, |root| Value::read(root).expect("a value without tags"))
}

/// The same value with the keys of every mapping in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(sorted).collect()),
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Map(entries)
        }
        other => other,
    }
}

/// Checks what every edit that is made must hold to.
pub(crate) fn check_text(before: &str, edit: &Edit, applied: &Applied) {
    let (undone, redo) = apply_edits(&applied.text, &applied.undo).expect("the undo applies");
    assert_eq!(undone, before, "the undo of {edit:?}");
    assert_eq!(apply_edits(&undone, &redo).expect("the redo applies").0, applied.text);
    let (again, _) = apply_edits(before, &applied.edits).expect("the edits apply");
    assert_eq!(again, applied.text);
    for edit in &applied.edits {
        let old = &before[edit.span.range()];
        let differ = old.is_empty() || edit.text.is_empty() || {
            old.chars().next() != edit.text.chars().next() && old.chars().last() != edit.text.chars().last()
        };
        assert!(differ, "{edit:?} touches more of {old:?} than it must");
    }
}

/// Whether a comment may go with an edit: it belongs to what is removed or replaced.
fn may_go(owner: &[Step], path: &[Step], edit: &Edit, was_collection: bool) -> bool {
    // A merge key that is written out is gone with its line.
    if edit.sharing == Sharing::Here && owner.last() == Some(&Step::Key("<<".to_owned())) {
        return true;
    }
    match edit.change {
        Change::Remove => owner.starts_with(path),
        Change::Set(_) => owner.starts_with(path) && (owner.len() > path.len() || was_collection),
        _ => false,
    }
}

fn check_comments(document: &Document, edit: &Edit, was: Option<&Value>, text: &str) {
    let path = changes::numbered(&document.value, edit.path.steps());
    let found: Vec<String> =
        yaml::parse(text).value.comments().iter().map(|comment| comment.text.trim().to_owned()).collect();
    for comment in &document.comments {
        let words = comment.text.trim_start_matches('#').trim();
        let stays = !may_go(&comment.owner, &path, edit, was.is_some_and(Value::is_collection));
        assert!(
            !stays || found.iter().any(|text| text == words),
            "{:?} is gone after {edit:?}:\n{}\n---\n{text}",
            comment,
            document.text
        );
    }
}

fn check(seed: u64, size: usize, has_anchors: bool) {
    let mut random = Random::new(seed);
    let document = document(&mut random, size, has_anchors);
    let says = read(&document.text);
    let ends_open = !document.text.ends_with('\n');
    let order = |value: Value| if document.has_merge { sorted(value) } else { value };
    assert!(
        ends_open || order(says.clone()).is_same(&order(document.value.clone())),
        "the test's own document says something else:\n{}\n{says:?}\n{:?}",
        document.text,
        document.value
    );
    let (mut edit, was) = changes::edit(&mut random, &says);
    if document.has_merge {
        // Positions among the keys count the merge keys, and values do not have those.
        match &mut edit.change {
            Change::InsertKey { at, .. } => *at = None,
            Change::Move(_) => return,
            _ => {}
        }
    }
    if has_anchors && random.chance(40) {
        edit.sharing = Sharing::Here;
    }
    let expected =
        says.edited(&edit).unwrap_or_else(|error| panic!("{error} of {edit:?}\n{}", document.text));
    let applied = match apply(&document.text, &edit) {
        Ok(applied) => applied,
        Err(error) => {
            let is_fine = match error.obstacle {
                Obstacle::Shared | Obstacle::AnchorInUse => has_anchors,
                // An anchor may not move behind its alias.
                Obstacle::Unsupported => has_anchors && matches!(edit.change, Change::Move(_)),
                _ => false,
            };
            assert!(is_fine, "{error} of {edit:?}:\n{}", document.text);
            return;
        }
    };
    let now = read(&applied.text);
    assert!(
        order(now.clone()).is_same(&order(expected.clone())),
        "{edit:?} of\n{}\n--- made\n{}\n--- which says\n{now:?}\n--- and not\n{expected:?}",
        document.text,
        applied.text
    );
    check_text(&document.text, &edit, &applied);
    if !ends_open {
        check_comments(&document, &edit, was.as_ref(), &applied.text);
    }
    if matches!(edit.change, Change::InsertItem { .. } | Change::InsertKey { .. })
        && was.is_some_and(|was| match was {
            Value::List(items) => !items.is_empty(),
            Value::Map(entries) => !entries.is_empty(),
            _ => false,
        })
        && edit.sharing == Sharing::Refuse
        && !ends_open
    {
        let only_adds = applied.edits.iter().all(|edit| edit.span.is_empty());
        assert!(only_adds, "{:?} of\n{}", applied.edits, document.text);
    }
}

proptest! {
    // The seed tells all; there is nothing to keep.
    #![proptest_config(ProptestConfig { cases: 2500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_does_what_it_says_and_nothing_else(seed in any::<u64>(), size in 2usize..40) {
        check(seed, size, false);
    }

    #[test]
    fn an_edit_changes_no_other_place_through_an_anchor(seed in any::<u64>(), size in 2usize..40) {
        check(seed, size, true);
    }

    #[test]
    fn an_edit_everywhere_changes_all_that_share_the_value(seed in any::<u64>(), size in 4usize..30) {
        let mut random = Random::new(seed);
        let document = document(&mut random, size, true);
        let Some(places) = document.shared.first().filter(|_| !document.has_merge && document.text.ends_with('\n')) else {
            return Ok(());
        };
        let says = read(&document.text);
        let place = &places[random.below(places.len())];
        let Some(shared) = changes::find(&says, place).filter(|shared| shared.is_collection()) else { return Ok(()) };
        let (inner, _) = changes::edit(&mut random, shared);
        if inner.path.steps().is_empty() && matches!(inner.change, Change::Set(_)) {
            return Ok(());
        }
        let at = |place: &[Step]| Edit {
            path: promtier::yaml::edit::Path([place, inner.path.steps()].concat()),
            change: inner.change.clone(),
            sharing: Sharing::Everywhere,
        };
        let mut expected = says.clone();
        for place in places {
            expected = expected.edited(&at(place)).expect("all places are the same");
        }
        let edit = at(place);
        let applied = apply(&document.text, &edit).unwrap_or_else(|error| panic!("{error} of {edit:?}:\n{}", document.text));
        prop_assert!(read(&applied.text).is_same(&expected), "{:?} of\n{}\n---\n{}", edit, document.text, applied.text);
        check_text(&document.text, &edit, &applied);
    }

    #[test]
    fn any_text_and_any_path_are_answered(text in "[-a:# \\[\\]{},?&*x!|>'\"\n\r\t~<é]{0,40}", seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let says = yaml::parse(&text).value.root().and_then(Value::read).unwrap_or(Value::Null);
        let (edit, _) = changes::edit(&mut random, &says);
        if let Ok(applied) = apply(&text, &edit) {
            check_text(&text, &edit, &applied);
        }
    }
}
