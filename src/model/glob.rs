//! Patterns of paths: what one says before any directory is looked at.

/// Is it a pattern, and no path?
pub fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

/// How many directories deep a match can lie: what is below cannot match, and need not be readable.
pub fn depth(pattern: &str) -> usize {
    let any = pattern.contains("**") || pattern.contains('{');
    if any { usize::MAX } else { pattern.split('/').count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_lies_as_deep_as_its_pattern_has_parts_unless_it_says_any() {
        for (pattern, deep) in [("*.rs", 1), ("*/*.rs", 2), ("[ab]/deep/?.rs", 3)] {
            assert_eq!(depth(pattern), deep, "{pattern}");
        }
        for pattern in ["**", "**/*.rs", "a/**", "{a,b/c}/*.rs"] {
            assert_eq!(depth(pattern), usize::MAX, "{pattern}");
        }
    }
}
