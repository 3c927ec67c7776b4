//! Where a line over several runs is drawn: one layout for the report and for published pages.
//!
//! Whole units alone, so that every machine draws the same line.

use crate::model::number::Number;

/// The room of a drawing, in units, and what of it is left free for what is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: usize,
    /// Left of the line.
    pub left: usize,
    /// Right of it.
    pub right: usize,
    /// Above it.
    pub top: usize,
    /// Below it.
    pub bottom: usize,
}

impl Frame {
    /// The middle of the run at that place of so many; of one alone, the right edge.
    pub const fn x(&self, at: usize, of: usize) -> usize {
        let end = self.end();
        if of < 2 { end } else { self.left + (end - self.left) * at / (of - 1) }
    }

    /// The height of a value, given in hundredths of the whole.
    pub const fn y(&self, hundredths: usize) -> usize {
        self.floor() - (self.floor() - self.top) * hundredths / 100
    }

    /// The right end of the line.
    pub const fn end(&self) -> usize {
        self.width - self.right
    }

    /// The height of nothing.
    pub const fn floor(&self) -> usize {
        self.height - self.bottom
    }
}

/// A score of 10 in hundredths of the whole.
pub fn of_score(score: &Number) -> usize {
    ((score.for_drawing().clamp(0.0, 10.0)) * 10.0).round() as usize
}

/// A share in hundredths.
pub fn of_share(share: &Number) -> usize {
    (share.for_drawing().clamp(0.0, 1.0) * 100.0).round() as usize
}

/// The way through the points that there are; where one is missing, the line is.
pub fn way(points: impl IntoIterator<Item = Option<(usize, usize)>>) -> String {
    let mut way = String::new();
    let mut pen_is_down = false;
    for point in points {
        if let Some((x, y)) = point {
            way.push_str(&format!("{}{x} {y}", if pen_is_down { 'L' } else { 'M' }));
        }
        pen_is_down = point.is_some();
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { width: 200, height: 120, left: 20, right: 20, top: 10, bottom: 10 };

    #[test]
    fn the_oldest_run_is_left_and_the_newest_right() {
        assert_eq!((FRAME.x(0, 3), FRAME.x(1, 3), FRAME.x(2, 3)), (20, 100, 180));
        assert_eq!(FRAME.x(0, 1), 180);
    }

    #[test]
    fn ten_points_are_at_the_top_and_none_at_the_floor() {
        let y = |text: &str| FRAME.y(of_score(&text.parse().unwrap()));
        assert_eq!((y("10"), y("0"), y("5"), y("12")), (10, 110, 60, 10));
    }

    #[test]
    fn a_run_without_a_value_breaks_the_line() {
        assert_eq!(way([Some((0, 1)), Some((2, 3)), None, Some((6, 7))]), "M0 1L2 3M6 7");
        assert_eq!(way([None, None]), "");
    }
}
