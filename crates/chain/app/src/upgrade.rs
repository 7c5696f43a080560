//! Upgrades of this program: which it knows, and what it does when a plan is due.

use akash_cosmos::upgrade::api as plans;
use akash_kernel::{BlockInfo, Ctx, Mode, TxError};
use akash_proto::cosmos::upgrade::v1beta1::Plan;
use akash_proto::tendermint::types::{ConsensusParams, VersionParams};
use akash_store::{Kv, Overlay};

use crate::consensus;
use crate::core::Core;
use crate::outcome::Fault;

/// An upgrade that this program can run: the steps behind a plan's name. Migrations of modules follow by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Upgrade {
    pub name: &'static str,
    pub run: fn(&mut Ctx) -> Result<(), TxError>,
}

/// The upgrades of this program, in their order. There was none yet.
pub const UPGRADES: &[Upgrade] = &[];

/// A plan that is due and that this program does not know. The node writes it down for whoever supervises it and stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("UPGRADE {name:?} NEEDED at height: {height}: {info}")]
pub struct UpgradeNeeded {
    pub name: String,
    pub height: i64,
    /// As the plan says it; often a JSON document with addresses of programs.
    pub info: String,
}

/// What is to be done before a block.
enum Step {
    Nothing,
    Skip,
    Run(Plan, Upgrade),
}

/// Runs the plan that is due, if this program knows it.
pub fn before_block(core: &Core, overlay: &mut Overlay, block: &BlockInfo) -> Result<(), Fault> {
    let step = step(core, overlay, block.height)?;
    let ctx = &mut core.ctx(overlay, block, Mode::Block);
    let result = match step {
        Step::Nothing => Ok(()),
        Step::Skip => plans::clear(ctx),
        Step::Run(plan, upgrade) => run(core, ctx, &plan, upgrade),
    };
    result.map_err(|error| Fault(format!("upgrade at height {}: {error}", block.height)))
}

/// The plan for which a program has to stop before `height`.
pub fn needed(core: &Core, overlay: &mut Overlay, height: i64) -> Result<Option<UpgradeNeeded>, Fault> {
    match plans::plan(overlay)? {
        Some(plan) if plan.height <= height && !is_skipped(core, height) && find(core, &plan.name).is_none() => {
            Ok(Some(UpgradeNeeded { name: plan.name, height: plan.height, info: plan.info }))
        }
        _ => Ok(None),
    }
}

/// Refuses a state that was made by a later program: its last plan is unknown here.
pub fn check_program<K: Kv<Error = akash_store::StoreError>>(core: &Core, kv: &mut K) -> Result<(), Fault> {
    let Some(name) = plans::last_done(kv)? else { return Ok(()) };
    if find(core, &name).is_some() {
        return Ok(());
    }
    let version = consensus::params(kv)?.version.map_or(0, |version| version.app);
    Err(Fault(format!("wrong app version {version}, upgrade handler is missing for {name} upgrade plan")))
}

fn step(core: &Core, overlay: &mut Overlay, height: i64) -> Result<Step, Fault> {
    let Some(plan) = plans::plan(overlay)? else { return Ok(Step::Nothing) };
    if plan.height > height {
        return match find(core, &plan.name) {
            None => Ok(Step::Nothing),
            Some(_) => Err(Fault(format!(
                "BINARY UPDATED BEFORE TRIGGER! UPGRADE {:?} - in binary but not executed on chain. Downgrade your \
                 binary",
                plan.name
            ))),
        };
    }
    if is_skipped(core, height) {
        return Ok(Step::Skip);
    }
    match (needed(core, overlay, height)?, find(core, &plan.name)) {
        (None, Some(upgrade)) => Ok(Step::Run(plan, upgrade)),
        (Some(needed), _) => Err(Fault(needed.to_string())),
        (None, None) => Ok(Step::Nothing),
    }
}

fn run(core: &Core, ctx: &mut Ctx, plan: &Plan, upgrade: Upgrade) -> Result<(), TxError> {
    (upgrade.run)(ctx)?;
    let found = plans::versions(ctx)?;
    core.modules.migrate(ctx, &found)?;
    plans::set_versions(ctx, &core.modules.versions())?;
    plans::done(ctx, plan)?;

    let params = consensus::params(ctx)?;
    let app = params.version.map_or(0, |version| version.app);
    let app = app.checked_add(1).ok_or_else(|| TxError::Fault("app versions are used up".to_owned()))?;
    consensus::set(ctx, &ConsensusParams { version: Some(VersionParams { app }), ..params })
}

fn find(core: &Core, name: &str) -> Option<Upgrade> {
    core.config.upgrades.iter().find(|upgrade| upgrade.name == name).copied()
}

fn is_skipped(core: &Core, height: i64) -> bool {
    core.config.skipped_upgrades.contains(&height)
}
