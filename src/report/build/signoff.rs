//! Who must sign, who has, and how a reader checks that without this program.
//!
//! Nothing here is called valid: a document knows no clock and not whose keys count. It says what was signed, until when it
//! holds, and that the signature is that of the key named.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Source, words};
use crate::model::audit::{SignoffPolicy, SignoffRole};
use crate::model::format;
use crate::model::id::Id;
use crate::model::number::Number;
use crate::model::signoff::people::{self, Approval, Word};
use crate::model::signoff::{Decision, Reach, Said, SignOff, Standing, earlier_path};
use crate::report::Signed;
use crate::report::view::{Command, Mark, Point, Reference, todo};

pub(super) fn signoff(source: &Source<'_>) -> Option<todo::Signoff> {
    let policy = source.audit().signoff.as_ref().filter(|policy| !policy.roles.is_empty());
    if policy.is_none() && source.signoffs.is_empty() {
        return None;
    }
    let mut rules = policy.map(signing_rules).unwrap_or_default();
    let by_area: Vec<String> = policy.into_iter().flat_map(|policy| &policy.roles).filter_map(answers_for).collect();
    rules.push(if by_area.is_empty() {
        "A sign-off covers the record named below, byte for byte, and no other.".to_owned()
    } else {
        "A sign-off covers the record that was signed, byte for byte. One for areas also covers them in a later record in \
         which nothing about them changed, and neither did the verdict."
            .to_owned()
    });
    rules.extend(by_area);
    if !source.signoffs.is_empty() {
        let whose = "Whose keys these are, this document cannot say: that takes your own list of keys, as shown below.";
        rules.push(whose.to_owned());
    }
    Some(todo::Signoff {
        rules,
        roles: policy.map(|policy| roles(source, policy)).unwrap_or_default(),
        signed: source.signoffs.iter().map(|signoff| signed(source, signoff)).collect(),
        reservations: reservations(source),
    })
}

/// Each role with how it stands. A signature that is not checked here counts for nothing here.
fn roles(source: &Source<'_>, policy: &SignoffPolicy) -> Vec<todo::Role> {
    let heard = heard(source, policy);
    let role = |(name, role): (&String, &SignoffRole)| todo::Role {
        name: title(name),
        needed: needed(role),
        members: format::and_list(&role.members),
        mark: words::signed(heard.get(name).copied().unwrap_or_default()),
    };
    policy.roles.iter().map(role).collect()
}

/// How the signatures that are needed stand, all roles together; `None` where none is needed and nobody rejects.
pub(super) fn progress(source: &Source<'_>) -> Option<Signed> {
    let policy = source.audit().signoff.as_ref().filter(|policy| !policy.roles.is_empty());
    let Some(policy) = policy else {
        let heard = source.signoffs.iter().filter(|signoff| matches!(signoff.standing, Standing::Covers(_)));
        let said = heard.filter_map(|signoff| signoff.said.as_ref());
        let last = people::last_words(
            said.map(|said| (said.role.as_str(), said.signer.as_str(), said.issued_at, said.decision)),
        );
        let words = last.values().flat_map(BTreeMap::values);
        let rejected = words.filter(|(_, decision)| *decision == Decision::Reject).count();
        return (rejected > 0).then(|| Signed { rejected, ..Signed::default() });
    };
    Some(heard(source, policy).values().fold(Signed::default(), |all, role| Signed {
        signed: all.signed + role.signed.min(role.needed),
        needed: all.needed + role.needed,
        conditional: all.conditional + role.conditional,
        rejected: all.rejected + role.rejected,
        stale: all.stale + role.stale,
    }))
}

/// What was said for each role, counted as `verify` counts it.
fn heard(source: &Source<'_>, policy: &SignoffPolicy) -> BTreeMap<String, Signed> {
    let said = |wanted: fn(&Standing) -> bool| {
        let wanted = source.signoffs.iter().filter(move |signoff| wanted(&signoff.standing));
        let said = wanted.filter_map(|signoff| signoff.said.as_ref());
        said.filter_map(|said| Some((said, people::person(policy, said.signer.as_str())?)))
    };
    let covering = || said(|standing| matches!(standing, Standing::Covers(_)));
    let rejections: Vec<Word<'_>> = source
        .signoffs
        .iter()
        .filter_map(|signoff| {
            let Standing::Covers(reach) = &signoff.standing else { return None };
            let said = signoff.said.as_ref().filter(|said| said.decision == Decision::Reject)?;
            Some(word(said, people::person(policy, said.signer.as_str())?, *reach == Reach::Record))
        })
        .collect();
    let stands = |said: &Said, person: &str| {
        let given = word(said, person, false);
        said.decision.is_approval() && !rejections.iter().any(|rejection| rejection.takes_back(&given))
    };
    let approvals: Vec<Approval<'_>> = covering()
        .filter(|(said, person)| stands(said, person))
        .map(|(said, person)| Approval { role: said.role.as_str(), person })
        .collect();
    let last = people::last_words(
        covering().map(|(said, person)| (said.role.as_str(), person, said.issued_at, said.decision)),
    );
    let counted = people::counted(policy, &approvals);
    let of_role = |(name, role): (&String, &SignoffRole)| {
        let people: BTreeSet<&str> = counted.get(name).into_iter().flatten().map(|at| approvals[*at].person).collect();
        let words = || last.get(name.as_str()).into_iter().flatten();
        let decided = |wanted: Decision| words().filter(move |(_, (_, decision))| *decision == wanted);
        // A role that only its members can speak for: whose sign-off is stale was not asked for theirs.
        let stale = said(|standing| matches!(standing, Standing::Stale(_))).filter(|(said, person)| {
            let member = people::principals(policy, name).contains(&said.signer.as_str());
            said.role.as_str() == name && member && !words().any(|(who, _)| who == person)
        });
        let heard = Signed {
            signed: people.len(),
            needed: role.threshold as usize,
            conditional: decided(Decision::ApproveWithConditions).filter(|(who, _)| people.contains(*who)).count(),
            rejected: decided(Decision::Reject).count(),
            stale: stale.count(),
        };
        (name.clone(), heard)
    };
    policy.roles.iter().map(of_role).collect()
}

fn word<'a>(said: &'a Said, person: &'a str, is_this: bool) -> Word<'a> {
    Word { role: said.role.as_str(), person, at: said.issued_at, record: &said.record, is_this }
}

/// Whoever says less than yes to this record, rejections first: who, and the conditions or their own words.
fn reservations(source: &Source<'_>) -> Vec<Point> {
    let said = source.signoffs.iter().filter(|signoff| covers(signoff)).filter_map(|signoff| {
        let said = signoff.said.as_ref().filter(|said| said.decision != Decision::Approve)?;
        Some((signoff, said))
    });
    let mut said: Vec<(&SignOff, &Said)> = said.collect();
    said.sort_by_key(|(_, said)| Reverse(said.decision));
    let point = |(signoff, said): (&SignOff, &Said)| {
        let words: Vec<String> = match said.decision {
            Decision::Reject => vec![said.statement.clone()],
            _ => said.conditions.clone(),
        };
        Point {
            about: format!("{} ({}) {}", said.signer, title(said.role.as_str()), mark(signoff).word),
            text: words.join("; "),
            anchor: Some("signoff".to_owned()),
        }
    };
    said.into_iter().map(point).collect()
}

/// Which areas a role answers for, a sentence; `None` where it answers for the whole record.
fn answers_for((name, role): (&String, &SignoffRole)) -> Option<String> {
    let areas: Vec<&str> = role.areas.iter().map(Id::as_str).collect();
    (!areas.is_empty()).then(|| format!("{} answers for {}.", title(name), format::and_list(&areas)))
}

/// A role in words: `deployment-lead` is "Deployment lead".
fn title(role: &str) -> String {
    words::sentence_case(&role.replace('-', " "))
}

/// Is it a sign-off of this record, or of areas in it?
fn covers(signoff: &SignOff) -> bool {
    matches!(signoff.standing, Standing::Covers(_) | Standing::Unproved(_))
}

fn signed(source: &Source<'_>, signoff: &SignOff) -> todo::Signed {
    let when =
        |said: &Said| format!("Signed {}, holds until {}", source.when(said.issued_at), source.when(said.expires_at));
    let said = signoff.said.as_ref();
    todo::Signed {
        file: signoff.file.clone(),
        role: said.map(|said| title(said.role.as_str())).unwrap_or_default(),
        signer: said.map(|said| said.signer.to_string()).unwrap_or_default(),
        when: said.map(when).unwrap_or_default(),
        key: said.map(|said| said.fingerprint.clone()).unwrap_or_default(),
        key_kind: said.map(|said| said.key_kind.clone()).unwrap_or_default(),
        statement: said.map(|said| said.statement.clone()).unwrap_or_default(),
        conditions: said.map(|said| said.conditions.clone()).unwrap_or_default(),
        accepts: said.map(|said| accepts(source, said)).unwrap_or_default(),
        mark: mark(signoff),
        note: note(signoff),
    }
}

/// The checks that the signer accepts as they are.
fn accepts(source: &Source<'_>, said: &Said) -> Vec<Reference> {
    said.acknowledges.iter().map(|id| source.named(id)).collect()
}

fn mark(signoff: &SignOff) -> Mark {
    match (&signoff.standing, &signoff.said) {
        (Standing::Covers(_), Some(said)) => words::decision(said.decision),
        (Standing::Unproved(_), Some(said)) => words::unproved(said.decision),
        (Standing::Stale(_), _) => words::stale(),
        _ => words::does_not_count(),
    }
}

fn note(signoff: &SignOff) -> String {
    let areas = |said: &Said| format!("It was given for the earlier record {}; its areas are unchanged.", said.record);
    let delegated = "Its signature is of a kind that only ssh-keygen can check.";
    match (&signoff.standing, &signoff.said) {
        (Standing::Covers(Reach::Areas), Some(said)) => areas(said),
        (Standing::Unproved(Reach::Areas), Some(said)) => format!("{} {delegated}", areas(said)),
        (Standing::Unproved(_), _) => delegated.to_owned(),
        (Standing::Stale(why), _) => format!("{}.", words::sentence_case(why)),
        (Standing::Refused { code, why }, _) => format!("{code}: {why}."),
        _ => String::new(),
    }
}

/// The lines that check a sign-off in bash, in the folder of the report, with `jq`, `base64` and `ssh-keygen` alone.
pub(super) fn verify(source: &Source<'_>) -> Vec<Command> {
    let ours = source.signoffs.iter().filter(|signoff| covers(signoff));
    let said = ours.filter_map(|signoff| Some((signoff, signoff.said.as_ref()?)));
    said.map(|(signoff, said)| {
        let (here, record) = match signoff.standing {
            Standing::Covers(Reach::Areas) | Standing::Unproved(Reach::Areas) => {
                ("the earlier record that is kept here", earlier_path(&said.record))
            }
            _ => ("the record here", "record.json".to_owned()),
        };
        Command {
            title: format!("{} by {}", title(said.role.as_str()), said.signer),
            run: lines(&signoff.file, said.signer.as_str(), here, &record),
        }
    })
    .collect()
}

/// Files and signers are made of letters, digits and `._@+-/`: nothing in them is more than text to a shell.
fn lines(file: &str, signer: &str, here: &str, record: &str) -> String {
    [
        format!("E={file}"),
        "{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' \"$(jq -r .payload $E | base64 -d | wc -c)\"; \\"
            .to_owned(),
        "  jq -r .payload $E | base64 -d; } |".to_owned(),
        "  ssh-keygen -Y verify -f \"${ALLOWED_SIGNERS:-allowed_signers}\" -r \"${REVOKED_KEYS:-revoked_keys}\" \\"
            .to_owned(),
        format!("    -I {signer} -n signoff.v1@countersign -s <(jq -r '.signatures[0].sig' $E | base64 -d)"),
        format!("# the record that was signed, and {here}: must be equal"),
        format!("jq -r .payload $E | base64 -d | jq -r '.subject[0].digest.sha256'; sha256sum {record}"),
    ]
    .join("\n")
}

fn needed(role: &SignoffRole) -> String {
    let members = u32::try_from(role.members.len()).unwrap_or(u32::MAX);
    match (role.threshold, members) {
        (1, 1) => "1 signature".to_owned(),
        (needed, members) => format!("{needed} of {members}"),
    }
}

/// Seconds.
const DAY: u64 = 86_400;

fn signing_rules(policy: &SignoffPolicy) -> Vec<String> {
    let distinct = match policy.distinct.as_str() {
        "across-roles" => "Nobody signs for more than one role.",
        "within-role" => "Within a role, each signature comes from another person.",
        _ => "One person may sign for several roles.",
    };
    let author = if policy.author_may_approve { "The auditor may sign." } else { "The auditor may not sign." };
    let mut rules = vec![distinct.to_owned(), author.to_owned()];
    if let Some(seconds) = policy.max_age {
        let days = (seconds > 0 && seconds % DAY == 0).then(|| format::plural(seconds / DAY, "day", "days"));
        let length = days.unwrap_or_else(|| format::duration(&Number::from(seconds)));
        rules.push(format!("A sign-off holds for {length}."));
    }
    rules
}
