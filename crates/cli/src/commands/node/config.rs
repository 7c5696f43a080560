//! `akash config`: what is set, from where, and what it means.

use std::path::Path;

use akash_node::NodeConfig;
use akash_node::config::{Explained, Flag, Loaded, Overrides};
use anyhow::Result;
use serde_json::{Value, json};

use super::explain_config;
use crate::args::{Config, SettingFlags};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, command: &Config, output: &Output) -> Result<()> {
    match command {
        Config::Explain { key, settings } => {
            let loaded = load(home.root(), settings, &[])?;
            explain(&loaded, key.as_deref().unwrap_or_default(), output)
        }
        Config::Default => output.print(NodeConfig::new(home.root()).to_toml().trim_end()),
        Config::Check => {
            let loaded = load(home.root(), &SettingFlags::default(), &[])?;
            let file = akash_node::config::Home::new(home.root()).settings();
            let text = format!("{}: {} settings, nothing wrong", file.display(), loaded.settings.len());
            output.result(text, &json!({ "file": file, "settings": loaded.settings.len() }))
        }
    }
}

/// The settings of a home under the process's variables and these flags; `more` are flags that stand for a setting.
pub fn load(home: &Path, flags: &SettingFlags, more: &[(&str, &str, &str)]) -> Result<Loaded> {
    let mut overrides = Overrides { environment: variables(), flags: Vec::new() };
    let mut add = |flag: &str, key: &str, value: &str| {
        overrides.flags.push(Flag { flag: flag.to_owned(), key: key.to_owned(), value: value.to_owned() });
    };
    for (flag, key, value) in more {
        add(flag, key, value);
    }
    for (flag, key, value) in named(flags) {
        add(flag, key, value);
    }
    for pair in &flags.set {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            let failure = Failure::new(Exit::Usage, format!("--set {pair} has no `=`"));
            failure.next("write --set KEY=VALUE; `akash config explain` lists the keys")
        })?;
        add("--set", key, value);
    }
    NodeConfig::load(home, &overrides).map_err(|error| explain_config(&error))
}

fn named(flags: &SettingFlags) -> impl Iterator<Item = (&'static str, &'static str, &String)> {
    let pairs = [
        ("--moniker", "moniker", &flags.moniker),
        ("--rpc.laddr", "rpc.address", &flags.rpc),
        ("--grpc.address", "grpc.address", &flags.grpc),
        ("--api.address", "rest.address", &flags.rest),
        ("--p2p.laddr", "p2p.address", &flags.p2p),
        ("--p2p.persistent_peers", "p2p.persistent_peers", &flags.peers),
        ("--minimum-gas-prices", "chain.min_gas_prices", &flags.minimum_gas_prices),
        ("--unsafe-skip-upgrades", "chain.unsafe_skip_upgrades", &flags.unsafe_skip_upgrades),
    ];
    pairs.into_iter().filter_map(|(flag, key, value)| Some((flag, key, value.as_ref()?)))
}

/// Those that are text; others set nothing.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn explain(loaded: &Loaded, wanted: &str, output: &Output) -> Result<()> {
    let section = format!("{wanted}.");
    let is_wanted = |setting: &&Explained| {
        wanted.is_empty() || setting.key == wanted || setting.key.starts_with(&section) || setting.variable == wanted
    };
    let found: Vec<&Explained> = loaded.settings.iter().filter(is_wanted).collect();
    if found.is_empty() {
        let failure = Failure::new(Exit::Usage, format!("there is no setting {wanted}"));
        return Err(failure.next("`akash config explain` without a name lists all").into());
    }
    let text = found.iter().map(|setting| text_of(setting)).collect::<Vec<_>>().join("\n\n");
    output.result(text, &found.iter().map(|setting| json_of(setting)).collect::<Vec<_>>())
}

fn text_of(setting: &Explained) -> String {
    let Explained { key, value, source, default, variable, meaning } = setting;
    format!("{key} = {value}\n  from     {source}\n  default  {default}\n  variable {variable}\n  {meaning}")
}

fn json_of(setting: &Explained) -> Value {
    json!({
        "key": setting.key, "value": setting.value, "source": setting.source.to_string(), "default": setting.default,
        "variable": setting.variable, "meaning": setting.meaning,
    })
}
