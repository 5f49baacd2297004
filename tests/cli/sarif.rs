//! `--format sarif` holds to SARIF 2.1.0: to the parts of it that are used here, as the specification requires
//! them, and to its whole JSON schema where `PROMTIER_SARIF_SCHEMA` says where that is.

use serde_json::{Value, json};

use crate::run::{Folder, promtier};

/// A workspace whose findings have all that findings can have: fixes, labels in other files, odd paths.
fn logs(test: &str) -> Vec<(&'static str, Value)> {
    let folder = Folder::new(&format!("sarif-{test}"));
    let write = |path: &str, text: &str| folder.write(path, text.as_bytes());
    write(
        "broken/a b%:é.yml",
        "# é𝄞\nscrape_configs:\n- job_name: federate\n  honor_label: true\n  scrape_interval: 5 minutes\n",
    );
    write(
        "expect/promtier.yaml",
        "expect:\n- { node: global, has: 'up{job=\"{0}[a](1)\"}' }\n- { node: global, has: 'up{job=\"a\"}' }\n",
    );
    write("expect/leaf.yml", "scrape_configs: [{ job_name: x }]\n");
    write("expect/leaf.prom", "up{job=\"a\"} 1\n");
    write(
        "expect/global.yml",
        "scrape_configs:\n- job_name: federate\n  metrics_path: /federate\n  params: { 'match[]': ['up{job=\"b\"}'] }\n  static_configs: [{ targets: ['leaf:9090', 'nobody:1'] }]\n",
    );
    write("sound/a.yml", "global: {}\n");
    write("samples/a.yml", "scrape_configs: [{ job_name: x }]\n");
    write("samples/a.prom", "up 1\nup{ 2\n");
    let log = |name: &'static str| {
        let ran = promtier(&folder).args(["check", name, "--format", "sarif"]).run();
        (name, serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{name}: {error}: {}", ran.out)))
    };
    ["broken", "expect", "sound", "samples"].map(log).into()
}

/// What the specification says of the objects that are printed: section 3.13 and what follows it.
fn used() -> Value {
    serde_json::from_str(include_str!("sarif.json")).expect("JSON")
}

#[test]
fn logs_are_what_the_specification_requires() {
    let schema = used();
    for (name, log) in logs("used") {
        assert_eq!(faults(&schema, &schema, &log, "$"), [""; 0], "{name}");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in run["results"].as_array().expect("results") {
            let rule = &rules[result["ruleIndex"].as_u64().expect("a number") as usize];
            assert_eq!(rule["id"], result["ruleId"], "{name}");
        }
    }
}

#[test]
fn logs_have_all_that_findings_have() {
    let logs = logs("all");
    let results = |at: usize| logs[at].1["runs"][0]["results"].as_array().expect("results").clone();
    assert!(results(2).is_empty(), "nothing is wrong there");
    let broken = results(0);
    let place = &broken[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "broken/a%20b%25%3A%C3%A9.yml");
    let change = &broken[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "honor_labels");
    assert_eq!(change["deletedRegion"]["startColumn"], 3);
    let expect = results(1);
    let texts: Vec<&str> = expect.iter().filter_map(|result| result["message"]["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains(r#"up{{job="{{0}}\[a\](1)"}}"#)), "{texts:?}");
    let related = expect.iter().find_map(|result| result["relatedLocations"].get(0)).expect("another place");
    assert_eq!(related["physicalLocation"]["artifactLocation"]["uri"], "expect/global.yml");
    assert!(!results(3).is_empty(), "a line of samples is wrong");
}

#[test]
fn logs_are_valid_by_the_schema() {
    let Some(path) = std::env::var_os("PROMTIER_SARIF_SCHEMA") else {
        eprintln!("skipped: PROMTIER_SARIF_SCHEMA does not say where the schema of SARIF 2.1.0 is");
        return;
    };
    let text = std::fs::read_to_string(&path).expect("the schema");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    for (name, mut log) in logs("schema") {
        assert_eq!(faults(&schema, &schema, &log, "$"), [""; 0], "{name}");
        // The test can fail.
        log["runs"][0]["tool"]["driver"]["nam"] = json!(1);
        assert_eq!(faults(&schema, &schema, &log, "$"), ["$.runs[0].tool.driver.nam is not allowed"]);
    }
}

/// What is wrong with `value` by a JSON schema of draft 7, as far as SARIF's makes use of it.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, rule) in schema.as_object().into_iter().flatten() {
        let list = rule.as_array().map(Vec::as_slice).unwrap_or_default();
        let passes = |schema: &Value| faults(root, schema, value, at).is_empty();
        let number = rule.as_i64();
        let holds = match keyword.as_str() {
            "$ref" => {
                let path = rule.as_str().and_then(|path| path.strip_prefix('#')).expect("a local reference");
                found.extend(faults(root, root.pointer(path).expect("its target"), value, at));
                true
            }
            "type" => match rule {
                Value::String(name) => is_of(value, name),
                _ => list.iter().any(|name| name.as_str().is_some_and(|name| is_of(value, name))),
            },
            "enum" => list.contains(value),
            "required" => {
                let absent =
                    |name: &&Value| value.is_object() && value.get(name.as_str().unwrap_or("")).is_none();
                found.extend(list.iter().filter(absent).map(|name| format!("{at} has no {name}")));
                true
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = rule.get(name) {
                        found.extend(faults(root, schema, value, &format!("{at}.{name}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                let declared = |name: &str| schema["properties"].get(name).is_some();
                for (name, value) in
                    value.as_object().into_iter().flatten().filter(|(name, _)| !declared(name))
                {
                    match rule {
                        Value::Bool(false) => found.push(format!("{at}.{name} is not allowed")),
                        Value::Bool(true) => {}
                        schema => found.extend(faults(root, schema, value, &format!("{at}.{name}"))),
                    }
                }
                true
            }
            "items" => {
                for (number, value) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(faults(root, rule, value, &format!("{at}[{number}]")));
                }
                true
            }
            "anyOf" => list.iter().any(passes),
            "oneOf" => list.iter().filter(|schema| passes(schema)).count() == 1,
            "allOf" => list.iter().all(passes),
            "not" => !passes(rule),
            "minimum" => value.as_i64().is_none_or(|value| Some(value) >= number),
            "maximum" => value.as_i64().is_none_or(|value| Some(value) <= number),
            "minItems" => value.as_array().is_none_or(|items| i64::try_from(items.len()).ok() >= number),
            "uniqueItems" => value.as_array().is_none_or(|items| {
                (0..items.len()).all(|at| rule != &json!(true) || !items[..at].contains(&items[at]))
            }),
            "format" => value.as_str().is_none_or(|text| {
                let scheme = text.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty());
                let spelled =
                    text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
                match rule.as_str() {
                    Some("uri") => scheme && spelled,
                    Some("uri-reference") => spelled,
                    Some("date-time") => false,
                    other => panic!("format {other:?} is not known here"),
                }
            }),
            // Of texts that are not printed here: identifiers of other systems.
            "pattern" => value.as_str().is_none(),
            "$schema" | "$id" | "title" | "description" | "default" | "definitions" => true,
            other => panic!("{other} is not known here"),
        };
        if !holds {
            found.push(format!("{at} is not as {keyword} says: {value}"));
        }
    }
    found
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("type {other} is not known here"),
    }
}
