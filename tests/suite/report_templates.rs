//! Templates: a user's own beside the built-in ones, and what is said when one is wrong; sections that are empty.

use countersign::report::{self, ReportProblem, Templates};

use crate::report::{sample, view_of};

/// The built-in templates with one of them replaced.
fn with(name: &'static str, text: &'static str) -> Templates {
    Templates::overridden(move |wanted| Ok((wanted == name).then(|| text.to_owned())))
}

fn markdown(name: &'static str, text: &'static str) -> Result<String, ReportProblem> {
    report::markdown(&view_of(&sample()), &with(name, text))
}

#[test]
fn a_template_of_the_user_replaces_the_one_of_that_name_only() {
    let document = markdown("markdown/claims.md.j2", "\n## Our claims\n\n{{ view.ledger.claims | length }} of them\n");
    let document = document.unwrap();
    assert!(document.contains("## Our claims\n\n14 of them"), "{document}");
    assert!(!document.contains("The claimants' record") && document.contains("## Final recommendation"));
}

#[test]
fn an_unknown_name_is_an_error_with_its_place() {
    let problem = markdown("markdown/claims.md.j2", "one\ntwo {{ view.ledgr.summary }}\n").unwrap_err();
    let ReportProblem::Template { template, line, message } = &problem else { panic!("{problem}") };
    assert_eq!((template.as_str(), *line), ("markdown/claims.md.j2", Some(2)));
    assert!(message.contains("ledgr"), "{message}");
    assert!(problem.to_string().starts_with("template \"markdown/claims.md.j2\", line 2: "), "{problem}");
}

#[test]
fn a_misspelt_tag_is_an_error_with_its_place() {
    let problem = markdown("report.md.j2", "a\n{% fro x in view.areas %}\n").unwrap_err();
    assert!(problem.to_string().starts_with("template \"report.md.j2\", line 2: "), "{problem}");
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}";
    let problem = markdown("report.md.j2", endless).unwrap_err();
    assert!(problem.to_string().contains("fuel"), "{problem}");
}

#[test]
fn what_a_template_may_take_is_enough_for_ours() {
    // One of the user's, and steps are counted in all of them.
    let (view, counted) = (view_of(&sample()), with("brief.md.j2", "short"));
    assert_eq!(report::markdown(&view, &counted), report::markdown(&view, &Templates::builtin()));
    assert_eq!(report::html(&view, &counted), report::html(&view, &Templates::builtin()));
}

#[test]
fn a_template_cannot_reach_outside_its_folder() {
    for text in ["{% include \"../secret\" %}", "{% include \"/etc/passwd\" %}", "{% include \"a/../../b\" %}"] {
        let templates = Templates::overridden(move |name| {
            assert!(!name.contains("..") && !name.starts_with('/'), "{name} was asked for");
            Ok((name == "report.md.j2").then(|| text.to_owned()))
        });
        let problem = report::markdown(&view_of(&sample()), &templates).unwrap_err();
        assert!(problem.to_string().contains("not a path below"), "{problem}");
    }
}

#[test]
fn a_style_sheet_cannot_end_itself() {
    let templates = with("style.css", "p { color: red } </STYLE><script>alert(1)</script>");
    let problem = report::html(&view_of(&sample()), &templates).unwrap_err();
    assert!(problem.to_string().starts_with("template \"style.css\": "), "{problem}");
    assert!(!problem.help().is_empty());
}

#[test]
fn a_script_cannot_end_itself() {
    for text in ["a</Script><script>alert(1)", "a = 1 <!-- <script"] {
        let problem = report::html(&view_of(&sample()), &with("report.js", text)).unwrap_err();
        assert!(problem.to_string().starts_with("template \"report.js\": "), "{problem}");
    }
}

#[test]
fn a_section_without_content_disappears() {
    let mut record = sample();
    let audit = &mut record.audit;
    (audit.risks, audit.questions, audit.decisions) = (Vec::new(), Vec::new(), Vec::new());
    (audit.next_steps, audit.checklist, audit.commands) = (Vec::new(), Vec::new(), Vec::new());
    (audit.signoff, audit.closing, audit.summary, audit.provenance) = (None, None, None, None);
    audit.claims.clear();
    audit.areas.iter_mut().for_each(|area| area.claims.clear());
    audit.checks.iter_mut().for_each(|check| check.claims.clear());
    (record.documents, record.places) = (Vec::new(), countersign::model::quote::Places::new());
    record.observations.iter_mut().for_each(|seen| seen.exchanges.clear());
    let judgement = &mut record.judgement;
    judgement.score_claims.clear();
    judgement.listed_claims.clear();
    judgement.checks.iter_mut().for_each(|result| result.claims.clear());
    let view = view_of(&record);
    let titles: Vec<&str> = view.contents.iter().map(|entry| entry.title.as_str()).collect();
    let gone = ["Claims", "Questions", "Decisions", "Risks", "Sign-off", "Next steps", "Pre-go-live checklist"];
    let gone = gone.into_iter().chain(["Appendix A: evidence", "Appendix B: risk matrix", "Appendix C: commands"]);
    let whole = view_of(&sample());
    let documents = |view| {
        let templates = Templates::builtin();
        (report::markdown(view, &templates).unwrap(), report::html(view, &templates).unwrap())
    };
    let ((before, page_before), (after, page_after)) = (documents(&whole), documents(&view));
    for title in gone.chain(["A note to the reader"]) {
        assert!(!titles.contains(&title));
        let (heading, element) = (format!("\n## {title}\n"), format!(">{title}</h2>"));
        assert!(before.contains(&heading) && !after.contains(&heading), "{title}");
        assert!(page_before.contains(&element) && !page_after.contains(&element), "{title}");
    }
    assert!(after.contains("\n## Executive summary\n") && after.contains("\n## How to verify this document\n"));
}
