//! The documentation of a rule of the lint, read from the comment at the head of its file.

/// A rule's documentation, as it is written.
pub(crate) struct Document {
    /// The first line.
    pub(crate) title: String,
    /// The headings and what stands below each.
    pub(crate) sections: Vec<(String, String)>,
}

impl Document {
    /// Reads the comment at the head of a rule's `source`.
    pub(crate) fn read(source: &str) -> Self {
        let mut title = String::new();
        let mut sections: Vec<(String, String)> = Vec::new();
        let head = source.lines().map_while(|line| line.strip_prefix("//!"));
        for line in head.map(|line| line.strip_prefix(' ').unwrap_or(line)) {
            let inside = sections.last().is_some_and(|(_, text)| text.matches("```").count() % 2 == 1);
            match (line.strip_prefix("# ").filter(|_| !inside), sections.last_mut()) {
                (Some(heading), _) => sections.push((heading.to_owned(), String::new())),
                (None, Some((_, text))) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, None) => title.push_str(line),
            }
        }
        Self { title, sections }
    }

    /// What stands below a heading.
    pub(crate) fn section(&self, heading: &str) -> &str {
        self.sections.iter().find(|(known, _)| known == heading).map_or("", |(_, text)| text)
    }

    /// The sentences below a heading, on one line and without the workspace.
    pub(crate) fn words(&self, heading: &str) -> String {
        let words = self.section(heading).split("```").next().unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
