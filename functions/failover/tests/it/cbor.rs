//! As much of CBOR (RFC 8949) as CloudWatch's protocol uses, to and from JSON. A time is `{"$at":
//! seconds}`.

use serde_json::{Map, Number, Value, json};

const TAG_EPOCH: u64 = 1;
const TWO_BYTES: u8 = 0x19;
const EIGHT_BYTES: u8 = 0x1b;
const BREAK: u8 = 0xff;

pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, value);
    out
}

fn head(out: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    match value {
        0..=23 => out.push(major | u8::try_from(value).expect("small")),
        24..=0xffff => {
            out.push(major | TWO_BYTES);
            out.extend(u16::try_from(value).expect("small").to_be_bytes());
        }
        _ => {
            out.push(major | EIGHT_BYTES);
            out.extend(value.to_be_bytes());
        }
    }
}

fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(flag) => out.push(if *flag { 0xf5 } else { 0xf4 }),
        Value::Number(number) if number.is_u64() => head(out, 0, number.as_u64().expect("checked")),
        Value::Number(number) => {
            out.push(0xfb);
            out.extend(number.as_f64().expect("finite").to_be_bytes());
        }
        Value::String(text) => {
            head(out, 3, text.len() as u64);
            out.extend(text.as_bytes());
        }
        Value::Array(items) => {
            head(out, 4, items.len() as u64);
            for item in items {
                put(out, item);
            }
        }
        Value::Object(fields) => {
            if let Some(at) = fields.get("$at") {
                head(out, 6, TAG_EPOCH);
                return put(out, at);
            }
            head(out, 5, fields.len() as u64);
            for (key, value) in fields {
                put(out, &json!(key));
                put(out, value);
            }
        }
    }
}

pub fn decode(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    let value = take(&mut rest);
    assert!(rest.is_empty(), "something is left: {rest:?}");
    value
}

fn bytes<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken
}

/// The number after a head, `None` for an item of indefinite length.
fn argument(rest: &mut &[u8], info: u8) -> Option<u64> {
    let width = match info {
        0..=23 => return Some(info.into()),
        24..=27 => 1 << (info - 24),
        31 => return None,
        _ => panic!("reserved: {info}"),
    };
    Some(bytes(rest, width).iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

fn take(rest: &mut &[u8]) -> Value {
    let initial = bytes(rest, 1)[0];
    let (major, info) = (initial >> 5, initial & 31);
    if major == 7 {
        return simple(rest, info);
    }
    let argument = argument(rest, info);
    match (major, argument) {
        (0, Some(value)) => json!(value),
        (3, Some(length)) => {
            let text = bytes(rest, usize::try_from(length).expect("small"));
            json!(std::str::from_utf8(text).expect("text is UTF-8"))
        }
        (4, length) => Value::Array(items(rest, length, take)),
        (5, length) => {
            let fields = items(rest, length, |rest| {
                let key = take(rest);
                (key.as_str().expect("keys are text").to_owned(), take(rest))
            });
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        (6, Some(TAG_EPOCH)) => json!({"$at": take(rest)}),
        other => panic!("not used by CloudWatch: {other:?}"),
    }
}

fn items<T>(rest: &mut &[u8], length: Option<u64>, one: impl Fn(&mut &[u8]) -> T) -> Vec<T> {
    let mut items = Vec::new();
    loop {
        match length {
            Some(length) if items.len() as u64 == length => return items,
            None if rest[0] == BREAK => {
                bytes(rest, 1);
                return items;
            }
            Some(_) | None => items.push(one(rest)),
        }
    }
}

fn simple(rest: &mut &[u8], info: u8) -> Value {
    match info {
        20 => json!(false),
        21 => json!(true),
        22 => Value::Null,
        26 => {
            let bits = bytes(rest, 4).try_into().expect("four bytes");
            Number::from_f64(f32::from_be_bytes(bits).into()).map_or(Value::Null, Value::Number)
        }
        27 => {
            let bits = bytes(rest, 8).try_into().expect("eight bytes");
            Number::from_f64(f64::from_be_bytes(bits)).map_or(Value::Null, Value::Number)
        }
        other => panic!("not used by CloudWatch: simple {other}"),
    }
}
