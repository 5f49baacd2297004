//! Random edits of a value.

use promtier::yaml::edit::{Change, Edit, Path, Sharing, Step, Value};

use crate::random::Random;
use crate::values::{scalar, value};

/// An edit that a value takes, and what stands at its path, if anything.
pub(crate) fn edit(random: &mut Random, root: &Value) -> (Edit, Option<Value>) {
    let mut steps = Vec::new();
    let mut here = root;
    loop {
        let stops = !steps.is_empty() && random.chance(25);
        match here {
            Value::Map(entries) if !entries.is_empty() && !stops => {
                let (key, value) = &entries[random.below(entries.len())];
                steps.push(Step::Key(key.clone()));
                here = value;
            }
            Value::List(items) if !items.is_empty() && !stops => {
                let number = random.below(items.len());
                steps.push(spelled(random, items, number));
                here = &items[number];
            }
            _ => break,
        }
    }
    let parent = parent_of(root, &steps);
    let among = match parent {
        Some(Value::List(items)) => items.len(),
        Some(Value::Map(entries)) => entries.len(),
        _ => 0,
    };
    let is_key = matches!(steps.last(), Some(Step::Key(_)));
    let change = match random.below(8) {
        0 | 1 if among > 0 => Change::Remove,
        2 if among > 0 => Change::Move(random.below(among)),
        3 if is_key => Change::Rename(new_key(random, parent)),
        4 if here.is_collection() || *here == Value::Null => {
            // A little more of the same, or less of it.
            let mut size = 6;
            let mut new = here.clone();
            match &mut new {
                Value::List(items) => items.push(value(random, 2, &mut size)),
                Value::Map(entries) if entries.is_empty() => entries.push(("new".to_owned(), scalar(random))),
                Value::Map(entries) => {
                    let number = random.below(entries.len());
                    entries[number].1 = scalar(random);
                }
                new => *new = value(random, 2, &mut size),
            }
            Change::Set(new)
        }
        5 | 6 => match here {
            Value::List(items) => {
                Change::InsertItem { at: place(random, items.len()), value: value(random, 2, &mut 6) }
            }
            Value::Map(entries) => Change::InsertKey {
                at: place(random, entries.len()),
                key: new_key(random, Some(here)),
                value: value(random, 2, &mut 6),
            },
            Value::Null if random.chance(50) => Change::InsertItem { at: None, value: scalar(random) },
            Value::Null => Change::InsertKey { at: None, key: "new".to_owned(), value: scalar(random) },
            _ => Change::Set(scalar(random)),
        },
        7 if matches!(here, Value::Map(_) | Value::Null) => {
            // A key that is not there yet, perhaps behind another.
            steps.push(Step::Key(new_key(random, Some(here))));
            if random.chance(30) {
                steps.push(Step::Key("deeper".to_owned()));
            }
            Change::Set(value(random, 2, &mut 6))
        }
        _ => Change::Set(value(random, 2, &mut 8)),
    };
    let there = find(root, &steps).cloned();
    (Edit { path: Path(steps), change, sharing: Sharing::Refuse }, there)
}

/// One of the ways to name an item.
fn spelled(random: &mut Random, items: &[Value], number: usize) -> Step {
    match random.below(3) {
        0 => Step::FromEnd(items.len() - number),
        1 => {
            let text_of = |item: &Value| match item {
                Value::Map(entries) => entries.iter().find_map(|(key, value)| match value {
                    Value::Text(text) => Some((key.clone(), text.clone())),
                    _ => None,
                }),
                _ => None,
            };
            let named = text_of(&items[number]);
            let is_clear = |key: &str, text: &str| {
                let same = |item: &&Value| item.get(key) == Some(&Value::from(text));
                items.iter().filter(same).count() == 1
            };
            match named {
                Some((key, value)) if is_clear(&key, &value) => Step::Where { key, value },
                _ => Step::Index(number),
            }
        }
        _ => Step::Index(number),
    }
}

fn place(random: &mut Random, len: usize) -> Option<usize> {
    random.chance(60).then(|| random.below(len + 1))
}

fn new_key(random: &mut Random, map: Option<&Value>) -> String {
    let keys = ["new", "yes", "a.b", "{x}", "zone", "1", "k: v", "<<", "w"];
    loop {
        let key = if random.chance(90) {
            random.pick(&keys).to_owned()
        } else {
            format!("k{}", random.below(1000))
        };
        if map.is_none_or(|map| map.get(&key).is_none()) {
            return key;
        }
    }
}

/// The value at some steps.
pub(crate) fn find<'v>(root: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    steps.iter().try_fold(root, |here, step| match (here, step) {
        (Value::Map(_), Step::Key(key)) => here.get(key),
        (Value::List(items), _) => items.get(number(items, step)?),
        _ => None,
    })
}

fn number(items: &[Value], step: &Step) -> Option<usize> {
    match step {
        Step::Index(index) => Some(*index),
        Step::FromEnd(count) => items.len().checked_sub(*count),
        Step::Where { key, value } => {
            items.iter().position(|item| item.get(key) == Some(&Value::from(value.as_str())))
        }
        Step::Key(_) => None,
    }
}

/// The same steps with every item named by its number.
pub(crate) fn numbered(root: &Value, steps: &[Step]) -> Vec<Step> {
    let mut out = Vec::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        let here = find(root, &steps[..at]);
        out.push(match here {
            Some(Value::List(items)) => number(items, step).map_or(step.clone(), Step::Index),
            _ => step.clone(),
        });
    }
    out
}

fn parent_of<'v>(root: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    let (_, above) = steps.split_last()?;
    find(root, above)
}
