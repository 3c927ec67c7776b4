//! A client of the gRPC health protocol, `grpc.health.v1.Health/Check`.
//! Source of the shapes: <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>.

use percent_encoding::percent_decode_str;
use prost::Message as _;

use super::endpoint::{Endpoint, not_let_in};
use super::health::Said;
use crate::model::fact::Unmeasurable;
use crate::witness::{HttpAnswer, Witness};

/// Asks a server how a service is; the empty name stands for all of it. How it is, and its own word.
pub async fn check(endpoint: &Endpoint, service: &str, witness: &Witness) -> Result<(Said, String), Unmeasurable> {
    // HealthCheckRequest has one field, a string with the number 1, as `google.protobuf.StringValue` has.
    let message = service.to_owned().encode_to_vec();
    let request = endpoint.get("/grpc.health.v1.Health/Check");
    let answer = witness.grpc(request, &message).await?;
    read(&answer, service, &format!("the gRPC server at {}", endpoint.url))
}

fn read(answer: &HttpAnswer, service: &str, server: &str) -> Result<(Said, String), Unmeasurable> {
    if let Some(refused) = not_let_in(answer, server) {
        return Err(refused);
    }
    let header = |name: &str| answer.headers.get(name).map(String::as_str);
    let Some(code) = header("grpc-status") else {
        let what = if header("content-type").is_some_and(|kind| kind.starts_with("application/grpc")) {
            "whose end is missing"
        } else {
            "that is not gRPC"
        };
        return Err(Unmeasurable::new(
            format!("{server} answered {} with something {what}", answer.status),
            "Look whether the address and port are those of the gRPC server.",
        ));
    };
    let said: String = percent_decode_str(header("grpc-message").unwrap_or_default())
        .decode_utf8_lossy()
        .chars()
        .filter(|character| !character.is_control())
        .take(200)
        .collect();
    let with_words = |what: String| if said.is_empty() { what } else { format!("{what}: {said}") };
    match code {
        "0" => serving(&answer.body).ok_or_else(|| {
            Unmeasurable::new(
                format!("{server} answered with a message that is no health check"),
                "Look whether it serves grpc.health.v1.Health.",
            )
        }),
        // NOT_FOUND: the protocol's answer for a service of which nobody told the health service.
        "5" => Ok((Said::Silent, format!("the server does not know the service \"{service}\""))),
        "12" => Err(Unmeasurable::new(
            format!("{server} has no health service"),
            "Let it serve grpc.health.v1.Health, or check it in another way.",
        )),
        "7" | "16" => Err(Unmeasurable::new(
            with_words(format!("{server} does not let us in")),
            "Give it what it asks for: a token with `bearer:`, or a header.",
        )),
        "14" => Err(Unmeasurable::new(
            with_words(format!("{server} is not available")),
            "Look whether the service behind that address runs.",
        )),
        other => Err(Unmeasurable::new(
            with_words(format!("{server} answered with gRPC status {other}")),
            "Look into the log of the service.",
        )),
    }
}

/// `HealthCheckResponse`, framed: a byte that says whether it is compressed, four of length, and the message, whose one
/// field is an enumeration with the number 1, as that of `google.protobuf.Int32Value`.
fn serving(body: &[u8]) -> Option<(Said, String)> {
    let (head, message) = body.split_at_checked(5)?;
    let length = u32::from_be_bytes(head.get(1..)?.try_into().ok()?);
    if head.first() != Some(&0) || usize::try_from(length).ok()? != message.len() {
        return None;
    }
    Some(match i32::decode(message).ok()? {
        1 => (Said::Well, "SERVING".to_owned()),
        2 => (Said::Unwell, "NOT_SERVING".to_owned()),
        0 => (Said::Silent, "UNKNOWN".to_owned()),
        3 => (Said::Silent, "SERVICE_UNKNOWN".to_owned()),
        other => (Said::Silent, format!("serving status {other}")),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(headers: &[(&str, &str)], body: &[u8]) -> HttpAnswer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpAnswer { headers, ..HttpAnswer::new(200, body) }
    }

    fn said(headers: &[(&str, &str)], body: &[u8]) -> Result<(Said, String), String> {
        read(&answer(headers, body), "shop", "it").map_err(|problem| problem.reason)
    }

    const OK: &[(&str, &str)] = &[("content-type", "application/grpc"), ("grpc-status", "0")];

    #[test]
    fn a_serving_status_is_read_from_its_frame() {
        // Captured from grpcio-health-checking 1.76.0: SERVING and NOT_SERVING. UNKNOWN is 0, which is not written.
        assert_eq!(said(OK, &[0, 0, 0, 0, 2, 8, 1]), Ok((Said::Well, "SERVING".to_owned())));
        assert_eq!(said(OK, &[0, 0, 0, 0, 2, 8, 2]), Ok((Said::Unwell, "NOT_SERVING".to_owned())));
        assert_eq!(said(OK, &[0, 0, 0, 0, 0]), Ok((Said::Silent, "UNKNOWN".to_owned())));
        assert_eq!(said(OK, &[0, 0, 0, 0, 2, 8, 9]), Ok((Said::Silent, "serving status 9".to_owned())));
        // A field that is not known yet is stepped over.
        assert_eq!(said(OK, &[0, 0, 0, 0, 4, 8, 1, 16, 7]), Ok((Said::Well, "SERVING".to_owned())));
    }

    #[test]
    fn half_a_frame_a_compressed_one_and_another_message_are_no_answers() {
        for body in [&[][..], &[0, 0, 0], &[0, 0, 0, 0, 2, 8], &[1, 0, 0, 0, 2, 8, 1], &[0, 0, 0, 0, 2, 10, 1]] {
            assert_eq!(
                said(OK, body),
                Err("it answered with a message that is no health check".to_owned()),
                "{body:?}"
            );
        }
    }

    #[test]
    fn what_the_server_says_against_it_is_told_apart() {
        let with = |code, words| said(&[("grpc-status", code), ("grpc-message", words)], &[]);
        assert_eq!(with("5", "").expect("an answer").0, Said::Silent);
        assert_eq!(with("12", ""), Err("it has no health service".to_owned()));
        assert_eq!(with("16", "no%20token"), Err("it does not let us in: no token".to_owned()));
        assert_eq!(with("14", "").expect_err("refused"), "it is not available");
        assert_eq!(with("2", "a%0Ab"), Err("it answered with gRPC status 2: ab".to_owned()));
        assert_eq!(said(&[], b"<html>"), Err("it answered 200 with something that is not gRPC".to_owned()));
        let cut = said(&[("content-type", "application/grpc+proto")], &[0, 0, 0, 0, 2, 8, 1]);
        assert_eq!(cut, Err("it answered 200 with something whose end is missing".to_owned()));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..40), code in "[0-9]{0,3}") {
            let _either = said(&[("grpc-status", &code)], &body);

        }
    }
}
