//! The example workspaces as shipped against what the real servers of their recording stored.
//!
//! `scripts/record-examples.mjs` records both. Values are those of the moment when the leaves were sampled.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::compare;

fn check(example: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = root.join("tests/oracle/golden").join(format!("{example}.json"));
    let golden: Value = serde_json::from_slice(&fs::read(golden).expect("a golden")).expect("JSON");
    let previewed =
        compare::preview(&root.join("public/examples").join(example)).unwrap_or_else(|e| panic!("{e}"));
    let nodes = golden["nodes"].as_array().expect("a list of nodes");
    assert!(!nodes.is_empty(), "the golden has servers");
    let differences: Vec<String> = nodes
        .iter()
        .filter_map(|node| {
            let name = node["name"].as_str().expect("a name");
            let series = node["series"].as_array().expect("a list of series");
            assert!(series.len() > 10, "{name} stored series");
            let real = series
                .iter()
                .map(|one| (compare::labels(&one["labels"]), one["value"].as_str().map(str::to_owned)));
            compare::difference(name, &real.collect(), &previewed[name].series)
        })
        .collect();
    assert!(differences.is_empty(), "{example}\n{}", differences.concat());
}

#[test]
fn the_seed_is_previewed_as_it_was_recorded() {
    check("seed");
}

#[test]
fn the_three_tiers_are_previewed_as_they_were_recorded() {
    check("three-tier");
}

#[test]
fn the_index_lists_the_files_of_each_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/examples");
    let index: Value =
        serde_json::from_slice(&fs::read(folder.join("index.json")).expect("an index")).expect("JSON");
    for example in index.as_array().expect("a list") {
        let mut listed: Vec<&str> = example["files"]
            .as_array()
            .expect("files")
            .iter()
            .map(|file| file.as_str().expect("a name"))
            .collect();
        let id = example["id"].as_str().expect("an id");
        let there = fs::read_dir(folder.join(id)).expect("its folder");
        let mut there: Vec<String> =
            there.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
        listed.sort_unstable();
        there.sort_unstable();
        assert_eq!(listed, there, "{id}");
    }
}
