//! Alerting and recording rules in files: Prometheus's own YAML, and the `PrometheusRule` resources of Kubernetes.
//!
//! A file says which rules there are. Whether they fire, or can be evaluated at all, it cannot say.

use std::collections::BTreeMap;

use serde_json::Value as Yaml;

/// The rules of one or more files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeclaredRules {
    /// How many groups.
    pub groups: usize,
    /// The names of the alerting rules, in order.
    pub alerting: Vec<DeclaredAlert>,
    /// How many recording rules.
    pub recording: usize,
}

/// An alerting rule of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredAlert {
    /// Its name.
    pub name: String,
    /// Its labels, where they are texts.
    pub labels: BTreeMap<String, String>,
}

/// Adds the rules of one file to `all`; the error says what is wrong with the file, as a lower-case fragment.
pub fn read(content: &str, all: &mut DeclaredRules) -> Result<(), String> {
    let documents: Vec<Yaml> =
        serde_saphyr::from_multiple(content).map_err(|error| first_line(&format!("is not YAML: {error}")))?;
    let documents: Vec<_> = documents.iter().filter(|document| !document.is_null()).collect();
    if documents.is_empty() {
        return Err("is empty".to_owned());
    }
    documents.into_iter().try_for_each(|document| read_document(document, all))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

fn read_document(document: &Yaml, all: &mut DeclaredRules) -> Result<(), String> {
    match document.get("kind").and_then(Yaml::as_str) {
        Some("PrometheusRule") => {
            let spec = document.get("spec").ok_or("is a PrometheusRule without `spec`")?;
            read_groups(spec, all)
        }
        Some(kind) if kind.ends_with("List") => {
            let items = document.get("items").and_then(Yaml::as_array).ok_or("is a list without `items`")?;
            items.iter().try_for_each(|item| read_document(item, all))
        }
        Some(kind) => Err(format!("holds a \"{kind}\" and no rules")),
        None => read_groups(document, all),
    }
}

fn read_groups(holder: &Yaml, all: &mut DeclaredRules) -> Result<(), String> {
    let groups = holder.get("groups").and_then(Yaml::as_array).ok_or("has no list `groups`")?;
    for group in groups {
        let name = group.get("name").and_then(Yaml::as_str).ok_or("has a group without a name")?;
        all.groups += 1;
        let rules = match group.get("rules") {
            None | Some(Yaml::Null) => continue,
            Some(rules) => {
                rules.as_array().ok_or_else(|| format!("has a group \"{name}\" whose `rules` are no list"))?
            }
        };
        for rule in rules {
            read_rule(rule, all).map_err(|problem| format!("has a rule in group \"{name}\" {problem}"))?;
        }
    }
    Ok(())
}

fn read_rule(rule: &Yaml, all: &mut DeclaredRules) -> Result<(), &'static str> {
    let text = |key: &str| rule.get(key).and_then(Yaml::as_str);
    // A bare number is an expression too.
    if !rule.get("expr").is_some_and(|expression| expression.is_string() || expression.is_number()) {
        return Err("without `expr`");
    }
    match (text("alert"), text("record")) {
        (Some(name), None) => {
            let labels = rule.get("labels").and_then(Yaml::as_object);
            let label = |(name, value): (&String, &Yaml)| Some((name.clone(), value.as_str()?.to_owned()));
            let labels = labels.map(|labels| labels.iter().filter_map(label).collect()).unwrap_or_default();
            all.alerting.push(DeclaredAlert { name: name.to_owned(), labels });
            Ok(())
        }
        (None, Some(_)) => {
            all.recording += 1;
            Ok(())
        }
        (Some(_), Some(_)) => Err("with both `alert` and `record`"),
        (None, None) => Err("with neither `alert` nor `record`"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(content: &str) -> Result<DeclaredRules, String> {
        let mut all = DeclaredRules::default();
        read(content, &mut all).map(|()| all)
    }

    #[test]
    fn prometheus_rules_are_counted_by_what_they_are_for() {
        let all = rules(include_str!("../../fixtures/kinds/alert-count/rules.yml")).expect("reads");
        let names: Vec<_> = all.alerting.iter().map(|alert| alert.name.as_str()).collect();
        assert_eq!((all.groups, names, all.recording), (2, vec!["TargetDown", "DiskFull"], 1));
        assert_eq!(all.alerting[0].labels["severity"], "critical");
    }

    #[test]
    fn a_kubernetes_resource_holds_them_below_spec_also_in_a_list_and_among_several_documents() {
        let resource = "kind: PrometheusRule\nspec: {groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]}\n";
        assert_eq!(rules(resource).expect("reads").alerting.len(), 1);
        assert_eq!(rules(&format!("{resource}---\n{resource}---\n")).expect("reads").groups, 2);
        let list = "kind: PrometheusRuleList\nitems: [{kind: PrometheusRule, spec: {groups: []}}]\n";
        assert_eq!(rules(list).expect("reads"), DeclaredRules::default());
    }

    #[test]
    fn what_is_no_rule_file_is_an_error_and_no_empty_list() {
        let message = |content: &str| rules(content).expect_err("refused");
        assert_eq!(message("groups: [{name: a, rules: [{alert: A}]}]"), "has a rule in group \"a\" without `expr`");
        assert_eq!(
            message("groups: [{name: a, rules: [{expr: up}]}]"),
            "has a rule in group \"a\" with neither `alert` nor `record`"
        );
        assert_eq!(message("kind: Deployment"), "holds a \"Deployment\" and no rules");
        assert_eq!(message("a: 1"), "has no list `groups`");
        assert_eq!(message(""), "is empty");
        assert!(message("groups: [").starts_with("is not YAML: "));
        assert!(message("- 1").contains("no list `groups`"));
    }

    #[test]
    fn a_group_may_be_empty() {
        assert_eq!(rules("groups: [{name: a}]").expect("reads").groups, 1);
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(content in "\\PC{0,120}") {
            let _either = rules(&content);
        }
    }
}
