//! Writes a file so that nobody sees half of it: it takes its name when it is whole.

use std::fs::{self, Permissions};
use std::io;
use std::path::Path;

/// Writes beside the file and renames. With `permissions`, the file gets these.
pub(super) fn write(path: &Path, bytes: impl AsRef<[u8]>, permissions: Option<Permissions>) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // No docs site takes a hidden file of this ending for a page.
    let partial = path.with_file_name(format!(".{name}.partial-{}", std::process::id()));
    let written = fs::write(&partial, bytes)
        .and_then(|()| permissions.map_or(Ok(()), |permissions| fs::set_permissions(&partial, permissions)))
        .and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // The error that counts is the one above.
        let _ = fs::remove_file(&partial);
    }
    written
}
