//! Whether `docs/reference.md` is what the schema says. `UPDATE_REFERENCE=1` writes it anew.
#![expect(clippy::disallowed_methods, reason = "a test may read and write files")]

use std::path::Path;

#[test]
fn the_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference.md");
    let expect = promtier::prometheus::schema::reference();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &expect).expect("the reference is written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == expect, "docs/reference.md is not current: run the test with UPDATE_REFERENCE=1");
}
