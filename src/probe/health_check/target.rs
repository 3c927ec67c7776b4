//! Looking at one address or port, and what its answer says.

use super::{Checked, HttpReads, HttpTarget, Outcome, PassesWhen, TcpTarget};
use crate::model::condition::Condition;
use crate::model::fact::{Unmeasurable, Value};
use crate::model::format;
use crate::probe::tcp;
use crate::source::endpoint::{json, not_let_in, sent_on};
use crate::source::health::{self, Health, shown};
use crate::source::jq::{self, Filter, MAX_OUTPUTS, to_value};
use crate::witness::{HttpAnswer, HttpRequest, Witness};

impl TcpTarget {
    pub(super) async fn look(&self, witness: &Witness) -> Result<Checked, Unmeasurable> {
        let (host, port) = tcp::address(&self.address).map_err(|(reason, help)| Unmeasurable::new(reason, help))?;
        let connected = witness.connect(&host, port).await?.is_some();
        let (outcome, detail) = if connected { (Outcome::Passed, "connected") } else { (Outcome::Failed, "refused") };
        let name = self.name.clone().unwrap_or_else(|| self.address.clone());
        Ok(Checked { name, outcome, detail: detail.to_owned(), parts: None })
    }
}

impl HttpTarget {
    pub(super) async fn look(&self, witness: &Witness) -> Result<Checked, Unmeasurable> {
        let request = HttpRequest {
            method: self.method.clone().unwrap_or_default(),
            body: self.body.clone(),
            ..self.endpoint().get_itself()
        };
        let named = |problem: Unmeasurable| match &self.name {
            Some(name) => Unmeasurable::new(format!("{name}: {}", problem.reason), problem.help),
            None => problem,
        };
        let answer = witness.http(request).await.map_err(named)?;
        let Some(filter) = self.passes_when.as_ref().and_then(|when| when.jq.clone()) else {
            return self.read(&answer);
        };
        let (target, size) = (self.clone(), answer.body.len());
        let read = jq::apart(&filter, size, move || target.read(&answer)).await;
        read.map_err(|problem| Unmeasurable::new(format!("{}: {}", self.shown_name(), problem.message), problem.help))?
    }

    fn shown_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.url.clone())
    }

    pub(super) fn read(&self, answer: &HttpAnswer) -> Result<Checked, Unmeasurable> {
        let status_is_asked = self.passes_when.as_ref().is_some_and(|when| when.status.is_some());
        if let Some(refused) = not_let_in(answer, &self.shown_name()).filter(|_| !status_is_asked) {
            return Err(refused);
        }
        let name = self.shown_name();
        if let Some(place) = sent_on(answer, &self.url) {
            let detail = format!("sent on to {place}; if that is what is meant, ask there");
            return Ok(Checked { name, outcome: Outcome::Unknown, detail, parts: None });
        }
        let read = match self.reads {
            HttpReads::Status => {
                let (mut outcome, mut detail) = self.read_status(answer)?;
                // Nobody said that its status is all that counts.
                if outcome == Outcome::Passed
                    && self.passes_when.is_none()
                    && let Some(unwell) = health::unasked(answer)
                {
                    (outcome, detail) = (Outcome::Unknown, unwell);
                }
                return Ok(Checked { name, outcome, detail, parts: None });
            }
            HttpReads::HealthJson => health::ietf,
            HttpReads::Spring => health::spring,
            HttpReads::Grafana => health::grafana,
            HttpReads::Etcd => health::etcd,
            HttpReads::Kubernetes => health::kubernetes,
        };
        let Health { said, detail, parts } = read(answer, &name)?;
        Ok(Checked { name, outcome: said.into(), detail, parts: Some(parts) })
    }

    fn read_status(&self, answer: &HttpAnswer) -> Result<(Outcome, String), Unmeasurable> {
        let when = self.passes_when.as_ref();
        let status_passes = match when.and_then(|when| when.status.as_ref()) {
            None => (200..300).contains(&answer.status),
            Some(condition) => match condition.holds(&Value::count(u32::from(answer.status)), None) {
                Ok(holds) => holds,
                Err(reason) => return Ok((Outcome::Unknown, reason)),
            },
        };
        if !status_passes {
            return Ok((Outcome::Failed, shown(answer)));
        }
        match when {
            Some(PassesWhen { jq: Some(filter), is, .. }) => self.read_body(answer, filter, is.as_ref()),
            _ => Ok((Outcome::Passed, answer.status.to_string())),
        }
    }

    fn read_body(
        &self,
        answer: &HttpAnswer,
        filter: &str,
        is: Option<&Condition>,
    ) -> Result<(Outcome, String), Unmeasurable> {
        // HTML in place of JSON deserves its own words, and is no answer to what was asked.
        json::<serde::de::IgnoredAny>(answer, &self.shown_name())?;
        let yielded =
            Filter::compile(filter).and_then(|filter| filter.run(&answer.body, MAX_OUTPUTS)).map_err(|problem| {
                Unmeasurable::new(format!("{}: {}", self.shown_name(), problem.message), problem.help)
            })?;
        if yielded.is_empty() {
            return Ok((Outcome::Unknown, format!("`{filter}` yields nothing")));
        }
        let mut details = Vec::new();
        let mut outcome = Outcome::Passed;
        for one in &yielded {
            let Some(value) = to_value(one) else {
                return Ok((Outcome::Unknown, format!("`{filter}` yields {}", one.what())));
            };
            details.push(format!("`{filter}` is {}", format::value(&value)));
            let holds = match (is, &value) {
                (Some(condition), value) => condition.holds(value, None),
                (None, Value::Flag(flag)) => Ok(*flag),
                (None, _) => Err(format!("`{filter}` yields {}, neither true nor false", one.what())),
            };
            match holds {
                Ok(true) => {}
                Ok(false) => outcome = Outcome::Failed,
                Err(reason) => return Ok((Outcome::Unknown, reason)),
            }
        }
        details.truncate(3);
        Ok((outcome, details.join(", ")))
    }
}
