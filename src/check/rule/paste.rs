//! What to paste, for what is deep in a workload: containers go by their names, and lists of words as a whole.

use serde_json::{Map, Value, json};

use super::super::program::Program;
use super::yaml;
use crate::model::node::{Node, Value as Written};

/// Fields to merge into a program's container; `None` where it has no name to go by.
pub(in crate::check) fn container(program: &Program<'_>, fields: Value) -> Option<String> {
    let name = Some(program.name()).filter(|name| !name.is_empty())?;
    let list = if program.path.contains("initContainers") { "initContainers" } else { "containers" };
    let Value::Object(fields) = fields else { return None };
    let mut own = Map::from_iter([("name".to_owned(), json!(name))]);
    own.extend(fields);
    Some(yaml(&json!({"spec": {"template": {"spec": {list: [own]}}}})))
}

/// Another word for one of a program's, or none in its place. The field is where it stands.
pub(in crate::check) fn word(program: &Program<'_>, field: &str, new: &[&str], instead_of: usize) -> Option<String> {
    let (list, index) = place(field)?;
    let mut words = words(program, list)?;
    if index + instead_of > words.len() {
        return None;
    }
    words.splice(index..index + instead_of, new.iter().map(|&new| json!(new)));
    container(program, json!({list: words}))
}

/// Another word behind a program's others.
pub(in crate::check) fn added(program: &Program<'_>, new: &str) -> Option<String> {
    let mut words = words(program, "args")?;
    words.push(json!(new));
    container(program, json!({"args": words}))
}

/// The words of a list as they were written; `None` where one of them could be a secret, which is never told.
pub(in crate::check) fn words(program: &Program<'_>, list: &str) -> Option<Vec<Value>> {
    let words = program.container.get(list).list();
    let secret = |word: &Node| may_be_secret(word.text().unwrap_or_default());
    (!words.iter().any(secret)).then(|| words.iter().map(value).collect())
}

/// Whether a text may hold a secret, which is never told.
pub(in crate::check) fn may_be_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SECRET.iter().any(|sign| text.contains(sign)) || (text.contains("://") && text.contains('@'))
}

/// What is in the names of secrets, and in some of them. A fix that is not told costs less than a secret that is.
const SECRET: &[&str] = &[
    "-----begin",
    "access-key",
    "access_key",
    "accesskey",
    "api-key",
    "api_key",
    "apikey",
    "auth",
    "bearer",
    "conn-str",
    "connection-string",
    "connection_string",
    "connectionstring",
    "credential",
    "dsn",
    "jwt",
    "key.pem",
    "keyfile=",
    "license",
    "login",
    "pass-",
    "pass.",
    "pass:",
    "pass=",
    "pass ",
    "pass_",
    "passphrase",
    "passw",
    "private",
    "pwd",
    "sasl",
    "secret",
    "signature",
    "token",
];

/// The word of a field, as it was written.
pub(in crate::check) fn written<'o>(program: &Program<'o>, field: &str) -> Option<&'o str> {
    let (list, index) = place(field)?;
    program.container.get(list).list().get(index)?.text()
}

/// `args` and 1 of `spec.template.spec.containers[0].args[1]`.
pub(in crate::check) fn place(field: &str) -> Option<(&str, usize)> {
    let (list, index) = field.rsplit('.').next()?.split_once('[')?;
    Some((list, index.trim_end_matches(']').parse().ok()?))
}

/// What was written, as it was.
pub(in crate::check) fn value(node: &Node) -> Value {
    match &node.value {
        Written::Null => Value::Null,
        Written::Bool(yes) => json!(yes),
        Written::Int(number) => json!(number),
        Written::Float(number) => json!(number),
        Written::Text(text) => json!(text),
        Written::List(entries) => entries.iter().map(value).collect(),
        Written::Map(fields) => {
            Value::Object(fields.iter().map(|field| (field.name.to_string(), value(&field.node))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::may_be_secret;

    #[test]
    fn what_may_be_a_secret_is_told_by_its_name() {
        for text in [
            "--db-pwd=x",
            "--dsn=user:x/db",
            "--db-pass=x",
            "-----BEGIN PRIVATE KEY-----",
            "ssl.key.passphrase = x",
            "sasl.jaas.config",
            "https://user:x@host",
            "--connection-string=x",
        ] {
            assert!(may_be_secret(text), "{text}");
        }
        for text in
            ["--leader-elect", "--metrics-bind-address=:8443", "--health-probe-bind-address=:8081", "lease_name"]
        {
            assert!(!may_be_secret(text), "{text}");
        }
    }
}
