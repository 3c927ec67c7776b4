//! Secrets go wherever a secret can go, and are found in nothing that the program writes: no record, no evidence, no document,
//! no format, no page, no line of a terminal. The same tokens written as plain values are found in all of it.

mod outputs;
mod search;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tokio::runtime::Runtime;

use self::outputs::Outputs;
use self::search::Search;
use crate::fault_server::FaultServer;
use crate::support::{countersign, ran};

/// Each place that a secret goes to has its own, so that what leaks says where.
const CANARIES: [(&str, &str); 19] = [
    ("ENVIRONMENT", "Kq7xVb2Zr9Tw4Lm8PqRs"),
    ("ARGUMENT", "Wm4/Tz8+Qk2=Nd6Xb1Vh"),
    ("OUTPUT", "Rg5\"Jc9\\Ys3 Pf7<Lw2&"),
    ("STDERR", "Hn3kGf8pWz6tDm1rXv9c"),
    ("ENCODED", "Bt6?Mk1#Zq8%Vx4;Rj2:"),
    ("HEADER", "Dl9vCx5nSg2hPw7kTb4q"),
    ("QUERY", "Fz2 Xn7+Wk4/Jr9=Qc6M"),
    ("URL_PATH", "Jv8 Lp3%\\Rt6?Gb1Kd4#Nw5Z"),
    ("BODY", "Px1\"Vd7\\Hk4\"Mz9\\Tc2S"),
    ("PASSWORD", "Tc4zBn8wKq1xRf6mGv3j"),
    ("BEARER", "Vk7.Wg2-Zs5_Lh9~Xp3Q"),
    ("SERVER_ERROR", "Zb3qHx6vNt9rMd2wJk8f"),
    ("LOCATION", "Gw5cPl1tVn8zQx4kRb7s"),
    ("HOST", "Xr2mKd9gBw6vTj3nHq5z"),
    ("FILE_NAME", "Ln6pZc2xGt8kWv5hMr1b"),
    ("CONTENT", "Qd8\u{fc}Rw3\u{20ac}Kx7 Vn1\u{e9}Bz5"),
    ("LATE", "Mh1wXs7bPv4qKz9tLc6n"),
    ("GRPC", "Yt9kLr4vJw2nCx8gDp5m"),
    ("HEADER_NAME", "Sf6wMz3tKb8xVq1hNr7c"),
];

/// The secret of that name, as an audit file has it.
fn secret(name: &str) -> String {
    format!("${{secret:{name}}}")
}

/// Written so that YAML reads exactly that.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Every way that a secret can take through a check, most of which fail: an error tells more than an answer.
fn checks(server: &FaultServer, closed: u16, token: &dyn Fn(&str) -> String) -> String {
    let mut checks = String::new();
    let mut check =
        |id: &str, what: String| checks.push_str(&format!("      - {{id: {id}, timeout: 1500ms, {what}}}\n"));
    let shell = |line: &str, name: &str| {
        format!("command: {{shell: {}, env: {{T: {}}}}}, expect: {{exit: == 7}}", quoted(line), quoted(&token(name)))
    };
    let http = |url: String, more: &str| format!("http: {{url: {}{more}}}, expect: {{status: == 299}}", quoted(&url));
    let json = |url: String| format!("query: {{url: {}, jq: .said}}, expect: {{text: == no}}", quoted(&url));
    check("environment", shell("printenv T", "ENVIRONMENT"));
    check("argument", format!("command: {{run: [echo, {}]}}, expect: {{exit: == 7}}", quoted(&token("ARGUMENT"))));
    check(
        "missing-program",
        format!("command: {{run: [{}]}}, expect: {{exit: == 7}}", quoted(&format!("no-{}", token("ARGUMENT")))),
    );
    check("output", shell("printf '%s %s' \"$T\" \"$T\"", "OUTPUT"));
    check("stderr", shell("echo \"$T\" >&2; exit 3", "STDERR"));
    check("base64", shell("for s in '' x xy; do printf %s \"$s$T and more\" | base64; done", "ENCODED"));
    check("json", shell("printf '{\"a\": \"%s\"}' \"$(printf %s \"$T\" | sed 's/[\\\\\"]/\\\\&/g')\"", "OUTPUT"));
    check("late", shell("printf '%0150d' 0; printf %s \"$T\"; sleep 30", "LATE"));
    check("late-and-long", shell("printf '%0600d' 0; printf %s \"$T\"; printf '%0390d' 0; sleep 30", "LATE"));
    check("header", http(server.url("/echo"), &format!(", headers: {{x-thing: {}}}", quoted(&token("HEADER")))));
    check("query", http(server.url(&format!("/echo?q={}", token("QUERY"))), ""));
    check("path", http(server.url(&format!("/echo/{}/x", token("URL_PATH"))), ""));
    check("header-name", http(server.url(&format!("/header-named?{}", token("HEADER_NAME"))), ""));
    check("body", http(server.url("/echo"), &format!(", method: POST, body: {}", quoted(&token("BODY")))));
    check("body-in-json", json(server.url(&format!("/echo-json?q={}", token("QUERY")))));
    check(
        "basic",
        http(server.url("/echo-base64"), &format!(", basic: {{user: me, password: {}}}", quoted(&token("PASSWORD")))),
    );
    check("bearer", http(server.url("/echo"), &format!(", bearer: {}", quoted(&token("BEARER")))));
    check("server-error", json(server.url(&format!("/echo-500?q={}", token("SERVER_ERROR")))));
    check("no-json", json(server.url(&format!("/echo?q={}", token("SERVER_ERROR")))));
    check("location", http(server.url(&format!("/redirect-to-nowhere?{}{}", "x".repeat(170), token("LOCATION"))), ""));
    check("circle", http(server.url(&format!("/loop-with?q={}", token("LOCATION"))), ""));
    check("refused", http(format!("http://127.0.0.1:{closed}/?q={}", token("QUERY")), ""));
    // As a plain value it is refused before it is asked.
    if token("HOST") == secret("HOST") {
        check("no-address", http(format!("gopher://{}/", token("HOST")), ""));
    }
    check("no-host", http(format!("http://{}.invalid/", token("HOST")), ""));
    check("no-tls", http(server.url(&format!("/json?q={}", token("QUERY"))).replace("http:", "https:"), ""));
    check(
        "health",
        format!(
            "health-check: {{http: {}}}, expect: {{failed: == 0}}",
            quoted(&server.url(&format!("/echo-500?q={}", token("SERVER_ERROR"))))
        ),
    );
    let grpc = server.url("");
    check(
        "grpc",
        format!(
            "health-check: {{grpc: {{url: \"{grpc}\", headers: {{x-thing: {}}}}}}}, expect: {{failed: == 0}}",
            quoted(&token("GRPC"))
        ),
    );
    check(
        "metric",
        format!(
            "metric: {{prometheus: {{url: {}, headers: {{x-thing: {}}}}}, query: up}}, expect: {{value: == 1}}",
            quoted(&server.url("/echo-500")),
            quoted(&token("HEADER"))
        ),
    );
    // Known by another check; here they come back of themselves.
    check("known-name", shell("true", "FILE_NAME"));
    check("known-content", shell("true", "CONTENT"));
    check("file-names", "file: {paths: [\"report-*.txt\"]}, expect: {total: == 99}".to_owned());
    check("content", "query: {file: conf.json, jq: .a}, expect: {text: == no}".to_owned());
    check("escaped", "query: {file: escaped.json, jq: .a}, expect: {text: == no}".to_owned());
    check("no-number", "query: {file: conf.json, jq: .a}, expect: {value: == 1}".to_owned());
    check("no-filter", "query: {file: conf.json, jq: \".a | error\"}, expect: {value: == 1}".to_owned());
    check("junit", "test-pass-rate: {junit: \"*.xml\"}, expect: {failed: == 0}".to_owned());
    check("flags", "flag-count: {file: flags.json}, expect: {total: == 99}".to_owned());
    checks
}

/// What lies in the audit's root.
fn files(root: &Path) {
    let value = |name: &str| CANARIES.iter().find(|(known, _)| *known == name).unwrap().1;
    let write = |name: &str, text: String| fs::write(root.join(name), text).unwrap();
    write(&format!("report-{}.txt", value("FILE_NAME")), value("CONTENT").to_owned());
    write("conf.json", serde_json::json!({"a": value("CONTENT")}).to_string());
    let escaped: String = value("CONTENT").encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    write("escaped.json", format!("{{\"a\": \"{escaped}\"}}"));
    write("flags.json", serde_json::json!({value("FILE_NAME"): true, "b": value("CONTENT")}).to_string());
    let (name, content) = (value("FILE_NAME"), value("CONTENT"));
    write(
        "results.xml",
        format!(
            "<testsuite name=\"{name}\"><testcase name=\"{name}\"><failure message=\"{content}\">{content}</failure></testcase></testsuite>"
        ),
    );
}

/// Runs everything, with the tokens as `token` has them, and gives back what was written anywhere.
fn written(token: &dyn Fn(&str) -> String) -> Outputs {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(FaultServer::start());
    let closed = runtime.block_on(crate::fault_server::closed_port());
    let mut outputs = Outputs::new();
    let root = outputs.path("checks");
    fs::create_dir_all(&root).unwrap();
    files(&root);
    crate::support::audit(&root, &checks(&server, closed, token));
    outputs.collect(token);
    outputs
}

#[test]
fn no_secret_is_in_anything_that_is_written() {
    let outputs = written(&secret);
    let search = Search::new(&CANARIES);
    let mut leaks = Vec::new();
    for (output, bytes) in outputs.all() {
        leaks.extend(search.found(bytes).into_iter().map(|(name, form)| format!("{name} in {output}, {form}")));
    }
    assert!(leaks.is_empty(), "{} leaks: {:#?}", leaks.len(), &leaks[..leaks.len().min(60)]);
}

#[test]
fn the_same_tokens_as_plain_values_are_found_in_all_that_shows_them() {
    let plain = |name: &str| CANARIES.iter().find(|(known, _)| *known == name).unwrap().1.to_owned();
    let outputs = written(&plain);
    let search = Search::new(&CANARIES);
    let mut unseen: BTreeSet<&str> = CANARIES.iter().map(|(name, _)| *name).collect();
    let mut silent = BTreeSet::new();
    for (family, bytes) in outputs.families() {
        let found = search.found(&bytes);
        unseen.retain(|name| !found.contains_key(name));
        if found.is_empty() {
            silent.insert(family);
        }
    }
    assert_eq!(unseen, BTreeSet::new(), "a token that nothing shows tells nothing");
    let expected: BTreeSet<String> = outputs::SILENT.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(silent, expected, "what shows no answer at all");
}

#[test]
fn a_secret_that_a_filter_puts_together_is_in_nothing_of_the_run() {
    const TOKEN: &str = "Cj4mTq9xWv2kLz7nGd5h";
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("checks");
    fs::create_dir_all(&root).unwrap();
    let pieces: Vec<String> = TOKEN.chars().map(String::from).collect();
    fs::write(root.join("pieces.json"), serde_json::json!({"a": pieces}).to_string()).unwrap();
    let filtered = |id: &str, more: &str| {
        let jq = quoted(&format!(".a | join(\"\"){more}"));
        format!("      - {{id: {id}, query: {{file: pieces.json, jq: {jq}}}, expect: {{text: == no}}}}\n")
    };
    let known =
        "      - {id: known, command: {run: [\"true\"], env: {T: \"${secret:PIECES}\"}}, expect: {exit: == 0}}\n";
    crate::support::audit(&root, &format!("{known}{}{}", filtered("pieces", ""), filtered("reason", " | error")));
    let bundle = place.path().join("bundle");
    let ran = ran(countersign().arg("run").arg(&root).arg("--to").arg(&bundle).env("PIECES", TOKEN));
    let mut written = format!("{}{}", ran.stdout, ran.stderr);
    for name in ["record.json", "report.md", "report.html"] {
        written.push_str(&fs::read_to_string(bundle.join(name)).unwrap());
    }
    assert!(written.contains("[REDACTED]"), "{written}");
    assert!(!written.contains(TOKEN), "{written}");
}
