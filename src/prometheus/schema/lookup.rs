//! What may stand at a place in a document.

use crate::version::Version;

use super::{CONFIG, Key, Kind, Section};

/// A step from a value to one inside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'p> {
    /// To the value of a key.
    Key(&'p str),
    /// To an item of a list. Which one does not matter to the schema.
    Item(usize),
}

/// A place in a document: what the schema says of the value there.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The key that leads there, unless it is the user's own or the place is an item or the whole document.
    pub key: Option<&'static Key>,
    /// What the value is.
    pub kind: Kind,
    /// The section that the key stands in.
    pub parent: Option<&'static Section>,
}

impl Place {
    /// The section whose keys may be written here: where one is wanted, or a list of it, or a mapping to it.
    #[must_use]
    pub fn section(&self) -> Option<&'static Section> {
        match self.kind {
            Kind::Section(section) | Kind::Optional(section) => Some(section),
            _ => None,
        }
    }

    /// The section that a new item here would be, where a list of sections is wanted.
    #[must_use]
    pub fn item_section(&self) -> Option<&'static Section> {
        match self.kind {
            Kind::List(list) => Self { key: None, kind: list.item, parent: None }.section(),
            _ => None,
        }
    }

    /// The words that the value may be, as `version` knows them; none where it is no choice.
    #[must_use]
    pub fn words(&self, version: Version) -> Vec<&'static str> {
        match self.kind {
            Kind::Enum(choice) => choice.words(version).collect(),
            Kind::Bool | Kind::OptionalBool => vec!["true", "false"],
            _ => Vec::new(),
        }
    }
}

/// What the schema of `version` says of the value at `path`, a configuration's root being the empty path.
/// `None` where nothing can stand.
///
/// ```
/// use promtier::prometheus::schema::{Step, lookup};
/// use promtier::prometheus::Version;
///
/// let path = [Step::Key("scrape_configs"), Step::Item(0), Step::Key("scrape_interval")];
/// let place = lookup(&path, Version::NEWEST).unwrap();
/// assert_eq!(place.key.unwrap().name, "scrape_interval");
/// assert!(lookup(&path[..2], Version::NEWEST).unwrap().section().is_some());
/// ```
#[must_use]
pub fn lookup(path: &[Step<'_>], version: Version) -> Option<Place> {
    let mut place = Place { key: None, kind: Kind::Section(&CONFIG), parent: None };
    for step in path {
        place = match (place.kind, *step) {
            (Kind::Section(section) | Kind::Optional(section), Step::Key(name)) => {
                let key = section.key(name, version)?;
                Place { key: Some(key), kind: key.kind, parent: Some(section) }
            }
            (Kind::List(list), Step::Item(_)) => Place { key: None, kind: list.item, parent: place.parent },
            (Kind::Map(map), Step::Key(_)) => Place { key: None, kind: map.value, parent: place.parent },
            _ => return None,
        };
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_keys() {
        let check = |path: &str, version: Version, expect: Option<&str>| {
            let steps: Vec<Step<'_>> = path
                .split('/')
                .filter(|step| !step.is_empty())
                .map(|step| step.parse().map_or(Step::Key(step), Step::Item))
                .collect();
            let found = lookup(&steps, version).map(|place| match place.kind {
                Kind::Section(section) | Kind::Optional(section) => section.name.to_owned(),
                kind => format!("{kind:?}").split('(').next().unwrap_or_default().to_owned(),
            });
            assert_eq!(found.as_deref(), expect, "{path}");
        };
        check("", Version::NEWEST, Some("configuration"));
        check("global", Version::NEWEST, Some("global"));
        check("global/external_labels", Version::NEWEST, Some("Map"));
        check("global/external_labels/dc", Version::NEWEST, Some("Text"));
        check("scrape_configs/0", Version::NEWEST, Some("scrape_config"));
        check("scrape_configs/0/tls_config", Version::NEWEST, Some("tls_config"));
        check("scrape_configs/0/no_proxy", Version::NEWEST, Some("Text"));
        check("scrape_configs/0/no_proxy", Version::V2_42, None);
        check("scrape_configs/0/params/match[]/3", Version::NEWEST, Some("Text"));
        check("scrape_configs/2/kubernetes_sd_configs/0/attach_metadata/job", Version::NEWEST, Some("Bool"));
        check("scrape_configs/2/relabel_configs/0/source_labels/0", Version::NEWEST, Some("LabelName"));
        check("alerting/alertmanagers/0/dns_sd_configs/0/type", Version::NEWEST, Some("Enum"));
        check("remote_write/0/azuread/sdk", Version::NEWEST, Some("sdk"));
        check("remote_write/0/http_headers/X/values", Version::NEWEST, Some("List"));
        check("otlp", Version::V2_42, None);
        check("scrape_configs/global", Version::NEWEST, None);
        check("nothing", Version::NEWEST, None);
    }

    #[test]
    fn remote_write_has_a_default_of_its_own() {
        let path = [Step::Key("remote_write"), Step::Item(0), Step::Key("enable_http2")];
        let default = lookup(&path, Version::NEWEST).and_then(|place| place.key).map(|key| key.default);
        assert_eq!(default, Some("false"));
    }
}
