//! What fills the window: panes, tabs, theme, and where the splitter stands.

use promtier::engine::protocol::Topic;

/// What a window too narrow for everything shows. Below 1100 pixels `Files` and `Problems` stand together, as
/// do `Tiers` and `Series`; below 700 each stands alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pane {
    #[default]
    Files,
    Problems,
    Tiers,
    Series,
}

impl Pane {
    /// The value of the attribute that the style sheet chooses by.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Problems => "problems",
            Self::Tiers => "tiers",
            Self::Series => "series",
        }
    }
}

/// How much room the window has; the style sheets say the same widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Everything side by side.
    Desk,
    /// The files, or the preview.
    Tablet,
    /// One thing at a time.
    Phone,
}

impl Room {
    /// The room in a window of `width` CSS pixels.
    pub(crate) fn of(width: f64) -> Self {
        if width < 700.0 {
            Self::Phone
        } else if width < 1100.0 {
            Self::Tablet
        } else {
            Self::Desk
        }
    }

    /// The height of a row of series: two lines where there is no width for one.
    pub(crate) fn row_height(self) -> f64 {
        if self == Self::Phone { 48.0 } else { 30.0 }
    }

    /// Whether the button of `button` stands for `pane`.
    pub(crate) fn shows(self, button: Pane, pane: Pane) -> bool {
        button == pane
            || (self != Self::Phone
                && matches!((button, pane), (Pane::Files, Pane::Problems) | (Pane::Tiers, Pane::Series)))
    }
}

/// What is shown of the chosen node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DetailTab {
    #[default]
    Series,
    Pulls,
    Trace,
    Tables(Topic),
}

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Reads what was remembered; anything unknown is the system's.
    pub(crate) fn from_stored(stored: Option<&str>) -> Self {
        match stored {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The name to remember it by.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The next one, in the order of the button.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// The share of the window's width that the files take, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split(u32);

impl Default for Split {
    fn default() -> Self {
        Self(41)
    }
}

impl Split {
    /// The least share, in percent.
    pub(crate) const LEAST: u32 = 25;
    /// The greatest share, in percent.
    pub(crate) const MOST: u32 = 70;

    /// The nearest share that leaves both sides usable.
    #[expect(clippy::cast_sign_loss, reason = "it is between two positive numbers")]
    pub(crate) fn new(percent: i64) -> Self {
        Self(percent.clamp(i64::from(Self::LEAST), i64::from(Self::MOST)) as u32)
    }

    /// Reads what was remembered.
    pub(crate) fn from_stored(stored: Option<&str>) -> Self {
        stored.and_then(|text| text.parse().ok()).map_or_else(Self::default, Self::new)
    }

    /// The share in percent.
    pub(crate) fn percent(self) -> u32 {
        self.0
    }

    /// Where a key moves it; `None` for a key that does not.
    pub(crate) fn after_key(self, key: &str) -> Option<Self> {
        let now = i64::from(self.0);
        Some(Self::new(match key {
            "ArrowLeft" => now - 2,
            "ArrowRight" => now + 2,
            "Home" => i64::from(Self::LEAST),
            "End" => i64::from(Self::MOST),
            "Enter" => i64::from(Self::default().0),
            _ => return None,
        }))
    }
}

/// Where an arrow key leads in a row of `count` tabs from the one at `now`; `None` for another key.
pub(crate) fn next_tab(key: &str, now: usize, count: usize) -> Option<usize> {
    if count == 0 {
        return None;
    }
    match key {
        "ArrowRight" => Some((now + 1) % count),
        "ArrowLeft" => Some((now + count - 1) % count),
        "Home" => Some(0),
        "End" => Some(count - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_splitter_stays_in_the_window() {
        let at = |percent| Split::new(percent);
        assert_eq!(at(0).percent(), Split::LEAST);
        assert_eq!(at(1000).percent(), Split::MOST);
        assert_eq!(at(41).after_key("ArrowLeft"), Some(at(39)));
        assert_eq!(at(70).after_key("ArrowRight"), Some(at(70)));
        assert_eq!(at(60).after_key("Enter"), Some(Split::default()));
        assert_eq!(at(60).after_key("x"), None);
        assert_eq!(Split::from_stored(Some("55")).percent(), 55);
        assert_eq!(Split::from_stored(Some("wide")), Split::default());
        assert_eq!(Split::from_stored(None), Split::default());
    }

    #[test]
    fn a_pane_has_one_button() {
        for (width, pane, expect) in [
            (375.0, Pane::Problems, Pane::Problems),
            (800.0, Pane::Problems, Pane::Files),
            (800.0, Pane::Series, Pane::Tiers),
            (699.5, Pane::Series, Pane::Series),
        ] {
            let room = Room::of(width);
            let shown: Vec<_> = [Pane::Files, Pane::Tiers, Pane::Problems, Pane::Series]
                .into_iter()
                .filter(|&button| room.shows(button, pane))
                .collect();
            assert_eq!(shown[0], expect, "{width}");
        }
    }

    #[test]
    fn themes_go_round() {
        let all = [Theme::System, Theme::Light, Theme::Dark];
        for theme in all {
            assert_eq!(Theme::from_stored(Some(theme.as_str())), theme);
            assert_eq!(theme.next().next().next(), theme);
        }
        assert_eq!(Theme::from_stored(Some("mauve")), Theme::System);
    }

    #[test]
    fn arrows_walk_tabs_round() {
        assert_eq!(next_tab("ArrowRight", 2, 3), Some(0));
        assert_eq!(next_tab("ArrowLeft", 0, 3), Some(2));
        assert_eq!(next_tab("End", 0, 3), Some(2));
        assert_eq!(next_tab("Home", 2, 3), Some(0));
        assert_eq!(next_tab("a", 0, 3), None);
        assert_eq!(next_tab("Home", 0, 0), None);
    }
}
