//! Whose unit the value of a query has: that of a metric, as long as what is computed of it leaves the unit as it is.
//!
//! It is no parser of PromQL. What it does not understand has no known unit.

/// Functions and aggregations whose value has the unit of their first argument.
const ALIKE: [&str; 26] = [
    "min",
    "max",
    "avg",
    "sum",
    "stddev",
    "abs",
    "ceil",
    "floor",
    "round",
    "sort",
    "sort_desc",
    "clamp",
    "clamp_min",
    "clamp_max",
    "scalar",
    "label_replace",
    "label_join",
    "increase",
    "delta",
    "idelta",
    "min_over_time",
    "max_over_time",
    "avg_over_time",
    "sum_over_time",
    "last_over_time",
    "stddev_over_time",
];
/// Those whose value has the unit of their last argument.
const ALIKE_LAST: [&str; 5] = ["quantile", "quantile_over_time", "topk", "bottomk", "limitk"];
/// A number a second: of two of them, one over the other, the seconds cancel.
const RATES: [&str; 4] = ["rate", "irate", "increase", "sum_over_time"];

/// The name of the metric whose unit the value has.
pub(super) fn metric_of(query: &str) -> Option<&str> {
    let query = left_operand(query);
    if let Some(inner) = parenthesized(query) {
        return metric_of(inner);
    }
    if let Some(name) = mean(query) {
        return Some(name);
    }
    match call(query) {
        Some(("histogram_quantile", arguments)) => {
            let name = selected(without_rates(last(arguments)))?;
            Some(name.strip_suffix("_bucket").unwrap_or(name))
        }
        Some((function, arguments)) if ALIKE.contains(&function) => metric_of(first(arguments)),
        Some((function, arguments)) if ALIKE_LAST.contains(&function) => metric_of(last(arguments)),
        Some(_) => None,
        None => selected(query),
    }
}

/// Is it one metric or one call, so that something can be put behind it as it stands?
pub(super) fn stands_alone(query: &str) -> bool {
    call(query).is_some() || parenthesized(query).is_some() || selected(query).is_some()
}

/// `x_sum` over `x_count`: the mean of what is summed, which has the unit of `x`.
fn mean(query: &str) -> Option<&str> {
    let (at, _) = outside(query).find(|(_, character)| *character == '/')?;
    let (over, under) = (without_rates(&query[..at]), without_rates(&query[at + 1..]));
    let (sum, count) = (selected(over)?.strip_suffix("_sum")?, selected(under)?.strip_suffix("_count")?);
    (sum == count).then_some(sum)
}

/// What rates and sums are taken of.
fn without_rates(query: &str) -> &str {
    let query = left_operand(query);
    if let Some(inner) = parenthesized(query) {
        return without_rates(inner);
    }
    match call(query) {
        Some((function, arguments)) if RATES.contains(&function) || ALIKE.contains(&function) => {
            without_rates(first(arguments))
        }
        _ => query,
    }
}

/// What stands before `or`, `and`, `unless` or a comparison, which hand on its values as they are.
fn left_operand(query: &str) -> &str {
    let query = query.trim();
    let before = |at: usize| query[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    let end = outside(query).find(|(at, character)| match character {
        '>' | '<' | '=' | '!' => true,
        'o' | 'O' | 'a' | 'A' | 'u' | 'U' if *at > 0 && before(*at) => {
            let word = query[*at..].split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            ["or", "and", "unless"].iter().any(|operator| word.eq_ignore_ascii_case(operator))
        }
        _ => false,
    });
    let Some((end, _)) = end else { return query };
    // `> bool 5` yields 0 or 1.
    let behind = query[end..].trim_start_matches(['>', '<', '=', '!']).trim_start();
    if behind.starts_with("bool") { query } else { query[..end].trim_end() }
}

/// What stands in parentheses, where they hold all of it.
fn parenthesized(query: &str) -> Option<&str> {
    let (inner, behind) = bracketed(query, '(')?;
    behind.is_empty().then_some(inner)
}

/// A function and its arguments, where it is all there is: `max(x)`, `max by (job) (x)`, `max(x) by (job)`.
fn call(query: &str) -> Option<(&str, &str)> {
    let end = query.find(|c: char| !c.is_ascii_lowercase() && c != '_' && !c.is_ascii_digit())?;
    let (function, rest) = query.split_at(end);
    let (arguments, behind) = bracketed(without_grouping(rest.trim_start()), '(')?;
    (!function.is_empty() && without_grouping(behind).is_empty()).then_some((function, arguments))
}

/// Without `by (job)` or `without (pod)` at its beginning.
fn without_grouping(text: &str) -> &str {
    let behind = text.strip_prefix("by").or_else(|| text.strip_prefix("without"));
    behind.and_then(|behind| bracketed(behind.trim_start(), '(')).map_or(text, |(_, behind)| behind)
}

fn first(arguments: &str) -> &str {
    let end = outside(arguments).find(|(_, character)| *character == ',').map_or(arguments.len(), |(at, _)| at);
    &arguments[..end]
}

fn last(arguments: &str) -> &str {
    let start = outside(arguments).filter(|(_, character)| *character == ',').last().map_or(0, |(at, _)| at + 1);
    &arguments[start..]
}

/// The name in a selector: `x`, `x{job="a"}[5m] offset 1h`, `{__name__="x"}`, `{"x", job="a"}`.
fn selected(query: &str) -> Option<&str> {
    let query = query.trim();
    let end = query.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(query.len());
    let (name, rest) = query.split_at(end);
    let rest = rest.trim_start();
    let (labels, rest) = bracketed(rest, '{').unwrap_or(("", rest));
    let (_, rest) = bracketed(rest, '[').unwrap_or(("", rest));
    let moved = ["offset", "@"].iter().any(|word| rest.starts_with(word));
    if name.starts_with(|first: char| first.is_ascii_digit()) || !(rest.is_empty() || moved) {
        return None;
    }
    if name.is_empty() { name_among(labels) } else { Some(name) }
}

fn name_among(labels: &str) -> Option<&str> {
    let (label, more) = match outside(labels).find(|(_, character)| *character == ',') {
        Some((at, _)) => (&labels[..at], Some(&labels[at + 1..])),
        None => (labels, None),
    };
    let label = label.trim();
    let named = label.strip_prefix("__name__").and_then(|rest| rest.trim_start().strip_prefix('='));
    let quoted = |text: &'_ str| text.len() > 1 && text.starts_with(['"', '\'']) && outside(text).next().is_none();
    match named.unwrap_or(label).trim() {
        text if quoted(text) => Some(&text[1..text.len() - 1]),
        _ => name_among(more?),
    }
}

/// What stands in the bracket with which the text begins, and what stands behind it.
fn bracketed(text: &str, bracket: char) -> Option<(&str, &str)> {
    let mut outside = outside(text);
    outside.next().filter(|first| *first == (0, bracket))?;
    let (end, _) = outside.next()?;
    Some((&text[1..end], text[end + 1..].trim()))
}

/// The characters that stand in no brackets and no quotes; an outermost bracket is one of them.
fn outside(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    text.char_indices().filter(move |(_, character)| {
        if let Some(open) = quote {
            if *character == open && !escaped {
                quote = None;
            }
            escaped = *character == '\\' && !escaped && open != '`';
            return false;
        }
        match character {
            '"' | '\'' | '`' => quote = Some(*character),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                return depth == 0;
            }
            _ => return depth == 0,
        }
        quote.is_none() && depth == 1
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_leaves_the_unit_as_it_is_is_looked_through() {
        for (query, name) in [
            ("x_hours", "x_hours"),
            ("(x_hours)", "x_hours"),
            ("x_hours or vector(0)", "x_hours"),
            ("(x_hours{a=\"b or c\"} or on() vector(0))", "x_hours"),
            ("max by (job) (x_ms{job=\"a\"})", "x_ms"),
            ("max(x_ms) by (job) > 5", "x_ms"),
            ("x_hours unless y", "x_hours"),
            ("{__name__=\"x_hours\", job=\"a\"}", "x_hours"),
            ("{job=\"a,b\", __name__ = 'x_hours'}", "x_hours"),
            ("{\"x.age.hours\", job=\"a\"}", "x.age.hours"),
            ("max_over_time(x_ms[5m] offset 1h)", "x_ms"),
            ("quantile(0.9, x_ms)", "x_ms"),
            ("topk(1, max by (a) (x_ms))", "x_ms"),
            ("clamp_min(x_ms, 0)", "x_ms"),
            ("histogram_quantile(0.99, sum(rate(x_milliseconds_bucket[5m])) by (le))", "x_milliseconds"),
            ("histogram_quantile(0.99, sum by (le) (rate(x_ms_bucket{a=\"b\"}[5m])))", "x_ms"),
            ("histogram_quantile(0.9, rate(x_ms[5m]))", "x_ms"),
            ("rate(x_ms_sum[5m]) / rate(x_ms_count[5m])", "x_ms"),
            ("sum(rate(x_ms_sum[5m])) / sum(rate(x_ms_count[5m])) or vector(0)", "x_ms"),
        ] {
            assert_eq!(metric_of(query), Some(name), "{query}");
        }
    }

    #[test]
    fn what_makes_another_unit_is_not_looked_through() {
        for query in [
            "",
            "1",
            "vector(1)",
            "time() - x_seconds",
            "x_ms / 1000",
            "(x_ms) / 1000",
            "x_ms * 1",
            "count(x_hours)",
            "rate(x_ms[5m])",
            "x_hours > bool 5",
            "sum(a_ms) / sum(b_ms)",
            "a_ms_sum / b_ms_count",
            "histogram_quantile(0.99, x_ms_bucket) / 1000",
            "{job=\"a\"}",
            "{__name__=~\"x_.*\"}",
            "max(x_ms",
            "{\"x",
        ] {
            assert_eq!(metric_of(query), None, "{query}");
        }
    }

    #[test]
    fn what_can_have_something_put_behind_it_stands_alone() {
        for (query, alone) in [("x", true), ("max by (a) (x)", true), ("x or vector(0)", false), ("a / b", false)] {
            assert_eq!(stands_alone(query), alone, "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in r#"[a-z_ (){}\[\]"'\\,/=<>é0-9]{0,40}"#) {
            let _ = (metric_of(&query), stands_alone(&query));
        }
    }
}
