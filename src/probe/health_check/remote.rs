//! Looking at what is no HTTP: gRPC servers and names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Checked, Outcome};
use crate::model::fact::Unmeasurable;
use crate::source::endpoint::with_endpoint;
use crate::source::grpc_health;
use crate::source::shorthand::FromText;
use crate::witness::Witness;

with_endpoint! {
    /// A gRPC server with the standard health service. Its address is `http://host:port`, or `https://` with TLS.
    pub struct GrpcTarget {
        /// What to call it; the address unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// The service to ask about, such as `shop.v1.Cart`; the server as a whole unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub service: Option<String>,
    }
}

/// A name that resolves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DnsTarget {
    /// The name of a host, such as `api.example.com`, as this machine resolves it.
    pub host: String,
    /// What to call it; the host unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Addresses that must be among those it resolves to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<core::net::IpAddr>,
}

impl FromText for GrpcTarget {
    const EXPECTED: &'static str = "an address such as http://localhost:50051, or a mapping with `url`";

    fn from_text(url: String) -> Self {
        Self { url, ..Self::default() }
    }
}

impl FromText for DnsTarget {
    const EXPECTED: &'static str = "the name of a host, or a mapping with `host`";

    fn from_text(host: String) -> Self {
        Self { host, name: None, addresses: Vec::new() }
    }
}

impl GrpcTarget {
    pub(super) async fn look(&self, witness: &Witness) -> Result<Checked, Unmeasurable> {
        let service = self.service.as_deref().unwrap_or_default();
        let name = self.name.clone().unwrap_or_else(|| match &self.service {
            Some(service) => format!("{} {service}", self.url),
            None => self.url.clone(),
        });
        let health = grpc_health::check(&self.endpoint(), service, witness).await;
        let (said, detail) = health.map_err(|problem| match &self.name {
            Some(name) => Unmeasurable::new(format!("{name}: {}", problem.reason), problem.help),
            None => problem,
        })?;
        Ok(Checked { name, outcome: said.into(), detail, parts: None })
    }
}

impl DnsTarget {
    pub(super) fn problems(&self) -> Vec<(String, String)> {
        crate::probe::dns::host_problem(&self.host).into_iter().collect()
    }

    pub(super) async fn look(&self, witness: &Witness) -> Result<Checked, Unmeasurable> {
        let found = witness.resolve(&self.host).await?;
        let name = self.name.clone().unwrap_or_else(|| self.host.clone());
        let missing: Vec<_> =
            self.addresses.iter().filter(|wanted| !found.contains(wanted)).map(ToString::to_string).collect();
        let all = found.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let (outcome, detail) = match (found.is_empty(), missing.is_empty()) {
            (true, _) => (Outcome::Failed, "has no address".to_owned()),
            (false, true) => (Outcome::Passed, all),
            (false, false) => (Outcome::Failed, format!("{all}; not {}", missing.join(", "))),
        };
        Ok(Checked { name, outcome, detail, parts: None })
    }
}
