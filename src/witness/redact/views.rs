//! Bytes as somebody would read them who knows how they are written, and where each of them came from. One pass each, and
//! nothing is made where nothing would change. It must not know any secret.

use std::ops::Range;

/// Backslashes that stand before an escape: one, and more where JSON stands inside JSON.
const MOST_BACKSLASHES: usize = 4;

/// Bytes that were read out of others.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

/// What some bytes stand for.
#[derive(Debug, Clone, Copy)]
enum Meant {
    Nothing,
    /// One byte, maybe of a longer character.
    Byte(u8),
    Character(char),
}

/// Where a piece of a view came from.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Its first byte in the view, and in what was read.
    at: u32,
    from: u32,
    /// How many bytes an escape had; 0 where the piece stands as it stood.
    escape: u32,
}

impl View {
    /// Where a part of the view came from; what was left out at its ends stays outside.
    pub(super) fn origin(&self, part: Range<usize>) -> Range<usize> {
        let first = self.piece(part.start);
        let last = self.piece(part.end.saturating_sub(1));
        let start =
            if first.escape > 0 { first.from as usize } else { first.from as usize + part.start - first.at as usize };
        let end = match last.escape {
            0 => last.from as usize + part.end - last.at as usize,
            length => (last.from + length) as usize,
        };
        start..end
    }

    fn piece(&self, at: usize) -> Piece {
        let behind = self.pieces.partition_point(|piece| piece.at as usize <= at);
        self.pieces.get(behind.saturating_sub(1)).copied().unwrap_or(Piece { at: 0, from: 0, escape: 0 })
    }

    fn piece_begins(&mut self, from: usize, escape: usize) {
        let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.pieces.push(Piece { at: short(self.bytes.len()), from: short(from), escape: short(escape) });
    }

    /// Takes over what stands there as it stands.
    fn take(&mut self, bytes: &[u8], part: Range<usize>) {
        if !part.is_empty() {
            self.piece_begins(part.start, 0);
            self.bytes.extend_from_slice(&bytes[part]);
        }
    }
}

/// Reads bytes with what `special` says of each place: how many bytes stand for how many others. `None` where none do.
fn view(bytes: &[u8], special: impl Fn(usize) -> Option<(usize, Meant)>) -> Option<View> {
    // Places are counted in 32 bits.
    u32::try_from(bytes.len()).ok()?;
    let mut view = View::default();
    let (mut at, mut taken) = (0, 0);
    while at < bytes.len() {
        let Some((length, meant)) = special(at) else {
            at += 1;
            continue;
        };
        view.take(bytes, taken..at);
        if !matches!(meant, Meant::Nothing) {
            view.piece_begins(at, length);
        }
        match meant {
            Meant::Nothing => {}
            Meant::Byte(byte) => view.bytes.push(byte),
            Meant::Character(character) => {
                view.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        at += length;
        taken = at;
    }
    if taken == 0 {
        return None;
    }
    view.take(bytes, taken..bytes.len());
    Some(view)
}

/// With each escape as the character that it stands for: `%73`, `\u0073`, `\x73`, `\163`, `&#115;` and their like; and
/// without zeros, so that UTF-16 reads as ASCII. `None` where there is nothing of that.
pub(super) fn unescaped(bytes: &[u8]) -> Option<View> {
    view(bytes, |at| match bytes[at] {
        0 => Some((1, Meant::Nothing)),
        b'%' => Some((3, byte(number(bytes.get(at + 1..at + 3)?, 16)?)?)),
        b'&' => entity(&bytes[at..]),
        b'\\' => backslash(&bytes[at..]),
        _ => None,
    })
}

/// Without the breaks that divide base64 and hex into lines, also inside JSON. `None` where there are none.
pub(super) fn unbroken(bytes: &[u8]) -> Option<View> {
    let of_code = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte));
    view(bytes, |at| {
        if !matches!(bytes[at], b'\n' | b'\r' | b'\\') || !of_code(bytes[..at].last()) {
            return None;
        }
        let broken = [&b"\n"[..], b"\r\n", b"\\n", b"\\r\\n"].into_iter().find(|end| bytes[at..].starts_with(end))?;
        of_code(bytes.get(at + broken.len())).then_some((broken.len(), Meant::Nothing))
    })
}

fn byte(code: u32) -> Option<Meant> {
    u8::try_from(code).ok().map(Meant::Byte)
}

fn character(code: u32) -> Option<Meant> {
    char::from_u32(code).map(Meant::Character)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    if digits.is_empty() || !digits.iter().all(is_digit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// The digits up to `end`, of which there are not many, and where they end.
fn digits_until(rest: &[u8], end: u8) -> Option<(&[u8], usize)> {
    const MOST: usize = 12;
    let length = rest.iter().take(MOST).position(|byte| *byte == end)?;
    Some((&rest[..length], length + 1))
}

/// `&#115;`, `&#x73;`.
fn entity(rest: &[u8]) -> Option<(usize, Meant)> {
    let inner = rest.strip_prefix(b"&#")?;
    let hex = inner.strip_prefix(b"x").or_else(|| inner.strip_prefix(b"X"));
    let (digits, length) = digits_until(hex.unwrap_or(inner), b';')?;
    let code = number(digits, if hex.is_some() { 16 } else { 10 })?;
    Some((2 + usize::from(hex.is_some()) + length, character(code)?))
}

/// `\u0073`, `\u{73}`, `\U00000073`, `\x73`, `\163`, `\0163`, behind as many backslashes as there may be.
fn backslash(rest: &[u8]) -> Option<(usize, Meant)> {
    let before = rest.iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    let inner = &rest[before..];
    let hex = |from: usize, to: usize| number(inner.get(from..to)?, 16);
    let (length, meant) = match inner.first()? {
        b'u' if inner.get(1) == Some(&b'{') => {
            let (digits, length) = digits_until(&inner[2..], b'}')?;
            (2 + length, character(number(digits, 16)?)?)
        }
        b'u' => (5, character(hex(1, 5)?)?),
        b'U' => (9, character(hex(1, 9)?)?),
        b'x' => (3, byte(hex(1, 3)?)?),
        b'0'..=b'3' => {
            let octal = |from: usize| number(inner.get(from..from + 3)?, 8);
            let zero = usize::from(inner.first() == Some(&b'0') && octal(1).is_some());
            (3 + zero, byte(octal(zero)?)?)
        }
        _ => return None,
    };
    Some((before + length, meant))
}
