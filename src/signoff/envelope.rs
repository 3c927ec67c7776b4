//! The DSSE envelope (github.com/secure-systems-lab/dsse, version 1.0): a payload, and one signature over its
//! pre-authentication encoding. Nothing in it is believed before the signature is checked; sizes are limited before
//! anything is decoded.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

use super::code::{Code, Refusal, shown};
use crate::model::signoff::MAX_ENVELOPE;
use crate::record::strict;

/// The type of what is signed.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Envelope {
    /// The statement, base64.
    pub payload: String,
    /// [`PAYLOAD_TYPE`].
    pub payload_type: String,
    /// The signature.
    pub signatures: Vec<Signature>,
}

/// A signature in an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// A hint for people; nothing is decided by it.
    #[serde(default)]
    pub keyid: String,
    /// The armored SSH signature, base64.
    pub sig: String,
}

/// An envelope taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    /// The payload's bytes.
    pub(super) payload: Vec<u8>,
    /// The armored SSH signature.
    pub(super) armored: Vec<u8>,
}

impl Envelope {
    /// The envelope of a payload and its armored signature.
    pub fn new(payload: &[u8], fingerprint: &str, armored: &str) -> Self {
        let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let signature = Signature { keyid: fingerprint.to_owned(), sig: encode(armored.as_bytes()) };
        Self { payload: encode(payload), payload_type: PAYLOAD_TYPE.to_owned(), signatures: vec![signature] }
    }

    /// The envelope in one line.
    pub fn line(&self) -> String {
        // Texts alone: there is nothing in it that JSON could not hold.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads an envelope, written in any way.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let refuse = |why: String| Refusal::new(Code::Envelope, why);
        if bytes.len() > MAX_ENVELOPE {
            return Err(refuse(format!("it is {} bytes; more than {MAX_ENVELOPE} are not read", bytes.len())));
        }
        let value = strict::parse(bytes).map_err(|problem| refuse(problem.to_string()))?;
        serde_json::from_value(value).map_err(|error| refuse(format!("it is no DSSE envelope: {error}")))
    }

    /// Takes it apart: one signature over a payload of the one type.
    pub(super) fn open(&self) -> Result<Opened, Refusal> {
        if self.payload_type != PAYLOAD_TYPE {
            let why = format!("it is of type \"{}\" and not \"{PAYLOAD_TYPE}\"", shown(&self.payload_type));
            return Err(Refusal::new(Code::PayloadType, why));
        }
        let [signature] = self.signatures.as_slice() else {
            let why = format!("it has {} signatures and not one", self.signatures.len());
            return Err(Refusal::new(Code::SignatureCount, why));
        };
        let undecodable = |what: &str| Refusal::new(Code::Envelope, format!("its {what} is not base64"));
        Ok(Opened {
            payload: decoded(&self.payload).ok_or_else(|| undecodable("payload"))?,
            armored: decoded(&signature.sig).ok_or_else(|| undecodable("signature"))?,
        })
    }
}

/// What is signed for a payload: DSSE's pre-authentication encoding.
pub fn pae(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Both alphabets, as DSSE wants it, with padding or without.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let of = |alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok();
    of(&alphabet::STANDARD).or_else(|| of(&alphabet::URL_SAFE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_encoding_is_that_of_the_dsse_protocol() {
        let wanted = b"DSSEv1 28 application/vnd.in-toto+json 11 hello world";
        assert_eq!(pae(b"hello world"), wanted);
        assert_eq!(pae(b""), b"DSSEv1 28 application/vnd.in-toto+json 0 ");
    }

    #[test]
    fn an_envelope_reads_back_in_any_order_and_either_alphabet() {
        let envelope = Envelope::new(b"\xfb\xff{}", "SHA256:x", "armor\n");
        let opened = envelope.open().unwrap();
        assert_eq!(opened, Opened { payload: b"\xfb\xff{}".to_vec(), armored: b"armor\n".to_vec() });
        assert_eq!(Envelope::parse(envelope.line().as_bytes()).unwrap(), envelope);
        let other = format!(
            "{{ \"signatures\": [{{\"sig\": \"{}\"}}],\n \"payloadType\": \"{PAYLOAD_TYPE}\", \"payload\": \"-_97fQ\"}}",
            envelope.signatures[0].sig
        );
        assert_eq!(Envelope::parse(other.as_bytes()).unwrap().open().unwrap(), opened);
    }

    #[test]
    fn another_shape_is_refused() {
        let good = Envelope::new(b"{}", "", "a").line();
        for bad in [
            good.replace("payloadType", "payloadtype"),
            good.replacen('{', "{\"payload\":\"e30=\",", 1),
            good.replacen('{', "{\"more\":1,", 1),
            good.replace("e30=", "e3$="),
            good.replace("e30=", "e31="),
            format!("{good}{good}"),
            " ".repeat(MAX_ENVELOPE) + &good,
        ] {
            let refused = Envelope::parse(bad.as_bytes()).and_then(|envelope| envelope.open()).unwrap_err();
            assert_eq!(refused.code, Code::Envelope, "{}", refused.why);
        }
    }

    proptest! {
        #[test]
        fn bytes_never_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Envelope::parse(&bytes).and_then(|envelope| envelope.open());
        }
    }
}
