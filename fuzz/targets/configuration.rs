//! Any configuration is judged, for the oldest and the newest version, and every place that is named lies in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use promtier::prometheus::{self, Environment, Version};
use promtier::workspace::Files;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for version in [Version::V2_42, Version::NEWEST] {
        let parsed = prometheus::parse(text, version, &Environment::new());
        for found in &parsed.diagnostics {
            assert!(text.get(found.span.range()).is_some(), "{found:?}");
            assert!(found.labels.iter().all(|label| text.get(label.span.range()).is_some()), "{found:?}");
            let mut edits = found.fixes.iter().flat_map(|fix| &fix.edits);
            assert!(edits.all(|edit| text.get(edit.span.range()).is_some()), "{found:?}");
        }
    }
    let mut files = Files::new(1);
    files.put_text("prometheus.yml", text);
    let _ = files.assemble();
});
