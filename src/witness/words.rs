//! Quantities as the messages of the door write them. It must not be used for anything that is recorded as a number.

use std::io;
use std::time::Duration;

use crate::model::fact::Unmeasurable;
use crate::model::open_files;

/// Too many files are open, in this process or on the whole machine: nothing that was asked is to blame.
pub(super) fn too_many_open(what: &str, error: &io::Error) -> Option<Unmeasurable> {
    open_files::too_many(error).then(|| {
        Unmeasurable::new(
            format!("{what}: countersign has too many files open"),
            "Allow more (`ulimit -n`), or ask less at once with --in-flight.",
        )
    })
}

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
