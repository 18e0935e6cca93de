//! What a scalar without quotes is: the reading of YAML 1.1 that Kubernetes knows.
//!
//! kubectl, Helm and the API server read YAML through sigs.k8s.io/yaml, and that through go.yaml.in/yaml/v2, whose
//! `resolve.go` (v2.4.3) this follows: `yes`, `on` and `y` are true, `0644` and `0x1F` are numbers, a time of day or a
//! date is text. What they read then goes through JSON, where a number without a fraction is a whole number however it
//! was written: `1.0`, `1e3`, `08` (encoding/json, and `ConvertInterfaceNumbers` of k8s.io/apimachinery/pkg/util/json).

use crate::model::node::Value;

/// Why a scalar has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Infinity, or not a number: JSON, by which objects travel, has neither.
    NotFinite,
    /// Its tag says that it is something else.
    Tag,
}

/// What a plain scalar is: without quotes, and without a tag.
pub(super) fn plain(text: &str) -> Result<Value, Unfit> {
    let Some(first) = text.bytes().next() else { return Ok(Value::Null) };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            Ok(word(text).unwrap_or_else(|| Value::Text(text.into())))
        }
        b'.' if matches!(text, ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF") => Err(Unfit::NotFinite),
        b'+' | b'-' if matches!(&text[1..], ".inf" | ".Inf" | ".INF") => Err(Unfit::NotFinite),
        // With a leading dot an underscore is none of the number's.
        b'.' => Ok(decimal(text).map_or_else(|| Value::Text(text.into()), number)),
        b'+' | b'-' | b'0'..=b'9' => Ok(digits(text)),
        _ => Ok(Value::Text(text.into())),
    }
}

/// What a scalar with one of YAML's own tags is (`!!str`, `!!int`), quoted or not. Any other tag makes it text.
pub(super) fn tagged(tag: &str, text: &str) -> Result<Value, Unfit> {
    let value = match tag {
        "bool" | "int" | "float" | "null" => plain(text)?,
        _ => return Ok(Value::Text(text.into())),
    };
    match (tag, &value) {
        ("bool", Value::Bool(_)) | ("int", Value::Int(_)) | ("null", Value::Null) => Ok(value),
        ("float", Value::Int(_) | Value::Float(_)) => Ok(value),
        // A whole number that is too large to be kept as one.
        ("int", Value::Float(_)) if !text.contains(['.', 'e', 'E']) => Ok(value),
        _ => Err(Unfit::Tag),
    }
}

/// The words that stand for a value.
fn word(text: &str) -> Option<Value> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        _ => None,
    }
}

/// What begins with a sign or a digit: a whole number in any base of Go's, another number, or text.
fn digits(text: &str) -> Value {
    let bare = without_underscores(text);
    match whole(&bare) {
        Some(value) => value,
        None => decimal(&bare).map_or_else(|| Value::Text(text.into()), number),
    }
}

fn without_underscores(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
}

/// `strconv.ParseInt` with base 0, and `ParseUint`, whose numbers no `int64` holds.
fn whole(text: &str) -> Option<Value> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, rest) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &rest[2..]),
        [b'0', b'o' | b'O', ..] => (8, &rest[2..]),
        [b'0', b'b' | b'B', ..] => (2, &rest[2..]),
        [b'0', _, ..] => (8, &rest[1..]),
        _ => (10, rest),
    };
    // `from_str_radix` would take another sign.
    if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let size = u64::from_str_radix(rest, base).ok()?;
    let signed = if negative { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
    #[expect(clippy::cast_precision_loss, reason = "as Kubernetes: what no int64 holds is a float64")]
    match signed {
        Some(number) => Some(Value::Int(number)),
        // `ParseUint` takes no sign.
        None if text.starts_with(['-', '+']) => None,
        None => Some(Value::Float(size as f64)),
    }
}

/// A number with a point or an exponent, as `yamlStyleFloat` has it; one that no float64 holds is text.
fn decimal(text: &str) -> Option<f64> {
    if !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number as it comes out of JSON: whole if Go writes it as one, by the fewest digits that tell it from its neighbours
/// (`floatEncoder` of encoding/json; with an exponent from 1e21 on), and an int64 holds those.
fn number(number: f64) -> Value {
    const WITH_EXPONENT: f64 = 1e21;
    let whole = (number.fract() == 0.0 && number.abs() < WITH_EXPONENT).then(|| number.to_string());
    whole.and_then(|digits| digits.parse().ok()).map_or(Value::Float(number), Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(text: &str, value: Value) {
        assert_eq!(plain(text), Ok(value), "{text:?}");
    }

    #[test]
    fn words_are_booleans_as_in_yaml_1_1() {
        for text in ["y", "Yes", "ON", "true", "True"] {
            is(text, Value::Bool(true));
        }
        for text in ["n", "No", "off", "FALSE"] {
            is(text, Value::Bool(false));
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            is(text, Value::Null);
        }
        for text in ["yEs", "tRue", "nil", "none", "oN", "yes ", "~x"] {
            is(text, Value::Text(text.into()));
        }
    }

    #[test]
    fn numbers_are_as_go_reads_them() {
        let whole: &[(&str, i64)] = &[
            ("0", 0),
            ("-0", 0),
            ("+1", 1),
            ("1_000", 1000),
            ("1__0_", 10),
            ("0644", 420),
            ("0o17", 15),
            ("0O17", 15),
            ("0x1F", 31),
            ("-0x10", -16),
            ("0x_f", 15),
            ("0b101", 5),
            ("-0b11", -3),
            ("08", 8),
            ("1.0", 1),
            ("1.", 1),
            ("1e3", 1000),
            ("-.0", 0),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("1152921504606846976.0", 1_152_921_504_606_847_000),
        ];
        for (text, number) in whole {
            is(text, Value::Int(*number));
        }
        for (text, number) in [
            (".5", 0.5),
            ("-9223372036854775809", -9223372036854775809.0),
            ("-1.5e-3", -0.0015),
            ("1e21", 1e21),
            ("1e19", 1e19),
            ("18446744073709551615", 18446744073709551615.0),
            ("99999999999999999999", 1e20),
        ] {
            is(text, Value::Float(number));
        }
        for text in [
            "1:30",
            "12:30:45",
            "2024-01-01",
            "1.2.3",
            "1e999",
            "0x",
            "0b2",
            "-",
            "+",
            "--1",
            "+-1",
            "0x-1",
            "1e",
            "e1",
            "._5",
            ".5_0",
            "Infinity",
            "NaN",
            "1Gi",
            "5m",
            ".",
            "_1",
        ] {
            is(text, Value::Text(text.into()));
        }
    }

    #[test]
    fn what_json_cannot_say_is_unfit() {
        for text in [".inf", "-.Inf", "+.INF", ".NaN"] {
            assert_eq!(plain(text), Err(Unfit::NotFinite), "{text}");
        }
    }

    #[test]
    fn a_tag_decides() {
        assert_eq!(tagged("str", "yes"), Ok(Value::Text("yes".into())));
        assert_eq!(tagged("int", "0x10"), Ok(Value::Int(16)));
        assert_eq!(tagged("float", "1"), Ok(Value::Int(1)));
        assert_eq!(tagged("bool", "no"), Ok(Value::Bool(false)));
        assert_eq!(tagged("int", "one"), Err(Unfit::Tag));
        assert_eq!(tagged("null", "x"), Err(Unfit::Tag));
    }
}
