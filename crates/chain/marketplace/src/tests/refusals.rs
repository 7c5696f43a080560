//! Each refusal of deployments, escrow, providers and certificates, as clients see it.

use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::base::deposit::v1::Source;
use akash_proto::akash::cert::v1::{Id, MsgCreateCertificate, MsgRevokeCertificate};
use akash_proto::akash::deployment::v1::DeploymentReclamation;
use akash_proto::akash::deployment::v1beta4::{
    MsgCloseDeployment, MsgCloseGroup, MsgCreateDeployment, MsgPauseGroup, MsgStartGroup, MsgUpdateDeployment,
    MsgUpdateParams, Params,
};
use akash_proto::akash::escrow::v1::MsgAccountDeposit;
use akash_proto::akash::provider::v1beta4::{Info, MsgCreateProvider, MsgDeleteProvider, MsgUpdateProvider};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::address::Address;
use akash_types::cert::{Validity, generate};
use akash_types::id::DeploymentId;
use expect_test::{Expect, expect};

use super::testnet::*;

fn check_create(change: impl FnOnce(&mut MsgCreateDeployment), expected: Expect) {
    let mut net = Testnet::with_open_order();
    let mut message = create_deployment(8, &["100uact"], "500000uact");
    change(&mut message);
    check(net.send(&message), expected);
}

#[test]
fn create_deployment_is_refused() {
    check_create(|_| {}, expect!["ok"]);
    check_create(|msg| msg.id.as_mut().unwrap().dseq = 0, expect!["sdk/3: dseq must not be 0: invalid sequence"]);
    check_create(
        |msg| msg.id.as_mut().unwrap().owner.clear(),
        expect!["sdk/7: invalid owner address: empty address string is not allowed: invalid address"],
    );
    check_create(|msg| msg.groups.clear(), expect!["deployment/7: Invalid groups"]);
    check_create(|msg| msg.hash.clear(), expect!["deployment/9: Invalid: empty hash"]);
    check_create(
        |msg| msg.hash.truncate(31),
        expect!["deployment/10: 31 bytes, expected 32: Invalid: deployment hash"],
    );
    check_create(|msg| msg.id.as_mut().unwrap().dseq = 7, expect!["deployment/3: Deployment exists"]);
    check_create(
        |msg| msg.deposit = Some(deposit("499999uact")),
        expect!["deployment/20: 499999uact is below the minimum of 500000uact: Deposit invalid"],
    );
    check_create(
        |msg| msg.deposit = Some(deposit("500000uakt")),
        expect!["deployment/20: deposit is in uakt, prices are in uact: Deposit invalid"],
    );
    check_create(
        |msg| {
            msg.deposit = Some(deposit("500000ufoo"));
            msg.groups = vec![group("web", "1ufoo")];
        },
        expect!["deployment/20: no deposit in ufoo is accepted: Deposit invalid"],
    );
    check_create(
        |msg| {
            msg.deposit = Some(deposit("0uact"));
            msg.groups = vec![group("web", "1ufoo")];
        },
        expect!["deployment/20: 0uact is below the minimum of 500000uact: Deposit invalid"],
    );
    check_create(
        |msg| msg.deposit = Some(deposit("2000000000uact")),
        expect!["market/28: insufficient: deposit invalid"],
    );
    check_create(
        |msg| msg.deposit = Some(deposit("9223372036854775808uact")),
        expect!["sdk/10: deposit 9223372036854775808uact: invalid coins"],
    );
}

#[test]
fn deposit_sources_are_refused() {
    let check_sources = |sources: &[i32], expected: Expect| {
        check_create(|msg| msg.deposit.as_mut().unwrap().sources = sources.to_vec(), expected);
    };
    let (balance, grant) = (Source::Balance.into(), Source::Grant.into());
    check_sources(&[], expect!["akash/4: no deposit source: invalid deposit source"]);
    check_sources(&[0], expect!["akash/4: source 0: invalid deposit source"]);
    check_sources(&[7], expect!["akash/4: source 7: invalid deposit source"]);
    check_sources(&[balance, balance], expect!["akash/4: source 1 is named twice: invalid deposit source"]);
    check_sources(&[grant], expect!["market/28: insufficient: deposit invalid"]);
    check_sources(&[balance, grant], expect!["ok"]);
}

#[test]
fn reclamation_of_a_deployment_has_bounds() {
    let check_window = |seconds, expected: Expect| {
        let min_window = Some(prost_types::Duration { seconds, nanos: 0 });
        check_create(|msg| msg.reclamation = Some(DeploymentReclamation { min_window }), expected);
    };
    check_window(3600, expect!["ok"]);
    check_window(-1, expect!["deployment/26: window is negative: invalid reclamation configuration"]);
    check_window(
        3599,
        expect!["deployment/26: window 3599s is outside of the bounds: invalid reclamation configuration"],
    );
    check_window(
        720 * 3600 + 1,
        expect!["deployment/26: window 2592001s is outside of the bounds: invalid reclamation configuration"],
    );
}

#[test]
fn changes_of_a_deployment_are_refused() {
    let mut net = Testnet::with_open_order();
    let id = |dseq| Some(DeploymentId::new(owner(), dseq).into());
    let group = |dseq, gseq| Some(DeploymentId::new(owner(), dseq).group(gseq).into());
    let update = |dseq| MsgUpdateDeployment { id: id(dseq), hash: vec![9; 32] };
    check(net.send(&update(8)), expect!["deployment/4: Deployment not found"]);
    check(net.send(&MsgCloseDeployment { id: id(8) }), expect!["deployment/4: Deployment not found"]);
    check(net.send(&MsgCloseGroup { id: group(7, 2) }), expect!["deployment/14: Group not found"]);
    check(net.send(&MsgStartGroup { id: group(7, 1) }), expect!["deployment/16: Group open"]);
    net.send(&MsgPauseGroup { id: group(7, 1) }).unwrap();
    check(net.send(&MsgPauseGroup { id: group(7, 1) }), expect!["deployment/17: Group paused"]);
    net.send(&MsgCloseGroup { id: group(7, 1) }).unwrap();
    check(net.send(&MsgCloseGroup { id: group(7, 1) }), expect!["deployment/15: Group already closed"]);
    check(net.send(&MsgPauseGroup { id: group(7, 1) }), expect!["deployment/15: Group already closed"]);
    check(net.send(&MsgStartGroup { id: group(7, 1) }), expect!["deployment/15: Group already closed"]);
    net.close(7).unwrap();
    check(net.close(7), expect!["deployment/5: Deployment closed"]);
    check(net.send(&update(7)), expect!["deployment/5: Deployment closed"]);
    net.end_block();
    check(net.deploy(7, "100uact", "500000uact"), expect!["deployment/3: Deployment exists"]);
}

#[test]
fn params_are_changed_by_the_authority_alone() {
    let mut net = Testnet::new();
    let coin = |denom: &str, amount: &str| Coin { denom: denom.into(), amount: amount.into() };
    let update = |authority: &Address, min_deposits| MsgUpdateParams {
        authority: authority.to_string(),
        params: Some(Params { min_deposits }),
    };
    let gov = Address::module("gov");
    let owner = owner();
    let refusal = net.send(&update(&owner, vec![coin("uact", "1")])).unwrap_err();
    let refusal = refusal.reject().unwrap();
    assert_eq!((refusal.codespace, refusal.code), ("gov", 13));
    check(net.send(&update(&gov, vec![])), expect!["deployment/22: no minimum deposit: parameter invalid"]);
    check(
        net.send(&update(&gov, vec![coin("uact", "1"), coin("uact", "2")])),
        expect!["deployment/22: minimum deposit in uact is given twice: parameter invalid"],
    );
    check(
        net.send(&update(&gov, vec![coin("uact", "2147483647")])),
        expect!["deployment/22: minimum deposit 2147483647uact is too large: parameter invalid"],
    );
    net.send(&update(&gov, vec![coin("uact", "1")])).unwrap();
    net.deploy(9, "1uact", "1uact").unwrap();
    check(
        net.deploy(10, "1uakt", "500000uakt"),
        expect!["deployment/20: no deposit in uakt is accepted: Deposit invalid"],
    );
}

/// A price in a denomination that the parameters do not list; the deposit can only be in that one or zero.
#[test]
fn price_in_an_unlisted_denomination_is_refused() {
    let mut net = Testnet::new();
    let min_deposits = vec![Coin { denom: "uact".into(), amount: "0".into() }];
    let authority = Address::module("gov").to_string();
    net.send(&MsgUpdateParams { authority, params: Some(Params { min_deposits }) }).unwrap();
    let mut message = create_deployment(9, &["1ufoo"], "0uact");
    message.groups = vec![group("web", "1ufoo")];
    check(net.send(&message), expect!["deployment/24: no price in ufoo is accepted: invalid price"]);
}

#[test]
fn account_deposit_is_refused() {
    let mut net = Testnet::with_open_order();
    let signer = owner();
    check(net.deposit(&signer, 8, "1uact"), expect!["escrow/3: account not found"]);
    check(net.deposit(&signer, 7, "0uact"), expect!["escrow/16: amount is zero: Deposit invalid"]);
    check(net.deposit(&signer, 7, "2000000000uact"), expect!["market/28: insufficient: deposit invalid"]);
    let mut message = MsgAccountDeposit { signer: signer.to_string(), id: None, deposit: Some(deposit("1uact")) };
    check(net.send(&message), expect!["escrow/12: invalid ID"]);
    message.id = Some(akash_proto::akash::escrow::id::v1::Account { scope: 1, xid: "owner/7".into() });
    check(net.send(&message), expect!["escrow/12: invalid ID"]);
    net.close(7).unwrap();
    check(net.deposit(&signer, 7, "1uact"), expect!["escrow/2: account closed"]);

    net.deploy(9, "500000uact", "500000uact").unwrap();
    net.bid(9, "p1", "500000uact").unwrap();
    net.take(&bid(9, "p1")).unwrap();
    net.end_blocks(5);
    check(net.deposit(&signer, 9, "1000000uact"), expect!["escrow/4: account overdrawn"]);
}

#[test]
fn strangers_cannot_fill_the_list_of_deposits() {
    let mut net = Testnet::with_open_order();
    for _ in 0..79 {
        net.deposit(&account("stranger"), 7, "1uact").unwrap();
    }
    check(
        net.deposit(&account("stranger"), 7, "1uact"),
        expect!["escrow/16: account already holds 80 deposits: Deposit invalid"],
    );
    net.deposit(&owner(), 7, "1uact").unwrap();
    net.end_block();
}

#[test]
fn providers_are_refused() {
    let mut net = Testnet::new();
    check(
        net.register("p1"),
        expect!["provider/4: akash179uuqns65sdvkm9qakynuj4harsufqkqdrn7er: invalid provider: already exists"],
    );
    let owner = account("owner").to_string();
    let message = MsgCreateProvider {
        owner: owner.clone(),
        host_uri: "https://host:8443".into(),
        attributes: Vec::new(),
        info: None,
    };
    let with_uri = |uri: &str| MsgCreateProvider { host_uri: uri.into(), ..message.clone() };
    check(net.send(&with_uri("host")), expect!["provider/2: invalid provider: not absolute host uri"]);
    check(net.send(&with_uri("http://host")), expect!["provider/1: invalid provider: invalid host uri"]);
    let attribute = |key: &str| Attribute { key: key.into(), value: "1".into() };
    let with = |keys: &[&str]| MsgCreateProvider {
        attributes: keys.iter().map(|key| attribute(key)).collect(),
        ..message.clone()
    };
    check(net.send(&with(&["a*"])), expect![[r#"akash/2: "a*": attribute key does not match regexp"#]]);
    check(net.send(&with(&["ab", "ab"])), expect!["akash/1: ab: attributes cannot have duplicate keys"]);
    let info = Some(Info { email: String::new(), website: "not a site".into() });
    check(
        net.send(&MsgCreateProvider { info, ..message.clone() }),
        expect!["provider/8: invalid provider: invalid info website"],
    );
    let update = MsgUpdateProvider {
        owner: owner.clone(),
        host_uri: message.host_uri.clone(),
        attributes: Vec::new(),
        info: None,
    };
    let refusal = net.send(&update).unwrap_err();
    assert_eq!(refusal.reject().map(|reject| (reject.codespace, reject.code)), Some(("provider", 3)));
    let refusal = net.send(&MsgDeleteProvider { owner }).unwrap_err();
    assert_eq!(refusal.reject().map(|reject| (reject.codespace, reject.code)), Some(("provider", 3)));
    net.send(&message).unwrap();
    assert_eq!(net.typed_events(), ["EventProviderCreated"]);
    net.send(&update).unwrap();
    assert_eq!(net.typed_events(), ["EventProviderUpdated"]);
}

#[test]
fn certificates_are_published_once_and_revoked_once() {
    let mut net = Testnet::new();
    let valid = Validity { not_before: 1_700_000_000, not_after: 1_800_000_000 };
    let made = generate(&owner(), &[], valid).unwrap();
    let message = MsgCreateCertificate {
        owner: owner().to_string(),
        cert: made.cert_pem.clone().into_bytes(),
        pubkey: made.pubkey_pem.clone().into_bytes(),
    };
    let foreign = MsgCreateCertificate { owner: account("stranger").to_string(), ..message.clone() };
    check(net.send(&foreign), expect!["cert/6: invalid certificate value: common name is not the owner"]);
    let other = generate(&owner(), &[], valid).unwrap();
    let mixed = MsgCreateCertificate { pubkey: other.pubkey_pem.into_bytes(), ..message.clone() };
    check(net.send(&mixed), expect!["cert/6: invalid certificate value: invalid certificate signature"]);
    let broken = MsgCreateCertificate { pubkey: b"key".to_vec(), ..message.clone() };
    check(net.send(&broken), expect!["cert/7: invalid pubkey value"]);

    net.send(&message).unwrap();
    check(net.send(&message), expect!["cert/3: certificate exists"]);
    net.end_block();
    let revoke =
        |serial: &str| MsgRevokeCertificate { id: Some(Id { owner: owner().to_string(), serial: serial.to_owned() }) };
    check(net.send(&revoke("x")), expect!["cert/5: invalid serial number"]);
    check(net.send(&revoke("1")), expect!["cert/1: certificate not found"]);
    net.send(&revoke(&made.serial.to_string())).unwrap();
    check(net.send(&revoke(&made.serial.to_string())), expect!["cert/4: certificate already revoked"]);
    check(net.send(&message), expect!["cert/3: certificate exists"]);
    net.end_block();
}
