//! HTTP as far as the SDK speaks it to a server on this machine, and the encodings of AWS's protocols.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

/// A request.
pub struct Request {
    pub method: String,
    pub path: String,
    /// Operation, for the protocols that name it beside the path.
    pub operation: String,
    /// From the signature.
    pub region: String,
    pub body: Vec<u8>,
}

/// An answer.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// Reads one. `None` if the connection ends before it does.
    pub fn read(connection: &mut TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(connection);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (mut length, mut region, mut target) = (0, String::new(), None);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "x-amz-target" => target = value.rsplit('.').next().map(ToOwned::to_owned),
                "authorization" => {
                    value.split('/').nth(2).unwrap_or_default().clone_into(&mut region);
                }
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let of_path = path.split("/operation/").nth(1).map(ToOwned::to_owned);
        let text = String::from_utf8_lossy(&body).into_owned();
        let operation = target.or(of_path).or_else(|| field(&text, "Action")).unwrap_or_default();
        Some(Self { method, path, operation, region, body })
    }

    /// A field of a form.
    pub fn field(&self, name: &str) -> String {
        field(&String::from_utf8_lossy(&self.body), name).unwrap_or_default()
    }
}

fn field(form: &str, name: &str) -> Option<String> {
    let found = form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(decoded(found))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte.unwrap_or(b'0')).to_digit(16).unwrap_or(0);
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => u8::try_from(digit(rest.next()) * 16 + digit(rest.next())).unwrap_or(b'?'),
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Reply {
    /// An answer of the query protocol.
    pub fn xml(operation: &str, result: &str) -> Self {
        let body = format!(
            "<{operation}Response><{operation}Result>{result}</{operation}Result>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>"
        );
        Self::plain("text/xml", body)
    }

    pub fn plain(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status: 200, headers, body: body.into() }
    }

    /// An error, in every protocol at once.
    pub fn error(code: &str, message: &str) -> Self {
        let status = match code {
            "ServiceException" => 500,
            "TooManyRequestsException" => 429,
            "ResourceNotFoundException" => 404,
            _ => 400,
        };
        let headers = vec![("x-amzn-errortype", code.to_owned())];
        let xml = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>1</RequestId></ErrorResponse>"
        );
        let json = format!(r#"{{"__type":"{code}","message":"{message}","Message":"{message}"}}"#);
        let json_protocol = code.ends_with("Exception");
        Self { status, headers, body: if json_protocol { json } else { xml }.into_bytes() }
    }
}

/// A map of CBOR whose values are encoded already.
pub fn cbor_map(fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let count = u8::try_from(fields.len()).expect("a short map");
    let mut bytes = vec![0xa0 | count];
    for (name, value) in fields {
        bytes.extend(cbor_text(name));
        bytes.extend(value);
    }
    bytes
}

/// A list of one.
pub fn cbor_only(value: Vec<u8>) -> Vec<u8> {
    [vec![0x81], value].concat()
}

pub fn cbor_text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a short text");
    let head = if length < 24 { vec![0x60 | length] } else { vec![0x78, length] };
    [head, text.as_bytes().to_vec()].concat()
}

/// A time, in seconds since 1970.
pub fn cbor_time(second: i64) -> Vec<u8> {
    let second = u32::try_from(second).expect("before 2106");
    [vec![0xc1, 0x1a], second.to_be_bytes().to_vec()].concat()
}
