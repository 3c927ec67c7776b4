//! Commands through the door: any ending is an answer, nothing hangs, and nothing is left running.
#![cfg(unix)]

use std::time::{Duration, Instant};

use countersign::model::evidence::Answer;
use countersign::witness::{Command, Limits, PerCheck};

use crate::door::{Door, check};

fn shell(line: &str) -> Command {
    Command { argv: ["sh", "-c", line].map(str::to_owned).to_vec(), ..Command::default() }
}

fn argv(words: &[&str]) -> Command {
    Command { argv: words.iter().map(|word| (*word).to_owned()).collect(), ..Command::default() }
}

/// Does any process have this text among its arguments?
fn runs(marker: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok());
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.into_iter().any(|line| String::from_utf8_lossy(&line).contains(marker))
}

async fn soon_gone(marker: &str) -> bool {
    for _ in 0..50 {
        if !runs(marker) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn any_exit_code_is_an_answer_and_both_streams_are_kept_apart() {
    let door = Door::open();
    let witness = door.witness();
    let answer = witness.run(shell("echo out; echo err >&2; exit 3")).await.unwrap();
    assert_eq!((answer.exit, answer.signal), (Some(3), None));
    assert_eq!((answer.stdout.as_slice(), answer.stderr.as_slice()), (b"out\n".as_slice(), b"err\n".as_slice()));
    let Answer::Command { stdout, stderr, .. } = &witness.exchanges()[0].answer else { panic!("not a command") };
    assert!(stdout.file.ends_with("-sh.txt") && stderr.file.ends_with("-sh-stderr.txt"));
}

#[tokio::test]
async fn a_command_gets_no_input_the_directory_and_the_variables() {
    let door = Door::open();
    std::fs::create_dir(door.root().join("sub")).unwrap();
    let command = Command {
        dir: Some("sub".to_owned()),
        env: [("GREETING".to_owned(), "hello".to_owned())].into(),
        ..shell("cat; pwd; echo $GREETING")
    };
    let answer = door.witness().run(command).await.unwrap();
    let expected = format!("{}\nhello\n", door.root().canonicalize().unwrap().join("sub").display());
    assert_eq!(String::from_utf8(answer.stdout).unwrap(), expected);
    let outside = Command { dir: Some("..".to_owned()), ..shell("true") };
    let error = door.witness().run(outside).await.unwrap_err();
    assert!(error.reason.starts_with("\"..\" is outside the audit's root"), "{}", error.reason);
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    use std::os::unix::fs::PermissionsExt as _;
    let door = Door::open();
    std::fs::write(door.root().join("plain"), "echo").unwrap();
    for (name, text) in [("no-format", "echo hi"), ("no-interpreter", "#!/no/such/shell\n")] {
        let path = door.root().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (words, reason) in [
        (vec!["no-such-program-here"], "the program \"no-such-program-here\" was not found"),
        (vec!["./missing"], "the program \"./missing\" does not exist"),
        (vec!["./plain"], "the program \"./plain\" may not be executed"),
        (vec!["./no-format"], "\"./no-format\" is not a program that this machine can run"),
        (
            vec!["./no-interpreter"],
            "the program \"./no-interpreter\" cannot be started: what its first line (#!) names does not exist",
        ),
        (vec![], "the command is empty"),
        (vec!["true", "a\0b"], "the program \"true\" cannot be started: nul byte found in provided data"),
    ] {
        assert_eq!(door.witness().run(argv(&words)).await.unwrap_err().reason, reason);
    }
}

#[tokio::test]
async fn a_command_that_never_ends_is_ended() {
    let door = Door::open();
    let start = Instant::now();
    let error = door.patient(200).run(shell("echo waiting for the lock; sleep 601.25")).await.unwrap_err();
    assert_eq!(error.reason, "\"sh\" did not end within 200 ms; the last it wrote was \"waiting for the lock\"");
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(soon_gone("601.25").await, "its child still runs");
}

#[tokio::test]
async fn a_command_that_ignores_term_is_killed() {
    let door = Door::open();
    let start = Instant::now();
    let line = "trap '' TERM; while true; do sleep 0.0731; done";
    let error = door.patient(200).run(shell(line)).await.unwrap_err();
    assert_eq!(error.reason, "\"sh\" did not end within 200 ms");
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(soon_gone("0.0731").await);
}

#[tokio::test]
async fn a_command_may_end_in_order_when_it_is_told_to() {
    let door = Door::open();
    let mark = door.root().join("cleaned");
    let line = "trap 'touch cleaned; exit 0' TERM; while true; do sleep 0.05; done";
    assert!(door.patient(300).run(shell(line)).await.is_err());
    assert!(mark.exists(), "it had no time to clean up");
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipe_holds_up_nobody() {
    let door = Door::open();
    let start = Instant::now();
    let answer = door.patient(5_000).run(shell("sleep 602.25 & echo started")).await.unwrap();
    assert_eq!((answer.exit, answer.stdout.as_slice()), (Some(0), b"started\n".as_slice()));
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(soon_gone("602.25").await, "the grandchild still runs");
}

#[tokio::test]
async fn a_flood_is_stopped_early() {
    let limits = Limits { command_output: 1 << 20, ..Limits::default() };
    let door = Door::limited(limits);
    for line in ["yes", "yes >&2"] {
        let start = Instant::now();
        let error = door.witness().run(shell(line)).await.unwrap_err();
        assert_eq!(error.reason, "\"sh\" wrote more than 1 MiB and was stopped");
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn binary_output_and_much_of_it_comes_through_whole() {
    let door = Door::open();
    let witness = door.witness();
    let answer = witness.run(shell("printf '\\000\\377\\001'; head -c 3000000 /dev/zero")).await.unwrap();
    assert_eq!(answer.stdout.len(), 3_000_003);
    assert_eq!(answer.stdout[..3], [0, 255, 1]);
    let Answer::Command { stdout, .. } = &witness.exchanges()[0].answer else { panic!("not a command") };
    assert!(stdout.binary && stdout.file.ends_with("-sh.bin"), "{stdout:?}");
}

#[tokio::test]
async fn a_command_that_a_signal_ends_has_no_exit_code() {
    let door = Door::open();
    let answer = door.witness().run(shell("kill -15 $$")).await.unwrap();
    assert_eq!((answer.exit, answer.signal), (None, Some(15)));
}

#[tokio::test]
async fn commands_can_be_switched_off() {
    let door = Door::with(|options| options.no_commands = true);
    let error = door.witness().run(shell("true")).await.unwrap_err();
    assert_eq!(error.reason, "commands are switched off (--no-commands)");
}

#[tokio::test]
async fn an_interrupt_kills_the_command_and_its_children() {
    let door = Door::open();
    let witness = door.witness();
    let cancel = door.session.cancel_token();
    let command = shell("sleep 603.25 & sleep 603.25");
    let (answer, ()) = tokio::join!(witness.run(command), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(runs("603.25"));
        cancel.cancel();
    });
    assert_eq!(answer.unwrap_err().reason, "interrupted");
    assert!(soon_gone("603.25").await, "they still run");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_commands_run_at_once_than_the_limit_says() {
    let door = Door::limited(Limits { commands: 1, ..Limits::default() });
    let line = "test -e busy && echo met; touch busy; sleep 0.05; rm busy";
    let mut all = tokio::task::JoinSet::new();
    for number in 0..4 {
        let witness = door.session.witness(&check(&format!("c{number}")), PerCheck::default());
        all.spawn(async move { witness.run(shell(line)).await.unwrap().stdout });
    }
    assert!(all.join_all().await.iter().all(|stdout| stdout.is_empty()));
}
