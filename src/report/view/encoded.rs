//! Bytes that a document holds in base64. They are made into it while they are written: of a record it is a megabyte that
//! would be copied from hand to hand.

use std::fmt;
use std::sync::Arc;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};
use serde::{Serialize, Serializer};

/// The bytes; in a template and in JSON, their base64. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded(Arc<Bytes>);

#[derive(PartialEq, Eq)]
pub(in crate::report) struct Bytes(Vec<u8>);

impl Encoded {
    /// Holds these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Arc::new(Bytes(bytes.to_vec())))
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Encoded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_dyn_object(Arc::clone(&self.0)).serialize(serializer)
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Object for Bytes {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Base64Display::new(&self.0, &STANDARD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_base64_wherever_it_is_written() {
        let encoded = Encoded::of(&[0xfb, 0xff, 1]);
        assert_eq!(serde_json::to_string(&encoded).unwrap(), "\"+/8B\"");
        let value = Value::from(minijinja::value::Serde(&encoded));
        assert_eq!((value.to_string().as_str(), value.is_true()), ("+/8B", true));
    }
}
