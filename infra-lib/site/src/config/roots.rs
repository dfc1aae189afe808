//! The roots that the controller trusts beside Amazon's: a PEM file beside the site file, packed into the Lambda's zip.

use std::path::Path;

use data_encoding::BASE64;

use super::value::beside;
use crate::names::NameError;

// BOUND: Mozilla's whole list has 230 kB; each start of the function reads the file. Units: bytes.
const SIZE_MAX: usize = 512 * 1024;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// The end of the first line of every kind of private key.
const PRIVATE: &str = "PRIVATE KEY-----";

/// What names the file.
pub(super) const EXPECTED: &str =
    "the path of a PEM file of certificates, relative to the site file";

/// Reads the file `name`, relative to the folder of the site file. What is wrong with it would keep the function from starting,
/// so it is refused here.
pub(super) fn load(folder: &Path, name: &str) -> Result<String, NameError> {
    let content = beside(folder, name).map_err(refused)?;
    let path = folder.join(name);
    let shown = path.display();
    let pem = String::from_utf8(content).map_err(|_| {
        refused(format!(
            "`{shown}` is no text: convert it with `openssl x509 -inform der -in {shown}`"
        ))
    })?;
    judged(&pem).map_err(|why| refused(format!("`{shown}` {why}")))?;
    Ok(pem)
}

fn refused(hint: String) -> NameError {
    NameError { expected: EXPECTED.into(), hint: Some(hint) }
}

fn judged(pem: &str) -> Result<(), String> {
    if pem.len() > SIZE_MAX {
        return Err(format!(
            "has {} bytes, and {SIZE_MAX} are allowed: name only the roots that signed the site's certificates",
            pem.len()
        ));
    }
    if pem.contains(PRIVATE) {
        return Err(
            "holds a private key, which would be packed with it: keep the certificates alone"
                .to_owned(),
        );
    }
    let mut found = 0;
    // BOUND: every round takes a part of a file that is bounded.
    let mut rest = pem;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        found += 1;
        let whole = after.split_once(END).filter(|(body, _)| is_certificate(body));
        let Some((_, beyond)) = whole else {
            return Err(format!("is cut or damaged in certificate {found}: save it again"));
        };
        rest = beyond;
    }
    if found == 0 {
        return Err(format!("holds no certificate: none begins with `{BEGIN}`"));
    }
    Ok(())
}

/// Whether it is base64 of one DER sequence of exactly its length. Longer forms of the length are what a certificate has.
fn is_certificate(body: &str) -> bool {
    let packed: String = body.split_ascii_whitespace().collect();
    let Ok(der) = BASE64.decode(packed.as_bytes()) else { return false };
    match der[..] {
        [0x30, 0x82, high, low, ref rest @ ..] => {
            rest.len() == usize::from(u16::from_be_bytes([high, low]))
        }
        [0x30, 0x81, length, ref rest @ ..] => rest.len() == usize::from(length),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = include_str!("../../tests/roots.pem");

    fn hint(content: &[u8]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("roots.pem"), content).expect("it can be written");
        let error = load(folder.path(), "roots.pem").expect_err("it is refused");
        assert_eq!(error.expected, EXPECTED);
        error.hint.expect("it says why")
    }

    #[test]
    fn one_root_and_several_are_taken_as_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let two = format!("# ours\n{ROOT}# the other\n{}", ROOT.replace('\n', "\r\n"));
        for pem in [ROOT, &two] {
            std::fs::write(folder.path().join("roots.pem"), pem).expect("it can be written");
            assert_eq!(load(folder.path(), "roots.pem").expect("it is whole"), pem);
        }
    }

    #[test]
    fn a_file_that_would_keep_the_function_from_starting_is_refused() {
        for empty in ["", "no PEM at all\n", "-----BEGIN CERTIFICATE REQUEST-----\n"] {
            assert!(hint(empty.as_bytes()).contains("holds no certificate"), "{empty}");
        }
        let cut = ROOT.split_once(END).expect("it ends").0;
        let short = ROOT.replacen("MII", "MI", 1);
        for damaged in [cut, &short, &format!("{ROOT}{BEGIN}\n!!\n{END}\n")] {
            assert!(hint(damaged.as_bytes()).contains("is cut or damaged"), "{damaged}");
        }
        assert!(hint(b"\x30\x82\x01\xff").contains("is no text"));
    }

    #[test]
    fn a_private_key_is_not_packed() {
        let key = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
        assert!(hint(format!("{ROOT}{key}").as_bytes()).contains("holds a private key"));
    }

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        let large = ROOT.repeat(SIZE_MAX / ROOT.len() + 1);
        assert!(hint(large.as_bytes()).contains("524288 are allowed"));
    }
}
