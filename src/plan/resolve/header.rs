//! The head of the audit: subject, auditor, times, thresholds.

use super::{Resolver, empty, in_words, policy};
use crate::model::audit::{Audit, Person, Subject, VerdictPolicy};
use crate::model::instant::Stamp;
use crate::plan::collect::given;
use crate::plan::node::{Span, clip};
use crate::plan::problem::Code;
use crate::plan::written::{AuditWritten, FileWritten, PersonWritten, SubjectWritten, Text, VerdictWritten};

impl Resolver<'_> {
    /// The audit without its areas and lists. `None` when it has no head.
    pub(super) fn header(&mut self, top: &mut FileWritten) -> Option<Audit> {
        let verdict = self.verdict(top.verdict.take());
        let Some(written) = top.audit.take() else {
            let help = "Add `audit:` with an `id` and a `subject` to the file that is run.";
            self.sink.error(Span::start_of(0), "", Code::MissingKey, "\"audit\" is missing", help);
            return None;
        };
        let AuditWritten {
            id, title, subject, auditor, go_live, window, timezone, provenance, summary, closing, ..
        } = written.value;
        let name = self.id(&id, "audit.id").or_else(|| "unnamed".parse().ok())?;
        let title = given(title.as_ref()).unwrap_or_else(|| in_words(&id));
        let SubjectWritten { name: subject, version, commit } = subject;
        let subject = Subject { name: subject.value, version: given(version.as_ref()), commit: given(commit.as_ref()) };
        let mut audit = empty(name, title, subject);
        audit.verdict = verdict;
        audit.auditor =
            auditor.map(|PersonWritten { name, role }| Person { name: name.value, role: given(role.as_ref()) });
        audit.go_live = self.maybe_time(go_live.as_ref(), "audit.go-live");
        audit.window = window.and_then(|window| self.window(&window));
        if let Some(zone) = timezone.filter(|zone| self.zone(zone)) {
            audit.timezone = zone.value;
        }
        audit.provenance = self.prose(provenance, "audit.provenance");
        audit.summary = self.prose(summary, "audit.summary");
        audit.closing = self.prose(closing, "audit.closing");
        Some(audit)
    }

    fn window(&self, text: &Text) -> Option<(Stamp, Stamp)> {
        let path = "audit.window";
        let Some((from, to)) = text.split_once("..") else {
            let message = format!("\"{}\" is not a window of time", clip(text));
            let help = "Write the first and the last day: 2025-10-23..2025-10-30.";
            self.wrong(text, path, Code::InvalidTime, message, help);
            return None;
        };
        let at = |part: &str| Text { value: part.trim().to_owned(), span: text.span };
        let (from, to) = (self.time(&at(from), path), self.time(&at(to), path));
        let window = (from?, to?);
        if window.1.end() < window.0.at {
            let message = format!("\"{}\" ends before it begins", clip(text));
            self.wrong(text, path, Code::InvalidTime, message, "Write the earlier day first.");
        }
        Some(window)
    }

    fn zone(&self, zone: &Text) -> bool {
        let known = zone.value == "UTC" || jiff::tz::TimeZone::get(zone).is_ok();
        if !known {
            let message = format!("the zone \"{}\" is not known", clip(zone));
            let help = "Write UTC or a name such as Europe/Paris.";
            self.wrong(zone, "audit.timezone", Code::UnknownZone, message, help);
        }
        known
    }

    fn verdict(&self, written: Option<VerdictWritten>) -> VerdictPolicy {
        let mut policy = policy::verdict_defaults();
        let Some(written) = written else { return policy };
        if let Some(share) = written.min_coverage.and_then(|text| self.share(&text, "verdict.min-coverage")) {
            policy.min_coverage = share;
        }
        let floor = written.floor.unwrap_or_default();
        if let Some(score) = floor.overall.and_then(|text| self.score(&text, "verdict.floor.overall")) {
            policy.floor_overall = score;
        }
        if let Some(score) = floor.area.and_then(|text| self.score(&text, "verdict.floor.area")) {
            policy.floor_area = score;
        }
        policy
    }
}
