//! Any text is read, and every place that is answered lies in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use promtier::text::Span;
use promtier::yaml::edit::Value;
use promtier::yaml::{self, Decoder, Kind, Node};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = yaml::parse(text);
    let check = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} is not on characters");
    for found in &parsed.diagnostics {
        check(found.span);
        found.labels.iter().for_each(|label| check(label.span));
        let edits = found.fixes.iter().flat_map(|fix| &fix.edits);
        edits.for_each(|edit| check(edit.span));
    }
    parsed.value.comments().iter().for_each(|comment| check(comment.span));
    let mut stack: Vec<Node<'_>> = parsed.value.root().into_iter().collect();
    while let Some(node) = stack.pop() {
        check(node.span());
        let map = node.source_map();
        if let Kind::Scalar { value, .. } = node.kind() {
            assert_eq!(map.decoded_len() as usize, value.len());
            for (at, c) in value.char_indices() {
                check(map.span_to_source(Span::from(at..at + c.len_utf8())));
            }
        }
        stack.extend(node.items());
        stack.extend(node.entries().flat_map(|entry| [entry.key, entry.value]));
    }
    if let Some(root) = Decoder::new(&parsed.value).root() {
        let _ = Value::read(root);
    }
});
