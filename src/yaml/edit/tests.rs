//! Edits of small texts, one table a subject.

use super::*;

fn path(text: &str) -> Path {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().copied().map(Value::from).collect())
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

/// Makes a change and checks the text, that it says what the value model says, and that the undo gives the bytes
/// back.
#[track_caller]
fn check(before: &str, at: &str, change: Change, after: &str) {
    check_edit(before, &Edit::new(path(at), change), after);
}

#[track_caller]
fn check_edit(before: &str, edit: &Edit, after: &str) {
    let applied = apply(before, edit).unwrap_or_else(|error| panic!("{before:?}: {error:?}"));
    assert_eq!(applied.text, after, "\n--- is:\n{}\n--- should be:\n{after}", applied.text);
    let (undone, _) = apply_edits(&applied.text, &applied.undo).expect("the undo applies");
    assert_eq!(undone, before);
}

#[track_caller]
fn check_set(before: &str, at: &str, value: impl Into<Value>, after: &str) {
    check(before, at, Change::Set(value.into()), after);
}

#[track_caller]
fn check_refused(before: &str, at: &str, change: Change, obstacle: Obstacle, words: &str) {
    let error = apply(before, &Edit::new(path(at), change)).expect_err(before);
    assert_eq!(error.obstacle, obstacle, "{error}");
    assert!(error.message.contains(words), "{error}");
}

fn push(value: impl Into<Value>) -> Change {
    Change::InsertItem { at: None, value: value.into() }
}

fn put(at: usize, value: impl Into<Value>) -> Change {
    Change::InsertItem { at: Some(at), value: value.into() }
}

fn key(key: &str, value: impl Into<Value>) -> Change {
    Change::InsertKey { at: None, key: key.to_owned(), value: value.into() }
}

fn key_at(at: usize, key: &str, value: impl Into<Value>) -> Change {
    Change::InsertKey { at: Some(at), key: key.to_owned(), value: value.into() }
}

#[test]
fn scalars_are_set_in_their_place() {
    check_set("a: 1 # c\nb: 2\n", "a", 5, "a: 5 # c\nb: 2\n");
    check_set("a: 'x'\n", "a", "w", "a: 'w'\n");
    check_set("a: \"x\" # c", "a", "it's", "a: \"it's\" # c");
    check_set("a:\t x\t# c\r\nb: 1\r\n", "a", "w", "a:\t w\t# c\r\nb: 1\r\n");
    check_set("a:\n", "a", "w", "a: w\n");
    check_set("a:   # why\n", "a", "w", "a: w   # why\n");
    check_set("a: ~\n", "a", true, "a: true\n");
    check_set("a:", "a", "w", "a: w");
    check_set("a: x\n  y\n  z # c\nb: 1\n", "a", "w", "a: w # c\nb: 1\n");
    check_set("- a\n- b # c\n", "[1]", "x", "- a\n- x # c\n");
    check_set("-\n- b\n", "[0]", "x", "- x\n- b\n");
    check_set("a: [x, y , z]\n", "a[1]", "w", "a: [x, w , z]\n");
    check_set("a: {x: 1, y: , z}\n", "a.y", 2, "a: {x: 1, y: 2 , z}\n");
    check_set("a: {x: 1, y: , z}\n", "a.z", 2, "a: {x: 1, y: , z: 2}\n");
    check_set("{\"a\":1,\"b\":2}", "a", "x", "{\"a\":x,\"b\":2}");
    check_set("a: &x 1\n", "a", 2, "a: &x 2\n");
    check_set("a: !!str 1\n", "a", 2, "a: 2\n");
    check_set("a: &x !!str 1 # c\n", "a", 2, "a: &x 2 # c\n");
    check_set("'a b': 1\n", "[\"a b\"]", 2, "'a b': 2\n");
    check_set("? a\n: 1\n", "a", 2, "? a\n: 2\n");
    check_set("x\n", "", "w", "w\n");
    check_set("a: \"x\"# c\n", "a", 5, "a: 5 # c\n");
    check_set("a: 5\n", "a", 5, "a: 5\n");
    check_set("a: yes\n", "a", true, "a: yes\n");
    check_set("a: 2001-01-01\n", "a", "2001-01-01", "a: 2001-01-01\n");
}

#[test]
fn text_is_quoted_where_it_would_be_something_else() {
    let check_text = |value: &str, spelled: &str| check_set("a: 1\n", "a", value, &format!("a: {spelled}\n"));
    for plain in [
        "x",
        "5s",
        "a#b",
        "http://x:1/y",
        "a, b",
        "1:30",
        "10.0.0.1",
        "$1",
        "-x",
        "?x",
        "x y",
        "<<x",
        "<<",
        "é→",
    ] {
        check_text(plain, plain);
    }
    for quoted in [
        "",
        "yes",
        "No",
        "on",
        "y",
        "~",
        "null",
        "0o17",
        "017",
        "1_000",
        "1.5",
        "5",
        "-1",
        "0x1F",
        ".inf",
        "1e3",
        "2001-01-01",
        "2001-01-01T00:00:00Z",
        "@x",
        "`x`",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "? a",
        "*x",
        "&x",
        "!x",
        "%x",
        "|",
        ">",
        "[a]",
        "{a}",
        "]",
        "}",
        ",",
        " a",
        "a ",
        "a:",
        "\"x",
        "=~\"a\\d\" #",
        "{{x",
    ] {
        check_text(quoted, &format!("'{quoted}'"));
    }
    check_text("'x", "\"'x\"");
    check_text("a\tb", "a\tb");
    check_text("a\u{7}b", "\"a\\x07b\"");
    check_text("a\u{85}b\u{2028}c\u{feff}", "\"a\\Nb\\Lc\\ufeff\"");
    check_text("a\rb", "\"a\\rb\"");
    check_set("a: [1]\n", "a[0]", "x,y", "a: ['x,y']\n");
    check_set("a: [1]\n", "a[0]", "a?b", "a: ['a?b']\n");
    check_set("{a: 1}\n", "a", "x]", "{a: 'x]'}\n");
    // The quotes of the document where some are needed; those of the neighbours where all have some.
    check_set("a: \"x\"\nb: 1\n", "b", "yes", "a: \"x\"\nb: \"yes\"\n");
    check_set("a: \"x\"\nb: 1\n", "b", "{j=\"x\"}", "a: \"x\"\nb: '{j=\"x\"}'\n");
    check("a: ['x', 'y']\n", "a", push("z"), "a: ['x', 'y', 'z']\n");
    check("a: [x, 'y: ']\n", "a", push("z"), "a: [x, 'y: ', z]\n");
}

#[test]
fn numbers_are_written_as_numbers() {
    check_set("a: x\n", "a", Value::Float(0.5), "a: 0.5\n");
    check_set("a: x\n", "a", Value::Float(1e21), "a: 1e21\n");
    check_set("a: x\n", "a", Value::Float(f64::NAN), "a: .nan\n");
    check_set("a: x\n", "a", Value::Float(f64::NEG_INFINITY), "a: -.inf\n");
    check_set("a: x\n", "a", Value::Int(i64::MIN), "a: -9223372036854775808\n");
    check_set("a: x\n", "a", Value::Null, "a: null\n");
}

#[test]
fn texts_of_several_lines_are_blocks_where_they_can_be() {
    check_set("a: 1\n", "a", "x\ny\n", "a: |\n  x\n  y\n");
    check_set("a: 1 # c\nb: 2\n", "a", "x\n\ny", "a: \"x\\n\\ny\" # c\nb: 2\n");
    check_set("a: 1\r\nb: 2\r\n", "a", "x\n\ny", "a: |-\r\n  x\r\n\r\n  y\r\nb: 2\r\n");
    check_set("a: 1", "a", "x\ny", "a: \"x\\ny\"");
    check_set("a: 1\n", "a", " x\ny", "a: \" x\\ny\"\n");
    check_set("a: [1]\n", "a[0]", "x\ny", "a: [\"x\\ny\"]\n");
    check_set("- 1\n", "[0]", "x\ny", "- |-\n  x\n  y\n");
    // A block keeps its header while what it says fits it.
    check_set("a: | # c\n   x\nb: 1\n", "a", "y\nz\n", "a: | # c\n   y\n   z\nb: 1\n");
    check_set("a: >-\n  x\n  y\nb: 1\n", "a", "{j=\"x\"}", "a: >-\n  {j=\"x\"}\nb: 1\n");
    check_set("a: | # c\n   x\n\n# d\nb: 1\n", "a", "w", "a: w # c\n\n# d\nb: 1\n");
    check_set("a: |+\n   x\n\nb: 1\n", "a", "w", "a: w\n\nb: 1\n");
}

#[test]
fn collections_take_the_place_of_scalars_and_back() {
    check_set(
        "a: 1 # c\nb: 2\n",
        "a",
        map(&[("x", Value::Int(1)), ("z", texts(&["u", "v"]))]),
        "a: # c\n  x: 1\n  z:\n    - u\n    - v\nb: 2\n",
    );
    check_set("a:\n  - x # c\n  # d\nb: 2\n", "a", 5, "a: 5\n  # d\nb: 2\n");
    check_set("a: # h\n  # i\n  x: 1 # c\n# f\nb: 2\n", "a", "v", "a: v # h\n  # i\n# f\nb: 2\n");
    check_set("a:\n- x\n- y", "a", 5, "a: 5");
    check_set("- a: 1\n  b: 2\n- c\n", "[0]", 5, "- 5\n- c\n");
    check_set(
        "- 5\n- c\n",
        "[0]",
        map(&[("a", Value::Int(1)), ("b", Value::Int(2))]),
        "- a: 1\n  b: 2\n- c\n",
    );
    check_set("- - a\n  - b\n", "[0]", map(&[("a", Value::Int(1))]), "- a: 1\n");
    check_set("a: 1\n", "a", Value::List(Vec::new()), "a: []\n");
    check_set("a: 1\n", "a", Value::Map(Vec::new()), "a: {}\n");
    check_set("a: &x\n  b: 1\nc: 1\n", "a", 5, "a: &x 5\nc: 1\n");
    check_set("a: &x 1\nc: 1\n", "a", map(&[("b", Value::Int(1))]), "a: &x\n  b: 1\nc: 1\n");
    check_set("- &x 1\n", "[0]", map(&[("b", Value::Int(1))]), "- &x\n  b: 1\n");
    check_set("a:\n    b: 1\nc: 1\n", "c", map(&[("b", Value::Int(1))]), "a:\n    b: 1\nc:\n    b: 1\n");
    check_set("a:\n- 1\nc: 1\n", "c", texts(&["x"]), "a:\n- 1\nc:\n- x\n");
    check_set("a:\n-   1\nc: 1\n", "c", texts(&["x"]), "a:\n-   1\nc:\n-   x\n");
    check_set("a: {b: 1}\n", "a.b", texts(&["x", "w: z"]), "a: {b: [x, 'w: z']}\n");
    check_set("x:\n  t: [a]\ny:\n  t: 1\n", "y.t", texts(&["b", "c"]), "x:\n  t: [a]\ny:\n  t: [b, c]\n");
}

#[test]
fn a_new_value_changes_only_what_differs() {
    check_set(
        "a:\n  - x # 1\n  - v # 2\n  - z # 3\n",
        "a",
        texts(&["x", "w", "z"]),
        "a:\n  - x # 1\n  - w # 2\n  - z # 3\n",
    );
    check_set("a:\n  - x # 1\n  - w # 2\n", "a", texts(&["w"]), "a:\n  - w # 2\n");
    check_set("a:\n  - x # 1\n", "a", texts(&["v", "x", "w"]), "a:\n  - v\n  - x # 1\n  - w\n");
    check_set(
        "a:\n  x: 1 # 1\n  # head\n  y: 2 # 2\n",
        "a",
        map(&[("x", Value::Int(1)), ("new", Value::Int(3)), ("y", Value::Int(5))]),
        "a:\n  x: 1 # 1\n  new: 3\n  # head\n  y: 5 # 2\n",
    );
    check_set(
        "a: {x: 1, y: 2}\n",
        "a",
        map(&[("y", Value::Int(2)), ("z", Value::Int(3))]),
        "a: {y: 2, z: 3}\n",
    );
    check_set(
        "a: 'x' # c\nb: [1]\n",
        "",
        map(&[("a", text("x")), ("b", Value::List(vec![Value::Int(2)]))]),
        "a: 'x' # c\nb: [2]\n",
    );
}

#[test]
fn keys_are_created_on_the_way() {
    check_set("", "a", "x", "a: x\n");
    check_set("", "a.b", "x", "a:\n  b: x\n");
    check_set("# only a comment", "a", "x", "# only a comment\na: x");
    check_set("# c\r\n", "a", "x", "# c\r\na: x\r\n");
    check_set("---\n", "a", "x", "---\na: x\n");
    check_set("--- # c\n# d\n", "a", "x", "--- # c\na: x\n# d\n");
    check_set("---\n---\nb: 1\n", "a", "x", "---\na: x\n---\nb: 1\n");
    check_set("\u{feff}", "a", "x", "\u{feff}a: x\n");
    check_set("a:\nb: 1\n", "a.c.d", "x", "a:\n  c:\n    d: x\nb: 1\n");
    check_set("a: # c\nb: 1\n", "a.c", "x", "a: # c\n  c: x\nb: 1\n");
    check_set("a: null\n", "a.c", "x", "a:\n  c: x\n");
    check_set("a:\n  b: 1 # c\n  # d\n\nc: 1\n", "a.x", 2, "a:\n  b: 1 # c\n  x: 2\n  # d\n\nc: 1\n");
    check_set(
        "- a: 1\n  b:\n    - 1\n    # - 2\n- c\n",
        "[0].x",
        2,
        "- a: 1\n  b:\n    - 1\n    # - 2\n  x: 2\n- c\n",
    );
    check_set("a: {}\n", "a.x", 2, "a: {x: 2}\n");
    check_set("a: { # c\n}\n", "a.x", 2, "a: {x: 2 # c\n}\n");
    check_set("{}\n", "x", 2, "x: 2\n");
    check_set("a: { b: 1 }\n", "a.x", 2, "a: { b: 1, x: 2 }\n");
    check_set("a: [b: 1, c]\n", "a[0].x", 2, "a: [{b: 1, x: 2}, c]\n");
    check_set("a: 1\n...\n", "b", 2, "a: 1\nb: 2\n...\n");
    check_set("a: 1\n---\nb: 1\n", "b", 2, "a: 1\nb: 2\n---\nb: 1\n");
    check_set("a: |\n  x\n\n\nb: 1\n", "c", 1, "a: |\n  x\n\n\nb: 1\n\nc: 1\n");
    check_set("a: |+\n  x\n\n", "c", 1, "a: |+\n  x\n\nc: 1\n");
    check_set("a: |\n  x", "c", 1, "a: |-\n  x\nc: 1");
    check("a:\n", "a", push("x"), "a:\n  - x\n");
    check("a:\n", "a.b", push("x"), "a:\n  b:\n    - x\n");
}

#[test]
fn items_are_inserted_beside_their_like() {
    check("a:\n- x\n- y\nb: 1\n", "a", push("z"), "a:\n- x\n- y\n- z\nb: 1\n");
    check(
        "a:\n  - x # 1\n  # for y\n  - y # 2\n",
        "a",
        put(1, "z"),
        "a:\n  - x # 1\n  - z\n  # for y\n  - y # 2\n",
    );
    check("a:\n  # for x\n  - x\n", "a", put(0, "z"), "a:\n  - z\n  # for x\n  - x\n");
    check("- - a\n  - b\n", "[0]", put(0, "z"), "- - z\n  - a\n  - b\n");
    check("- - a\n", "[0]", push("z"), "- - a\n  - z\n");
    check("-   a", "", push("z"), "-   a\n-   z");
    check("- a\r\n- b\r\n", "", push("z"), "- a\r\n- b\r\n- z\r\n");
    check("- a\n\n- b\n\n# end\n", "", push("z"), "- a\n\n- b\n\n- z\n\n# end\n");
    check("- a\n\n- b\n", "", put(0, "z"), "- z\n\n- a\n\n- b\n");
    check("a: []\n", "a", push("z"), "a: [z]\n");
    check("a: [ ] # c\n", "a", push("z"), "a: [z] # c\n");
    check(
        "a: [] # c\n",
        "a",
        push(map(&[("k", text("v")), ("l", texts(&["x"]))])),
        "a: # c\n  - k: v\n    l:\n      - x\n",
    );
    check("[]\n", "", push("z"), "- z\n");
    check("a: [x, y,]\n", "a", push("z"), "a: [x, y, z,]\n");
    check("a: [x]\n", "a", put(0, "z"), "a: [z, x]\n");
    check("a: [\n  x, # 1\n  y # 2\n]\n", "a", push("z"), "a: [\n  x, # 1\n  y, # 2\n  z\n]\n");
    check("a: [\n  x, # 1\n  y, # 2\n]\n", "a", push("z"), "a: [\n  x, # 1\n  y, # 2\n  z,\n]\n");
    check("a: [\n  x, # 1\n  y, # 2\n]\n", "a", put(1, "z"), "a: [\n  x, # 1\n  z,\n  y, # 2\n]\n");
    check("a: [\n  x, # 1\n]\n", "a", put(0, "z"), "a: [\n  z,\n  x, # 1\n]\n");
    check("a: [x, y,\n  u, v]\n", "a", put(2, "z"), "a: [x, y, z,\n  u, v]\n");
    check("a: [\"x\"# c\n]\n", "a", push(5), "a: [\"x\", 5 # c\n]\n");
    check("- a: 1\n", "[0]", key_at(0, "z", 2), "- z: 2\n  a: 1\n");
    check("x:\n  # c\n  a: 1\n", "x", key_at(0, "z", 2), "x:\n  z: 2\n  # c\n  a: 1\n");
    check("a: 1\n", "", key("yes", 2), "a: 1\n'yes': 2\n");
    check("{\"a\": 1}\n", "", key("b", 2), "{\"a\": 1, \"b\": 2}\n");
    check("a: 1\n", "", key("<<", 2), "a: 1\n'<<': 2\n");
    check(
        "scrape_configs:\n  - job_name: 'a'\n    static_configs:\n      - targets: ['x:1']\n",
        "scrape_configs",
        push(map(&[
            ("job_name", text("b")),
            ("static_configs", Value::List(vec![map(&[("targets", texts(&["y:1"]))])])),
        ])),
        "scrape_configs:\n  - job_name: 'a'\n    static_configs:\n      - targets: ['x:1']\n  - job_name: 'b'\n    static_configs:\n      - targets: ['y:1']\n",
    );
}

#[test]
fn what_is_removed_takes_its_own_comments_along() {
    let check = |before: &str, at: &str, after: &str| check(before, at, Change::Remove, after);
    check("a: 1 # 1\n# for b\nb: 2 # 2\nc: 3\n", "b", "a: 1 # 1\n# for b\nc: 3\n");
    check("a: 1\nb: 2", "b", "a: 1");
    check("a: 1\r\nb: 2\r\n", "a", "b: 2\r\n");
    check("- a: 1\n  b: 2\n", "[0].a", "- b: 2\n");
    check("- a: 1 # x\n  # for b\n  b: 2\n", "[0].a", "-\n  # for b\n  b: 2\n");
    check("- a: 1\n  b: 2\n", "[0].b", "- a: 1\n");
    check("- a: 1\n", "[0].a", "- {}\n");
    check("a:\n  - x\n", "a[0]", "a: []\n");
    check("a:\n  - x\n  # y\nb: 1\n", "a[0]", "a: []\n  # y\nb: 1\n");
    check("a: [x]\n", "a[0]", "a: []\n");
    check("a: [ x, ] # c\n", "a[0]", "a: [] # c\n");
    check("a: 1\n", "a", "{}\n");
    check("- - a\n  - b\n", "[0][0]", "- - b\n");
    check("a: [x, y, z]\n", "a[0]", "a: [y, z]\n");
    check("a: [x, y, z]\n", "a[1]", "a: [x, z]\n");
    check("a: [x, y, z]\n", "a[-1]", "a: [x, y]\n");
    check("a: [x, y, z,]\n", "a[-1]", "a: [x, y,]\n");
    check("a: {x: 1, y: 2}\n", "a.x", "a: {y: 2}\n");
    check("a: [\n  x, # 1\n  y # 2\n]\n", "a[0]", "a: [\n  y # 2\n]\n");
    check("a: [\n  x, # 1\n  y # 2\n]\n", "a[1]", "a: [\n  x # 1\n]\n");
    check("a: [x, # 1\n  y # 2\n]\n", "a[0]", "a: [ # 1\n  y # 2\n]\n");
    check("a: [x, # 1\n  y] # 2\n", "a[1]", "a: [x # 1\n  ] # 2\n");
    check("a: [b: 1]\n", "a[0].b", "a: [{}]\n");
    check("- a\n\n- b\n\n- c\n", "[1]", "- a\n\n- c\n");
    check(
        "a: |+\n  x\n\nb: 1\n\nc: 1\n",
        "b",
        "a: |+\n  x\n\n\nc: 1\n".replacen("\n\n\n", "\n\n", 1).as_str(),
    );
    check("- j: a\n  s:\n    - 1\n    # - 2\n- j: b\n", "[j=a]", "- j: b\n");
}

#[test]
fn keys_get_other_names() {
    let check = |before: &str, at: &str, name: &str, after: &str| {
        check(before, at, Change::Rename(name.to_owned()), after);
    };
    check("a: 1 # c\nb: 2\n", "a", "x", "x: 1 # c\nb: 2\n");
    check("'a' : 1\n", "a", "x", "'x' : 1\n");
    check("a: 1\n", "a", "on", "'on': 1\n");
    check("{\"a\":1}", "a", "x", "{\"x\":1}");
    check("- a:\n    b: 1\n", "[0].a.b", "match[]", "- a:\n    match[]: 1\n");
    check("{a: 1}", "a", "match[]", "{'match[]': 1}");
    check("? a\n: 1\n", "a", "b", "? b\n: 1\n");
    check("a: 1\n", "a", "a", "a: 1\n");
    check_refused(
        "a: 1\nb: 2\n",
        "a",
        Change::Rename("b".to_owned()),
        Obstacle::Exists,
        "`b` is there already",
    );
    check_refused("- a\n", "[0]", Change::Rename("b".to_owned()), Obstacle::WrongKind, "no name");
}

#[test]
fn parts_move_with_the_comments_above_them() {
    let check = |before: &str, at: &str, to: usize, after: &str| check(before, at, Change::Move(to), after);
    check("- a # 1\n# for b\n- b # 2\n- c\n", "[1]", 2, "- a # 1\n- c\n# for b\n- b # 2\n");
    check("- a # 1\n# for b\n- b # 2\n- c\n", "[1]", 0, "# for b\n- b # 2\n- a # 1\n- c\n");
    check("- a\n- b", "[0]", 1, "- b\n- a");
    check("- a\n- b", "[1]", 0, "- b\n- a");
    check("- a\n- b\n", "[1]", 1, "- a\n- b\n");
    check("- x: 1\n  y: 2 # 2\n", "[0].y", 0, "- y: 2 # 2\n  x: 1\n");
    check("- x: 1 # 1\n  y: 2\n", "[0].x", 1, "- y: 2\n  x: 1 # 1\n");
    check("- x: 1\n  # for y\n  y: 2\n", "[0].y", 0, "- # for y\n  y: 2\n  x: 1\n");
    check("a: [x, y, z]\n", "a[0]", 2, "a: [y, z, x]\n");
    check("a: [x, y, z]\n", "a[2]", 1, "a: [x, z, y]\n");
    check("a: [\n  x, # 1\n  y # 2\n]\n", "a[0]", 1, "a: [\n  y, # 2\n  x # 1\n]\n");
    check("a: [\n  x, # 1\n  y # 2\n]\n", "a[1]", 0, "a: [\n  y, # 2\n  x # 1\n]\n");
    check("a: {x: 1, y: 2}\n", "a.y", 0, "a: {y: 2, x: 1}\n");
    check("- |\n  a\n- |\n  b", "[1]", 0, "- |-\n  b\n- |\n  a\n");
    check_refused("- a\n", "[0]", Change::Move(1), Obstacle::NotFound, "position 1 lies behind the last");
    check_refused("- &x a\n- *x\n", "[0]", Change::Move(1), Obstacle::Unsupported, "cannot keep");
}

#[test]
fn shared_values_are_not_changed_in_silence() {
    let shared = "a: &x\n  k: 1 # c\nb: *x\nc:\n  <<: *x\n  l: 2\n";
    let refused =
        |at: &str, change: Change, words: &str| check_refused(shared, at, change, Obstacle::Shared, words);
    refused("a.k", Change::Set(Value::Int(2)), "`&x` is also used in line 3 and 1 more");
    refused("b.k", Change::Set(Value::Int(2)), "`*x` stands here for the value in line 1");
    refused("c.k", Change::Remove, "comes from a merge key");
    refused("a", Change::Set(Value::Int(2)), "`&x` is also used");
    check_refused(shared, "a", Change::Remove, Obstacle::AnchorInUse, "line 3 needs it");
    check_set(shared, "b", 5, "a: &x\n  k: 1 # c\nb: 5\nc:\n  <<: *x\n  l: 2\n");
    refused("c.k", Change::Set(Value::Int(2)), "comes from a merge key");
    refused("c", key("k", 2), "comes from a merge key");
    refused("c.l", Change::Rename("k".to_owned()), "comes from a merge key");
    let everywhere = |at: &str, value: i64, after: &str| {
        let edit =
            Edit { sharing: Sharing::Everywhere, ..Edit::new(path(at), Change::Set(Value::Int(value))) };
        check_edit(shared, &edit, after);
    };
    everywhere("b.k", 2, "a: &x\n  k: 2 # c\nb: *x\nc:\n  <<: *x\n  l: 2\n");
    everywhere("a.k", 2, "a: &x\n  k: 2 # c\nb: *x\nc:\n  <<: *x\n  l: 2\n");
    let here = |at: &str, change: Change, after: &str| {
        check_edit(shared, &Edit { sharing: Sharing::Here, ..Edit::new(path(at), change) }, after);
    };
    here("b.k", Change::Set(Value::Int(2)), "a: &x\n  k: 1 # c\nb:\n  k: 2\nc:\n  <<: *x\n  l: 2\n");
    here("b", key("m", 3), "a: &x\n  k: 1 # c\nb:\n  k: 1\n  m: 3\nc:\n  <<: *x\n  l: 2\n");
    check_refused(
        "c:\n  k: 1\n  <<: {k: 2}\n",
        "c.k",
        Change::Set(Value::Int(3)),
        Obstacle::Shared,
        "overrides it",
    );
    check_refused("c:\n  <<: {k: 2}\n", "c", key_at(0, "k", 1), Obstacle::Shared, "comes from a merge key");
    check_refused("a: 1\na: 2\n", "a", Change::Set(Value::Int(3)), Obstacle::Ambiguous, "twice");
    here("c.k", Change::Set(Value::Int(2)), "a: &x\n  k: 1 # c\nb: *x\nc:\n  k: 2\n  l: 2\n");
    here("c.k", Change::Remove, "a: &x\n  k: 1 # c\nb: *x\nc:\n  l: 2\n");
    let deep = "a: &x {k: {m: 1, o: 2}, p: 1}\nc:\n  # why\n  <<: *x # all\n  l: 2 # two\n";
    let edit = Edit { sharing: Sharing::Here, ..Edit::new(path("c.k.m"), Change::Set(Value::Int(3))) };
    let after = "a: &x {k: {m: 1, o: 2}, p: 1}\nc:\n  # why\n  k: {m: 3, o: 2}\n  p: 1\n  l: 2 # two\n";
    check_edit(deep, &edit, after);
}

#[test]
fn what_cannot_be_done_says_why() {
    check_refused("a: [\n", "a", Change::Remove, Obstacle::Broken, "syntax error");
    check_refused("a: 1\n", "b", Change::Remove, Obstacle::NotFound, "there is no `b`");
    check_refused("a: 1\n", "a.b", Change::Set(Value::Int(1)), Obstacle::WrongKind, "single value");
    check_refused("a: [x]\n", "a.b", Change::Set(Value::Int(1)), Obstacle::WrongKind, "does not fit");
    check_refused("a: [x]\n", "a[1]", Change::Set(Value::Int(1)), Obstacle::NotFound, "list of 1 item");
    check_refused("a: {x: 1}\n", "a[0]", Change::Set(Value::Int(1)), Obstacle::WrongKind, "mapping");
    check_refused("- j: a\n- j: a\n", "[j=a]", Change::Remove, Obstacle::Ambiguous, "more than one");
    check_refused("- j: a\n", "[j=b]", Change::Remove, Obstacle::NotFound, "`[j=b]`");
    check_refused("a: 1\n", "", Change::Remove, Obstacle::WrongKind, "whole document");
    check_refused("a: 1\n", "a", push("x"), Obstacle::WrongKind, "no list");
    check_refused("a: [1]\n", "a", key("x", 1), Obstacle::WrongKind, "no mapping");
    check_refused("a: 1\n", "", key("a", 1), Obstacle::Exists, "already");
    check_refused("", "[0]", Change::Set(Value::Int(1)), Obstacle::NotFound, "there is no `[0]`");
    let mut deep = Value::Int(1);
    for _ in 0..150 {
        deep = Value::List(vec![deep]);
    }
    check_refused("a: 1\n", "a", Change::Set(deep), Obstacle::Budget, "deeper");
    check_refused("a: 1\n", "", key(&"k".repeat(2000), 1), Obstacle::Unsupported, "cannot keep");
}
