//! The redactor leaks no secret and touches nothing else.

use base64::Engine as _;
use proptest::prelude::*;

use super::*;

fn shapes_only(text: &str) -> String {
    Redactor::new(std::iter::empty()).text(text)
}

#[test]
fn credentials_are_blacked_out_and_nothing_around_them() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    for (before, after) in [
        (r#"{"password":"hunter\"2","user":"ada"}"#, r#"{"password":"[REDACTED]","user":"ada"}"#),
        (r#"{"clientSecret" : "a b c"}"#, r#"{"clientSecret" : "[REDACTED]"}"#),
        (r#"{"log":"{\"token\":\"abc\"}"}"#, r#"{"log":"{\"token\":\"[REDACTED]\"}"}"#),
        ("http://h/?token=abc123&page=2", "http://h/?token=[REDACTED]&page=2"),
        ("DB_PASSWORD=s3cr3t!\nHOME=/root", "DB_PASSWORD=[REDACTED]\nHOME=/root"),
        ("postgres://app:pa55@db:5432/x", "postgres://app:[REDACTED]@db:5432/x"),
        ("password: hunter2\nport: 80", "password: [REDACTED]\nport: 80"),
        ("> Authorization: Basic YWRhOmh1bnRlcg==\r\n", "> Authorization: [REDACTED]\r\n"),
        ("< set-cookie: a=b; Path=/\n", "< set-cookie: [REDACTED]\n"),
        ("sent Bearer abcdef.123456 away", "sent Bearer [REDACTED] away"),
        ("key AKIAIOSFODNN7EXAMPLE, used", "key AKIA[REDACTED], used"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_[REDACTED]"),
        ("github_pat_0123456789_abcdefghij", "github_pat_[REDACTED]"),
        ("glpat-abcdefghij0123456789 xoxb-1234567890-abc", "glpat-[REDACTED] xoxb-[REDACTED]"),
        (&format!("jwt {jwt}!"), "jwt eyJ[REDACTED]!"),
        (r#"{"password":"never closed"#, r#"{"password":"[REDACTED]"#),
        (
            "token = 'abc def'
token = \"abc\"",
            "token = '[REDACTED]'\ntoken = \"[REDACTED]\"",
        ),
        ("https://ada:a%40b@h/ and redis://:pa55@h", "https://ada:[REDACTED]@h/ and redis://:[REDACTED]@h"),
        (r#"{"log":"{\"secret\": \"a\\\"b\", \"n\": 1}"}"#, r#"{"log":"{\"secret\": \"[REDACTED]\", \"n\": 1}"}"#),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----[REDACTED]-----END RSA PRIVATE KEY-----",
        ),
        ("-----BEGIN PRIVATE KEY-----\ncut off", "-----BEGIN PRIVATE KEY-----[REDACTED]"),
    ] {
        assert_eq!(shapes_only(before), after);
    }
}

#[test]
fn what_only_sounds_like_a_credential_stays() {
    for text in [
        r#"{"max_tokens": 4096, "reset-password": true, "token": null}"#,
        "reset_password = true\nmax_token = 100\n",
        "enable-new-token: true\nsecret: {name: x}\n",
        "if token == other { }",
        "the bearer authentication scheme; token: three of them are left",
        "http://h:8080/a@b, 12:30 @ noon, git@host:path",
        "password=${secret:DB} https://u:${secret:P}@h/",
        "Passwords and secrets were rotated.",
        r#"{"groupNextToken":"a6e21e6f","next_page_token":"b7","nextToken":"c8"} /rules?group_next_token=a6e21e6f"#,
        "test result: ok. 17 passed",
    ] {
        assert_eq!(shapes_only(text), text);
    }
}

#[test]
fn an_answer_made_to_keep_the_redactor_busy_does_not() {
    let start = std::time::Instant::now();
    for opening in ["x://b:", "token='", "eyJ"] {
        for filler in ["token=1234567&", "token=true&", "x://b:", "\"token\":\"", "eyJabc.", "token: a b\n", "-eyJ"] {
            shapes_only(&format!("{opening}{}", filler.repeat(3_000)));
        }
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn redacting_twice_changes_nothing_more() {
    let once = shapes_only(r#"{"password":"x7","u":"http://a:b@c/?token=1a"}"#);
    assert_eq!(shapes_only(&once), once);
}

#[test]
fn a_secret_with_blanks_is_not_left_in_half_by_a_shape() {
    let redactor = Redactor::new(["my dear password"].into_iter());
    assert_eq!(redactor.text("token=my dear password!"), "token=[REDACTED]!");
}

#[test]
fn overlapping_secrets_are_both_gone() {
    let redactor = Redactor::new(["abcdef", "defghi"].into_iter());
    assert_eq!(redactor.text("--abcdefghi--"), "--[REDACTED]--");
}

#[test]
fn credentials_in_headers_are_known_by_their_name() {
    let redactor = Redactor::new(["s3cr3t"].into_iter());
    assert_eq!(redactor.header("set-cookie", "id=1"), "[REDACTED]");
    assert_eq!(redactor.header("location", "/x?k=s3cr3t"), "/x?k=[REDACTED]");
    assert_eq!(redactor.header("content-type", "text/html"), "text/html");
}

/// Every way that a text is escaped, character for character.
fn escaped(secret: &str) -> Vec<String> {
    let bytes = |form: &dyn Fn(u8) -> String| secret.bytes().map(form).collect::<String>();
    let characters = |form: &dyn Fn(u32) -> String| secret.chars().map(|c| form(u32::from(c))).collect::<String>();
    let unicode: String = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    vec![
        unicode.replace('\\', "\\\\"),
        unicode.to_uppercase().replace("\\U", "\\u"),
        unicode,
        bytes(&|byte| format!("%{byte:02X}")),
        bytes(&|byte| format!("\\x{byte:02x}")),
        bytes(&|byte| format!("\\{byte:03o}")),
        bytes(&|byte| format!("{byte:02x}")),
        bytes(&|byte| format!("{byte:02X}")),
        characters(&|code| format!("&#{code};")),
        characters(&|code| format!("&#x{code:X};")),
        characters(&|code| format!("\\U{code:08x}")),
        characters(&|code| format!("\\u{{{code:x}}}")),
    ]
}

#[test]
fn letters_and_digits_that_are_escaped_are_known() {
    for secret in ["s3cr3tCANARY99x", "p\u{e4}ss/w0rd+ \"1\" \u{6f22}\u{1f511}"] {
        let redactor = Redactor::new([secret].into_iter());
        for written in escaped(secret) {
            assert_eq!(redactor.text(&format!("{{<{written}>}}")), "{<[REDACTED]>}", "{written}");
        }
        // One character is as good as all of them.
        let written = secret.replacen('s', "\\u0073", 1);
        assert_eq!(redactor.text(&written), REDACTED);
    }
}

#[test]
fn text_of_utf_16_is_known_and_stays_text() {
    let redactor = Redactor::new(["s3cr3tCANARY99x"].into_iter());
    for wide in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes: Vec<u8> = "<a>s3cr3tCANARY99x</a>".encode_utf16().flat_map(wide).collect();
        let kept: Vec<u8> = "<a>[REDACTED]</a>".encode_utf16().flat_map(wide).collect();
        assert_eq!(redactor.bytes(bytes), (kept, 1));
    }
}

#[test]
fn base64_that_is_broken_into_lines_is_known() {
    let redactor = Redactor::new(["s3cr3tCANARY99x"].into_iter());
    for before in 0..64 {
        let whole = base64::engine::general_purpose::STANDARD.encode(format!("{}s3cr3tCANARY99x!", "0".repeat(before)));
        for (width, end) in [(76, "\n"), (60, "\r\n"), (64, "\\n"), (20, "\n")] {
            let lines: Vec<&str> =
                whole.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let kept = redactor.text(&lines.join(end));
            assert!(kept.contains(REDACTED) && !kept.contains("Y3IzdENBTkFSWTk5"), "{kept}");
        }
    }
}

#[test]
fn a_secret_of_several_lines_is_known_by_each_of_them() {
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\r\nBCIEIJ7gk1Qe\nshort\n-----END PRIVATE KEY-----\n";
    let redactor = Redactor::new([key].into_iter());
    assert_eq!(redactor.text("line 2: MC4CAQAwBQYDK2Vw."), "line 2: [REDACTED].");
    assert_eq!(redactor.text("BCIEIJ7gk1Qe"), REDACTED);
    assert_eq!(redactor.text("short -----END PRIVATE KEY-----"), "short -----END PRIVATE KEY-----");
}

#[test]
fn names_that_the_other_side_chose_hold_no_secret() {
    let redactor = Redactor::new(["s3cr3tCANARY99x"].into_iter());
    assert_eq!(redactor.name("x-s3cr3tcanary99x-id"), "x-[REDACTED]-id");
    assert_eq!(redactor.name("set-cookie"), "set-cookie");
}

fn secret() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{8,40}", "[a-zA-Z0-9+/=_-]{6,64}", "[äöü漢字a-z&\"'<>\\\\/]{6,20}"]
        .prop_filter("no blank edges", |secret| secret.trim() == secret)
}

fn harmless_text() -> impl Strategy<Value = String> {
    "[ -~\n]{0,40}"
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

proptest! {
    // Each case compiles an expression of its own, which is slow without optimisation.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_encoding_of_a_secret_is_left(secret in secret(), before in harmless_text(), after in harmless_text()) {
        let redactor = Redactor::new([secret.as_str()].into_iter());
        let base = base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}{after}"));
        let json = serde_json::to_string(&secret).unwrap();
        let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let inner = &json[1..json.len() - 1];
        for written in [&secret, inner, &url] {
            let (kept, count) = redactor.bytes(format!("{before}{written}{after}").into_bytes());
            prop_assert!(count > 0);
            prop_assert!(!holds(&kept, secret.as_bytes()) || REDACTED.contains(&secret));
        }
        let (kept, count) = redactor.bytes(base.into_bytes());
        prop_assert!(count > 0);
        let shown = String::from_utf8(kept).unwrap();
        for piece in shown.split(REDACTED) {
            let whole = &piece[..piece.len() / 4 * 4];
            let back = base64::engine::general_purpose::STANDARD.decode(whole).unwrap_or_default();
            prop_assert!(!holds(&back, secret.as_bytes()));
        }
    }

    #[test]
    fn text_without_a_secret_is_untouched(text in "[a-z0-9 .,;(){}<>\\[\\]\n\"'/-]{0,200}") {
        prop_assume!(!["passw", "pwd", "passphrase", "secret", "token", "key", "credential", "auth", "cookie", "bearer", "string"]
            .iter().any(|word| text.contains(word)));
        let redactor = Redactor::new(["QQQQ-not-in-it"].into_iter());
        prop_assert_eq!(redactor.text(&text), text);
    }

    #[test]
    fn json_stays_json(secret in secret(), key in "[a-z]{1,8}", position in 0_usize..3) {
        let value = match position {
            0 => serde_json::json!({ &key: secret }),
            1 => serde_json::json!([{ "password": secret, "n": 1 }]),
            _ => serde_json::json!({ "text": format!("x{secret}y"), "token": "" }),
        };
        let redactor = Redactor::new([secret.as_str()].into_iter());
        let (kept, _) = redactor.bytes(serde_json::to_vec(&value).unwrap());
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&kept).is_ok(), "{}", String::from_utf8_lossy(&kept));
    }
}
