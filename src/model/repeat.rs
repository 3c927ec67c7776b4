//! A question as a shell line that a reader can paste. Secrets stand as `"$NAME"`, so the line works for whoever has them
//! and tells nothing to the others. It must not look anything up: the line is a function of what was asked and answered.

use std::borrow::Cow;

use super::evidence::{Access, Answer, Exchange, Question, TlsFiles};

/// The shell line that asks `question` again, e.g. `curl -sS 'http://127.0.0.1:9090/-/ready'`.
pub fn repeat_line(question: &Question) -> String {
    line(question, false)
}

/// As [`repeat_line`], for a question that was answered: where the answer came after a redirect, curl is to follow it too.
pub fn repeat_exchange(exchange: &Exchange) -> String {
    let sent_on = matches!(exchange.answer, Answer::Http { location: Some(_), .. });
    line(&exchange.question, sent_on && !tells_anybody(&exchange.question))
}

/// Would curl hand a secret to whomever it is sent on to? It keeps passwords and these two headers to the first host.
fn tells_anybody(question: &Question) -> bool {
    let Question::Http { headers, body, .. } = question else { return false };
    let kept = |name: &str| ["authorization", "cookie"].contains(&name.to_ascii_lowercase().as_str());
    let others = headers.iter().filter(|(name, _)| !kept(name)).map(|(_, value)| value);
    others.chain(body).any(|text| next_secret(text).is_some())
}

fn line(question: &Question, follow: bool) -> String {
    match question {
        Question::Http { method, url, socket, headers, body, access } => {
            let mut words = vec!["curl".to_owned(), "-sS".to_owned()];
            words.extend(follow.then(|| "-L".to_owned()));
            // What curl sends by itself needs no saying.
            let unsaid = if body.is_some() { "POST" } else { "GET" };
            if method == "HEAD" {
                words.push("--head".to_owned());
            } else if !method.is_empty() && method != unsaid {
                words.extend(["-X".to_owned(), quoted(method)]);
            }
            for (name, value) in headers {
                words.extend(["-H".to_owned(), quoted(&format!("{name}: {value}"))]);
            }
            if let Some(body) = body {
                words.extend(["--data-raw".to_owned(), quoted(body)]);
            }
            if let Some(socket) = socket {
                words.extend(["--unix-socket".to_owned(), quoted(socket)]);
            }
            words.extend(access_words(access));
            words.push(always_quoted(url));
            words.join(" ")
        }
        Question::Command { argv, dir, env } => command_line(argv, dir.as_deref(), env),
        Question::Read { path } => format!("cat {}", path_word(path)),
        Question::Stat { path } => format!("stat {}", path_word(path)),
        Question::List { glob } => list_line(glob),
        Question::Connect { address } => {
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            format!("nc -vz {} {}", quoted(host.trim_matches(['[', ']'])), quoted(port))
        }
        Question::Environment { names, prefix } => environment_line(names, prefix.as_deref()),
        Question::Resolve { host } => format!("getent ahosts {}", quoted(host)),
        Question::Certificate { address, name, tls } => certificate_line(address, name, tls),
        Question::Grpc { url, headers, message, access } => {
            // The frame before the message: not compressed, and its length in four bytes.
            let length = message.trim_end_matches('=').len() * 3 / 4;
            let frame: String = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes().map(octal).concat();
            let mut words = vec![
                "curl -sSi --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers'".to_owned(),
            ];
            for (name, value) in headers {
                words.extend(["-H".to_owned(), quoted(&format!("{name}: {value}"))]);
            }
            words.extend(access_words(access));
            words.push(format!("--data-binary @- {} | cat -v", always_quoted(url)));
            format!("(printf '\\000{frame}'; printf %s {} | base64 -d) | {}", always_quoted(message), words.join(" "))
        }
        Question::Clock => "date -u +%Y-%m-%dT%H:%M:%SZ".to_owned(),
    }
}

fn octal(byte: u8) -> String {
    format!("\\{byte:03o}")
}

/// What curl needs to be let in.
fn access_words(access: &Access) -> Vec<String> {
    let Access { basic, tls } = access;
    let mut words = Vec::new();
    if let Some(basic) = basic {
        words.extend(["-u".to_owned(), quoted(&format!("{}:{}", basic.user, basic.password))]);
    }
    words.extend(tls_words(tls));
    words
}

fn tls_words(TlsFiles { ca_file, client_cert, client_key }: &TlsFiles) -> Vec<String> {
    let options = [("--cacert", ca_file), ("--cert", client_cert), ("--key", client_key)];
    let given = options.into_iter().filter_map(|(option, file)| Some((option, file.as_ref()?)));
    given.flat_map(|(option, file)| [option.to_owned(), path_word(file)]).collect()
}

/// Without something to read, openssl waits for what it is to send.
fn certificate_line(address: &str, name: &str, tls: &TlsFiles) -> String {
    let asked = if name.parse::<core::net::IpAddr>().is_ok() {
        format!("-noservername -verify_ip {}", quoted(name))
    } else {
        format!("-servername {0} -verify_hostname {0}", quoted(name))
    };
    let trusted = tls.ca_file.as_ref().map_or_else(String::new, |file| format!(" -CAfile {}", path_word(file)));
    format!("openssl s_client -connect {} {asked} -showcerts{trusted} </dev/null", quoted(address))
}

fn command_line(argv: &[String], dir: Option<&str>, env: &std::collections::BTreeMap<String, String>) -> String {
    let mut line = String::new();
    if let Some(dir) = dir {
        line.push_str(&format!("cd {} && ", path_word(dir)));
    }
    for (name, value) in env {
        line.push_str(&format!("{name}={} ", quoted(value)));
    }
    line + &argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Names and values as they are: who pastes the line looks at an environment of their own.
fn environment_line(names: &[String], prefix: Option<&str>) -> String {
    let begins = prefix.map(|prefix| format!("{prefix}[^=]*"));
    let any: Vec<&str> = names.iter().map(String::as_str).chain(begins.as_deref()).collect();
    format!("env | grep -E {}", quoted(&format!("^({})=", any.join("|"))))
}

/// A word of the shell; every `${secret:NAME}` becomes `"$NAME"`.
fn quoted(text: &str) -> String {
    pieces(text, false)
}

/// As [`quoted`], but in quotes even where the shell would not need them: a URL is seldom free of `?` and `&`.
fn always_quoted(text: &str) -> String {
    pieces(text, true)
}

fn pieces(text: &str, always: bool) -> String {
    let mut line = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next_secret(rest) {
        line.push_str(&plain(before, always && !before.is_empty(), false));
        line.push_str(&format!("\"${name}\""));
        rest = after;
    }
    line.push_str(&plain(rest, always, line.is_empty()));
    line
}

fn plain(text: &str, always: bool, even_empty: bool) -> String {
    if text.is_empty() {
        return if even_empty { "''".to_owned() } else { String::new() };
    }
    // A NUL can be in no argument of any program; a reader sees that it is not meant to be pasted.
    let text = if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) };
    match shlex::try_quote(&text) {
        Ok(word) if always && word == text => format!("'{text}'"),
        Ok(word) => word.into_owned(),
        Err(_) => format!("'{text}'"),
    }
}

/// What stands before the first `${secret:NAME}`, the name, and what stands after it.
fn next_secret(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("${secret:").map(|at| at + from) {
        let inner = &text[at + "${secret:".len()..];
        if let Some((name, after)) = inner.split_once('}')
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Some((&text[..at], name, after));
        }
        from = at + 1;
    }
    None
}

/// A path that starts with a hyphen would be read as an option.
fn path_word(path: &str) -> String {
    if path.starts_with('-') { quoted(&format!("./{path}")) } else { quoted(path) }
}

/// A plain shell knows neither `**` nor braces; these need one that does.
fn list_line(glob: &str) -> String {
    let line = format!("ls -d {}", glob_word(glob));
    if glob.contains("**") || glob.contains('{') {
        return format!("bash -O globstar -c {}", quoted(&line));
    }
    line
}

/// A glob stays bare so that the shell expands it, unless it holds anything else the shell would act on.
fn glob_word(glob: &str) -> String {
    let bare = |c: char| c.is_alphanumeric() || "/._-*?[]{},".contains(c);
    if glob.chars().all(bare) && !glob.starts_with('-') { glob.to_owned() } else { quoted(glob) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::evidence::{Basic, Blob};

    fn http(method: &str, url: &str) -> Question {
        Question::Http {
            method: method.to_owned(),
            url: url.to_owned(),
            socket: None,
            headers: BTreeMap::new(),
            body: None,
            access: Access::default(),
        }
    }

    #[test]
    fn a_get_is_a_plain_curl() {
        assert_eq!(repeat_line(&http("GET", "http://h/q?a=1&b=2")), "curl -sS 'http://h/q?a=1&b=2'");
        assert_eq!(repeat_line(&http("GET", "http://h/")), "curl -sS 'http://h/'");
        assert_eq!(repeat_line(&http("HEAD", "http://h/")), "curl -sS --head 'http://h/'");
    }

    #[test]
    fn curl_follows_where_the_answer_came_after_a_redirect_and_takes_no_secret_along() {
        let answered = |location: Option<&str>, header: &str| {
            let mut question = http("GET", "http://h/");
            if let Question::Http { headers, .. } = &mut question {
                headers.insert(header.to_owned(), "${secret:TOKEN}".to_owned());
            }
            let body = Blob::named("");
            let location = location.map(str::to_owned);
            let answer = Answer::Http { status: 200, headers: BTreeMap::new(), body, location };
            let asked_at = "2026-01-01T00:00:00Z".parse().expect("an instant");
            repeat_exchange(&Exchange { question, answer, asked_at, elapsed_us: 0, attempts: 1 })
        };
        let elsewhere = Some("http://h/login");
        let line = answered(elsewhere, "Authorization");
        assert_eq!(line, "curl -sS -L -H 'Authorization: '\"$TOKEN\" 'http://h/'");
        assert_eq!(answered(None, "Authorization"), line.replace(" -L", ""));
        assert_eq!(answered(elsewhere, "x-token"), "curl -sS -H 'x-token: '\"$TOKEN\" 'http://h/'");
    }

    #[test]
    fn everything_of_a_request_is_in_the_line_and_secrets_are_variables() {
        let question = Question::Http {
            method: "POST".to_owned(),
            url: "http://docker/v1/info".to_owned(),
            socket: Some("/run/docker.sock".to_owned()),
            headers: BTreeMap::from([("authorization".to_owned(), "Bearer ${secret:TOKEN}!".to_owned())]),
            body: Some("it's".to_owned()),
            access: Access::default(),
        };
        assert_eq!(
            repeat_line(&question),
            "curl -sS -H 'authorization: Bearer '\"$TOKEN\"'!' --data-raw \"it's\" --unix-socket /run/docker.sock \
             'http://docker/v1/info'"
        );
        assert_eq!(repeat_line(&http("DELETE", "http://h/")), "curl -sS -X DELETE 'http://h/'");
    }

    #[test]
    fn credentials_are_options_of_curl_and_the_password_is_a_variable() {
        let file = |name: &str| Some(name.to_owned());
        let access = Access {
            basic: Some(Basic { user: "the auditor".to_owned(), password: "${secret:PW}".to_owned() }),
            tls: TlsFiles { ca_file: file("ca.pem"), client_cert: file("-me.pem"), client_key: file("my key.pem") },
        };
        let Question::Http { method, url, socket, headers, body, .. } = http("GET", "https://h/") else { return };
        assert_eq!(
            repeat_line(&Question::Http { method, url, socket, headers, body, access }),
            "curl -sS -u 'the auditor:'\"$PW\" --cacert ca.pem --cert ./-me.pem --key 'my key.pem' 'https://h/'"
        );
    }

    #[test]
    fn a_command_is_quoted_for_the_shell() {
        let question = Question::Command {
            argv: ["sh", "-c", "echo $HOME; ls", ""].map(str::to_owned).to_vec(),
            dir: Some("sub dir".to_owned()),
            env: BTreeMap::from([("KEY".to_owned(), "${secret:KEY}".to_owned())]),
        };
        assert_eq!(repeat_line(&question), "cd 'sub dir' && KEY=\"$KEY\" sh -c 'echo $HOME; ls' ''");
    }

    #[test]
    fn files_and_connections_have_a_line_too() {
        assert_eq!(repeat_line(&Question::Read { path: "-a b".to_owned() }), "cat './-a b'");
        assert_eq!(repeat_line(&Question::List { glob: "src/*.rs".to_owned() }), "ls -d src/*.rs");
        let deep = repeat_line(&Question::List { glob: "src/**/*.rs".to_owned() });
        assert_eq!(deep, "bash -O globstar -c 'ls -d src/**/*.rs'");
        assert_eq!(repeat_line(&Question::List { glob: "a;rm".to_owned() }), "ls -d 'a;rm'");
        let names = vec!["A".to_owned(), "B".to_owned()];
        let switches = Question::Environment { names, prefix: Some("F_".to_owned()) };
        // The empty quotes keep old shells from reading "^" as a pipe.
        assert_eq!(repeat_line(&switches), "env | grep -E '^(A|B|F_[''^=]*)='");
        assert_eq!(repeat_line(&Question::Connect { address: "[::1]:80".to_owned() }), "nc -vz ::1 80");
    }

    #[test]
    fn names_and_calls_have_a_line_too() {
        assert_eq!(
            repeat_line(&Question::Resolve { host: "api.example.com".to_owned() }),
            "getent ahosts api.example.com"
        );
        let certificate = |name: &str, ca_file: Option<&str>| {
            let tls = TlsFiles { ca_file: ca_file.map(str::to_owned), ..TlsFiles::default() };
            repeat_line(&Question::Certificate { address: "h:443".to_owned(), name: name.to_owned(), tls })
        };
        assert_eq!(
            certificate("shop", Some("-ca.pem")),
            "openssl s_client -connect h:443 -servername shop -verify_hostname shop -showcerts -CAfile ./-ca.pem </dev/null"
        );
        assert_eq!(
            certificate("::1", None),
            "openssl s_client -connect h:443 -noservername -verify_ip ::1 -showcerts </dev/null"
        );
        let call = Question::Grpc {
            url: "http://h:1/grpc.health.v1.Health/Check".to_owned(),
            headers: BTreeMap::from([("authorization".to_owned(), "Bearer ${secret:T}".to_owned())]),
            message: "CgRzaG9w".to_owned(),
            access: Access::default(),
        };
        assert_eq!(
            repeat_line(&call),
            r#"(printf '\000\000\000\000\006'; printf %s 'CgRzaG9w' | base64 -d) | curl -sSi --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers' -H 'authorization: Bearer '"$T" --data-binary @- 'http://h:1/grpc.health.v1.Health/Check' | cat -v"#
        );
    }

    #[test]
    fn what_the_shell_reads_back_is_what_was_asked() {
        for hostile in ["$(reboot)", "`x`", "a'b\"c", "!x", "{a,b}", "~", "a\nb", "#no", "${secret:1 2}"] {
            let line =
                repeat_line(&Question::Command { argv: vec![hostile.to_owned()], dir: None, env: BTreeMap::new() });
            assert_eq!(shlex::split(&line), Some(vec![hostile.to_owned()]), "{line}");
        }
    }
}
