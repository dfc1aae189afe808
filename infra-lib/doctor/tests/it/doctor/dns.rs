//! Zone, delegation, records, certificates.

use cloud::{Issuer, RecordView};
use site::names::CertificateArn;

use super::world::{EVERYTHING, World, check, record, zone_id};

const LIST: &str =
    "fix: `aws route53 list-hosted-zones` lists the account's zones; `hosted_zone_id` names one";

#[tokio::test]
async fn the_zone_must_be_there_public_and_hold_the_name() {
    let mut world = World::fresh("");
    world.premises.zones.get_mut(&zone_id()).expect("a zone").name = "example.org".to_owned();
    let what = "`shop.example.com` is not in the zone `example.org`";
    check(&world, "zone", &format!("error: {what}; {LIST}")).await;
    world.premises.zones.get_mut(&zone_id()).expect("a zone").private = true;
    check(
        &world,
        "zone",
        "error: `example.org` is a private zone: no user sees it; fix: name the public zone: health checks need one as well",
    )
    .await;
    check(&world, "delegation", "skipped: the zone is private").await;
    world.premises.zones.clear();
    let what = "the account has no zone Z0123456789ABCDEFGHIJ";
    check(&world, "zone", &format!("error: {what}; {LIST}")).await;
    check(&world, "record", "skipped: there is no such zone").await;
}

#[tokio::test]
async fn the_world_must_ask_this_zone() {
    let mut world = World::fresh("");
    let fix = "fix: at the registrar, or in the zone above, set the name servers of `example.com` to ns-0.awsdns-00.com, \
               ns-1.awsdns-00.com, ns-2.awsdns-00.com, ns-3.awsdns-00.com";
    world.names.servers = Ok(Vec::new());
    let what = "error: public DNS knows no zone `example.com`";
    check(&world, "delegation", &format!("{what}; {fix}")).await;
    world.names.servers = Ok(vec!["ns.example.net".to_owned()]);
    let what = "error: public DNS names ns.example.net: another zone";
    check(&world, "delegation", &format!("{what}; {fix}")).await;
    world.names.servers = Ok(vec!["ns-1.awsdns-00.com".to_owned()]);
    let what = "warning: public DNS names ns-1.awsdns-00.com: not all of this zone";
    check(&world, "delegation", &format!("{what}; {fix}")).await;
    world.names.servers = Err("10.0.0.2:53 does not answer".to_owned());
    check(&world, "delegation", "skipped: 10.0.0.2:53 does not answer").await;
}

#[tokio::test]
async fn the_zone_s_own_servers_must_know_it() {
    let mut world = World::fresh("");
    world.names.authoritative = false;
    check(
        &world,
        "authority",
        "error: not authoritative for `example.com`: ns-0.awsdns-00.com, ns-1.awsdns-00.com, ns-2.awsdns-00.com, \
         ns-3.awsdns-00.com; fix: only AWS can fix this: open a support case",
    )
    .await;
}

#[tokio::test]
async fn a_name_that_something_else_has_is_not_taken_from_it() {
    let mut world = World::fresh("");
    let name = "shop.example.com";
    let mail = RecordView { kind: "MX".to_owned(), ..record(name, None) };
    world.premises.records.insert(name.to_owned(), vec![mail.clone()]);
    check(&world, "record", "ok: free").await;
    world.premises.records.insert(name.to_owned(), vec![mail, record(name, None)]);
    check(
        &world,
        "record",
        "error: taken by something else: A shop.example.com; fix: see it with `aws route53 list-resource-record-sets \
         --hosted-zone-id Z0123456789ABCDEFGHIJ` and delete it, or choose another `hostname`",
    )
    .await;
}

#[tokio::test]
async fn a_record_in_the_console_s_spelling_is_the_site_s_own() {
    let mut world = World::deployed("").await;
    let name = "shop.example.com";
    let alias = "dualstack.US-WEST-2-shop-web-LoadBalancerDnsName.".to_owned();
    world.premises.records.insert(name.to_owned(), vec![record(name, Some(alias))]);
    check(&world, "record", "ok: 1 record, of the site").await;
}

#[tokio::test]
async fn a_certificate_must_be_issued_valid_and_for_the_name() {
    let mut world = World::fresh(EVERYTHING);
    let text = "arn:aws:acm:us-west-2:111122223333:certificate/1";
    let arn = CertificateArn::parse(text).expect("an ARN");
    let request = "request one with `aws acm request-certificate --region us-west-2 --validation-method DNS --domain-name \
                   shop.example.com --subject-alternative-names origin.shop.example.com` and name its ARN";
    let describe =
        format!("`aws acm describe-certificate --region us-west-2 --certificate-arn {text}` tells");
    let name = "certificate us-west-2";
    let good = world.premises.certificates[&arn].clone();

    let soon = Some(failover_core::time::after(world.now, 86_400));
    world.premises.certificates.get_mut(&arn).expect("it is there").until = soon;
    let what =
        "the certificate expires at 2026-01-02T00:00:00Z, and AWS should have renewed it by now";
    check(&world, name, &format!("warning: {what}; fix: {describe} what the renewal waits for"))
        .await;

    world.premises.certificates.get_mut(&arn).expect("it is there").issuer = Issuer::Imported;
    let what =
        "the certificate expires at 2026-01-02T00:00:00Z, and AWS does not renew what was imported";
    let again = format!(
        "`aws acm import-certificate --region us-west-2 --certificate-arn {text} --certificate fileb://certificate.pem \
         --certificate-chain fileb://chain.pem --private-key fileb://key.pem` with the files of a new one"
    );
    check(&world, name, &format!("warning: {what}; fix: {again}; or {request}")).await;

    world.premises.certificates.get_mut(&arn).expect("it is there").until = Some(world.now);
    let what = "the certificate expired at 2026-01-01T00:00:00Z";
    check(&world, name, &format!("error: {what}; fix: {request}")).await;

    let mut other = good.clone();
    other.names = vec!["*.example.com".to_owned()];
    world.premises.certificates.insert(arn.clone(), other);
    let what = "the certificate is for *.example.com, not for origin.shop.example.com";
    check(&world, name, &format!("error: {what}; fix: {request}")).await;

    world.premises.certificates.get_mut(&arn).expect("it is there").status =
        "PENDING_VALIDATION".to_owned();
    let what = "the certificate is PENDING_VALIDATION, not ISSUED";
    let fix = format!("{describe} which record it waits for; or {request}");
    check(&world, name, &format!("error: {what}; fix: {fix}")).await;

    world.premises.certificates.remove(&arn);
    check(&world, name, &format!("error: there is no certificate {text}; fix: {request}")).await;
}

/// Goal: a probe that can never see the primary well is told before the outage. Method: certificates that Amazon's roots did not
/// sign, at the primary and at the standby, which the controller does not ask.
#[tokio::test]
async fn a_certificate_that_the_probe_does_not_trust_is_told() {
    let mut world = World::fresh(EVERYTHING);
    let probe = "unless one of Amazon's roots signed it, the controller's probe does not trust it, and after a failover \
                 nothing is ever lowered by itself";
    let request = "request one with `aws acm request-certificate --region us-west-2 --validation-method DNS --domain-name \
                   shop.example.com --subject-alternative-names origin.shop.example.com` and name its ARN";
    let cases =
        [(Issuer::Imported, "was imported"), (Issuer::Private, "was issued by your own authority")];
    for (issuer, whose) in cases {
        world.premises.certificates.values_mut().for_each(|one| one.issuer = issuer);
        let what = format!("the certificate {whose}: {probe}");
        let fix = format!(
            "set `ca_bundle` in [tls] to a PEM file with its root, or `certificate = \"managed\"`, or {request}"
        );
        check(&world, "certificate us-west-2", &format!("warning: {what}; fix: {fix}")).await;
        check(&world, "certificate us-east-2", "ok: valid until 2026-10-28T00:00:00Z").await;
    }
    let roots = include_str!("../../../../site/tests/roots.pem");
    world.site.config.tls.ca_bundle = Some(roots.to_owned());
    check(&world, "certificate us-west-2", "ok: valid until 2026-10-28T00:00:00Z").await;
}

#[tokio::test]
async fn amazon_must_be_allowed_to_issue() {
    let mut world = World::fresh("[tls]\ncertificate = \"managed\"");
    check(&world, "issuer", "ok: no CAA record says who may issue").await;
    let issuers = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    world.names.issuers.insert("example.com".to_owned(), issuers(&["letsencrypt.org"]));
    check(
        &world,
        "issuer",
        "error: the CAA records of `example.com` do not let Amazon issue; fix: add `0 issue \"amazon.com\"` to the CAA records \
         of `example.com`",
    )
    .await;
    // The nearest name decides.
    let both = issuers(&["letsencrypt.org", "amazontrust.com"]);
    world.names.issuers.insert("shop.example.com".to_owned(), both);
    let good = "ok: the CAA records of `shop.example.com` let Amazon issue";
    check(&world, "issuer", good).await;
    check(&world, "certificate us-west-2", "skipped: AWS issues and renews it").await;
}
