//! The documents, rendered from a record made by hand: every section, every kind of result, hostile captured text.

use std::path::{Path, PathBuf};

use countersign::model::digest::sha256;
use countersign::model::evidence::Blob;
use countersign::model::id::CheckId;
use countersign::model::judgement::{ClaimStatus, Rule, RuleOutcome, Verdict};
use countersign::model::record::Record;
use countersign::model::signoff::{Decision, Reach, Said, SignOff, Standing};
use countersign::report::{self, Evidence, Templates, view::View};

pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// Evidence in a folder.
pub(crate) struct Folder(PathBuf);

impl Evidence for Folder {
    fn excerpt(&self, blob: &Blob) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(&blob.file)).ok()
    }
}

pub(crate) fn sample() -> Record {
    serde_json::from_slice(&std::fs::read(fixture("records/sample/record.json")).unwrap()).unwrap()
}

/// The sample, judged for its claims alone.
pub(crate) fn claims_only() -> Record {
    let mut record = sample();
    record.run.claims_only = true;
    record.judgement.score_claims.clear();
    record.judgement.verdict = Verdict::Undetermined;
    record.judgement.chain = vec![RuleOutcome {
        rule: Rule::ClaimUnknown,
        fired: true,
        decided: true,
        reason: "3 claims could not be held against anything".to_owned(),
        because: vec!["hostile".to_owned()],
    }];
    record
}

pub(crate) fn view_of(record: &Record) -> View {
    signed_view_of(record, &[])
}

/// Sign-offs of every sort, one of them with text that tries to be more.
pub(crate) fn sign_offs() -> Vec<SignOff> {
    let said = |role: &str, signer: &str, decision| Said {
        role: role.parse().unwrap(),
        signer: signer.parse().unwrap(),
        decision,
        conditions: Vec::new(),
        acknowledges: Vec::new(),
        statement: String::new(),
        issued_at: "2025-10-20T21:00:00Z".parse().unwrap(),
        expires_at: "2025-11-19T21:00:00Z".parse().unwrap(),
        record: "0".repeat(64),
        key_kind: "ssh-ed25519".to_owned(),
        fingerprint: format!("SHA256:{}", "a".repeat(43)),
    };
    let sign_off = |name: &str, standing, said| SignOff {
        file: format!("signoffs/{name}.json"),
        envelope: b"{}\n".to_vec(),
        standing,
        said,
        earlier: None,
    };
    let hostile = "<script>alert(1)</script> {{ 7*7 }} [x](javascript:alert(1)) | `a`\n# Heading\n\u{1b}[2J";
    let with_conditions = Said {
        conditions: vec![hostile.to_owned(), "Assign somebody on call".to_owned()],
        acknowledges: vec!["monitoring/alert-rules".to_owned(), "gone/away".to_owned()],
        statement: hostile.to_owned(),
        ..said("deployment-lead", "cora@example.com", Decision::ApproveWithConditions)
    };
    let refused = Standing::Refused { code: "BAD_SIGNATURE", why: "the signature is not that of its key".to_owned() };
    vec![
        sign_off("deployment-lead.11111111", Standing::Covers(Reach::Record), Some(with_conditions)),
        sign_off(
            "legal.22222222",
            Standing::Unproved(Reach::Record),
            Some(said("legal", "dora@example.com", Decision::Approve)),
        ),
        sign_off(
            "security-lead.33333333",
            Standing::Covers(Reach::Record),
            Some(said("security-lead", "hudson@example.com", Decision::Reject)),
        ),
        sign_off(
            "security-lead.44444444",
            Standing::Stale(format!("it was given for the earlier record {}", "0".repeat(64))),
            Some(said("security-lead", "hudson@example.com", Decision::Approve)),
        ),
        sign_off("security-lead.55555555", refused, None),
        SignOff {
            earlier: Some(b"{\"schema\":\"earlier\"}".as_slice().into()),
            ..sign_off(
                "security-lead.66666666",
                Standing::Covers(Reach::Areas),
                Some(Said { record: "1".repeat(64), ..said("security-lead", "eve@example.com", Decision::Approve) }),
            )
        },
    ]
}

/// As [`view_of`], with these sign-offs.
pub(crate) fn signed_view_of(record: &Record, sign_offs: &[SignOff]) -> View {
    viewed(record, sign_offs, &Folder(fixture("records/sample/evidence")))
}

fn viewed(record: &Record, sign_offs: &[SignOff], evidence: &dyn Evidence) -> View {
    let canonical = serde_json_canonicalizer::to_vec(record).unwrap();
    report::view(record, &canonical, &sha256(&canonical), sign_offs, evidence)
}

#[expect(clippy::disallowed_methods, reason = "whether to rewrite golden files is said by the one who runs the tests")]
pub(crate) fn golden(path: &str, found: &str) {
    let path = fixture(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} differs: look at it after UPDATE_GOLDEN=1 cargo test", path.display());
}

#[test]
fn the_markdown_of_the_sample_is_the_one_in_the_repository() {
    golden("reports/sample.md", &report::markdown(&view_of(&sample()), &Templates::builtin()).unwrap());
}

#[test]
fn the_html_of_the_sample_is_the_one_in_the_repository() {
    golden("reports/sample.html", &report::html(&view_of(&sample()), &Templates::builtin()).unwrap());
}

#[test]
fn the_markdown_of_claims_alone_is_the_one_in_the_repository() {
    golden("reports/claims.md", &report::markdown(&view_of(&claims_only()), &Templates::builtin()).unwrap());
}

#[test]
fn the_html_of_claims_alone_is_the_one_in_the_repository() {
    golden("reports/claims.html", &report::html(&view_of(&claims_only()), &Templates::builtin()).unwrap());
}

#[test]
fn the_markdown_of_the_signed_sample_is_the_one_in_the_repository() {
    let view = signed_view_of(&sample(), &sign_offs());
    golden("reports/signed.md", &report::markdown(&view, &Templates::builtin()).unwrap());
}

#[test]
fn the_html_of_the_signed_sample_is_the_one_in_the_repository() {
    let view = signed_view_of(&sample(), &sign_offs());
    golden("reports/signed.html", &report::html(&view, &Templates::builtin()).unwrap());
}

#[test]
fn a_signature_that_is_not_checked_here_signs_for_nobody_here() {
    let mut sign_offs = sign_offs();
    sign_offs.retain(|signoff| signoff.standing != Standing::Covers(Reach::Areas));
    for signoff in sign_offs.iter_mut().filter(|signoff| signoff.standing == Standing::Covers(Reach::Record)) {
        signoff.standing = Standing::Unproved(Reach::Record);
    }
    let signoff = signed_view_of(&sample(), &sign_offs).signoff.unwrap();
    let stands: Vec<&str> = signoff.roles.iter().map(|role| &*role.mark.word).collect();
    assert_eq!(stands, ["not signed yet", "stale"]);
    assert_eq!(signoff.signed[0].mark.word, "approves with conditions, not proved here");
}

#[test]
fn what_a_page_holds_is_read_back() {
    let page = report::html(&signed_view_of(&sample(), &sign_offs()), &Templates::builtin()).unwrap();
    let unpacked = report::embedded::unpack(&page).unwrap();
    assert_eq!(unpacked.record, serde_json_canonicalizer::to_vec(&sample()).unwrap());
    // Six envelopes, and of the records that two of them were given for the name, and what areas are compared with.
    assert_eq!(unpacked.signoffs.len(), 8);
    assert_eq!(unpacked.signoffs[&format!("signoffs/earlier/{}.json", "0".repeat(64))], b"");
    assert_eq!(unpacked.signoffs[&format!("signoffs/earlier/{}.json", "1".repeat(64))], b"{\"schema\":\"earlier\"}");
    assert_eq!(unpacked.signoffs["signoffs/legal.22222222.json"], b"{}\n");
    assert!(!unpacked.excerpts.is_empty());
    assert_eq!(report::embedded::unpack(&page.replace("countersign-record", "other")), None);
}

#[test]
fn earlier_records_that_are_too_large_stand_beside_the_page() {
    let mut sign_offs = sign_offs();
    let with = sign_offs.last().unwrap().clone();
    // The same record, signed by two: it counts once.
    sign_offs.push(SignOff { file: "signoffs/legal.77777777.json".to_owned(), ..with });
    for (bytes, embedded) in [(1 << 20, true), (2 << 20, false)] {
        for sign_off in sign_offs.iter_mut().filter(|sign_off| sign_off.earlier.is_some()) {
            sign_off.earlier = Some(vec![b' '; bytes].into());
        }
        let view = signed_view_of(&sample(), &sign_offs);
        assert_eq!(view.embedded.base64.is_some(), embedded, "{bytes}");
        assert_eq!(view.embedded.note.contains("with the earlier ones that were signed is too large"), !embedded);
    }
}

#[test]
fn claims_alone_say_nothing_about_scores_or_going_live() {
    let view = view_of(&claims_only());
    let titles: Vec<&str> = view.contents.iter().map(|entry| entry.title.as_str()).collect();
    let areas = ["Monitoring setup", "System validation"];
    let wanted =
        ["Result", "Claims"].into_iter().chain(areas).chain(["Appendix A: evidence", "How to verify this document"]);
    assert_eq!(titles, wanted.collect::<Vec<_>>());
    let markdown = report::markdown(&view, &Templates::builtin()).unwrap();
    for absent in ["coverage 8", "Score of", "What it would take", "costs ", "Deployment window", "weight 2"] {
        assert!(!markdown.contains(absent), "{absent}");
    }
    assert!(!markdown.contains("### Roles are assigned"), "a check without a claim is left out");
}

#[test]
fn claims_alone_are_told_in_words() {
    let mut record = claims_only();
    assert_eq!(
        view_of(&record).verdict.mark.word,
        "4 of 28 claims are wrong and 12 could not be held against anything"
    );
    record.judgement.checks.iter_mut().for_each(|result| result.claims.clear());
    record.judgement.listed_claims.truncate(1);
    assert_eq!(view_of(&record).verdict.mark.word, "1 of 2 claims is wrong");
    record.judgement.listed_claims[0].places[1].status = ClaimStatus::Exact;
    assert_eq!(view_of(&record).verdict.mark.word, "every claim holds");
}

#[test]
fn a_table_with_more_rows_than_fit_shows_those_that_do_not_hold() {
    let mut record = sample();
    let claims = record.judgement.checks.iter_mut().flat_map(|result| &mut result.claims);
    let table = claims.filter_map(|claim| claim.table.as_mut()).next().unwrap();
    let good = table.rows[0].clone();
    table.rows.splice(0..0, std::iter::repeat_n(good, 200));
    let view = view_of(&record);
    let checks = view.areas.iter().flat_map(|area| &area.checks).flat_map(|check| &check.claims);
    let shown = checks.filter_map(|claim| claim.table.as_ref()).next().unwrap();
    assert_eq!(shown.rows.len(), 100);
    assert_eq!(shown.rows[0].name, "10. SICA Integration");
    assert_eq!(shown.more.as_deref(), Some("111 more rows in the record; rows that do not hold come first."));
    assert_eq!(shown.summary, "203 of 211 rows were measured: 202 hold and 1 does not.");
}

#[test]
fn a_record_read_back_gives_the_same_bytes() {
    let record = sample();
    let again: Record = serde_json::from_slice(&serde_json_canonicalizer::to_vec(&record).unwrap()).unwrap();
    let (first, second) = (view_of(&record), view_of(&again));
    assert_eq!(first, second);
    let templates = Templates::builtin();
    assert_eq!(report::html(&first, &templates).unwrap(), report::html(&second, &templates).unwrap());
    assert_eq!(report::markdown(&first, &templates).unwrap(), report::markdown(&second, &templates).unwrap());
}

/// The sample with its checks said over and over, each time under other names.
pub(crate) fn many(times: usize) -> Record {
    let (sample, mut record) = (sample(), sample());
    for time in 1..times {
        let renamed =
            |id: &CheckId| CheckId { area: id.area.clone(), check: format!("{}-{time}", id.check).parse().unwrap() };
        record.audit.checks.extend(sample.audit.checks.iter().cloned().map(|mut check| {
            check.id = renamed(&check.id);
            check
        }));
        record.observations.extend(sample.observations.iter().cloned().map(|mut seen| {
            seen.check = renamed(&seen.check);
            seen
        }));
        record.judgement.checks.extend(sample.judgement.checks.iter().cloned().map(|mut result| {
            result.check = renamed(&result.check);
            result
        }));
    }
    record
}

#[test]
fn a_record_too_large_for_the_page_lies_beside_it() {
    let view = view_of(&many(150));
    assert_eq!(view.embedded.base64, None);
    let page = report::html(&view, &Templates::builtin()).unwrap();
    assert!(!page.contains("<script ") && page.contains("lies beside it as record.json"));
    assert!(!view.verify.run.contains("countersign-record"));
}

#[test]
fn without_evidence_nobody_is_told_to_look_at_it() {
    let mut record = sample();
    assert!(view_of(&record).verify.run.contains("cd evidence"));
    record.documents.clear();
    record.observations.iter_mut().for_each(|observation| observation.exchanges.clear());
    let lines = view_of(&record).verify.run;
    assert!(lines.contains("sha256sum record.json") && !lines.contains("cd evidence"), "{lines}");
}

#[test]
fn prose_that_is_no_paragraph_swallows_nothing_of_the_report() {
    let written = |text: &str| {
        let mut record = sample();
        for check in &mut record.audit.checks {
            check.rationale = Some(text.to_owned());
            check.remediation = Some(text.to_owned());
        }
        let audit = &mut record.audit;
        audit.next_steps.iter_mut().for_each(|step| step.text = Some(text.to_owned()));
        audit.checklist.iter_mut().flat_map(|group| &mut group.items).for_each(|item| item.text = text.to_owned());
        audit.decisions.iter_mut().flat_map(|one| &mut one.options).for_each(|option| option.1 = text.to_owned());
        record.judgement.conditions.iter_mut().for_each(|condition| condition.text = text.to_owned());
        report::markdown(&view_of(&record), &Templates::builtin()).unwrap()
    };
    let headings = |markdown: &str| {
        let parser = pulldown_cmark::Parser::new(markdown);
        parser
            .filter(|event| matches!(event, pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { .. })))
            .count()
    };
    let plain = written("Because.");
    assert!(plain.contains("Why it is checked: Because.") && plain.contains("What to do: Because."));
    for text in
        ["```sh\nrm -r\n\n# no heading", "- one\n- two", "1. one\n\n   ```\n   # no heading", "| a |\n| - |\n| 1 |"]
    {
        let shown = written(text);
        assert_eq!(headings(&shown), headings(&plain), "{text}");
        assert!(shown.contains("Why it is checked:\n\n"), "{text}");
    }
}

#[test]
fn what_an_area_earned_and_lost_makes_the_whole_bar() {
    let units = |text: &str| -> f64 { text.parse().unwrap() };
    let view = view_of(&sample());
    for area in &view.charts.areas {
        let lost: f64 = area.lost.iter().map(|loss| units(&loss.segment.width)).sum();
        let whole = units(&area.earned.width) + lost;
        assert!((whole - 200.0).abs() < 0.5, "{}: {whole}", area.area.text);
    }
    let operations = &view.charts.areas[2];
    let lost: Vec<(&str, &str, &str)> =
        operations.lost.iter().map(|loss| (&*loss.to.text, &*loss.points, &*loss.segment.tone)).collect();
    assert_eq!(lost, [("Roles are assigned", "1.5", "warn"), ("The rollout was rehearsed", "1.0", "none")]);
    assert_eq!((operations.was.as_deref(), operations.was_at.as_deref()), (Some("7.5"), Some("150")));
    assert!(operations.description.starts_with("7.5 of 10; lost: 1.5 to Roles are assigned"));
}

#[test]
fn steps_against_a_risk_are_sentences_or_parts_of_one() {
    let mut record = sample();
    record.audit.risks[0].mitigation = ["Rehearse it.\n", "Write it down", "Call **both**"].map(str::to_owned).into();
    let (view, templates) = (view_of(&record), Templates::builtin());
    let markdown = report::markdown(&view, &templates).unwrap();
    assert!(markdown.contains(" Rehearse it. Write it down; Call **both** |"), "{markdown}");
    let html = report::html(&view, &templates).unwrap();
    assert!(html.contains(">Rehearse it. Write it down; Call <strong>both</strong><"), "{html}");
}

#[test]
fn a_cap_is_drawn_where_the_judgement_has_one_whatever_its_line_says() {
    let drawn = |capped_at: Option<&str>, arithmetic: &str| {
        let mut record = sample();
        let area = &mut record.judgement.areas[2];
        area.score = Some("5".parse().unwrap());
        area.capped_at = capped_at.map(|cap| cap.parse().unwrap());
        area.arithmetic = arithmetic.to_owned();
        let lost = &view_of(&record).charts.areas[2].lost;
        lost.iter().filter(|loss| loss.to.text == "cap").map(|loss| loss.points.clone()).collect::<Vec<_>>()
    };
    assert_eq!(drawn(Some("5"), "5.0 = 10 - 2.5, no more than 5"), ["2.5"]);
    assert_eq!(drawn(None, "5.0 = 10 - 5.0 (sessions are capped at noon)"), [""; 0]);
}

#[test]
fn many_losses_are_drawn_as_one_and_nothing_beyond_ten_points() {
    let mut record = sample();
    for result in &mut record.judgement.checks {
        result.cost = "3".parse().unwrap();
    }
    let view = view_of(&record);
    let ends = |area: &countersign::report::view::chart::AreaChart| {
        let segments = area.lost.iter().map(|loss| &loss.segment);
        segments.map(|s| s.x.parse::<f64>().unwrap() + s.width.parse::<f64>().unwrap()).fold(0.0, f64::max)
    };
    assert!(view.charts.areas.iter().all(|area| ends(area) <= 200.0));
    let view = view_of(&many(8));
    let validation = &view.charts.areas[1];
    assert_eq!(validation.lost.len(), 13);
    assert_eq!(validation.lost[12].to.text, "12 more checks");
}

#[test]
fn a_claim_is_drawn_on_a_scale_that_holds_it_and_the_actual() {
    let chart = view_of(&sample()).charts.claims.unwrap();
    for row in &chart.rows {
        for place in [&row.x, &row.at] {
            let place: f64 = place.parse().unwrap();
            assert!((0.0..=200.0).contains(&place), "{}: {place}", row.description);
        }
    }
    let row = |about: &str, claimed: &str| {
        chart.rows.iter().find(|row| row.about.text == about && row.claimed == claimed).unwrap()
    };
    let uptime = row("The four monitoring services are up", "47 hours");
    assert_eq!((&*uptime.stands_for, &*uptime.shape), ("46 h 30 min to 47 h 30 min", "holds"));
    assert!(uptime.apart.is_some(), "it has grown beyond what was claimed");
    let exact = row("Feature flags", "17");
    assert_eq!((&*exact.x, &*exact.width, &*exact.at), ("100", "0", "100"));
    let wrong = row("Feature flags", "11 enabled");
    assert_eq!((&*wrong.stands_for, &*wrong.shape), ("exactly 11", "wrong"));
    assert_eq!((&*wrong.at, &*wrong.x, wrong.apart.is_some()), ("33.3", "166.7", true));
    assert_eq!(row("Integration points", "338/338").shape, "open", "not verified is not refuted");
    // Two ends that differ do not read alike.
    assert_eq!(row("Metrics are flowing", "15.2 GB").stands_for, "16,267,188,633 bytes to 16,374,562,816 bytes");
    let left_out = chart.left_out.unwrap();
    assert!(left_out.contains("more claims are in the tables alone"), "{left_out}");
}

#[test]
fn what_has_changed_since_the_baseline_is_said_and_without_one_nothing_is() {
    let view = view_of(&sample());
    let since = view.since.as_ref().unwrap();
    assert_eq!(since.sentence, "2 checks are worse, 1 is better, 1 is new and 1 is gone.");
    assert_eq!(since.verdict, None, "it is the same");
    let turned: Vec<(&str, &str)> = since.checks.iter().map(|turned| (&*turned.turn, &*turned.check.text)).collect();
    assert_eq!(
        turned[..2],
        [("worse", "Integration points"), ("worse", "Logs {{ 7*7 }} [x](javascript:alert(1)) @team #1")]
    );
    assert_eq!(turned.last(), Some(&("gone", "validation/gone")));
    let scores: Vec<[&str; 3]> = since.scores.iter().map(|moved| [&*moved.was, &*moved.now, &*moved.by]).collect();
    assert_eq!(scores, [["7.2", "7.7", "+0.5"], ["9.5", "10.0", "+0.5"], ["7.9", "6.4", "−1.5"], ["–", "5.0", ""]]);
    let line = |area: usize, row: usize, line: usize| view.areas[area].rows[row].lines[line].was.as_deref();
    assert_eq!((line(0, 1, 0), line(1, 0, 0)), (Some("11"), None), "what is the same is not said again");

    let mut record = sample();
    record.baseline.as_mut().unwrap().concluded = None;
    let earlier = view_of(&record);
    record.baseline = None;
    for view in [earlier, view_of(&record)] {
        assert!(view.since.is_none());
        assert!(view.areas.iter().flat_map(|area| &area.rows).all(|row| row.was.is_none()));
        let page = report::html(&view, &Templates::builtin()).unwrap();
        let markdown = report::markdown(&view, &Templates::builtin()).unwrap();
        for text in ["Changed since", "class=\"was\"", "(was ", "class=\"before\""] {
            assert!(!page.contains(text) && !markdown.contains(text), "{text}");
        }
    }
}

#[test]
fn the_rules_are_drawn_in_their_order_and_the_one_that_decided_stands_out() {
    let chain = view_of(&sample()).charts.chain.unwrap();
    let shapes: Vec<&str> = chain.steps.iter().map(|step| &*step.shape).collect();
    assert_eq!(shapes, ["no", "no", "no", "no", "no", "decided", "no"]);
    assert_eq!(chain.decided_at.as_deref(), Some(&*chain.steps[5].x));
    assert_eq!(chain.sentence, "Rule 6 of 7 is the first that fired, so it decides: approved with conditions.");
    assert!(chain.description.contains("6. Is anything open that an approval must name? yes, decided."));
    assert!(view_of(&claims_only()).charts.chain.is_none());
}

#[test]
fn every_check_can_be_filtered_by_and_has_a_link_of_its_own() {
    let view = view_of(&sample());
    let filter = &view.filter;
    for choices in [&filter.areas, &filter.severities, &filter.statuses] {
        assert_eq!(choices.iter().map(|choice| choice.number).sum::<usize>(), filter.all);
    }
    let page = report::html(&view, &Templates::builtin()).unwrap();
    for check in view.areas.iter().flat_map(|area| &area.checks) {
        let anchor = format!("id=\"{0}\" href=\"#{0}\"", check.id);
        assert_eq!(page.matches(&anchor).count(), 1, "{}", check.id);
    }
}

#[test]
fn a_page_shows_no_more_of_an_answer_than_fits_and_leads_to_the_rest() {
    let long = "a long line of evidence\n".repeat(5_000);
    struct Long(String);
    impl Evidence for Long {
        fn excerpt(&self, _: &Blob) -> Option<Vec<u8>> {
            Some(self.0.clone().into_bytes())
        }
    }
    let view = viewed(&sample(), &[], &Long(long.clone()));
    let excerpts: Vec<_> = view.areas.iter().flat_map(|area| &area.checks).flat_map(|check| &check.excerpts).collect();
    let shown: Vec<_> = excerpts.into_iter().filter(|excerpt| !excerpt.text.is_empty()).collect();
    assert!(shown.len() > 3, "there is something to look at");
    for excerpt in shown {
        assert!(excerpt.text.len() < 2_000 && excerpt.file.is_some() && excerpt.note.is_some(), "{excerpt:?}");
    }
}

#[test]
fn the_script_of_the_page_is_small() {
    assert!(include_str!("../../templates/report.js").len() < 6 * 1024);
}
