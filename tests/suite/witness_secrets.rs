//! Secrets: filled in at the last moment, used, and found nowhere afterwards.

use std::collections::BTreeMap;

use countersign::model::repeat::repeat_line;
use countersign::witness::{Command, HttpRequest, Secrets};

use crate::door::Door;
use crate::fault_server::FaultServer;

const SECRET: &str = "correct/horse \"battery\"";

fn with_secret() -> Door {
    Door::with(|options| {
        options.secrets = Secrets::given(BTreeMap::from([("API_KEY".to_owned(), SECRET.to_owned())]));
    })
}

/// Every byte that is kept of a run: its exchanges and its evidence.
fn everything_kept(door: &Door, witness: &countersign::witness::Witness) -> String {
    let mut kept = serde_json::to_string(&witness.exchanges()).unwrap();
    for entry in std::fs::read_dir(door.evidence()).unwrap() {
        let path = entry.unwrap().path();
        kept.push_str(&path.display().to_string());
        kept.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
    }
    kept
}

#[tokio::test]
async fn a_secret_reaches_the_server_and_nothing_else() {
    let server = FaultServer::start().await;
    let door = with_secret();
    let witness = door.witness();
    let request = HttpRequest {
        method: "POST".to_owned(),
        headers: BTreeMap::from([("x-custom".to_owned(), "${secret:API_KEY}".to_owned())]),
        body: Some("{\"x\": \"${secret:API_KEY}\"}".to_owned()),
        ..HttpRequest::get(server.url("/echo?k=${secret:API_KEY}"))
    };
    let answer = witness.http(request).await.unwrap();
    let echoed = String::from_utf8(answer.body).unwrap();
    assert_eq!(echoed.matches("[REDACTED]").count(), 3, "{echoed}");
    let kept = everything_kept(&door, &witness);
    assert!(!kept.contains("horse") && !kept.contains("battery"), "{kept}");
    let line = repeat_line(&witness.exchanges()[0].question);
    assert!(line.contains("-H 'x-custom: '\"$API_KEY\""), "{line}");
}

#[tokio::test]
async fn a_secret_reaches_a_command_and_nothing_else() {
    let door = with_secret();
    let witness = door.witness();
    let line = "printf '%s|%s|' \"$KEY\" \"$1\"; printf %s \"$KEY\" | base64; printf %s \"u:$KEY\" | base64 >&2";
    let command = Command {
        argv: ["sh", "-c", line, "sh", "${secret:API_KEY}"].map(str::to_owned).to_vec(),
        env: BTreeMap::from([("KEY".to_owned(), "${secret:API_KEY}".to_owned())]),
        ..Command::default()
    };
    let answer = witness.run(command).await.unwrap();
    let stdout = String::from_utf8(answer.stdout).unwrap();
    assert!(stdout.starts_with("[REDACTED]|[REDACTED]|[REDACTED]"), "{stdout}");
    assert!(String::from_utf8(answer.stderr).unwrap().contains("[REDACTED]"));
    assert!(!everything_kept(&door, &witness).contains("horse"));
}

#[tokio::test]
async fn a_secret_is_in_no_error_text_either() {
    let door = with_secret();
    let witness = door.witness();
    let error = witness.http(HttpRequest::get("gopher://${secret:API_KEY}/")).await.unwrap_err();
    assert!(error.reason.contains("[REDACTED]"), "{}", error.reason);
    let argv = vec!["no-${secret:API_KEY}".to_owned()];
    let error = witness.run(Command { argv, ..Command::default() }).await.unwrap_err();
    assert!(error.reason.contains("[REDACTED]"), "{}", error.reason);
    assert!(!everything_kept(&door, &witness).contains("horse"));
}

#[tokio::test]
async fn a_secret_in_a_file_is_not_shown_to_the_probe() {
    let door = with_secret();
    std::fs::write(door.root().join("app.env"), format!("NAME=app\nNOTE={SECRET}\nDB_PASSWORD=hunter22\n")).unwrap();
    let witness = door.witness();
    let mut content = witness.read("app.env").await.unwrap();
    let mut text = String::new();
    content.reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "NAME=app\nNOTE=[REDACTED]\nDB_PASSWORD=[REDACTED]\n");
    assert!(!everything_kept(&door, &witness).contains("hunter22"));
}

#[tokio::test]
async fn a_missing_secret_stops_the_question_and_names_the_variable() {
    let server = FaultServer::start().await;
    let door = with_secret();
    let error = door.witness().http(HttpRequest::get(server.url("/json?k=${secret:OTHER}"))).await.unwrap_err();
    assert_eq!(error.reason, "the secret \"OTHER\" is not set");
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn cookies_of_an_answer_are_not_kept() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let witness = door.witness();
    let answer = witness.http(HttpRequest::get(server.url("/cookie"))).await.unwrap();
    assert_eq!(answer.headers["set-cookie"], "[REDACTED]");
    assert!(!everything_kept(&door, &witness).contains("s3cr3t-session"));
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_to_another_host() {
    let (first, second) = (FaultServer::start().await, FaultServer::start().await);
    let door = Door::open();
    let header =
        BTreeMap::from([("authorization".to_owned(), "x1y2z3".to_owned()), ("x-keep".to_owned(), "1".to_owned())]);
    let url = first.url(&format!("/redirect-to-port?{}", second.port()));
    let answer = door.witness().http(HttpRequest { headers: header, ..HttpRequest::get(url) }).await.unwrap();
    let echoed = String::from_utf8(answer.body).unwrap();
    assert!(echoed.contains("x-keep: 1") && !echoed.contains("authorization"), "{echoed}");
}
