//! What a trace says would let a series through does let it through, when it is followed to the letter.

use super::*;

/// Follows the words of a gate that stops a series.
fn follow(job: &mut Federating, selector: Option<usize>, remedy: &str) {
    for words in remedy.split("; ") {
        let why = words.split_once(" is an external label");
        let words = why.map_or(words, |(words, _)| words.rsplit_once(": ").expect("the name of a label").0);
        if let Some(added) = words.strip_prefix("add the selector ") {
            job.selectors.push(added.strip_suffix(" to match[]").expect("an end").to_owned());
        } else if let Some((new, old)) =
            words.strip_prefix("write ").and_then(|it| it.split_once(" instead of "))
        {
            let text = &mut job.selectors[selector.expect("a selector")];
            let name = old.strip_prefix("__name__=\"").and_then(|name| name.strip_suffix('"'));
            *text = match name.filter(|name| text == name) {
                Some(_) => format!("{{{new}}}"),
                None => {
                    assert!(text.contains(old), "{text} has no {old}");
                    text.replacen(old, new, 1)
                }
            };
        } else if let Some((rule, _)) =
            words.strip_prefix("leave rule ").and_then(|it| it.split_once(" of metric_relabel_configs out"))
        {
            job.rules.remove(rule.parse::<usize>().expect("a number") - 1);
        } else if let Some(matcher) = words.strip_prefix("leave ").and_then(|it| it.strip_suffix(" out")) {
            let text = &mut job.selectors[selector.expect("a selector")];
            let with_comma = [format!("{matcher},"), format!(",{matcher}")];
            let found = with_comma.iter().find(|matcher| text.contains(*matcher));
            *text = text.replacen(found.expect("not the only matcher").as_str(), "", 1);
        } else if let Some((regex, rule)) =
            words.strip_prefix("set regex: ").and_then(|it| it.split_once(" in rule "))
        {
            let at = rule.strip_suffix(" of metric_relabel_configs").expect("an end").parse::<usize>();
            let rule = &mut job.rules[at.expect("a number") - 1];
            let (before, rest) = rule.split_once("regex: ").expect("a regex");
            let (_, after) = rest.split_once(", action").expect("an action");
            *rule = format!("{before}regex: {regex}, action{after}");
        } else if let Some(words) = words.strip_prefix("raise ") {
            let (key, value) = match words.split_once(" over ") {
                Some((key, bytes)) => {
                    let bytes = bytes.strip_suffix(" bytes").expect("bytes").parse::<u64>();
                    (key, format!("{}B", bytes.expect("a number") + 1))
                }
                None => {
                    let (key, most) = words.split_once(" from ").expect("what it is");
                    let (_, least) = most.split_once(" to at least ").expect("what it must be");
                    let least = least.split_once(',').map_or(least, |(least, _)| least);
                    (key, least.to_owned())
                }
            };
            let key = format!("{key}: ");
            let written = job.settings.iter_mut().find(|line| line.starts_with(&key)).expect("a limit");
            *written = format!("{key}{value}");
        } else {
            panic!("who could follow that? {words}");
        }
    }
}

/// How far a series has come: the gate that stops it, of the rules that were there at first.
fn reached(hop: &Hop, removed: usize) -> (usize, usize) {
    if hop.fate != Fate::Stopped {
        return (11, 0);
    }
    match hop.gates.last().expect("a gate").gate {
        Gate::Request => (0, 0),
        Gate::Match(_) => (1, 0),
        Gate::Answered => (2, 0),
        Gate::Printed => (3, 0),
        Gate::BodySize => (4, 0),
        Gate::TargetLabels => (5, 0),
        Gate::Rule(rule) => (6, rule + removed),
        Gate::Emptied | Gate::Labelled => (7, 0),
        Gate::Accepted => (8, 0),
        Gate::Scrape => (9, 0),
        Gate::Time => (10, 0),
    }
}

/// Follows what is said of every series that is stopped on its way to `node`; answers of how many.
fn follow_all(tiers: &Tiers, node: &str) -> usize {
    let preview = tiers.preview();
    let puller = preview.workspace.nodes.iter().position(|other| other.name == node);
    let mut followed: Vec<(usize, String)> = Vec::new();
    for (at, pull) in preview.topology.pulls.iter().enumerate() {
        let Peer::Federate(source) = pull.peer else { continue };
        if Some(pull.node) != puller {
            continue;
        }
        let store = preview.nodes[source].store();
        for row in 0..store.len() as Row {
            let hop = hop(&preview, at, row).expect("a hop");
            let Some(last) = hop.gates.last().filter(|last| !last.passed) else { continue };
            let Some(remedy) = &last.remedy else {
                // Nothing in the puller's configuration helps these, or no single setting does.
                let helpless = matches!(last.gate, Gate::Answered | Gate::Scrape | Gate::Accepted);
                assert!(helpless, "no remedy: {hop:#?}");
                continue;
            };
            if followed.contains(&(at, format!("{remedy} {:?}", last.because))) {
                continue;
            }
            followed.push((at, format!("{remedy} {:?}", last.because)));
            let selector = pull.selectors.iter().position(|it| Some((it.file, it.span)) == last.place);
            let mut mended = tiers.clone();
            let job = if node == "middle" { &mut mended.middle } else { &mut mended.global };
            let rules = job.rules.len();
            follow(job, selector, remedy);
            let removed = rules - job.rules.len();
            let after = mended.preview();
            let labels = store.label_set(row);
            let mended_store = after.nodes[source].store();
            let row = (0..mended_store.len() as Row).find(|&row| mended_store.label_set(row) == labels);
            let again = super::hop(&after, at, row.expect("the same series")).expect("a hop");
            let further = reached(&again, removed) > reached(&hop, 0);
            // What one series exceeds, the next may exceed by more; and without one rule the next one may do harm.
            let same = again.gates.last().map(|gate| &gate.because) == Some(&last.because);
            let others = match last.gate {
                Gate::Scrape => !same,
                Gate::Labelled | Gate::Accepted => !same || removed > 0,
                _ => false,
            };
            assert!(further || others, "{remedy}\n{hop:#?}\n{again:#?}\n{}", mended.global.yaml());
        }
    }
    followed.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn remedies_let_series_through(
        middle in federating("'leaf:9090'"),
        global in federating("'middle:9090', 'leaf:9090'"),
        leaf in samples(),
        application in samples(),
        version in prop::sample::select(&["2.42", "3.5"][..]),
        external in prop::sample::select(&["", "region: eu", "region: eu, job: z, instance: q"][..]),
    ) {
        let tiers = Tiers { middle, global, leaf, application, version, external };
        follow_all(&tiers, "middle");
        follow_all(&tiers, "global");
    }
}

#[test]
fn remedies_of_each_kind_are_followed() {
    let samples = "m{job=\"a\",instance=\"i\",x=\"long enough\"} 1\nn{job=\"b\",region=\"us\"} 1\n\
                   up{job=\"b\",x=\"1\"} 1\nn.o{x=\"1\"} 1\n";
    let samples = samples.replace("n.o{", "{\"n.o\",");
    let mut count = 0;
    let jobs: &[(&[&str], &[&str], &[&str])] = &[
        (&[], &[], &[]),
        (&["{job=\"c\"}"], &[], &[]),
        (&["{job=~\"c\"}"], &[], &[]),
        (&["{job!~\".+\"}", "{region=\"eu\"}"], &[], &[]),
        (&["{job=\"a\",region=\"eu\"}"], &[], &[]),
        (&["nn"], &[], &[]),
        (&["{__name__!=\"\"}"], &["{ source_labels: [__name__], regex: 'm|n', action: drop }"], &[]),
        (&["{__name__!=\"\"}"], &["{ source_labels: [__name__, x], regex: 'q', action: keep }"], &[]),
        (&["{__name__!=\"\"}"], &["{ regex: __name__, action: labeldrop }"], &[]),
        (&["{__name__!=\"\"}"], &["{ regex: '.*', action: labeldrop }"], &[]),
        (&["{__name__!=\"\"}"], &[], &["sample_limit: 2"]),
        (&["{__name__!=\"\"}"], &[], &["label_limit: 5"]),
        (&["{__name__!=\"\"}"], &[], &["label_name_length_limit: 11"]),
        (&["{__name__!=\"\"}"], &[], &["label_value_length_limit: 9"]),
        (&["{__name__!=\"\"}"], &[], &["body_size_limit: 10B"]),
    ];
    for (selectors, rules, settings) in jobs {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let global = Federating {
            targets: "'leaf:9090'",
            selectors: owned(selectors),
            rules: owned(rules),
            settings: owned(settings),
        };
        let middle = Federating { selectors: Vec::new(), rules: Vec::new(), settings: Vec::new(), ..global };
        let tiers = Tiers {
            middle,
            global,
            leaf: samples.clone(),
            application: String::new(),
            version: "3.5",
            external: "region: eu",
        };
        let followed = follow_all(&tiers, "global");
        assert!(followed > 0, "nothing is stopped by {selectors:?} {rules:?} {settings:?}");
        count += followed;
    }
    assert!(count > 20, "{count} remedies were followed");
}
