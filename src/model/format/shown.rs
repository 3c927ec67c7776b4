//! Captured text made fit to be shown: nothing in it may move the cursor, hide, or turn the reading direction.

/// Is it a character that must not reach a reader as it is: control, bidirectional override, invisible, line separator?
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with control and invisible characters as escapes (`\n`, `\u{202e}`).
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut shown, c);
    }
    shown
}

/// The same, cut to at most `most` characters with `…` at the end.
pub fn shortened(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count + 1 >= most && text.chars().nth(most).is_some() {
            shown.push('…');
            return shown;
        }
        push(&mut shown, c);
    }
    shown
}

fn push(shown: &mut String, c: char) {
    if is_unsafe(c) {
        shown.extend(c.escape_default());
    } else {
        shown.push(c);
    }
}
