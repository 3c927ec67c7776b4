//! HTTP through the door: any status is an answer, every fault is a clear "could not look".

use std::time::{Duration, Instant};

use countersign::witness::{HttpRequest, Limits, PerCheck};

use crate::door::{Door, check};
use crate::fault_server::{FaultServer, closed_port};

async fn trouble(path: &str) -> (String, String) {
    let server = FaultServer::start().await;
    let door = Door::limited(Limits { http_body: 1 << 20, ..Limits::default() });
    let error = door.patient(400).http(HttpRequest::get(server.url(path))).await.unwrap_err();
    (error.reason.replace(&server.port().to_string(), "PORT"), error.help)
}

#[tokio::test]
async fn an_answer_is_kept_as_evidence() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let witness = door.witness();
    let answer = witness.http(HttpRequest::get(server.url("/json"))).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, br#"{"status":"ok"}"#.as_slice()));
    assert_eq!(answer.headers["content-type"], "application/json");
    let exchange = &witness.exchanges()[0];
    assert_eq!((exchange.attempts, Duration::from_micros(exchange.elapsed_us)), (1, answer.elapsed));
    let kept: Vec<_> = std::fs::read_dir(door.evidence()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(std::fs::read(&kept[0]).unwrap(), answer.body);
    let name = kept[0].file_name().unwrap().to_str().unwrap();
    assert!(name.ends_with(&format!("-127.0.0.1-{}-json.json", server.port())), "{name}");
}

#[tokio::test]
async fn any_status_is_an_answer() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let witness = door.witness();
    for (path, status) in [("/500", 500), ("/html", 200), ("/nowhere", 404), ("/hop", 200)] {
        assert_eq!(witness.http(HttpRequest::get(server.url(path))).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn refusal_says_so() {
    let port = closed_port().await;
    let error = Door::open().witness().http(HttpRequest::get(format!("http://127.0.0.1:{port}/"))).await.unwrap_err();
    assert_eq!(error.reason, format!("127.0.0.1:{port} refused the connection"));
    assert_eq!(error.help, "Look whether the service runs and listens on that port.");
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_on() {
    for path in ["/hang", "/hang-in-body", "/drip"] {
        let start = Instant::now();
        assert_eq!(trouble(path).await.0, "127.0.0.1:PORT did not answer in full within 400 ms");
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn half_a_body_is_no_body() {
    assert_eq!(trouble("/half").await.0, "127.0.0.1:PORT sent only a part of the body that it had announced");
}

#[tokio::test]
async fn a_closed_connection_and_another_protocol_are_told_apart_from_an_answer() {
    assert_eq!(trouble("/close").await.0, "127.0.0.1:PORT closed the connection before it had answered");
    let garbage = trouble("/garbage").await.0;
    assert!(garbage.starts_with("127.0.0.1:PORT gave no usable answer: "), "{garbage}");
}

#[tokio::test]
async fn redirects_in_a_circle_and_without_end_are_errors() {
    let circle = trouble("/loop").await.0;
    assert!(circle.starts_with("127.0.0.1:PORT redirects in a circle: after 2 redirects it pointed to "), "{circle}");
    let endless = trouble("/endless").await.0;
    assert!(endless.starts_with("127.0.0.1:PORT redirects in a circle: after 11 redirects"), "{endless}");
    assert_eq!(
        trouble("/to-ftp").await.0,
        "127.0.0.1:PORT redirects to \"ftp://127.0.0.1/x\", which is not a web address"
    );
}

#[tokio::test]
async fn a_form_may_send_back_to_itself_and_who_asks_for_the_head_gets_no_body() {
    let server = FaultServer::start().await;
    let door = Door::open();
    for (method, path, status, body) in [("POST", "/form", 200, "thanks"), ("HEAD", "/see-head", 204, "")] {
        let request = HttpRequest { method: method.to_owned(), ..HttpRequest::get(server.url(path)) };
        let answer = door.witness().http(request).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (status, body.as_bytes()), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_stopped_early() {
    for path in ["/announced-2gb", "/streamed-2gb", "/bomb"] {
        let start = Instant::now();
        assert_eq!(trouble(path).await.0, "the answer of 127.0.0.1:PORT is larger than 1 MiB", "{path}");
        assert!(start.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn a_question_without_an_answer_is_asked_again_as_often_as_the_check_says() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let witness = door.session.witness(&check("one"), PerCheck { timeout: None, retries: 3 });
    let answer = witness.http(HttpRequest::get(server.url("/flaky"))).await.unwrap();
    assert_eq!(answer.body, b"at last");
    assert_eq!((witness.exchanges()[0].attempts, server.hits()), (3, 3));
    // What came before, and the 300 ms that were waited between, is no time that the answer took.
    assert!(answer.elapsed < Duration::from_millis(300), "{:?}", answer.elapsed);
    // An answer is an answer: it is not asked for twice.
    witness.http(HttpRequest::get(server.url("/500"))).await.unwrap();
    assert_eq!((witness.exchanges()[1].attempts, server.hits()), (1, 4));
}

#[tokio::test]
async fn a_body_and_headers_are_sent() {
    let server = FaultServer::start().await;
    let request = HttpRequest {
        method: "POST".to_owned(),
        body: Some("{\"a\":1}".to_owned()),
        headers: [("x-who".to_owned(), "me".to_owned())].into(),
        ..HttpRequest::get(server.url("/echo"))
    };
    let door = Door::open();
    let answer = door.witness().http(request).await.unwrap();
    let text = String::from_utf8(answer.body).unwrap();
    assert!(
        text.starts_with("POST /echo HTTP/1.1") && text.contains("x-who: me") && text.ends_with("{\"a\":1}"),
        "{text}"
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_before_it_is_asked() {
    let door = Door::open();
    let witness = door.witness();
    for (url, reason) in [
        ("127.0.0.1:80", "\"127.0.0.1:80\" is not an address: relative URL without a base"),
        ("ftp://h/", "\"ftp://h/\" is not an address: \"ftp\" is neither http nor https"),
    ] {
        assert_eq!(witness.http(HttpRequest::get(url)).await.unwrap_err().reason, reason);
    }
    let error = witness.http(HttpRequest::get("http://no-such-host.invalid/")).await.unwrap_err();
    assert!(error.reason.starts_with("the name \"no-such-host.invalid\" does not resolve"), "{}", error.reason);
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_spoken_over_and_a_missing_one_is_named() {
    let door = Door::open();
    let socket = door.root().join("engine.sock").to_str().unwrap().to_owned();
    let request = HttpRequest { socket: Some(socket.clone()), ..HttpRequest::get("http://docker/v1/_ping") };
    let error = door.witness().http(request.clone()).await.unwrap_err();
    assert_eq!(error.reason, format!("the socket \"{socket}\" does not exist"));

    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 1024];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK").await.unwrap();
    });
    // The client that failed is the client that is used again.
    assert_eq!(door.witness().http(request).await.unwrap().body, b"OK");
}

#[tokio::test]
async fn an_interrupted_run_ends_what_is_in_flight() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let witness = door.witness();
    let cancel = door.session.cancel_token();
    let asking = witness.http(HttpRequest::get(server.url("/hang")));
    let (answer, ()) = tokio::join!(asking, async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    });
    assert_eq!(answer.unwrap_err().reason, "interrupted");
    assert_eq!(witness.http(HttpRequest::get(server.url("/json"))).await.unwrap_err().reason, "interrupted");
    assert_eq!(witness.exchanges().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_refuses_is_an_answer_to_connect() {
    let server = FaultServer::start().await;
    let door = Door::open();
    let witness = door.witness();
    assert!(witness.connect("127.0.0.1", server.port()).await.unwrap().is_some());
    assert_eq!(witness.connect("127.0.0.1", closed_port().await).await.unwrap(), None);
    let error = witness.connect("no-such-host.invalid", 80).await.unwrap_err();
    assert!(error.reason.starts_with("the name in \"no-such-host.invalid:80\" does not resolve"), "{}", error.reason);
}
