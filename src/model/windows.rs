//! What a path is on Windows that does not look like it: a device, a stream of a file, another computer. A function of the
//! text alone, because asking the system about such a path already opens the device or greets the computer.
//!
//! Sources: Microsoft, "Naming Files, Paths, and Namespaces" and "File path formats on Windows systems".

/// Names of devices, in every folder and with every extension.
const DEVICES: [&str; 7] = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];
/// Names of devices that a digit follows.
const NUMBERED: [&str; 2] = ["com", "lpt"];

/// What a path names other than a file or a folder of this computer; `None` when it is nothing of the kind.
pub fn strange(path: &str) -> Option<&'static str> {
    let path = path.replace('/', "\\");
    if ["\\\\?\\", "\\\\.\\", "\\??\\"].iter().any(|start| path.starts_with(start)) {
        return Some("names a device");
    }
    if path.starts_with("\\\\") {
        return Some("leads to another computer");
    }
    let letter = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    let rest = match path.split_at_checked(2) {
        Some((drive, rest)) if letter && drive.ends_with(':') => {
            if !rest.starts_with('\\') {
                return Some("depends on where that drive was left");
            }
            rest
        }
        _ => &path,
    };
    rest.split('\\').find_map(strange_name)
}

fn strange_name(name: &str) -> Option<&'static str> {
    if matches!(name, "" | "." | "..") {
        return None;
    }
    if name.contains(':') {
        return Some("names a stream of a file");
    }
    // What stands behind the first dot makes no file of a device, and neither do spaces before it.
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_ascii_lowercase();
    let numbered = |device: &str| {
        let mut rest = stem.strip_prefix(device).into_iter().flat_map(str::chars);
        matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    if DEVICES.contains(&stem.as_str()) || NUMBERED.iter().any(|device| numbered(device)) {
        return Some("names a device");
    }
    name.ends_with(['.', ' ']).then_some("ends in a dot or a space, which Windows leaves out")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_and_folders_are_nothing_strange() {
        for plain in [
            "build/junit.xml",
            "build\\junit.xml",
            "C:\\work\\audit.yaml",
            "c:/work/audit.yaml",
            "\\work\\x",
            "..\\x",
            "./a/../b",
            ".hidden",
            "console.txt",
            "com.txt",
            "com10.txt",
            "nulls\\x",
            "a.b.c",
            "C:\\",
            "lib/auxiliary",
        ] {
            assert_eq!(strange(plain), None, "{plain}");
        }
    }

    #[test]
    fn devices_streams_and_other_computers_are_told_by_their_names() {
        for (path, what) in [
            ("NUL", "names a device"),
            ("build\\nul.xml", "names a device"),
            ("a/CON/b", "names a device"),
            ("aux .txt", "names a device"),
            ("COM1", "names a device"),
            ("lpt\u{b9}.log", "names a device"),
            ("CONIN$", "names a device"),
            ("\\\\.\\PhysicalDrive0", "names a device"),
            ("//./pipe/docker_engine", "names a device"),
            ("\\\\?\\C:\\x", "names a device"),
            ("\\\\evil.example\\share\\x", "leads to another computer"),
            ("//evil.example/share/x", "leads to another computer"),
            ("C:x", "depends on where that drive was left"),
            ("D:", "depends on where that drive was left"),
            ("file.txt:hidden", "names a stream of a file"),
            ("C:\\a\\b.txt::$DATA", "names a stream of a file"),
            ("secret.json.", "ends in a dot or a space, which Windows leaves out"),
            ("dir \\x", "ends in a dot or a space, which Windows leaves out"),
        ] {
            assert_eq!(strange(path), Some(what), "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic_and_both_slashes_are_one(path in "\\PC{0,30}") {
            prop_assert_eq!(strange(&path), strange(&path.replace('/', "\\")));
        }
    }
}
