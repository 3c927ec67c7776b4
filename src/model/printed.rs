//! Numbers as people print them ("98.28 %", "47h", "15.2 GB", "~80", "1,026/1,044 (98.28%)"), each read as the interval
//! its digits stand for. The later proofreader stands on this same code.

use super::number::Number;

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a length of time: write 90s, 47h, 1h30m or 14d")]
pub struct NotADuration(pub String);

/// Reads a length of time (`47h`, `1h30m`, `14d`, `PT47H`) as seconds. Months and years have no fixed length: refused.
pub fn parse_duration(text: &str) -> Result<Number, NotADuration> {
    let wrong = || NotADuration(text.to_owned());
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let rounded = span.total((jiff::Unit::Second, days)).map_err(|_| wrong())?;
    rounded.to_string().parse().map_err(|_| wrong())
}
