//! Machines that have little or stand behind something: a container without a list of authorities, and a network that is
//! left through a proxy alone.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{audit, countersign, ran, record, status};
use crate::witness_tls::{fixture, serve};

const PASSWORD: &str = "hunter2/proxy";

fn run_in(root: &Path, set: impl FnOnce(&mut Command)) -> (String, String) {
    let mut command = countersign();
    command.arg("run").arg(root).arg("--to").arg(root.join("bundle"));
    set(&mut command);
    ran(&mut command);
    status(&record(root), "all/there")
}

fn http(root: &Path, url: &str) {
    audit(root, &format!("      - {{id: there, http: {{url: \"{url}\"}}, expect: {{status: == 200}}}}\n"));
}

/// As a container without any certificate.
fn without_a_list(command: &mut Command) {
    command.env("SSL_CERT_FILE", "/nowhere/ca.pem").env("SSL_CERT_DIR", "/nowhere");
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_authorities_says_so_and_takes_one_on_the_command_line() {
    let scratch = tempfile::tempdir().unwrap();
    let port = serve("leaf.pem");
    http(scratch.path(), &format!("https://127.0.0.1:{port}/"));
    let (status, why) = run_in(scratch.path(), without_a_list);
    assert_eq!(status, "error");
    let told = "is refused: nobody on Mozilla's list has signed it, and this machine has no list of its own";
    assert!(why.contains(told), "{why}");
    let record = fs::read_to_string(scratch.path().join("bundle/record.json")).unwrap();
    assert!(
        record.contains("--ca-file, or install the machine's list (often the package ca-certificates)"),
        "{record}"
    );
    let named = |command: &mut Command| {
        without_a_list(command);
        command.arg("--ca-file").arg(fixture("ca.pem"));
    };
    assert_eq!(run_in(scratch.path(), named).0, "pass");
    // With a list, it is the list that does not have it.
    let listed = |command: &mut Command| {
        command.env("SSL_CERT_FILE", fixture("client-ca.pem"));
    };
    let (_, why) = run_in(scratch.path(), listed);
    assert!(why.contains("nobody this machine trusts has signed it"), "{why}");
}

/// A proxy on loopback: what it is asked, and how it answers. A tunnel leads to `tunnel`, wherever it was meant to go.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(plain: &'static str, tunnel: Result<u16, &'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let head = head(&mut stream);
                let connect = head.starts_with("CONNECT ");
                seen.lock().unwrap().push(head.clone());
                std::thread::spawn(move || match (connect, tunnel) {
                    (true, Ok(port)) => carry(stream, port),
                    (true, Err(refusal)) => drop(stream.write_all(refusal.as_bytes())),
                    // What was sent comes back, as with a proxy that shows what it was asked.
                    (false, _) => {
                        let length = head.len();
                        drop(write!(
                            stream,
                            "HTTP/1.1 {plain}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{head}"
                        ));
                    }
                });
            }
        });
        Self { port, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn set(&self, command: &mut Command) {
        let address = format!("http://auditor:{}@127.0.0.1:{}", PASSWORD.replace('/', "%2F"), self.port);
        command.env("HTTP_PROXY", &address).env("HTTPS_PROXY", &address);
    }
}

fn head(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        seen.extend(byte);
    }
    String::from_utf8_lossy(&seen).into_owned()
}

fn carry(mut stream: TcpStream, port: u16) {
    let mut there = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
    let (mut back_from, mut back_to) = (there.try_clone().unwrap(), stream.try_clone().unwrap());
    std::thread::spawn(move || std::io::copy(&mut back_from, &mut back_to));
    let _ended = std::io::copy(&mut stream, &mut there);
}

/// The password of the proxy stands in no file of the bundle, however it is written.
fn nowhere_in(bundle: &Path) {
    let token = STANDARD.encode(format!("auditor:{PASSWORD}"));
    for entry in
        walkdir::WalkDir::new(bundle).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
    {
        let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
        for form in [PASSWORD, "hunter2%2Fproxy", token.as_str()] {
            assert!(!text.contains(form), "{}", entry.path().display());
        }
    }
}

#[test]
fn http_is_asked_through_the_proxy_and_its_password_is_never_recorded() {
    let scratch = tempfile::tempdir().unwrap();
    http(scratch.path(), "http://far.example/health");
    let proxy = Proxy::start("200 OK", Err(""));
    assert_eq!(run_in(scratch.path(), |command| proxy.set(command)).0, "pass");
    let heads = proxy.heads();
    assert!(heads[0].starts_with("GET http://far.example/health HTTP/1.1"), "{heads:?}");
    assert!(heads[0].contains(&STANDARD.encode(format!("auditor:{PASSWORD}"))), "it is let in: {heads:?}");
    nowhere_in(&scratch.path().join("bundle"));
}

#[test]
fn https_goes_through_a_tunnel_of_the_proxy() {
    let scratch = tempfile::tempdir().unwrap();
    http(scratch.path(), "https://elsewhere.example/");
    let through = |certificate: &str| {
        let proxy = Proxy::start("200 OK", Ok(serve(certificate)));
        let told = run_in(scratch.path(), |command| {
            proxy.set(command);
            command.arg("--ca-file").arg(fixture("ca.pem"));
        });
        assert!(proxy.heads()[0].starts_with("CONNECT elsewhere.example:443 HTTP/1.1"), "{:?}", proxy.heads());
        nowhere_in(&scratch.path().join("bundle"));
        told
    };
    assert_eq!(through("other-name.pem").0, "pass");
    // Whom the tunnel leads to is still held against the name that was asked for.
    let (_, why) = through("leaf.pem");
    assert!(why.contains("the certificate of elsewhere.example is refused: it is for another name"), "{why}");
}

#[test]
fn hosts_of_no_proxy_and_this_machine_are_asked_directly() {
    let scratch = tempfile::tempdir().unwrap();
    let proxy = Proxy::start("200 OK", Err(""));
    http(scratch.path(), "http://near.invalid/");
    let (_, why) = run_in(scratch.path(), |command| {
        proxy.set(command);
        command.env("NO_PROXY", "near.invalid");
    });
    assert!(why.contains("the name \"near.invalid\" does not resolve"), "{why}");
    let direct = Proxy::start("200 OK", Err(""));
    http(scratch.path(), &format!("http://127.0.0.1:{}/", direct.port));
    assert_eq!(run_in(scratch.path(), |command| proxy.set(command)).0, "pass");
    assert!(proxy.heads().is_empty());
    assert!(direct.heads()[0].starts_with("GET / HTTP/1.1"));
}

#[test]
fn what_a_proxy_refuses_is_told_as_its_own_and_never_as_the_servers() {
    let scratch = tempfile::tempdir().unwrap();
    let told = |proxy: &Proxy, check: &str| {
        audit(scratch.path(), &format!("      - {{id: there, {check}}}\n"));
        let (status, why) = run_in(scratch.path(), |command| proxy.set(command));
        assert_eq!(status, "error", "{why}");
        nowhere_in(&scratch.path().join("bundle"));
        why.replace(&proxy.port.to_string(), "PORT")
    };
    let plain = "http: {url: \"http://far.example/\"}, expect: {status: == 407}";
    let tls = "http: {url: \"https://far.example/\"}, expect: {status: == 200}";
    let grpc = "health-check: {grpc: \"http://far.example:50051\"}, expect: {failed: == 0}";
    let locked = Proxy::start("407 X", Err("HTTP/1.1 407 X\r\nContent-Length: 0\r\n\r\n"));
    for check in [plain, tls] {
        let why = told(&locked, check);
        assert!(why.contains("the proxy 127.0.0.1:PORT asks for a password"), "{why}");
    }
    let strict = Proxy::start("200 OK", Err("HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n"));
    let why = told(&strict, tls);
    assert!(why.contains("the proxy 127.0.0.1:PORT does not let us through to far.example"), "{why}");
    let why = told(&strict, grpc);
    assert!(why.contains("the proxy 127.0.0.1:PORT carries no gRPC without TLS"), "{why}");
    let gone = Proxy { port: closed(), heads: Arc::default() };
    for check in [plain, tls] {
        let why = told(&gone, check);
        assert!(why.contains("the proxy 127.0.0.1:PORT refused the connection"), "{why}");
    }
}

fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
