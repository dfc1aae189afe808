//! The site's own boot script: a file beside the site file, carried to the instances as a parameter.

use std::io::Write;
use std::path::Path;

use data_encoding::BASE64;
use flate2::{Compression, GzBuilder};

use super::value::beside;
use crate::names::NameError;

// BOUND: the longest value of a CloudFormation parameter. Units: characters.
const PARAMETER_MAX: usize = 4096;

/// What names a script.
pub(super) const EXPECTED: &str = "the path of a script, relative to the site file";

/// How cloud-init tells what it was given, by the beginning; whatever else is ignored, and the instance boots without it.
const BEGINNINGS: [&[u8]; 4] = [b"#", b"Content-Type:", b"MIME-Version:", b"\x1f\x8b"];

/// Reads the script `name`, relative to the folder of the site file, and encodes it for the parameter.
pub(super) fn load(folder: &Path, name: &str) -> Result<String, NameError> {
    encode(&beside(folder, name).map_err(|hint| refused(EXPECTED, hint))?)
}

fn encode(script: &[u8]) -> Result<String, NameError> {
    if !BEGINNINGS.iter().any(|beginning| script.starts_with(beginning)) {
        let expected =
            "a script that begins with `#!`, or a document that begins with `#cloud-config`";
        return Err(refused(expected, "cloud-init ignores anything else, and says nothing"));
    }
    let first = script.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.starts_with(b"#!") && first.ends_with(b"\r") {
        let expected = "a script whose lines end without a carriage return";
        let hint = "Linux looks for an interpreter with a carriage return in its name: save it with Unix line ends";
        return Err(refused(expected, hint));
    }
    let plain = BASE64.encode(script);
    if plain.len() <= PARAMETER_MAX {
        return Ok(plain);
    }
    let packed = BASE64.encode(&packed(script));
    if packed.len() <= PARAMETER_MAX {
        return Ok(packed);
    }
    let hint = format!(
        "it has {} characters in base64 after gzip: let the script fetch the rest from S3, or bake it into an image",
        packed.len()
    );
    let expected = "a script of at most 4096 characters in base64, after gzip if need be";
    Err(refused(expected, hint))
}

fn refused(expected: &'static str, hint: impl Into<String>) -> NameError {
    NameError { expected: expected.into(), hint: Some(hint.into()) }
}

/// The same script always packs to the same bytes: no name and no time, or every deploy would change the launch template.
fn packed(script: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let written = encoder.write_all(script).and_then(|()| encoder.finish());
    written.expect("a vector takes every byte")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn script(lines: usize) -> Vec<u8> {
        let lines = (0..lines).map(|line| format!("echo line {line}\n"));
        format!("#!/bin/sh\n{}", lines.collect::<String>()).into_bytes()
    }

    #[test]
    fn a_short_script_travels_as_it_is() {
        let encoded = encode(b"#!/bin/sh\n").expect("it fits");
        assert_eq!(BASE64.decode(encoded.as_bytes()).expect("base64"), b"#!/bin/sh\n");
    }

    #[test]
    fn a_longer_one_is_packed_the_same_way_each_time() {
        let script = script(400);
        let encoded = encode(&script).expect("it fits once packed");
        assert!(encoded.len() <= PARAMETER_MAX);
        assert_eq!(encode(&script).expect("again"), encoded);
        let bytes = BASE64.decode(encoded.as_bytes()).expect("base64");
        assert_eq!(bytes[4..8], [0; 4], "no time");
        let mut unpacked = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).expect("gzip");
        assert_eq!(unpacked, script);
    }

    #[test]
    fn the_largest_plain_script_is_three_quarters_of_a_parameter() {
        let mut script = b"#!/bin/sh\n".to_vec();
        script.resize(PARAMETER_MAX / 4 * 3, b'x');
        assert_eq!(encode(&script).expect("it fits").len(), PARAMETER_MAX);
        script.push(b'x');
        let packed = BASE64.decode(encode(&script).expect("it packs").as_bytes()).expect("base64");
        assert!(packed.starts_with(b"\x1f\x8b"));
    }

    #[test]
    fn a_script_that_stays_too_long_is_refused_with_the_way_out() {
        // Bytes that do not repeat: a multiplicative generator of 31 bits.
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state * 48_271 % 2_147_483_647;
            state.to_le_bytes()[1]
        });
        let script: Vec<u8> = b"#!/bin/sh\n".iter().copied().chain(noise.take(4000)).collect();
        let error = encode(&script).expect_err("it cannot fit");
        assert!(error.hint.is_some_and(|hint| hint.contains("from S3")));
    }

    #[test]
    fn what_cloud_init_would_ignore_is_refused() {
        assert!(encode(b"echo hello\n").is_err());
        assert!(encode(b"#!/bin/sh\r\necho hello\r\n").is_err());
        assert!(encode(b"#cloud-config\r\n").is_ok());
    }
}
