//! Replay: the same questions get the same answers from the bundle, and nothing else is ever asked.

use std::collections::BTreeMap;

use countersign::model::evidence::{Answer, Exchange};
use countersign::witness::{Command, HttpRequest, Limits, PerCheck, Session, Witness};

use crate::door::{Door, check, replay};
use crate::fault_server::FaultServer;

/// Everything that a probe may ask, as one comparable text.
async fn look(witness: &Witness, server: &FaultServer) -> String {
    let mut seen = Vec::new();
    for path in ["/json", "/500", "/json", "/half", "/cookie"] {
        seen.push(match witness.http(HttpRequest::get(server.url(path))).await {
            Ok(answer) => format!("{answer:?}"),
            Err(error) => format!("{error:?}"),
        });
    }
    let argv = ["sh", "-c", "echo out; echo err >&2; exit 3"].map(str::to_owned).to_vec();
    seen.push(format!("{:?}", witness.run(Command { argv, ..Command::default() }).await));
    for path in ["facts.txt", "missing.txt"] {
        let mut text = String::new();
        seen.push(match witness.read(path).await {
            Ok(mut content) => {
                content.reader.read_to_string(&mut text).unwrap();
                format!("{:?} {text}", content.modified)
            }
            Err(error) => format!("{error:?}"),
        });
        seen.push(format!("{:?}", witness.stat(path).await));
    }
    seen.push(format!("{:?}", witness.list("*.txt").await));
    seen.push(format!("{:?}", witness.connect("127.0.0.1", server.port()).await));
    seen.push(format!("{:?}", witness.now().await));
    seen.join("\n")
}

fn files(directory: &std::path::Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

#[tokio::test]
async fn live_then_replay_gives_the_same_answers_exchanges_and_evidence() {
    let server = FaultServer::start().await;
    let door = Door::open();
    std::fs::write(door.root().join("facts.txt"), "password=hunter22\nports: 3\n").unwrap();
    let live = door.witness();
    let first = look(&live, &server).await;
    let hits = server.hits();
    std::fs::write(door.root().join("facts.txt"), "changed since").unwrap();

    let again = tempfile::tempdir().unwrap();
    let session = door.replay(&live, again.path());
    let replayed = session.witness(&check("one"), PerCheck::default());
    assert_eq!(look(&replayed, &server).await, first);
    assert_eq!(replayed.exchanges(), live.exchanges());
    assert_eq!(files(again.path()), files(&door.evidence()));
    assert_eq!(server.hits(), hits, "a replay asks nobody");
    assert!(first.contains("password=[REDACTED]") && !first.contains("hunter22"), "{first}");
    // What went into a file can be read from it again.
    let text = serde_json::to_string(&live.exchanges()).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Exchange>>(&text).unwrap(), live.exchanges());
}

#[tokio::test]
async fn a_question_that_was_not_asked_is_no_answer_and_no_call() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let live = door.witness();
    live.http(HttpRequest::get(server.url("/json"))).await.unwrap();
    let again = tempfile::tempdir().unwrap();
    let replayed = door.replay(&live, again.path()).witness(&check("one"), PerCheck::default());
    let error = replayed.http(HttpRequest::get(server.url("/500"))).await.unwrap_err();
    assert_eq!(
        error.reason,
        format!("this question was not asked when the bundle was recorded: curl -sS '{}'", server.url("/500"))
    );
    assert_eq!(server.hits(), 1);
    // Asked once then, asked twice now: the second time there is no answer either.
    replayed.http(HttpRequest::get(server.url("/json"))).await.unwrap();
    assert!(replayed.http(HttpRequest::get(server.url("/json"))).await.is_err());
}

#[tokio::test]
async fn a_check_that_was_renamed_finds_its_answers() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let live = door.witness();
    live.http(HttpRequest::get(server.url("/json"))).await.unwrap();
    let again = tempfile::tempdir().unwrap();
    let renamed = door.replay(&live, again.path()).witness(&check("two"), PerCheck::default());
    assert_eq!(renamed.http(HttpRequest::get(server.url("/json"))).await.unwrap().status, 200);
}

#[tokio::test]
async fn evidence_that_is_not_what_was_recorded_is_no_evidence() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let live = door.witness();
    live.http(HttpRequest::get(server.url("/json"))).await.unwrap();
    let Answer::Http { body, .. } = live.exchanges()[0].answer.clone() else { panic!("not http") };
    let path = door.evidence().join(&body.file);
    let ask = async || {
        let again = tempfile::tempdir().unwrap();
        let witness = door.replay(&live, again.path()).witness(&check("one"), PerCheck::default());
        let error = witness.http(HttpRequest::get(server.url("/json"))).await.unwrap_err();
        assert_eq!(files(again.path()).len(), 0);
        error.reason
    };
    std::fs::write(&path, r#"{"status":"no"}"#).unwrap();
    assert_eq!(ask().await, format!("the evidence \"{}\" does not have the digest that was recorded", body.file));
    std::fs::write(&path, "longer than what was recorded").unwrap();
    assert_eq!(ask().await, format!("the evidence \"{}\" has 29 bytes where 15 were recorded", body.file));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(ask().await, format!("the evidence \"{}\" is missing: no such file or directory", body.file));
}

#[tokio::test]
async fn a_bundle_cannot_reach_outside_itself() {
    let server = FaultServer::start().await;
    let door = Door::open();
    std::fs::write(door.root().join("outside.txt"), br#"{"status":"ok"}"#).unwrap();
    let live = door.witness();
    live.http(HttpRequest::get(server.url("/json"))).await.unwrap();
    for hostile in ["../root/outside.txt", "/etc/passwd", "..", "", "a\\b"] {
        let mut exchanges = live.exchanges();
        let Answer::Http { body, .. } = &mut exchanges[0].answer else { panic!("not http") };
        body.file = hostile.to_owned();
        let again = tempfile::tempdir().unwrap();
        let session = replay(BTreeMap::from([(check("one"), exchanges)]), &door.evidence(), again.path());
        let witness = session.witness(&check("one"), PerCheck::default());
        let error = witness.http(HttpRequest::get(server.url("/json"))).await.unwrap_err();
        assert_eq!(error.reason, format!("the evidence \"{hostile}\" is not the name of a file in the bundle"));
    }
}

#[tokio::test]
async fn evidence_that_was_cut_cannot_be_measured_again() {
    let door = Door::limited(Limits { evidence: 1 << 20, ..Limits::default() });
    std::fs::write(door.root().join("large.txt"), "0123456789".repeat(200_000)).unwrap();
    let live = door.witness();
    let mut content = live.read("large.txt").await.unwrap();
    let mut whole = Vec::new();
    content.reader.read_to_end(&mut whole).unwrap();
    assert_eq!(whole.len(), 2_000_000, "the probe reads all of it");
    let Answer::Content { content: blob, .. } = &live.exchanges()[0].answer else { panic!("not a file") };
    assert_eq!((blob.bytes, blob.kept, blob.cut), (2_000_000, 1 << 20, true));

    let again = tempfile::tempdir().unwrap();
    let replayed = door.replay(&live, again.path()).witness(&check("one"), PerCheck::default());
    assert_eq!(
        replayed.read("large.txt").await.unwrap_err().reason,
        "the evidence was cut at 1 MiB when it was recorded; it cannot be measured again"
    );
}

#[tokio::test]
async fn a_dry_run_lists_its_questions_and_asks_none() {
    let server = FaultServer::start().await;
    let session = Session::dry();
    let witness = session.witness(&check("one"), PerCheck::default());
    assert_eq!(witness.http(HttpRequest::get(server.url("/json"))).await.unwrap_err().reason, "not asked: dry run");
    assert!(witness.read("/etc/passwd").await.is_err());
    assert_eq!(server.hits(), 0);
    let asked: Vec<String> =
        session.asked().iter().map(|(_, question)| countersign::model::repeat::repeat_line(question)).collect();
    assert_eq!(asked, [format!("curl -sS '{}'", server.url("/json")), "cat /etc/passwd".to_owned()]);
}
