//! Quantities as the messages of the door write them. It must not be used for anything that is recorded as a number.

use std::time::Duration;

/// `10 s`, `500 ms`.
pub(super) fn seconds(duration: Duration) -> String {
    if duration.subsec_millis() == 0 && duration.as_secs() > 0 {
        format!("{} s", duration.as_secs())
    } else if duration.as_secs() > 0 {
        format!("{}.{} s", duration.as_secs(), duration.subsec_millis() / 100)
    } else {
        format!("{} ms", duration.as_millis())
    }
}

/// `16 MiB`, or bytes where it is no whole number of them.
pub(super) fn mebibytes(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB && bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}
