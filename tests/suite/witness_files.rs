//! Files through the door: nothing outside the root, nothing that blocks, nothing that is half read.

use std::io::Read as _;

use countersign::model::evidence::{Answer, FileKind};
use countersign::model::fact::Unmeasurable;
use countersign::witness::Limits;

use crate::door::Door;

async fn read(door: &Door, path: &str) -> Result<String, Unmeasurable> {
    let mut content = door.witness().read(path).await?;
    let mut text = String::new();
    content.reader.read_to_string(&mut text).unwrap();
    Ok(text)
}

async fn refused(door: &Door, path: &str) -> String {
    read(door, path).await.unwrap_err().reason
}

#[tokio::test]
async fn a_file_is_read_with_the_time_of_its_last_change() {
    let door = Door::open();
    std::fs::write(door.root().join("a.txt"), "alpha").unwrap();
    let witness = door.witness();
    let content = witness.read("a.txt").await.unwrap();
    let now = witness.now().await.unwrap();
    assert!((0..60).contains(&now.seconds_since(content.modified.unwrap())));
    assert_eq!(read(&door, "./a.txt").await.unwrap(), "alpha");
    // A path below the root is inside, however it is written.
    let absolute = door.root().join("a.txt");
    assert_eq!(read(&door, absolute.to_str().unwrap()).await.unwrap(), "alpha");
    std::fs::write(door.root().join("empty"), "").unwrap();
    assert_eq!(read(&door, "empty").await.unwrap(), "");
}

#[tokio::test]
async fn a_file_that_vanishes_after_it_was_listed_cannot_be_read() {
    let door = Door::open();
    std::fs::write(door.root().join("a.xml"), "<x/>").unwrap();
    let witness = door.witness();
    let listed = witness.list("*.xml").await.unwrap();
    assert_eq!(listed, ["a.xml"]);
    std::fs::remove_file(door.root().join("a.xml")).unwrap();
    assert_eq!(refused(&door, &listed[0]).await, "\"a.xml\" does not exist");
}

#[tokio::test]
async fn a_missing_file_cannot_be_read_but_can_be_missing() {
    let door = Door::open();
    std::fs::write(door.root().join("junit.xml"), "<x/>").unwrap();
    let error = read(&door, "junti.xml").await.unwrap_err();
    assert_eq!(
        (error.reason.as_str(), error.help.as_str()),
        ("\"junti.xml\" does not exist", "Did you mean \"junit.xml\"?")
    );
    for path in ["junti.xml", "no/such/dir", "junit.xml/below"] {
        assert_eq!(door.witness().stat(path).await.unwrap().kind, FileKind::Missing, "{path}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_path_is_can_be_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let door = Door::open();
    let path = door.root().join("run.sh");
    std::fs::write(&path, "12345").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
    let stat = door.witness().stat("run.sh").await.unwrap();
    assert_eq!((stat.kind, stat.size, stat.mode), (FileKind::File, 5, 0o750));
    assert!(stat.modified.is_some());
    assert_eq!(door.witness().stat(".").await.unwrap().kind, FileKind::Directory);
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_outside_the_root_is_looked_at() {
    let door = Door::open();
    std::fs::write(door.scratch.path().join("secret.txt"), "outside").unwrap();
    std::os::unix::fs::symlink("../secret.txt", door.root().join("link.txt")).unwrap();
    std::os::unix::fs::symlink("..", door.root().join("up")).unwrap();
    std::os::unix::fs::symlink("/no/such/target", door.root().join("dangling")).unwrap();
    let outside =
        ["../secret.txt", "/etc/passwd", "link.txt", "up/secret.txt", "a/../../secret.txt", "dangling", "up/missing"];
    for path in outside {
        let reason = refused(&door, path).await;
        assert!(reason.starts_with(&format!("\"{path}\" is outside the audit's root")), "{reason}");
        let error = door.witness().stat(path).await.unwrap_err();
        assert!(error.reason.contains("is outside the audit's root"), "{path}: {}", error.reason);
    }
    let free = Door::with(|options| options.allow_outside = true);
    assert!(read(&free, "/etc/passwd").await.unwrap().contains("root"));
    assert!(free.witness().list("/etc/pass*").await.unwrap().contains(&"/etc/passwd".to_owned()));
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_regular_file_is_not_opened() {
    let door = Door::with(|options| options.allow_outside = true);
    let status = std::process::Command::new("mkfifo").arg(door.root().join("pipe")).status().unwrap();
    assert!(status.success());
    let start = std::time::Instant::now();
    for path in ["pipe", "/dev/zero", "/dev/null"] {
        assert_eq!(refused(&door, path).await, format!("\"{path}\" is a device, a pipe or a socket, not a file"));
    }
    assert_eq!(refused(&door, ".").await, "\".\" is a directory, not a file");
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
    assert_eq!(door.witness().stat("pipe").await.unwrap().kind, FileKind::Other);
    assert_eq!(refused(&door, "a\0b").await, "\"a\\0b\" is not a path");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_says_it_is_empty_and_is_not_is_read() {
    let door = Door::with(|options| options.allow_outside = true);
    assert!(read(&door, "/proc/uptime").await.unwrap().contains('.'));
}

#[tokio::test]
async fn a_large_file_is_streamed_and_its_head_is_kept() {
    let door = Door::limited(Limits { evidence: 1 << 20, ..Limits::default() });
    let text = "token=abcdef1\n".repeat(200_000);
    std::fs::write(door.root().join("large.log"), &text).unwrap();
    let witness = door.witness();
    let mut content = witness.read("large.log").await.unwrap();
    let mut whole = String::new();
    content.reader.read_to_string(&mut whole).unwrap();
    assert_eq!(whole.len(), text.len());
    let Answer::Content { content: blob, .. } = &witness.exchanges()[0].answer else { panic!("not a file") };
    assert_eq!((blob.bytes, blob.cut), (text.len() as u64, true));
    let kept = std::fs::read_to_string(door.evidence().join(&blob.file)).unwrap();
    assert_eq!(kept.len() as u64, blob.kept);
    assert!(!kept.contains("abcdef1") && kept.starts_with("token=[REDACTED]\n"));
}

#[tokio::test]
async fn a_large_file_that_changes_under_the_reader_is_an_error() {
    let door = Door::limited(Limits { evidence: 1 << 20, ..Limits::default() });
    let path = door.root().join("growing.log");
    for change in [1_u64 << 22, 1 << 19] {
        std::fs::write(&path, vec![b'x'; 1 << 21]).unwrap();
        let mut content = door.witness().read("growing.log").await.unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_len(change).unwrap();
        let error = content.reader.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "the file changed while it was read");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_listing_that_is_not_whole_is_no_listing() {
    let door = Door::limited(Limits { listing: 3, ..Limits::default() });
    for number in 0..4 {
        std::fs::write(door.root().join(format!("{number}.txt")), "").unwrap();
    }
    let error = door.witness().list("*.txt").await.unwrap_err();
    assert_eq!(error.reason, "\"*.txt\" matches more than 3 files");
    assert_eq!(door.witness().list("[0-2].txt").await.unwrap(), ["0.txt", "1.txt", "2.txt"]);
    assert_eq!(door.witness().list("nothing/**").await.unwrap(), [] as [&str; 0]);
    let error = door.witness().list("a{b").await.unwrap_err();
    assert!(error.reason.starts_with("\"a{b\" is not a pattern: "), "{}", error.reason);
}

#[test]
fn a_run_that_could_keep_no_evidence_does_not_begin() {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("file"), "").unwrap();
    let options = countersign::witness::LiveOptions::new(scratch.path(), scratch.path().join("file/evidence"));
    let error = countersign::witness::Session::live(options).unwrap_err();
    assert!(error.to_string().contains("evidence cannot be written to"), "{error}");
    assert_eq!(error.help(), "Choose an output directory that this user may write to.");
    let options = countersign::witness::LiveOptions::new(scratch.path().join("nowhere"), scratch.path());
    let error = countersign::witness::Session::live(options).unwrap_err();
    assert!(error.to_string().contains("the audit's root"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_the_pattern_cannot_reach_need_not_be_readable() {
    use std::os::unix::fs::PermissionsExt as _;
    let door = Door::open();
    std::fs::write(door.root().join("a.txt"), "").unwrap();
    let closed = door.root().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    assert_eq!(door.witness().list("*.txt").await.unwrap(), ["a.txt"]);
    // Whoever may read everything finds nothing there.
    let may_read = std::fs::read_dir(&closed).is_ok();
    for pattern in ["**/*.txt", "*/*.txt"] {
        let listed = door.witness().list(pattern).await;
        assert_eq!(listed.is_ok(), may_read, "{pattern}: {listed:?}");
    }
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
}
