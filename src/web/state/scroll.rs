//! Which rows of a long table are in view, for tables longer than a browser can lay out.
//!
//! Browsers lose positions past some 16 million pixels, which is half a million rows. A longer table gets a
//! canvas of [`TALLEST`] pixels: small movements move the rows pixel by pixel, long ones (the scroll bar)
//! in proportion, and both ends are reached exactly.

#![expect(clippy::cast_sign_loss, reason = "rows, heights and positions are never negative")]

use std::ops::Range;

/// The tallest canvas, in pixels.
pub(crate) const TALLEST: f64 = 8_000_000.0;

/// Rows laid out above and below those in view, so that fast scrolling meets no gap.
const SPARE: u32 = 8;

/// The view on a table of rows of one height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scroller {
    rows: u32,
    row_height: f64,
    /// The height that rows are seen through.
    viewport: f64,
    /// Where the browser's scroll position stands.
    position: f64,
    /// The first pixel in view, of the whole table.
    top: f64,
}

impl Scroller {
    /// A table of no rows yet.
    pub(crate) fn new(row_height: f64) -> Self {
        Self { rows: 0, row_height, viewport: 0.0, position: 0.0, top: 0.0 }
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    /// Where the browser's scroll position should stand.
    pub(crate) fn position(&self) -> f64 {
        self.position
    }

    /// The height of the element that holds the rows.
    pub(crate) fn canvas(&self) -> f64 {
        self.whole().min(TALLEST)
    }

    fn whole(&self) -> f64 {
        f64::from(self.rows) * self.row_height
    }

    /// How far the table can move.
    fn reach(&self) -> f64 {
        (self.whole() - self.viewport).max(0.0)
    }

    /// How far the browser can scroll.
    fn track(&self) -> f64 {
        (self.canvas() - self.viewport).max(0.0)
    }

    /// The table has another number of rows; what is in view stays in view where it can.
    pub(crate) fn set_rows(&mut self, rows: u32) {
        if rows != self.rows {
            self.rows = rows;
            self.place(self.top);
        }
    }

    /// Rows have another height; the first one in view stays.
    pub(crate) fn set_row_height(&mut self, row_height: f64) {
        let first = self.top / self.row_height;
        self.row_height = row_height;
        self.place(first * row_height);
    }

    /// Rows are seen through another height.
    pub(crate) fn set_viewport(&mut self, viewport: f64) {
        self.viewport = viewport.max(0.0);
        self.place(self.top);
    }

    /// Back to the first row.
    pub(crate) fn rewind(&mut self) {
        self.place(0.0);
    }

    /// The browser has scrolled to `position`.
    pub(crate) fn scrolled(&mut self, position: f64) {
        let moved = position - self.position;
        if moved.abs() < 1.0 && position > 0.0 && position < self.track() {
            // The browser rounds what `position` asked for.
            return;
        }
        self.position = position;
        self.top = if self.whole() <= TALLEST {
            position
        } else if position <= 0.0 {
            0.0
        } else if position >= self.track() - 1.0 {
            self.reach()
        } else if moved.abs() <= self.viewport * 2.0 {
            self.top + moved
        } else {
            position / self.track() * self.reach()
        }
        .clamp(0.0, self.reach());
    }

    /// Puts the pixel `top` of the table first.
    fn place(&mut self, top: f64) {
        let top = top.clamp(0.0, self.reach());
        let moved = top - self.top;
        let near = self.position + moved;
        self.position = if self.whole() <= TALLEST || self.reach() == 0.0 {
            top
        } else if moved.abs() <= self.viewport * 2.0
            && near > 0.0
            && near < self.track() - 1.0
            && top > 0.0
            && top < self.reach()
        {
            near
        } else {
            top / self.reach() * self.track()
        };
        self.top = top;
    }

    /// Brings `row` into view, moving as little as possible.
    pub(crate) fn reveal(&mut self, row: u32) {
        let start = f64::from(row) * self.row_height;
        let end = start + self.row_height;
        if start < self.top {
            self.place(start);
        } else if end > self.top + self.viewport {
            self.place(end - self.viewport);
        }
    }

    /// Whole rows that fit.
    pub(crate) fn page(&self) -> u32 {
        ((self.viewport / self.row_height) as u32).max(1)
    }

    /// The rows to lay out.
    pub(crate) fn window(&self) -> Range<u32> {
        let first = (self.top / self.row_height) as u32;
        let seen = (self.viewport / self.row_height) as u32 + 2;
        first.saturating_sub(SPARE).min(self.rows)..(first + seen + SPARE).min(self.rows)
    }

    /// Where on the canvas `row` stands now.
    pub(crate) fn offset(&self, row: u32) -> f64 {
        self.position - self.top + f64::from(row) * self.row_height
    }
}

/// Where a key moves the chosen row of a table with `rows` rows, `page` of them in view; `None` for a key
/// that does not, or where there is no row.
pub(crate) fn row_after_key(key: &str, chosen: Option<u32>, rows: u32, page: u32) -> Option<u32> {
    let last = rows.checked_sub(1)?;
    let by = |from: u32, step: i64| (i64::from(from) + step).clamp(0, i64::from(last)) as u32;
    let page = i64::from(page.saturating_sub(1).max(1));
    Some(match (key, chosen) {
        ("Home", _) => 0,
        ("End", _) => last,
        ("ArrowDown" | "ArrowUp" | "PageUp", None) => 0,
        ("ArrowDown", Some(now)) => by(now, 1),
        ("ArrowUp", Some(now)) => by(now, -1),
        ("PageDown", now) => by(now.unwrap_or(0), page),
        ("PageUp", Some(now)) => by(now, -page),
        _ => return None,
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole numbers of pixels")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scroller(rows: u32) -> Scroller {
        let mut scroller = Scroller::new(30.0);
        scroller.set_viewport(600.0);
        scroller.set_rows(rows);
        scroller
    }

    #[test]
    fn a_short_table_scrolls_as_any_element() {
        let mut scroller = scroller(1000);
        assert_eq!(scroller.canvas(), 30_000.0);
        assert_eq!(scroller.window(), 0..30);
        scroller.scrolled(3000.0);
        assert_eq!(scroller.window(), 92..130);
        assert_eq!(scroller.offset(92), 2760.0);
        scroller.scrolled(29_400.0);
        assert_eq!(scroller.window(), 972..1000);
    }

    #[test]
    fn a_long_table_reaches_both_ends() {
        let mut scroller = scroller(5_000_000);
        assert_eq!(scroller.canvas(), TALLEST);
        scroller.scrolled(TALLEST - 600.0);
        assert_eq!(scroller.window().end, 5_000_000);
        let last = scroller.offset(4_999_999);
        assert!((last - (TALLEST - 30.0)).abs() < 0.01, "{last}");
        scroller.scrolled(0.0);
        assert_eq!(scroller.window().start, 0);
        scroller.scrolled(100.0);
        assert_eq!(scroller.window().end, 3 + 22 + 8);
        scroller.scrolled(TALLEST / 2.0);
        let middle = scroller.window().start;
        assert!((2_490_000..2_510_000).contains(&middle), "{middle}");
    }

    #[test]
    fn fewer_rows_leave_no_gap() {
        let mut scroller = scroller(1000);
        scroller.scrolled(20_000.0);
        scroller.set_rows(10);
        assert_eq!(scroller.position(), 0.0);
        assert_eq!(scroller.window(), 0..10);
        scroller.set_rows(0);
        assert_eq!(scroller.window(), 0..0);
    }

    #[test]
    fn keys_move_the_choice() {
        for (key, chosen, expect) in [
            ("ArrowDown", None, Some(0)),
            ("ArrowDown", Some(4), Some(5)),
            ("ArrowDown", Some(99), Some(99)),
            ("ArrowUp", Some(0), Some(0)),
            ("PageDown", Some(0), Some(19)),
            ("PageDown", None, Some(19)),
            ("PageUp", Some(5), Some(0)),
            ("End", None, Some(99)),
            ("Home", Some(50), Some(0)),
            ("x", Some(50), None),
        ] {
            assert_eq!(row_after_key(key, chosen, 100, 20), expect, "{key}");
        }
        assert_eq!(row_after_key("End", None, 0, 20), None);
    }

    proptest! {
        #[test]
        fn any_row_can_be_brought_into_view(rows in 1u32..5_000_000, targets in proptest::collection::vec(any::<u32>(), 1..8)) {
            let mut scroller = scroller(rows);
            for target in targets {
                let row = target % rows;
                scroller.reveal(row);
                // The browser answers with the position it was given, rounded.
                scroller.scrolled(scroller.position().round());
                prop_assert!(scroller.window().contains(&row));
                let seen = scroller.offset(row) - scroller.position();
                prop_assert!((-1.0..=571.0).contains(&seen), "{} {:?}", seen, scroller);
                prop_assert!((0.0..=scroller.canvas()).contains(&scroller.offset(row)));
            }
        }

        #[test]
        fn what_is_laid_out_stands_on_the_canvas(rows in 1u32..5_000_000, moves in proptest::collection::vec(0.0f64..1.0, 1..20)) {
            let mut scroller = scroller(rows);
            for share in moves {
                scroller.scrolled((share * (scroller.canvas() - 600.0)).max(0.0));
                let window = scroller.window();
                prop_assert!(window.start < window.end && window.end <= rows);
                prop_assert!(window.len() <= 40);
            }
        }
    }
}
