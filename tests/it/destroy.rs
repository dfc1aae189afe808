//! Taking a site down.

use cloud::guard::Safety;
use drill_local::stage::SERVERS;
use drill_local::story::{self, DrillError, Teller};
use e2e::Deployed;
use failover_core::ReasonKind;
use machine::clock;
use site::model::Role;

/// Goal: a site that is failed over is not destroyed by accident, and one that is not there is no error.
/// Method: kill the primary, try; overrule; try again on nothing.
#[tokio::test]
async fn a_raised_site_is_destroyed_only_when_told_twice() {
    let site = Deployed::new().await;
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::Raise, died).await;
    site.until_standby(SERVERS).await;
    let (teller, _scenes) = Teller::channel();
    let refused = story::destroy(&site.stage, Safety::Guarded, &teller).await;
    let Err(DrillError::Destroy(error)) = refused else { panic!("it was not refused") };
    let code = miette::Diagnostic::code(error.as_ref()).map(|code| code.to_string());
    assert_eq!(code.as_deref(), Some("refused"), "{error}");
    assert_eq!(site.desired(Role::Standby).await, SERVERS, "nothing was touched");
    story::destroy(&site.stage, Safety::Overruled, &teller).await.expect("it goes");
    site.end().await;
}
