//! Audit files of strangers: every attack that such a file can try, with the real binary. What may not be reached is a
//! server that counts who comes.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::witness::{Limits, Untrusted};

use crate::door::Door;
use crate::support::{Ran, audit, countersign, ran, record, status};

/// A server on loopback that nobody may reach, over IPv4 and, where this machine has it, over IPv6.
struct Trap {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Trap {
    fn set() -> Self {
        let four = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = four.local_addr().unwrap().port();
        let visits = Arc::new(AtomicUsize::new(0));
        for listener in std::iter::once(four).chain(TcpListener::bind(("::1", port)).ok()) {
            let visits = Arc::clone(&visits);
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    visits.fetch_add(1, Ordering::SeqCst);
                    answer(stream, |_| {
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_owned()
                    });
                }
            });
        }
        Self { port, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

/// A server on loopback that the caller allows: `/ok` is JSON, and `/to?URL` leads elsewhere.
fn allowed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, |path| match path.split_once("/to?") {
                Some((_, to)) => {
                    format!("HTTP/1.1 302 X\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                }
                None => "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{\"ok\":true}".to_owned(),
            });
        }
    });
    port
}

fn answer(mut stream: TcpStream, with: impl Fn(&str) -> String) {
    let mut request = [0; 4096];
    let read = stream.read(&mut request).unwrap_or(0);
    let head = String::from_utf8_lossy(&request[..read]);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let _gone = stream.write_all(with(path).as_bytes());
}

/// The files of a stranger in `checkout`, and beside it a file that is none of their business.
fn checkout(scratch: &Path) -> std::path::PathBuf {
    let root = scratch.join("checkout");
    fs::create_dir_all(root.join("data")).unwrap();
    fs::write(scratch.join("outside.json"), "{\"password\": \"hunter2-outside\"}").unwrap();
    fs::write(root.join("data/inside.json"), "{\"n\": 7}").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../outside.json", root.join("link.json")).unwrap();
    root
}

fn untrusted(root: &Path) -> Command {
    let mut command = countersign();
    command.arg("run").arg(root).arg("--untrusted").arg("--to").arg(root.join("bundle"));
    command.env("CANARY", "canary-in-the-environment").current_dir(root);
    command
}

/// Runs an audit of these attacks, each with an expectation that holds when nobody looked, beside two honest checks.
/// Each is refused with its reason, and what was measured stays.
fn refused(attacks: &[(&str, String, &str)], allow: &[String]) -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    let mut checks =
        "      - {id: honest, query: {file: data/inside.json, jq: .n}, expect: {value: == 7}}\n".to_owned();
    for (id, kind, _) in attacks {
        checks.push_str(&format!("      - {{id: {id}, {kind}}}\n"));
    }
    audit(&root, &checks);
    let mut command = untrusted(&root);
    for network in allow {
        command.args(["--allow-network", network]);
    }
    let Ran { code, stderr, .. } = ran(&mut command);
    assert_eq!(code, 3, "evidence is missing: {stderr}");
    let record = record(&root);
    assert_eq!(record["run"]["untrusted"], true);
    assert_eq!(status(&record, "all/honest").0, "pass", "what was measured is kept");
    for (id, _, reason) in attacks {
        let (status, why) = status(&record, &format!("all/{id}"));
        assert_eq!(status, "error", "{id}: {why}");
        assert!(why.contains(reason) && why.contains("(--untrusted)"), "{id}: {why}");
    }
    scratch
}

/// A check of the kind `http` that holds for any answer.
fn http(url: &str) -> String {
    format!("http: {{url: \"{url}\"}}, expect: {{status: \"> 0\"}}")
}

#[test]
fn no_command_is_run_not_even_by_a_kind_itself() {
    let scratch = refused(
        &[
            (
                "touch",
                "command: {run: [touch, PWNED]}, expect: {exit: \"< 300\"}".to_owned(),
                "the command \"touch\" is not run",
            ),
            ("shell", "command: {shell: touch PWNED}, expect: {exit: \"< 300\"}".to_owned(), "is not run"),
            ("git", "git: {}, expect: {clean: == true}".to_owned(), "the command \"git\" is not run"),
            ("units", "service-uptime: {systemd: {units: [ssh]}}, expect: {up: \"< 1000\"}".to_owned(), "is not run"),
            (
                "pods",
                "service-uptime: {kubernetes: {kubectl: [./evil]}}, expect: {up: \"< 1000\"}".to_owned(),
                "is not run",
            ),
            (
                "processes",
                "service-uptime: {process: {names: [init]}}, expect: {up: \"< 1000\"}".to_owned(),
                "\"ps\" is not run",
            ),
            (
                "tests",
                "test-pass-rate: {command: {run: [./evil], reads: tap}}, expect: {failed: == 0}".to_owned(),
                "is not run",
            ),
            ("query", "query: {command: [./evil], jq: .}, expect: {value: \">= 0\"}".to_owned(), "is not run"),
            (
                "health",
                "health-check: {command: {run: [./evil]}}, expect: {failed: \"< 1000\"}".to_owned(),
                "is not run",
            ),
        ],
        &[],
    );
    assert!(!scratch.path().join("checkout/PWNED").exists());
}

#[test]
fn no_address_of_this_machine_is_reached_however_it_is_written() {
    let trap = Trap::set();
    let port = trap.port;
    let urls = [
        "http://127.0.0.1:PORT/",
        "http://127.1:PORT/",
        "http://127.255.255.254:PORT/",
        "http://0x7f.1:PORT/",
        "http://2130706433:PORT/",
        "http://017700000001:PORT/",
        "http://0x7f000001:PORT/",
        "http://127.0.0.1.:PORT/",
        "http://0.0.0.0:PORT/",
        "http://0:PORT/",
        "http://[::1]:PORT/",
        "http://[::]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::ffff:7f00:1]:PORT/",
        "http://[::127.0.0.1]:PORT/",
        "http://[64:ff9b::127.0.0.1]:PORT/",
        "http://[2002:7f00:1::]:PORT/",
        "http://user:pass@127.0.0.1:PORT/",
        "http://\u{ff11}27.0.0.1:PORT/",
        "https://127.0.0.1:PORT/",
        "http://localhost:PORT/",
        "http://LOCALHOST:PORT/",
        "https://localhost:PORT/",
    ];
    let ids: Vec<String> = (0..urls.len()).map(|number| format!("url-{number}")).collect();
    let attacks: Vec<_> = std::iter::zip(&ids, urls)
        .map(|(id, url)| (id.as_str(), http(&url.replace("PORT", &port.to_string())), "is not reached"))
        .collect();
    refused(&attacks, &[]);
    assert_eq!(trap.visits(), 0);
}

#[test]
fn no_source_leads_to_a_private_network() {
    let trap = Trap::set();
    let port = trap.port;
    let local = format!("127.0.0.1:{port}");
    let named = format!("localhost:{port}");
    let reached = "is not reached";
    refused(
        &[
            ("tcp", format!("tcp: {{address: \"{local}\"}}, expect: {{reachable: == false}}"), reached),
            ("tcp-name", format!("tcp: {{address: \"{named}\"}}, expect: {{reachable: == false}}"), reached),
            ("tcp-short", format!("tcp: {{address: \"127.1:{port}\"}}, expect: {{reachable: == false}}"), reached),
            ("tcp-six", format!("tcp: {{address: \"[::1]:{port}\"}}, expect: {{reachable: == false}}"), reached),
            ("tls", format!("certificate: {{address: \"{named}\"}}, expect: {{valid: == false}}"), reached),
            ("dns", "dns: {host: localhost}, expect: {resolves: == false}".to_owned(), reached),
            ("grpc", format!("health-check: {{grpc: \"http://{named}\"}}, expect: {{failed: \">= 1\"}}"), reached),
            ("grpc-tls", format!("health-check: {{grpc: \"https://{local}\"}}, expect: {{failed: \">= 1\"}}"), reached),
            ("health", format!("health-check: {{http: \"http://{named}\"}}, expect: {{failed: \">= 1\"}}"), reached),
            ("health-tcp", format!("health-check: {{tcp: \"{named}\"}}, expect: {{failed: \">= 1\"}}"), reached),
            (
                "prometheus",
                format!("metric: {{prometheus: \"http://{local}\", query: up}}, expect: {{value: \">= 0\"}}"),
                reached,
            ),
            ("alerts", format!("alert-count: {{prometheus: \"http://{named}\"}}, expect: {{firing: == 0}}"), reached),
            (
                "engine",
                format!(
                    "service-uptime: {{docker: {{containers: [x], host: \"http://{local}\"}}}}, expect: {{up: == 0}}"
                ),
                reached,
            ),
            (
                "flags",
                format!(
                    "flag-count: {{url: \"http://{local}/\", flags: ., enabled: .}}, expect: {{total: \"< 1000\"}}"
                ),
                reached,
            ),
            ("json", format!("query: {{url: \"http://{named}/\", jq: .}}, expect: {{value: \">= 0\"}}"), reached),
            (
                "metadata",
                http("http://169.254.169.254/latest/meta-data/"),
                "(the metadata service of a cloud) is not reached",
            ),
            ("azure", http("http://168.63.129.16/"), "(the host of a cloud machine) is not reached"),
            ("ten", http("http://10.0.0.1/"), "(a private network) is not reached"),
            ("shared", http("http://100.64.0.1/"), "is not reached"),
            ("link", http("http://[fe80::1]/"), "is not reached"),
            ("unique", http("http://[fd00::1]/"), "(a private network) is not reached"),
            ("many", http("http://239.255.255.250:1900/"), "is not reached"),
        ],
        &[],
    );
    assert_eq!(trap.visits(), 0);
}

#[test]
fn no_socket_is_opened() {
    let socket = |path: &str| format!("the socket \"{path}\" is not opened");
    let (engine, programs) = (socket("/var/run/docker.sock"), socket("/var/run/supervisor.sock"));
    refused(
        &[
            ("engine", "service-uptime: {docker: {containers: [x]}}, expect: {up: == 0}".to_owned(), &engine),
            ("programs", "service-uptime: {supervisord: {}}, expect: {up: \"< 1000\"}".to_owned(), &programs),
        ],
        &[],
    );
}

#[test]
fn a_redirect_leads_no_further_than_an_address_does() {
    let (trap, port) = (Trap::set(), allowed());
    let there = |host: &str| http(&format!("http://127.0.0.1:{port}/to?http://{host}:{}/", trap.port));
    let scratch = refused(
        &[
            ("address", there("127.0.0.1"), "127.0.0.1 (this machine) is not reached"),
            ("short", there("127.1"), "127.0.0.1 (this machine) is not reached"),
            ("name", there("localhost"), "could not look: localhost is "),
            ("six", there("[::1]"), "::1 (this machine) is not reached"),
            ("cloud", there("169.254.169.254"), "is not reached"),
        ],
        &[format!("127.0.0.1:{port}")],
    );
    assert_eq!(trap.visits(), 0);
    // The first address was allowed, and answers who is not led elsewhere.
    let root = scratch.path().join("checkout");
    audit(&root, &format!("      - {{id: ok, {}}}\n", http(&format!("http://127.0.0.1:{port}/ok"))));
    let ran = ran(untrusted(&root).args(["--allow-network", &format!("127.0.0.1:{port}")]));
    assert_eq!((ran.code, status(&record(&root), "all/ok").0.as_str()), (0, "pass"), "{}", ran.stderr);
}

#[test]
fn a_network_is_reached_when_it_is_allowed_by_range_address_or_name() {
    let (trap, port) = (Trap::set(), allowed());
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    let by = |host: &str, allow: &str| {
        audit(&root, &format!("      - {{id: ok, {}}}\n", http(&format!("http://{host}:{port}/ok"))));
        ran(untrusted(&root).args(["--allow-network", allow]));
        status(&record(&root), "all/ok").0
    };
    assert_eq!(by("127.0.0.1", "127.0.0.0/8"), "pass");
    assert_eq!(by("localhost", &format!("localhost:{port}")), "pass");
    assert_eq!(by("localhost", "127.0.0.1"), "pass", "only those of its addresses that are allowed");
    assert_eq!(by("127.0.0.1", "localhost"), "error", "a name allows nothing but itself");
    assert_eq!(by("127.0.0.1", &format!("127.0.0.1:{}", trap.port)), "error", "another port");
    assert_eq!(trap.visits(), 0);
}

#[test]
fn no_proxy_is_asked_because_it_would_resolve_the_name_again() {
    let trap = Trap::set();
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    audit(&root, &format!("      - {{id: far, {}}}\n", http("http://countersign-test.invalid/")));
    let proxy = format!("http://127.0.0.1:{}", trap.port);
    let mut command = untrusted(&root);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, &proxy);
    }
    ran(&mut command);
    let (status, why) = status(&record(&root), "all/far");
    assert_eq!(status, "error");
    assert!(why.contains("does not resolve"), "{why}");
    assert_eq!(trap.visits(), 0);
}

#[test]
fn no_file_outside_of_the_root_is_read() {
    let outside = "is outside the audit's root";
    let scratch = refused(
        &[
            ("above", "query: {file: ../outside.json, jq: .password}, expect: {text: \"!= x\"}".to_owned(), outside),
            ("absolute", "file: {paths: [/etc/passwd]}, expect: {missing: == 0}".to_owned(), outside),
            ("link", "query: {file: link.json, jq: .password}, expect: {text: \"!= x\"}".to_owned(), outside),
            ("glob", "test-pass-rate: {junit: \"../*.xml\"}, expect: {failed: == 0}".to_owned(), outside),
            ("through", "query: {file: data/../../outside.json, jq: .}, expect: {text: \"!= x\"}".to_owned(), outside),
            ("missing", "file: {paths: [../no-such-file]}, expect: {missing: \">= 1\"}".to_owned(), outside),
        ],
        &[],
    );
    let report = fs::read_to_string(scratch.path().join("checkout/bundle/report.md")).unwrap();
    assert!(!report.contains("hunter2-outside"));
    assert!(report.contains("was taken for one of strangers (--untrusted)"), "the report says how it was measured");
}

#[test]
fn no_variable_of_the_environment_is_read() {
    let port = allowed();
    let scratch = refused(
        &[
            (
                "flags",
                "flag-count: {env: {names: [CANARY]}}, expect: {total: \"< 1000\"}".to_owned(),
                "the environment is not looked at",
            ),
            (
                "all",
                "flag-count: {env: {prefix: C}}, expect: {total: \"< 1000\"}".to_owned(),
                "the environment is not looked at",
            ),
            (
                "secret",
                http(&format!("http://127.0.0.1:{port}/?${{secret:CANARY}}")),
                "the secret \"CANARY\" is not filled in",
            ),
        ],
        &[format!("127.0.0.1:{port}")],
    );
    let root = scratch.path().join("checkout");
    audit(&root, &format!("      - {{id: env, {}}}\n", http("http://x.example/${env:CANARY}")));
    let Ran { code, stderr, .. } = ran(&mut untrusted(&root));
    assert_eq!(code, 4);
    assert!(stderr.contains("\"CANARY\" of the environment is not read (--untrusted)"), "{stderr}");
    // As if it were not set.
    audit(&root, &format!("      - {{id: ok, {}}}\n", http(&format!("http://127.0.0.1:{port}/${{env:CANARY:-ok}}"))));
    let mut command = untrusted(&root);
    assert_eq!(ran(command.args(["--allow-network", &format!("127.0.0.1:{port}")])).code, 0);
    let record = fs::read_to_string(root.join("bundle/record.json")).unwrap();
    assert!(!record.contains("canary-in-the-environment"));
}

/// What the audit file of a stranger is refused with before anything is measured.
fn not_loaded(root: &Path, more: &[&str]) -> String {
    let ran = ran(untrusted(root).args(more));
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let lint = crate::support::ran(countersign().arg("lint").arg(root).arg("--untrusted").args(more));
    assert_eq!(lint.code, 4, "lint says it as well: {}", lint.stdout);
    ran.stderr
}

#[test]
fn no_audit_file_reads_its_root_or_its_includes_from_outside() {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    fs::write(scratch.path().join("secret.yaml"), "area: hunter2-outside\nchecks: [{id: x, git: {}}]\n").unwrap();
    let write = |line: &str| {
        let text = format!(
            "audit: {{id: t, subject: {{name: T}}{line}\nareas: [{{area: a, checks: [{{id: x, git: {{}}}}]}}]\n"
        );
        fs::write(root.join("audit.yaml"), text).unwrap();
    };
    for line in [
        ", root: ..}",
        ", root: /}",
        "}\ninclude: [../secret.yaml]",
        "}\ninclude: [\"../*.yaml\"]",
        "}\ninclude: [data/../../secret.yaml]",
        "}\ninclude: [../no-such-file.yaml]",
        "}\ninclude: [/etc/passwd]",
    ] {
        write(line);
        let said = not_loaded(&root, &[]);
        assert!(said.contains("which an untrusted audit may not leave"), "{line}: {said}");
        assert!(!said.contains("hunter2-outside"), "{said}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret.yaml", root.join("inside.yaml")).unwrap();
        for line in ["}\ninclude: [inside.yaml]", "}\ninclude: [\"in*.yaml\"]"] {
            write(line);
            let said = not_loaded(&root, &[]);
            assert!(said.contains("may not leave") && !said.contains("hunter2-outside"), "{line}: {said}");
        }
        // The audit file itself, whose lines an error would show.
        fs::remove_file(root.join("audit.yaml")).unwrap();
        std::os::unix::fs::symlink("../secret.yaml", root.join("audit.yaml")).unwrap();
        let said = not_loaded(&root, &[]);
        assert!(said.contains("may not leave") && !said.contains("hunter2-outside"), "{said}");
        fs::remove_file(root.join("audit.yaml")).unwrap();
    }
    write(", root: ..}");
    let ran = ran(untrusted(&root).arg("--within").arg(scratch.path()));
    assert_ne!(ran.code, 4, "allowed: {}", ran.stderr);
}

#[test]
fn an_audit_file_has_its_limits() {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    let checks = |many: usize| -> String {
        (0..many).map(|number| format!("      - {{id: c{number}, file: {{paths: [x]}}}}\n")).collect()
    };
    audit(&root, &checks(1_001));
    assert!(not_loaded(&root, &[]).contains("the audit has 1001 checks, more than 1000 (--untrusted)"));
    audit(&root, &checks(4));
    assert!(not_loaded(&root, &["--max-checks", "3"]).contains("the audit has 4 checks, more than 3"));
    fs::write(root.join("audit.yaml"), format!("# {}\n", "x".repeat(3 << 20))).unwrap();
    assert!(not_loaded(&root, &[]).contains("more than 2097152 bytes together"));
    // Two files that are small enough each.
    audit(&root, &format!("{}# {}\n", checks(1), "x".repeat(1_200_000)));
    let part = format!("area: more\nchecks: [{{id: c, file: {{paths: [x]}}}}]\n# {}\n", "x".repeat(1_200_000));
    fs::write(root.join("more.yaml"), part).unwrap();
    let text = fs::read_to_string(root.join("audit.yaml")).unwrap();
    fs::write(root.join("audit.yaml"), format!("include: [more.yaml]\n{text}")).unwrap();
    assert!(not_loaded(&root, &[]).contains("more than 2097152 bytes together"));
    // Patterns, each of which takes its time to read.
    let patterns = |many: usize, what: &str| -> String {
        let check = |n| format!("      - {{id: p{n}, query: {{file: x.json, jq: .}}, expect: {{text: \"{what}\"}}}}\n");
        (0..many).map(check).collect()
    };
    audit(&root, &patterns(201, "matches ^a"));
    assert!(not_loaded(&root, &[]).contains("more than 200 patterns (`matches`) together"));
    audit(&root, &patterns(201, "${P}"));
    let text = fs::read_to_string(root.join("audit.yaml")).unwrap();
    fs::write(root.join("audit.yaml"), format!("vars: {{P: \"matches ^a\"}}\n{text}")).unwrap();
    assert!(not_loaded(&root, &[]).contains("variables make more than 200 patterns"));
    // Aliases of aliases, and variables of variables.
    let level = |from: char, to: char| format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 10].join(", "));
    let laughs: String = "bcdefg".chars().zip("cdefgh".chars()).map(|(from, to)| level(from, to)).collect();
    fs::write(root.join("audit.yaml"), format!("b: &b [lol]\n{laughs}")).unwrap();
    assert!(not_loaded(&root, &[]).contains("more than 500000 values"));
    // One long text, many times.
    let headers: String = (0..9_000).map(|n| format!("H{n}: *a, ")).collect();
    let long = "x".repeat(1_000_000);
    audit(&root, &format!("      - {{id: c, http: {{url: \"http://h.example/\", headers: {{{headers}}}}}}}\n"));
    let text = fs::read_to_string(root.join("audit.yaml")).unwrap();
    fs::write(root.join("audit.yaml"), format!("vars: {{A: &a {long}}}\n{text}")).unwrap();
    let said = not_loaded(&root, &[]);
    assert!(said.contains("aliases stand for more than 2097152 bytes of text"), "{said}");
    assert!(said.contains("audit.yaml:6:"), "{said}");
    let doubled: String = (1..40).map(|n| format!("  V{n}: \"${{V{}}}${{V{}}}\"\n", n - 1, n - 1)).collect();
    audit(&root, &checks(1));
    let text = fs::read_to_string(root.join("audit.yaml")).unwrap();
    fs::write(root.join("audit.yaml"), format!("vars:\n  V0: xx\n{doubled}{text}")).unwrap();
    assert!(not_loaded(&root, &[]).contains("with its variables filled in, the audit has more than"));
}

#[test]
fn a_run_ends_when_its_time_is_up_and_keeps_what_it_has() {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    audit(
        &root,
        &format!(
            "      - {{id: quick, query: {{file: data/inside.json, jq: .n}}, expect: {{value: == 7}}}}\n      \
             - {{id: slow, timeout: 60s, http: {{url: \"http://127.0.0.1:{port}/\"}}, expect: {{status: == 200}}}}\n      \
             - {{id: down, timeout: 60s, health-check: {{http: \"http://127.0.0.1:{port}/\"}}, expect: {{failed: \">= 1\"}}}}\n      \
             - {{id: spin, query: {{file: data/inside.json, jq: \"last(repeat(.))\"}}, expect: {{value: == 7}}}}\n"
        ),
    );
    let began = std::time::Instant::now();
    let allow = format!("127.0.0.1:{port}");
    let ran = ran(untrusted(&root).args(["--allow-network", &allow, "--max-time", "2s"]));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let record = record(&root);
    assert_eq!(status(&record, "all/quick").0, "pass");
    for id in ["all/slow", "all/down"] {
        let (status, why) = status(&record, id);
        assert_eq!(status, "error", "{id}");
        assert!(why.contains("the time for the whole run is up: 2 s (--max-time)"), "{why}");
    }
    let (status, why) = status(&record, "all/spin");
    assert!(status == "error" && why.contains("did not end within"), "{status} {why}");
}

#[test]
fn a_file_is_read_up_to_a_size() {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    // All of zeros, so that it takes no room in a checkout.
    fs::File::create(root.join("data/huge.json")).unwrap().set_len(65 << 20).unwrap();
    audit(&root, "      - {id: huge, query: {file: data/huge.json, jq: .}, expect: {value: == 7}}\n");
    assert_eq!(ran(&mut untrusted(&root)).code, 3);
    let (_, why) = status(&record(&root), "all/huge");
    assert!(why.contains("it is larger than 64 MiB (--untrusted)"), "{why}");
}

/// Reads files of 600 bytes each under these limits; how many were read, and why no more.
async fn read_five(limits: Limits) -> (usize, String) {
    let door = Door::with(|options| (options.limits, options.untrusted) = (limits, Some(Untrusted::default())));
    let witness = door.witness();
    let (mut read, mut why) = (0, String::new());
    for number in 0..5_u8 {
        let name = format!("{number}.txt");
        fs::write(door.root().join(&name), vec![b'a' + number; 600]).unwrap();
        match witness.read(&name).await {
            Ok(_) => read += 1,
            Err(error) => why = error.reason,
        }
    }
    assert_eq!(witness.not_allowed().map(|why| why.reason).unwrap_or_default(), why);
    (read, why)
}

#[tokio::test]
async fn all_answers_and_all_questions_are_bounded_together() {
    assert_eq!(read_five(Limits::untrusted()).await, (5, String::new()));
    let (read, why) = read_five(Limits { all_evidence: 2_000, ..Limits::untrusted() }).await;
    assert_eq!(read, 3);
    assert!(why.starts_with("no more is kept: all answers together may have"), "{why}");
    let (read, why) = read_five(Limits { questions: 2, ..Limits::untrusted() }).await;
    assert_eq!((read, why.as_str()), (2, "no more than 2 questions are asked (--untrusted)"));
}

#[test]
fn what_was_refused_is_refused_again_by_a_replay() {
    let scratch = refused(
        &[("tcp", "tcp: {address: \"127.0.0.1:9\"}, expect: {reachable: == false}".to_owned(), "is not reached")],
        &[],
    );
    let root = scratch.path().join("checkout");
    let again = scratch.path().join("again");
    let replay =
        ran(countersign().arg("run").arg(&root).arg("--replay").arg(root.join("bundle")).arg("--to").arg(&again));
    assert_eq!(replay.code, 3, "{}", replay.stderr);
    let read = |bundle: &Path| fs::read(bundle.join("record.json")).unwrap();
    assert!(read(&root.join("bundle")) == read(&again), "the same record");
    let verified = ran(countersign().arg("verify").arg(&again));
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn a_gate_and_a_watch_hold_the_same_rules() {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    let rollout = "rollout:\n  owner: Cora\n  signals: [{id: up, tcp: {address: \"127.0.0.1:9\"}, fact: reachable}]\n  \
                   stages: [{name: all, to: 100%, proceed-when: [up == false]}]\n";
    audit(&root, "      - {id: here, file: {paths: [data/inside.json]}, expect: {missing: == 0}}\n");
    let text = fs::read_to_string(root.join("audit.yaml")).unwrap();
    fs::write(root.join("audit.yaml"), format!("{text}{rollout}")).unwrap();
    ran(&mut untrusted(&root));
    let gate = |more: &[&str]| {
        let to = root.join("gate");
        let mut command = countersign();
        command.arg("gate").arg(root.join("bundle")).args(["--stage", "all", "--to"]).arg(&to).args(more);
        let ran = ran(command.current_dir(&root));
        (ran.code, fs::read_to_string(to.join("record.json")).unwrap_or(ran.stderr))
    };
    // Nobody listens there, which is what the stage waits for.
    let (code, record) = gate(&[]);
    assert!(code == 0 && record.contains("\"refused\""), "{code}: {record}");
    let (code, record) = gate(&["--untrusted"]);
    assert!(code == 3 && record.contains("127.0.0.1 (this machine) is not reached (--untrusted)"), "{code}: {record}");
    assert!(record.contains("\"not-allowed\"") && record.contains("\"untrusted\":true"), "{record}");

    let watch = |more: &[&str]| {
        let mut command = countersign();
        command.arg("watch").arg(&root).args(["--every", "never"]).args(more).current_dir(&root);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        line
    };
    audit(&root, "      - {id: down, tcp: {address: \"127.0.0.1:9\"}, expect: {reachable: == false}}\n");
    assert!(watch(&[]).contains("approved"), "{}", watch(&[]));
    assert!(watch(&["--untrusted"]).contains("undetermined"), "{}", watch(&["--untrusted"]));
}

#[test]
fn switches_that_undo_each_other_are_a_mistake() {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    audit(&root, "      - {id: c, file: {paths: [x]}, expect: {missing: == 0}}\n");
    for wrong in [
        &["--untrusted", "--allow-outside"] as &[&str],
        &["--untrusted", "--fix"],
        &["--allow-network", "10.0.0.0/8"],
        &["--within", "."],
        &["--max-checks", "3"],
        &["--untrusted", "--allow-network", "http://10.0.0.1/"],
    ] {
        let ran = ran(countersign().arg("run").arg(&root).args(wrong));
        assert_eq!(ran.code, 4, "{wrong:?}: {}", ran.stderr);
        assert!(!root.join("audits").exists());
    }
}

#[cfg(unix)]
#[test]
fn no_link_of_a_stranger_says_where_the_bundle_goes() {
    let scratch = tempfile::tempdir().unwrap();
    let elsewhere = scratch.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for place in ["audits", "audits/trial"] {
        let root = checkout(&scratch.path().join(place.replace('/', "-")));
        audit(&root, "      - {id: here, file: {paths: [data/inside.json]}, expect: {missing: == 0}}\n");
        fs::create_dir_all(root.join(place).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, root.join(place)).unwrap();
        let run = ran(countersign().arg("run").arg(".").arg("--untrusted").current_dir(&root));
        assert_eq!(run.code, 4, "{}", run.stdout);
        assert!(run.stderr.contains("is a link, which could lead the bundle anywhere"), "{}", run.stderr);
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
        assert_eq!(ran(&mut untrusted(&root)).code, 0, "a place that was named");
    }
}

#[test]
fn no_lock_file_of_a_stranger_is_read_or_written() {
    let scratch = tempfile::tempdir().unwrap();
    let root = checkout(scratch.path());
    let precious = scratch.path().join("precious.json");
    fs::write(&precious, "{\"version\": 1, \"places\": {}}").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&precious, root.join("audit.lock.json")).unwrap();
    fs::write(root.join("README.md"), "# T\n\n- **N:** 7\n").unwrap();
    audit(
        &root,
        "      - {id: n, query: {file: data/inside.json, jq: .n}, claim: {by: X, value: 7, at: \"README.md#N:1\"}}\n",
    );
    let ran = ran(&mut untrusted(&root));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(fs::read_to_string(&precious).unwrap(), "{\"version\": 1, \"places\": {}}");
    #[cfg(unix)]
    assert!(root.join("audit.lock.json").is_symlink(), "nor replaced");
}

/// Processes that were started in a directory and still run.
#[cfg(target_os = "linux")]
fn left_in(directory: &Path) -> Vec<String> {
    let is_there = |process: &Path| fs::read_link(process.join("cwd")).is_ok_and(|there| there == directory);
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let left = processes.filter(|process| is_there(process));
    left.map(|process| fs::read_to_string(process.join("cmdline")).unwrap_or_default()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn no_filter_takes_the_memory_or_the_time_of_the_run() {
    let scratch = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(scratch.path()).unwrap();
    fs::write(root.join("data.json"), r#"{"items": [{"n": 1, "name": "a"}, {"n": 2.50, "name": "b"}]}"#).unwrap();
    let filters = [
        // On a busy machine its time is over before its memory is full.
        ("fills", "[range(1000000000)] | length", ["error", "took too much memory|did not end within"]),
        ("doubles", "reduce range(60) as $_ (\"0123456789\"; . + .) | length", ["error", "took too much memory"]),
        ("spins", "last(repeat(1))", ["error", "did not end within"]),
        ("fails", ".items | error(\"told so\")", ["error", "told so"]),
        ("counts", "[.items[] | select(.n > 1)] | length", ["pass", ""]),
        ("lists", ".items[] | .n, .name", ["pass", ""]),
    ];
    let check = |(id, filter, _): &(&str, &str, [&str; 2])| {
        let filter = serde_json::to_string(filter).unwrap();
        format!("      - {{id: {id}, query: {{file: data.json, jq: {filter}}}, expect: {{results: \">= 1\"}}}}\n")
    };
    audit(&root, &filters.iter().map(check).collect::<String>());
    let ran = ran(untrusted(&root).args(["--max-time", "60s"]));
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let record = record(&root);
    for (id, _, [expected, says]) in filters {
        let (status, why) = status(&record, &format!("all/{id}"));
        let told = says.split('|').any(|says| why.contains(says));
        assert!(status == expected && told, "{id}: {status} {why}");
    }
    // Whoever is still at it ends as soon as nobody waits any more.
    let waiting = std::time::Instant::now();
    while !left_in(&root).is_empty() {
        assert!(waiting.elapsed().as_secs() < 10, "{:?}", left_in(&root));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
