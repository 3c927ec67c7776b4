//! A list with as many items as the audit has checks. Templates are given one item at a time: all of them at once, as
//! templates see them, took a fifth of the memory of a run.

use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde};
use serde::{Serialize, Serializer};

/// The list. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Many<T>(Arc<Vec<T>>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T> From<Vec<T>> for Many<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Arc::new(items))
    }
}

impl<T> FromIterator<T> for Many<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<T> Deref for Many<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T> IntoIterator for &'a Many<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// A list for whoever writes it down; for a template, something that makes an item when it is asked for.
impl<T: Serialize + Debug + Send + Sync + 'static> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_object(Each(Arc::clone(&self.0))).serialize(serializer)
    }
}

#[derive(Debug)]
struct Each<T>(Arc<Vec<T>>);

impl<T: Serialize + Debug + Send + Sync + 'static> Object for Each<T> {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_usize()?).map(|item| Value::from(Serde(item)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    use super::*;

    #[test]
    fn it_reads_as_any_list() {
        let many: Many<_> = ["a", "b", "c"].map(str::to_owned).into_iter().collect();
        let template = "{% for item in many %}{{ loop.index }}{{ item }}{% if not loop.last %},{% endif %}{% endfor %} \
                        {{ many | length }} {{ many[1] }} {{ many | first }} {{ many | join }} {% if none %}none{% endif %}";
        let none: Many<String> = Many::from(Vec::new());
        let shown =
            Environment::new().render_str(template, context! { many => Serde(&many), none => Serde(&none) }).unwrap();
        assert_eq!(shown, "1a,2b,3c 3 b a abc ");
        assert_eq!(serde_json::to_string(&many).unwrap(), r#"["a","b","c"]"#);
    }
}
