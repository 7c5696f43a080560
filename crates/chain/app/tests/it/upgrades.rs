//! Upgrades as a node lives through them: it stops, a program that knows the plan goes on.

use akash_app::{App, AppConfig, BlockInput, Upgrade};
use akash_cosmos::bank;
use akash_kernel::{Ctx, Time, TxError};
use akash_proto::cosmos::upgrade::v1beta1::{MsgCancelUpgrade, MsgSoftwareUpgrade, Plan};
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::tx::{self, Unsigned};
use prost::Name;

use crate::chain::{Chain, config, send_tx, verdict};

/// What the steps of the plan `more` do, so that a test sees them.
fn more(ctx: &mut Ctx) -> Result<(), TxError> {
    bank::api::mint(ctx, "bme", &Coins::parse("5uact").expect("coins"))
}

const MORE: Upgrade = Upgrade { name: "more", run: more };

fn knowing() -> AppConfig {
    AppConfig { upgrades: vec![MORE], ..config() }
}

impl Chain {
    /// Account 0 is the authority.
    fn govern<M: Name>(&mut self, sequence: u64, message: &M) {
        let template = send_tx(&self.address(0), &self.address(0), 1);
        let unsigned = Unsigned { messages: vec![tx::encode_any(message)], ..template };
        let signed = self.sign(0, sequence, &unsigned);
        assert_eq!(verdict(&self.deliver(&signed)), "ok");
    }

    fn schedule(&mut self, sequence: u64, height: i64) {
        let plan = Plan { name: "more".to_owned(), height, info: "see there".to_owned(), ..Plan::default() };
        let message = MsgSoftwareUpgrade { authority: self.address(0).to_string(), plan: Some(plan) };
        self.govern(sequence, &message);
    }

    /// The same state under another program.
    fn restart(&mut self, config: AppConfig) {
        self.app = App::open(self.store.clone(), config).expect("the state opens");
        self.check = self.app.check_state();
    }

    fn next(&self) -> BlockInput {
        let height = self.app.height() + 1;
        BlockInput { height, time: Time { seconds: 1_800_000_000, nanos: 0 }, ..BlockInput::default() }
    }
}

fn minted(chain: &Chain) -> String {
    use akash_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
    use prost::Message;
    let request = QueryBalanceRequest { address: Address::module("bme").to_string(), denom: "uact".to_owned() };
    let answer = chain.app.view().query("/cosmos.bank.v1beta1.Query/Balance", &request.encode_to_vec(), 0, false);
    QueryBalanceResponse::decode(answer.value.as_slice()).expect("an answer").balance.expect("set").amount
}

#[test]
fn program_without_the_plan_stops_and_one_with_it_goes_on() {
    let mut chain = Chain::new();
    chain.schedule(0, 3);
    chain.block(&[]);
    assert_eq!(chain.app.height(), 2);
    let needed = chain.app.upgrade_needed().expect("readable").expect("the next height is the plan's");
    assert_eq!((needed.name.as_str(), needed.height, needed.info.as_str()), ("more", 3, "see there"));
    let block = chain.next();
    let fault = chain.app.execute(&block).unwrap_err();
    assert_eq!(fault.to_string(), "UPGRADE \"more\" NEEDED at height: 3: see there");
    assert_eq!(chain.app.execute(&block).unwrap_err(), fault, "as often as it is asked");

    chain.restart(knowing());
    assert_eq!(chain.app.upgrade_needed(), Ok(None));
    let before = chain.app.app_version();
    chain.block(&[]);
    assert_eq!((chain.app.app_version(), minted(&chain).as_str()), (before + 1, "5"));
    chain.block(&[]);
    assert_eq!(minted(&chain), "5", "it ran once");

    let error = App::open(chain.store.clone(), config()).map(|app| app.height()).unwrap_err();
    assert_eq!(error.to_string(), "wrong app version 2, upgrade handler is missing for more upgrade plan");
}

#[test]
fn program_that_comes_too_early_stops_too() {
    let mut chain = Chain::new();
    chain.schedule(0, 5);
    chain.restart(knowing());
    let fault = chain.app.execute(&chain.next()).unwrap_err();
    assert!(fault.to_string().starts_with("BINARY UPDATED BEFORE TRIGGER! UPGRADE \"more\" - in binary"), "{fault}");
}

#[test]
fn cancelled_plan_stops_nobody() {
    let mut chain = Chain::new();
    chain.schedule(0, 4);
    let cancel = MsgCancelUpgrade { authority: chain.address(0).to_string() };
    chain.govern(1, &cancel);
    chain.block(&[]);
    chain.block(&[]);
    assert_eq!(chain.app.height(), 4);
}

#[test]
fn skipped_plan_is_dropped_at_its_height() {
    let mut chain = Chain::new();
    chain.schedule(0, 2);
    chain.restart(AppConfig { skipped_upgrades: [2].into(), ..config() });
    let before = chain.app.app_version();
    chain.block(&[]);
    chain.block(&[]);
    assert_eq!((chain.app.app_version(), minted(&chain).as_str()), (before, "0"));
}
