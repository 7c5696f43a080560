use std::path::Path;

use super::*;

/// Loads a file with this text under these variables (`NAME=value`) and flags (`--flag key=value`).
fn load(text: &str, variables: &[&str], flags: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = Home::new(folder.path()).settings();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    let split = |text: &str| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    let flag = |(flag, set): &(&str, &str)| {
        let (key, value) = split(set);
        Flag { flag: (*flag).to_owned(), key, value }
    };
    let overrides = Overrides {
        environment: variables.iter().map(|text| split(text)).collect(),
        flags: flags.iter().map(flag).collect(),
    };
    let here = folder.path().display().to_string();
    NodeConfig::load(folder.path(), &overrides).map_err(|error| error.to_string().replace(&here, "HOME"))
}

fn explained(loaded: &Loaded, key: &str) -> Explained {
    loaded.settings.iter().find(|setting| setting.key == key).unwrap().clone()
}

#[test]
fn flag_beats_variable_beats_file_beats_default() {
    let file = "moniker = \"file\"\n\n[rpc]\naddress = \"127.0.0.1:1\"\n";
    let variable = "AKASH_NODE_RPC_ADDRESS=127.0.0.1:2";
    let flag = ("--rpc", "rpc.address=127.0.0.1:3");
    let address = |loaded: Loaded| {
        let found = explained(&loaded, "rpc.address");
        (loaded.config.rpc.address.unwrap().port(), found.source.to_string().replace("HOME", ""))
    };
    assert_eq!(address(load("", &[], &[]).unwrap()), (26_657, "default".to_owned()));
    let (port, source) = address(load(file, &[], &[]).unwrap());
    assert!(port == 1 && source.ends_with("config/akash.toml:4"), "{source}");
    let from_variable = address(load(file, &[variable], &[]).unwrap());
    assert_eq!(from_variable, (2, "environment AKASH_NODE_RPC_ADDRESS".to_owned()));
    assert_eq!(address(load(file, &[variable], &[flag]).unwrap()), (3, "flag --rpc".to_owned()));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases: [(&str, &[&str], &str); 8] = [
        (
            "[rpc]\n\nadress = \"x\"",
            &[],
            "HOME/config/akash.toml:3: unknown key `rpc.adress`; did you mean `rpc.address`?",
        ),
        ("moniker = 1.5", &[], "HOME/config/akash.toml:1: moniker: a float has no meaning here"),
        ("[p2p]\nmoniker = \"a\"", &[], "akash.toml:2: unknown key `p2p.moniker`; did you mean `moniker`?"),
        ("[nonsense.deeper]\nx = 1", &[], "unknown key `nonsense.deeper`; `akash config explain` lists"),
        ("[rpc]\naddress = 5", &[], "akash.toml:2: rpc.address: \"5\" is no address such as 127.0.0.1:26657"),
        ("[consensus]\ntimeout_commit = \"5\"", &[], "\"5\" is no time such as 5s, 200ms or 1m30s"),
        (
            "",
            &["AKASH_NODE_RPC_ADRESS=off"],
            "unknown variable AKASH_NODE_RPC_ADRESS; did you mean AKASH_NODE_RPC_ADDRESS?",
        ),
        ("[chain]\nmin_gas_prices = \"cheap\"", &[], "\"cheap\" is no list of prices such as 0.025uakt"),
    ];
    for (file, variables, expected) in cases {
        let error = load(file, variables, &[]).unwrap_err();
        assert!(error.contains(expected), "{file}\n{error}");
    }
    assert!(load("rpc = {", &[], &[]).unwrap_err().contains("line 1"));
    assert!(load("", &["AKASH_NODE_EXPORTER_TOKEN=1"], &[]).is_ok());
}

#[test]
fn values_are_read_as_people_write_them() {
    let file =
        "[p2p]\npersistent_peers = [\"a\", \"b\"]\n[rpc]\naddress = \"off\"\n[grpc]\naddress = \"tcp://localhost:9\"
[chain]\nunsafe_skip_upgrades = [30, 7]";
    let loaded = load(file, &["AKASH_NODE_CONSENSUS_TIMEOUT_COMMIT=1m1.5s"], &[]).unwrap().config;
    assert_eq!(loaded.p2p.persistent_peers, ["a", "b"]);
    assert_eq!(loaded.rpc.address, None);
    assert_eq!(loaded.grpc.address, Some(loopback(9)));
    assert_eq!(loaded.chain.unsafe_skip_upgrades, [7, 30].into());
    assert_eq!(loaded.consensus.timeout_commit, Duration::from_millis(61_500));
    let peers = load("", &["AKASH_NODE_P2P_PERSISTENT_PEERS=a, b"], &[]).unwrap().config.p2p.persistent_peers;
    assert_eq!(peers, ["a", "b"]);
}

#[test]
fn written_file_gives_the_same_settings() {
    let mut config = NodeConfig::play(Path::new("/nowhere"));
    config.base.moniker = "a \"quoted\" name".to_owned();
    config.chain.unsafe_skip_upgrades = [7, 30].into();
    config.p2p.persistent_peers = vec!["/ip4/127.0.0.1/tcp/1".to_owned()];
    let text = config.to_toml();
    let loaded = load(&text, &[], &[]).unwrap();
    assert_eq!(loaded.config.base, config.base);
    assert_eq!(loaded.config.p2p, config.p2p);
    assert_eq!(loaded.config.chain, config.chain);
    assert_eq!(loaded.config.consensus, config.consensus);
    assert_eq!(loaded.config.rest, config.rest);
    assert_eq!(explained(&loaded, "rpc.address").source, Source::Default);
    assert!(text.contains("\n# address = \"127.0.0.1:26657\"\n"), "{text}");

    let every = text.lines().map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line));
    let uncommented = every.collect::<Vec<_>>().join("\n");
    assert!(load(&uncommented, &[], &[]).is_ok(), "every default can be written into the file");
}

#[test]
fn every_setting_has_a_meaning() {
    for setting in load("", &[], &[]).unwrap().settings {
        assert!(setting.meaning.len() > 10 && setting.meaning.ends_with('.'), "{}: {:?}", setting.key, setting.meaning);
    }
}
