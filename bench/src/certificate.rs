//! A certificate authority of an hour, for TLS on this machine.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::sample::Failure;

/// Makes an authority and a certificate for 127.0.0.1, and writes the authority's certificate into `file`.
pub fn make(file: &Path) -> Result<TlsAcceptor, Failure> {
    let made = || -> Result<TlsAcceptor, Box<dyn Error + Send + Sync>> {
        let mut authority = CertificateParams::new(Vec::new())?;
        // Two names: a certificate with its issuer's name counts as one that signed itself.
        authority.distinguished_name.push(DnType::CommonName, "benchmark authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Python's OpenSSL refuses an authority that is not said to sign.
        authority.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        std::fs::write(file, authority.pem())?;
        let key = KeyPair::generate()?;
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut server = CertificateParams::new(names)?;
        server.distinguished_name.push(DnType::CommonName, "benchmark endpoint");
        server.use_authority_key_identifier_extension = true;
        let server = server.signed_by(&key, &authority)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())?;
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone()], key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    };
    made().map_err(Failure::Certificate)
}
