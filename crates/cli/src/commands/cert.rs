//! `akash cert`: the certificate of an account, in the home. It goes on chain with the first deployment.

use std::fs;

use akash_client::gateway::Identity;
use anyhow::{Context, Result};
use serde_json::json;

use super::keyring;
use crate::args::Cert;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, command: &Cert, output: &Output) -> Result<()> {
    let Cert::Generate { keyring, from, overwrite, host } = command;
    let address = keyring::Signer::new(home, keyring.keyring_backend, from).address_and_public()?.0;
    let path = home.keys().join(format!("{address}.cert.json"));
    let existed = path.exists();
    if existed && *overwrite {
        let old = path.with_extension("old");
        fs::rename(&path, &old).with_context(|| format!("cannot move {}", path.display()))?;
    }
    let identity = Identity::open_or_create(&home.keys(), &address, host);
    let identity = identity.map_err(|error| Failure::new(Exit::Store, error.to_string()))?;
    let certificate = &identity.certificate;
    if existed && !*overwrite {
        output.note("a certificate that is there and lasts stays; --overwrite makes a new one");
    }
    let text = format!("owner:  {address}\nserial: {}\nfile:   {}", certificate.serial, path.display());
    let value = json!({
        "owner": address.to_string(), "serial": certificate.serial.to_string(), "file": path.display().to_string(),
        "cert": certificate.cert_pem, "pubkey": certificate.pubkey_pem, "not_after": certificate.not_after(),
    });
    output.result(text, &value)
}
