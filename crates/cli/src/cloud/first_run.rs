//! What the first `akash up` on a home makes: keys, genesis, the node's files, and last of all the record.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_client::{Key, Keyring};
use akash_kernel::Time;
use akash_types::coin::Coins;
use anyhow::{Context, Result};

use super::{CHAIN_ID, PLAY_FUNDS, PROVIDER, TENANT};
use crate::home::{Cloud, Home, Ports};

/// The cloud of this home: as recorded, with the ports of this run, or newly made.
pub fn prepare(home: &Home, ports: Ports) -> Result<Cloud> {
    if let Some(cloud) = home.cloud()? {
        let cloud = Cloud { ports, ..cloud };
        home.save_cloud(&cloud)?;
        return Ok(cloud);
    }
    // A first run that was cut off left no record: nothing it made was ever used.
    remove_all(home)?;
    let keyring = Keyring::open(&home.keys());
    let (tenant, provider) = (keyring.create(TENANT)?, keyring.create(PROVIDER)?);
    make_node(home, &[tenant, provider.clone()])?;
    let cloud = Cloud { chain_id: CHAIN_ID.to_owned(), ports, provider: provider.address.to_string() };
    home.save_cloud(&cloud)?;
    Ok(cloud)
}

/// Ends the containers of this home and removes everything it keeps.
pub async fn reset(home: &Home) -> Result<()> {
    if home.cluster().exists() {
        let cluster = super::running::open_cluster(home, None).await?;
        super::running::end_containers(&cluster).await?;
    }
    remove_all(home)
}

fn remove_all(home: &Home) -> Result<()> {
    home.forget_cloud()?;
    for folder in [home.node(), home.provider(), home.cluster(), home.keys(), home.deployments()] {
        remove(&folder)?;
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn make_node(home: &Home, accounts: &[Key]) -> Result<()> {
    let folder = home.node();
    let validator = akash_node::create_keys(&folder, "play").context("cannot make the node's keys")?;
    let funds = Coins::parse(PLAY_FUNDS)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock of this machine is before 1970")?;
    let genesis = play_genesis(PlayGenesis {
        chain_id: CHAIN_ID.to_owned(),
        time: Time { seconds: now.as_secs().try_into()?, nanos: now.subsec_nanos() },
        accounts: accounts.iter().map(|key| (key.address.clone(), funds.clone())).collect(),
        validators: vec![validator],
        authority: None,
    })?;
    akash_node::init(&folder, &genesis).context("cannot make the node's files")
}
