//! What AWS answers when it refuses, replayed over a real socket.

use infra_lib::cloud::{Aws, Cloud, CloudError, CloudSettings};
use infra_lib::names::Region;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that gives every request the same error of AWS's query protocol.
async fn refusing(code: &str) -> String {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>as AWS says it\
         </Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 8192];
            if connection.read(&mut request).await.is_ok() {
                connection.write_all(answer.as_bytes()).await.ok();
            }
        }
    });
    endpoint
}

async fn account(code: &str) -> CloudError {
    let cloud = Aws::connect(&CloudSettings::emulator(refusing(code).await)).await;
    let region = Region::parse("us-east-2").expect("it is a region");
    cloud.account(&region).await.expect_err("the server refuses everything")
}

#[tokio::test]
async fn expired_credentials_say_how_to_sign_in() {
    for code in ["ExpiredToken", "InvalidClientTokenId"] {
        let error = account(code).await;
        assert!(matches!(error, CloudError::Credentials { .. }), "{error:?}");
        let help = miette::Diagnostic::help(&error).map(|help| help.to_string());
        assert!(help.is_some_and(|help| help.contains("aws sso login")), "{error:?}");
    }
}

#[tokio::test]
async fn a_denied_call_names_operation_and_region() {
    let words = account("AccessDenied").await.to_string();
    assert!(words.contains("GetCallerIdentity") && words.contains("us-east-2"), "{words}");
}
