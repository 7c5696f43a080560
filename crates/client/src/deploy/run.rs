//! The shell around [`plan::next`]: gathers facts, performs the action, tells what happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::deployment::v1::DeploymentReclamation;
use akash_proto::akash::deployment::v1beta4::{
    GroupSpec, MsgCloseDeployment, MsgCreateDeployment, MsgUpdateDeployment,
};
use akash_proto::akash::market::v1beta5::MsgCreateLease;
use akash_sdl::Sdl;
use akash_types::address::Address;
use akash_types::coin::{Coin, DecCoin};
use akash_types::id::{BidId, DeploymentId, LeaseId};
use akash_types::tx::encode_any;
use tokio::time::{Instant, sleep};
use tracing::debug;

use super::facts::{Facts, Presence, ServiceFact, StandingLease, Waited};
use super::plan::{self, Action, Reason};
use super::{DeployError, DeployEvent, Deployed, Journal, Limits};
use crate::error::Refusal;
use crate::gateway::{GatewayClient, GatewayError, Identity};
use crate::{Client, ClientError, SendOptions, Sender};

const STEP: Duration = Duration::from_millis(150);
/// A provider learns of a new lease from the chain, as we do: its gateway may refuse the manifest for a moment.
const MANIFEST_PATIENCE: Duration = Duration::from_secs(20);
/// Between two times that a provider is handed a manifest which it took but does not act on yet.
const RESEND_PAUSE: Duration = Duration::from_secs(2);
/// For a transaction of an earlier run that is still on its way.
const EARLIER_RUN: Duration = Duration::from_secs(15);

/// One run of a deployment.
pub struct Run<'a> {
    pub client: &'a Client,
    pub sender: &'a Sender,
    pub identity: &'a Identity,
    /// Where journals lie.
    pub folder: &'a Path,
    pub sdl: &'a Sdl,
    /// The SDL file, absolute.
    pub file: PathBuf,
    /// What goes into the escrow; the network's minimum if `None`.
    pub deposit: Option<Coin>,
    pub limits: Limits,
    pub tell: &'a mut (dyn FnMut(DeployEvent) + Send),
}

/// What a run keeps in memory: since when it waits, connections, and what it said.
#[derive(Default)]
struct Progress {
    bids_since: Option<Instant>,
    better_since: Option<Instant>,
    ready_since: Option<Instant>,
    trouble_since: Option<Instant>,
    silent_since: Option<Instant>,
    refused_since: Option<Instant>,
    gateways: BTreeMap<Address, GatewayClient>,
    told_bids: Vec<BidId>,
    acted: bool,
}

impl Run<'_> {
    /// From wherever it stands to ready.
    ///
    /// # Errors
    /// [`DeployError`] says what to do; running again goes on where this stopped.
    pub async fn run(&mut self) -> Result<Deployed, DeployError> {
        let mut journal = self.journal().await?;
        let mut progress = Progress::default();
        loop {
            let facts = match self.facts(&journal, &mut progress).await {
                Ok(facts) => facts,
                Err(error) if error.is_unknown() => {
                    self.bear_silence(&mut progress, error).await?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            progress.silent_since = None;
            let action = plan::next(&journal, self.sdl.groups().len(), &facts, &self.limits);
            match self.act(action, &mut journal, &mut progress).await {
                Ok(Some(deployed)) => return Ok(deployed),
                Ok(None) => {}
                Err(DeployError::Client(error)) if error.is_unknown() => {
                    self.bear_silence(&mut progress, error).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The journal of the file if its deployment still stands, otherwise a new one with a number that is free on chain.
    async fn journal(&mut self) -> Result<Journal, DeployError> {
        let hash = hex_of(&self.sdl.manifest().hash());
        let owner = self.sender.address().clone();
        if let Some(mut journal) = Journal::find(self.folder, &self.file)?
            && journal.owner == owner.to_string()
        {
            let id = DeploymentId { owner: owner.clone(), dseq: journal.dseq };
            let found = self.client.deployment(&id).await?;
            let closed = found.is_some_and(|found| !is_active(&found));
            if !closed {
                journal.hash = hash;
                journal.services = self.service_names();
                journal.save(self.folder)?;
                (self.tell)(DeployEvent::Resumed { dseq: journal.dseq });
                return Ok(journal);
            }
        }

        let mut dseq = self.client.rpc().status().await?.height.max(1);
        let taken: Vec<u64> = Journal::all(self.folder)?.iter().map(|journal| journal.dseq).collect();
        loop {
            let id = DeploymentId { owner: owner.clone(), dseq };
            if !taken.contains(&dseq) && self.client.deployment(&id).await?.is_none() {
                break;
            }
            dseq += 1;
        }
        let journal = Journal {
            file: self.file.clone(),
            owner: owner.to_string(),
            dseq,
            hash,
            services: self.service_names(),
            sent: Default::default(),
            was_ready: false,
        };
        journal.save(self.folder)?;
        Ok(journal)
    }

    fn service_names(&self) -> Vec<String> {
        let groups = &self.sdl.manifest().groups;
        groups.iter().flat_map(|group| &group.services).map(|service| service.name.clone()).collect()
    }

    async fn act(
        &mut self,
        action: Action,
        journal: &mut Journal,
        progress: &mut Progress,
    ) -> Result<Option<Deployed>, DeployError> {
        let dseq = journal.dseq;
        match action {
            Action::Create => self.create(journal, progress).await?,
            Action::Update => self.update(journal, progress).await?,
            Action::PublishCertificate => match self.send(vec![self.identity.create_message()]).await {
                Err(ClientError::Refused(refusal)) if refusal.is_repeated() => self.earlier_run(refusal).await?,
                sent => drop(sent?),
            },
            Action::Wait(what) => {
                (self.tell)(DeployEvent::Waiting { what });
                sleep(STEP).await;
            }
            Action::Lease(bids) => self.lease(&bids, progress).await?,
            Action::SendManifest(lease) => self.send_manifest(&lease, journal, progress).await?,
            Action::Done(urls) => {
                journal.was_ready = true;
                journal.save(self.folder)?;
                (self.tell)(DeployEvent::Ready { urls: urls.clone() });
                return Ok(Some(Deployed { dseq, urls, unchanged: !progress.acted }));
            }
            Action::CloseForLackOfBids => {
                let id = DeploymentId { owner: self.sender.address().clone(), dseq };
                self.send(vec![encode_any(&MsgCloseDeployment { id: Some((&id).into()) })]).await?;
                journal.remove(self.folder)?;
                (self.tell)(DeployEvent::Closed { dseq });
                return Err(DeployError::NoBids { seconds: self.limits.bids.as_secs() });
            }
            Action::Fail(reason) => return Err(self.failure(reason, dseq)),
        }
        Ok(None)
    }

    fn failure(&self, reason: Reason, dseq: u64) -> DeployError {
        match reason {
            Reason::Closed => DeployError::Closed { dseq },
            Reason::LeaseEnded(reason) => DeployError::LeaseEnded { dseq, reason },
            Reason::OtherGroups => DeployError::OtherGroups { dseq },
            Reason::NotReady(after, reasons) => DeployError::NotReady { dseq, seconds: after.as_secs(), reasons },
        }
    }

    async fn create(&mut self, journal: &Journal, progress: &mut Progress) -> Result<(), DeployError> {
        let groups = self.sdl.groups();
        let deposit = match &self.deposit {
            Some(deposit) => deposit.clone(),
            None => self.least_deposit(&groups).await?,
        };
        self.check_funds(&deposit).await?;
        let id = DeploymentId { owner: self.sender.address().clone(), dseq: journal.dseq };
        let create = MsgCreateDeployment {
            id: Some((&id).into()),
            groups,
            hash: self.sdl.manifest().hash().to_vec(),
            deposit: Some(Deposit { amount: Some((&deposit).into()), sources: vec![Source::Balance.into()] }),
            reclamation: self.sdl.reclamation().map(reclamation),
        };
        let mut messages = Vec::new();
        if !self.client.has_certificate(self.identity).await? {
            messages.push(self.identity.create_message());
        }
        messages.push(encode_any(&create));
        progress.acted = true;
        match self.send(messages).await {
            Ok(height) => {
                let (dseq, hash) = (journal.dseq, journal.hash.clone());
                (self.tell)(DeployEvent::Created { dseq, hash, height, deposit });
                Ok(())
            }
            Err(ClientError::Refused(refusal)) if refusal.is_repeated() => self.earlier_run(refusal).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Asked beforehand: a simulation tells why it failed in words alone.
    async fn check_funds(&self, deposit: &Coin) -> Result<(), DeployError> {
        let amount = self.client.balance(self.sender.address(), &deposit.denom).await?;
        if amount >= deposit.amount {
            return Ok(());
        }
        let holds = Coin { denom: deposit.denom.clone(), amount };
        Err(DeployError::Funds { deposit: deposit.clone(), holds })
    }

    /// The certificate or this very deployment is there already, by a transaction of an earlier run: the next look at
    /// the chain shows it. A certificate that never shows up is a revoked one, and then the refusal stands.
    async fn earlier_run(&self, refusal: Refusal) -> Result<(), DeployError> {
        let deadline = Instant::now() + EARLIER_RUN;
        while !self.client.has_certificate(self.identity).await? {
            if Instant::now() >= deadline {
                return Err(ClientError::from(refusal).into());
            }
            sleep(STEP).await;
        }
        Ok(())
    }

    async fn update(&mut self, journal: &Journal, progress: &mut Progress) -> Result<(), DeployError> {
        let id = DeploymentId { owner: self.sender.address().clone(), dseq: journal.dseq };
        if !self.has_same_groups(&id).await? {
            return Err(DeployError::OtherGroups { dseq: journal.dseq });
        }
        let hash = self.sdl.manifest().hash().to_vec();
        self.send(vec![encode_any(&MsgUpdateDeployment { id: Some((&id).into()), hash })]).await?;
        progress.acted = true;
        (self.tell)(DeployEvent::Updated { dseq: journal.dseq, hash: journal.hash.clone() });
        Ok(())
    }

    async fn has_same_groups(&self, id: &DeploymentId) -> Result<bool, ClientError> {
        let found = self.client.deployment(id).await?.unwrap_or_default();
        let on_chain: Vec<GroupSpec> = found.groups.into_iter().filter_map(|group| group.group_spec).collect();
        Ok(on_chain == self.sdl.groups())
    }

    async fn lease(&mut self, bids: &[BidId], progress: &mut Progress) -> Result<(), DeployError> {
        let messages = bids.iter().map(|bid| encode_any(&MsgCreateLease { bid_id: Some(bid.into()) })).collect();
        progress.acted = true;
        match self.send(messages).await {
            Ok(_) => {
                for bid in bids {
                    let lease = LeaseId::from(bid.clone());
                    if let Some(price) = self.price_of(&lease).await? {
                        (self.tell)(DeployEvent::Leased { lease, price });
                    }
                }
                Ok(())
            }
            // A bid was closed meanwhile, or an earlier run's transaction came through: look again.
            Err(ClientError::Refused(refusal)) if refusal.codespace == "market" => {
                debug!(%refusal, "choosing again");
                sleep(STEP).await;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn price_of(&self, lease: &LeaseId) -> Result<Option<DecCoin>, ClientError> {
        let found = self.client.lease(lease).await?.and_then(|found| found.lease).and_then(|lease| lease.price);
        Ok(found.as_ref().and_then(|price| DecCoin::try_from(price).ok()))
    }

    async fn send_manifest(
        &mut self,
        lease: &LeaseId,
        journal: &mut Journal,
        progress: &mut Progress,
    ) -> Result<(), DeployError> {
        let provider = lease.provider.to_string();
        let text = self.sdl.manifest().canonical_json();
        let sent = match self.gateway(&lease.provider, progress).await {
            Ok(gateway) => gateway.put_manifest(journal.dseq, &text).await,
            Err(error) => Err(error),
        };
        let Err(cause) = sent else {
            progress.refused_since = None;
            progress.acted = true;
            if journal.sent.insert((lease.clone(), journal.hash.clone())) {
                journal.save(self.folder)?;
                (self.tell)(DeployEvent::ManifestSent { provider });
            } else {
                (self.tell)(DeployEvent::Waiting { what: format!("provider {provider} to begin") });
                sleep(RESEND_PAUSE).await;
            }
            return Ok(());
        };
        progress.gateways.remove(&lease.provider);
        let since = *progress.refused_since.get_or_insert_with(Instant::now);
        let (refused, patience) = match &cause {
            GatewayError::Refused { .. } => (true, MANIFEST_PATIENCE),
            _ => (false, self.limits.silence),
        };
        if since.elapsed() < patience {
            (self.tell)(DeployEvent::Waiting { what: format!("provider {provider} to take the manifest: {cause}") });
            sleep(STEP).await;
            return Ok(());
        }
        Err(if refused { DeployError::Manifest { provider, cause } } else { DeployError::Gateway { provider, cause } })
    }

    async fn least_deposit(&self, groups: &[GroupSpec]) -> Result<Coin, DeployError> {
        let price = groups.iter().flat_map(|group| &group.resources).find_map(|unit| unit.price.as_ref());
        let denom = price.map(|price| price.denom.clone()).unwrap_or_default();
        let params = self.client.deployment_params().await?;
        let coin = params.min_deposits.iter().find(|coin| coin.denom == denom);
        let coin = coin.ok_or_else(|| {
            let accepted: Vec<&str> = params.min_deposits.iter().map(|coin| &*coin.denom).collect();
            DeployError::Nonsense(format!("prices in {denom:?} are not taken here; use {}", accepted.join(" or ")))
        })?;
        Coin::try_from(coin).map_err(|error| DeployError::Nonsense(error.to_string()))
    }

    async fn send(&self, messages: Vec<prost_types::Any>) -> Result<u64, ClientError> {
        Ok(self.sender.send(messages, &SendOptions::default()).await?.height)
    }

    /// Waits a moment after an answer that did not come, until that has lasted too long.
    async fn bear_silence(&mut self, progress: &mut Progress, error: ClientError) -> Result<(), DeployError> {
        let since = *progress.silent_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.limits.silence {
            return Err(error.into());
        }
        (self.tell)(DeployEvent::Waiting { what: error.to_string() });
        sleep(STEP * 4).await;
        Ok(())
    }

    async fn gateway<'p>(
        &self,
        provider: &Address,
        progress: &'p mut Progress,
    ) -> Result<&'p mut GatewayClient, GatewayError> {
        if !progress.gateways.contains_key(provider) {
            let gateway = GatewayClient::of_provider(self.client, provider, self.identity).await?;
            progress.gateways.insert(provider.clone(), gateway);
        }
        Ok(progress.gateways.get_mut(provider).expect("it was put there just now"))
    }

    async fn facts(&mut self, journal: &Journal, progress: &mut Progress) -> Result<Facts, ClientError> {
        let id = DeploymentId { owner: self.sender.address().clone(), dseq: journal.dseq };
        let mut facts = self.client.deploy_facts(&id, self.identity).await?;
        for offer in facts.orders.iter().flat_map(|order| &order.offers) {
            if !progress.told_bids.contains(&offer.bid) {
                progress.told_bids.push(offer.bid.clone());
                let provider = offer.bid.provider.to_string();
                (self.tell)(DeployEvent::Bid { provider, price: offer.price.clone() });
            }
        }
        for lease in &mut facts.leases {
            if journal.sent.contains(&(lease.id.clone(), journal.hash.clone())) {
                lease.status = self.status_of(&lease.id, progress).await;
            }
        }
        facts.waited = progress.waited(&facts, journal);
        Ok(facts)
    }

    async fn status_of(&self, lease: &LeaseId, progress: &mut Progress) -> ServiceFact {
        let status = match self.gateway(&lease.provider, progress).await {
            Ok(gateway) => gateway.lease_status(lease).await,
            Err(error) => Err(error),
        };
        match status {
            Ok(Some(status)) => ServiceFact::Status(status),
            Ok(None) => ServiceFact::Nothing,
            Err(error) => {
                progress.gateways.remove(&lease.provider);
                ServiceFact::Unknown(error.to_string())
            }
        }
    }
}

impl Progress {
    /// Starts and stops the clocks according to what is being waited for.
    fn waited(&mut self, facts: &Facts, journal: &Journal) -> Waited {
        let present = matches!(facts.deployment, Presence::Active { .. });
        let lacking = present && facts.orders.iter().any(|order| order.offers.is_empty());
        let offered = present && !facts.orders.is_empty() && !lacking;
        let is_sent = |lease: &StandingLease| journal.sent.contains(&(lease.id.clone(), journal.hash.clone()));
        let sent = present && !facts.leases.is_empty() && facts.leases.iter().all(is_sent);
        Waited {
            for_bids: clock(&mut self.bids_since, lacking),
            for_better: clock(&mut self.better_since, offered),
            for_ready: clock(&mut self.ready_since, sent),
            in_trouble: clock(&mut self.trouble_since, sent && facts.leases.iter().any(plan::is_in_trouble)),
        }
    }
}

fn clock(since: &mut Option<Instant>, running: bool) -> Duration {
    if !running {
        *since = None;
        return Duration::ZERO;
    }
    since.get_or_insert_with(Instant::now).elapsed()
}

fn reclamation(window: Duration) -> DeploymentReclamation {
    let (seconds, nanos) = (window.as_secs().try_into().unwrap_or(i64::MAX), window.subsec_nanos() as i32);
    DeploymentReclamation { min_window: Some(prost_types::Duration { seconds, nanos }) }
}

fn is_active(found: &akash_proto::akash::deployment::v1beta4::QueryDeploymentResponse) -> bool {
    use akash_proto::akash::deployment::v1::deployment::State;
    found.deployment.as_ref().is_some_and(|deployment| deployment.state() == State::Active)
}

pub(super) fn hex_of(bytes: &[u8]) -> String {
    hex::encode(bytes)
}
