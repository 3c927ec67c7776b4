//! Rows that are sums: what a row of totals is called, and how a row shows that what it says is part of another one.

/// What a row of totals is called, in small letters and without spaces.
const TOTALS: [&str; 20] = [
    "total",
    "totals",
    "sum",
    "overall",
    "grandtotal",
    "overalltotal",
    "totaloverall",
    "gesamt",
    "summe",
    "insgesamt",
    "итого",
    "всего",
    "合計",
    "合计",
    "总计",
    "總計",
    "totale",
    "somme",
    "suma",
    "totaal",
];

/// Signs that set a row below the one it belongs to.
const INDENTS: [char; 11] = ['\u{a0}', '└', '├', '↳', '-', '–', '·', '→', '+', '…', '>'];

/// Is the text the word for a sum of rows and nothing else, but for decoration?
pub fn is_total(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    TOTALS.iter().any(|total| letters().eq(total.chars()))
}

/// Do the words of a label say that its row is part of others, or made of them: `Subtotal`, `of which new`,
/// `Including retries`? What begins as a total and is not [`is_total`] is a total of something else.
pub fn is_within(label: &str) -> bool {
    let lower = label.to_lowercase();
    let has = |word: &str| lower.contains(word);
    has("subtotal")
        || has("sub-total")
        || has("zwischensumme")
        || ["of which", "total", "others not", "including"].iter().any(|word| lower.starts_with(word))
}

/// Does a sign before the label set its row below another one?
pub fn is_indented(label: &str) -> bool {
    label.starts_with(INDENTS) || label.starts_with("...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_a_word_alone() {
        for text in ["**TOTAL**", "Total:", "✅ Total", "Grand total", "Total overall", "合計", "總計", "Suma"] {
            assert!(is_total(text), "{text}");
        }
        for text in ["Total requests", "Subtotal", "Sub-total", ""] {
            assert!(!is_total(text), "{text}");
        }
    }

    #[test]
    fn a_row_of_others_says_so() {
        for label in
            ["Subtotal", "Backend sub-total", "of which new", "Including retries", "Zwischensumme", "Total new"]
        {
            assert!(is_within(label), "{label}");
        }
        for label in ["s1", "Not including", "Sum", "- a"] {
            assert!(!is_within(label), "{label}");
        }
        for label in ["- a", "└ a", "... a", "\u{a0}\u{a0}a"] {
            assert!(is_indented(label), "{label}");
        }
        assert!(!is_indented("a - b"));
    }
}
