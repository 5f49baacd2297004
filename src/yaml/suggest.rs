//! "Did you mean": the nearest of the names that were possible.

use crate::text::edit_distance;

/// The one of `candidates` that `given` most likely stands for: at most a third of it differs, counting
/// inserted, deleted, replaced and swapped characters.
#[must_use]
pub fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any name there is; the comparison's cost is the product of the lengths.
    if given.len() > 100 {
        return None;
    }
    let given: Vec<char> = given.to_lowercase().chars().collect();
    let allowed = (given.len() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = edit_distance(&given, &candidate.chars().collect::<Vec<_>>());
            (distance <= allowed && distance < candidate.chars().count()).then_some((distance, candidate))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_name_that_was_meant() {
        let names = ["scrape_interval", "scrape_timeout", "job_name", "params"];
        let check =
            |given: &str, expect: Option<&str>| assert_eq!(closest(given, names), expect, "{given:?}");
        check("scrape_intervall", Some("scrape_interval"));
        check("scrape-interval", Some("scrape_interval"));
        check("scrapeInterval", Some("scrape_interval"));
        check("jobname", Some("job_name"));
        check("parmas", Some("params"));
        check("Params", Some("params"));
        check("foo", None);
        check("", None);
        check("x", None);
    }
}
