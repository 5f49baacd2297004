//! Any edit of any text does what it says, or is refused. The first eight bytes choose the edit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use promtier::text::apply_edits;
use promtier::yaml;
use promtier::yaml::edit::{Obstacle, Value, apply};

#[allow(dead_code)]
#[path = "../../tests/edits/changes.rs"]
mod changes;
#[allow(dead_code)]
#[path = "../../tests/oracle/random.rs"]
mod random;
#[allow(dead_code)]
#[path = "../../tests/edits/values.rs"]
mod values;

fuzz_target!(|data: &[u8]| {
    let Some((seed, text)) = data.split_first_chunk::<8>() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let before = yaml::parse(text);
    let value = before.value.root().map_or(Some(Value::Null), Value::read);
    let mut random = random::Random::new(u64::from_le_bytes(*seed));
    let (edit, _) = changes::edit(&mut random, value.as_ref().unwrap_or(&Value::Null));
    let applied = match apply(text, &edit) {
        Ok(applied) => applied,
        Err(error) => {
            assert!(error.obstacle != Obstacle::Broken || before.has_errors());
            return;
        }
    };
    let (undone, _) = apply_edits(&applied.text, &applied.undo).expect("the undo applies");
    assert_eq!(undone, text, "the undo gives back the bytes");
    // Merge keys and keys that are there twice have no place in a value, so that positions differ.
    let is_plain = before.value.root().is_none_or(|root| !has_odd_keys(root));
    if let Some(value) = value.filter(|_| is_plain && !before.has_errors()) {
        let expected = value.edited(&edit).expect("the text took the edit");
        let after = yaml::parse(&applied.text);
        assert!(!after.has_errors(), "{edit:?}: {:?} in {:?}", after.diagnostics, applied.text);
        let now = after.value.root().map_or(Some(Value::Null), Value::read).expect("a value");
        assert!(now.is_same(&expected), "{edit:?} made {:?}", applied.text);
    }
});

/// Whether some mapping has merge keys or the same key twice.
fn has_odd_keys(root: yaml::Node<'_>) -> bool {
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        let keys: Vec<Option<&str>> = node.entries().map(|entry| entry.key.text()).collect();
        let is_odd = |(at, key): (usize, &Option<&str>)| *key == Some("<<") || keys[..at].contains(key);
        if keys.iter().enumerate().any(is_odd) {
            return true;
        }
        stack.extend(node.items());
        stack.extend(node.entries().map(|entry| entry.value));
    }
    false
}
