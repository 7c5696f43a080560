//! `akash keys` and `akash cert`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::home::{ADDRESS, Home, WORDS};

#[test]
fn key_lives_from_words_to_removal() {
    let home = Home::new();
    assert!(home.run(&["keys", "list"]).err.contains("akash keys add"));
    let made = home.run_with(&["keys", "add", "alice", "--recover", "-o", "json"], WORDS).json();
    assert_eq!((&made["address"], made.get("mnemonic")), (&json!(ADDRESS), None));
    assert_eq!(home.run(&["keys", "show", "alice", "-a"]).ok(), ADDRESS);
    assert_eq!(home.run(&["keys", "show", ADDRESS, "-o", "json"]).json(), made);
    let key: Value = serde_json::from_str(made["pubkey"].as_str().unwrap()).unwrap();
    assert_eq!(key["@type"], "/cosmos.crypto.secp256k1.PubKey");

    let new = home.run(&["keys", "add", "bob", "-o", "json"]).json();
    let words = new["mnemonic"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 24);
    let again = home.run_with(&["keys", "add", "again", "--recover", "--dry-run", "-o", "json"], words).json();
    assert_eq!(again["address"], new["address"]);
    let second = home.run_with(&["keys", "add", "second", "--recover", "--index", "1", "-o", "json"], WORDS).json();
    assert_eq!(second["address"], "akash1jrkmdcwgq94uaamx6zax2luewlhf7u4k3rtk0c");

    assert!(home.run(&["keys", "add", "alice"]).failed(7).contains("the name is taken"));
    home.run(&["keys", "rename", "alice", "carol"]).ok();
    assert!(home.run(&["keys", "delete", "carol"]).failed(2).contains("--yes"));
    home.run(&["keys", "delete", "carol", "--yes"]).ok();
    assert!(home.run(&["keys", "show", "carol"]).failed(2).contains("akash keys list"));
    let names = home.run(&["keys", "list", "-o", "json"]).json();
    assert_eq!(names.as_array().unwrap().iter().map(|key| &key["name"]).collect::<Vec<_>>(), ["bob", "second"]);
}

#[test]
fn words_are_taken_from_standard_input_alone() {
    let home = Home::new();
    assert!(home.run(&["keys", "add", "x", "--recover"]).failed(2).contains("words of the key is missing"));
    let shown = home.run_with(&["keys", "add", "x", "--recover"], "abandon abandon").failed(2);
    assert!(!shown.contains("abandon"), "{shown}");
    home.run(&["keys", "add", "x", "--mnemonic", WORDS]).failed(2);
    assert_eq!(home.run(&["keys", "mnemonic"]).ok().split(' ').count(), 24);
}

#[test]
fn sealed_key_is_exported_and_imported_under_passphrases() {
    let home = Home::new();
    let file = ["--keyring-backend", "file"];
    let sealed = |words: &[&str], input: &str| home.run_with(&[words, &file].concat(), input);
    let made = sealed(&["keys", "add", "alice", "--recover"], &format!("{WORDS}\nring-secret\n"));
    assert!(made.ok().contains(ADDRESS));
    let kept = fs::read_to_string(home.path("keyring-file/alice.json")).unwrap();
    assert!(!kept.contains("abandon"), "{kept}");
    assert_eq!(sealed(&["keys", "show", "alice", "-a"], "").ok(), ADDRESS);
    assert!(sealed(&["keys", "add", "bob"], "other-secret\n").failed(6).contains("not that of the key alice"));
    assert!(sealed(&["keys", "export", "alice"], "wrong-secret\n").failed(6).contains("passphrase is wrong"));
    assert!(sealed(&["keys", "export", "alice"], "ring-secret\nshort\n").failed(2).contains("longer"));

    let armor = sealed(&["keys", "export", "alice"], "ring-secret\nexport-secret\n").ok();
    let exported = home.file("alice.asc", &armor);
    assert!(home.run_with(&["keys", "import", "a", &exported], "export-secret\n").ok().contains(ADDRESS));
    assert!(home.run_with(&["keys", "import", "b", "-"], &format!("{armor}\nexport-secret\n")).ok().contains(ADDRESS));
    assert!(home.run_with(&["keys", "import", "c", &exported], "wrong-secret\n").failed(6).contains("passphrase"));
    home.run(&["keys", "export", "a", "--unarmored-hex"]).failed(2);
    let bare = home.run(&["keys", "export", "a", "--unarmored-hex", "--unsafe"]).ok();
    assert!(home.run_with(&["keys", "import", "d", "--hex"], &bare).ok().contains(ADDRESS));
}

#[test]
fn other_backends_say_what_they_are() {
    let home = Home::new();
    assert!(home.run(&["keys", "add", "x", "--keyring-backend", "memory"]).ok().contains("akash1"));
    assert!(!home.path("keys").exists() && !home.path("keyring-file").exists());
}

#[test]
fn addresses_are_translated() {
    let home = Home::new();
    let parsed = home.run(&["keys", "parse", ADDRESS, "-o", "json"]).json();
    assert_eq!(parsed["human"], "akash");
    let formats = home.run(&["keys", "parse", parsed["bytes"].as_str().unwrap()]).ok();
    assert_eq!(formats.lines().next().unwrap(), ADDRESS);
    home.run(&["keys", "parse", "akash1wrong"]).failed(2);
}

#[test]
fn certificate_is_made_once() {
    let home = Home::new();
    assert!(home.run(&["cert", "generate"]).failed(2).contains("akash keys add"));
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    let make =
        |more: &[&str]| home.run(&[&["cert", "generate", "--from", "alice", "-o", "json"], more].concat()).json();
    let first = make(&[]);
    assert_eq!(first["owner"], ADDRESS);
    assert!(Path::new(first["file"].as_str().unwrap()).exists());
    assert_eq!(make(&[])["serial"], first["serial"]);
    assert_ne!(make(&["--overwrite"])["serial"], first["serial"]);
    assert_eq!(home.run(&["keys", "list", "-o", "json"]).json().as_array().unwrap().len(), 1);
}

#[test]
fn keys_of_others_and_of_several_are_kept() {
    let home = Home::new();
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    home.run_with(&["keys", "add", "bob", "--recover", "--index", "1"], WORDS).ok();
    let bob = home.run(&["keys", "show", "bob", "--pubkey"]).ok();
    assert!(bob.starts_with(r#"{"@type":"/cosmos.crypto.secp256k1.PubKey","key":""#), "{bob}");
    let carol = home.run(&["keys", "add", "carol", "--pubkey", &bob, "-o", "json"]).json();
    assert_eq!((&carol["type"], &carol["address"]), (&json!("offline"), &json!(home.address("bob"))));

    let team = ["keys", "add", "team", "--multisig", "alice,bob", "--multisig-threshold", "2", "-o", "json"];
    let team = home.run(&team).json();
    assert_eq!(team["type"], "multi");
    let key: Value = serde_json::from_str(team["pubkey"].as_str().unwrap()).unwrap();
    assert_eq!((&key["threshold"], key["public_keys"].as_array().unwrap().len()), (&json!(2), 2));
    // Members are sorted, so that everybody gets the same account; public keys do as well as names.
    let again = ["keys", "show", "bob", "alice", "--multisig-threshold", "2", "-a"];
    assert_eq!(home.run(&again).ok(), team["address"].as_str().unwrap());
    let given =
        ["keys", "add", "t2", "--multisig", &format!("alice,{}", home.hex_key("bob")), "--multisig-threshold", "2"];
    assert!(home.run(&given).ok().contains(team["address"].as_str().unwrap()));
    let other = ["keys", "show", "bob", "alice", "--multisig-threshold", "2", "--nosort", "-a"];
    let first = ["keys", "show", "alice", "bob", "--multisig-threshold", "2", "--nosort", "-a"];
    assert_ne!(home.run(&other).ok(), home.run(&first).ok());
    assert!(home.run(&["keys", "show", "team"]).ok().contains("signed:  by 2 of"));

    assert!(
        home.run(&["keys", "add", "x", "--multisig", "alice,bob", "--multisig-threshold", "3"])
            .failed(2)
            .contains("3 of 2")
    );
    assert!(home.run(&["keys", "add", "x", "--multisig", "alice,alice"]).failed(2).contains("twice"));
    assert!(home.run(&["keys", "add", "x", "--multisig", "alice,nobody"]).failed(2).contains("nobody"));
    assert!(home.run(&["keys", "export", "team"]).failed(7).contains("--multisig"));
    assert!(home.run(&["keys", "show", "alice", "-a", "--bech", "val"]).ok().starts_with("akashvaloper1"));
    assert_eq!(home.run(&["keys", "list", "--list-names"]).ok(), "alice\nbob\ncarol\nt2\nteam");
}

/// Nothing that a secret is made of may be an argument, and nothing of it may come out on the way.
#[test]
fn secrets_are_no_arguments_and_in_no_log() {
    let home = Home::new();
    let words: Vec<&str> = WORDS.split(' ').collect();
    for name in ["--mnemonic", "--passphrase", "--words", "--secret", "--password", "--private-key"] {
        let shown = home.run(&["keys", "add", "x", name, WORDS]).failed(2);
        assert!(!shown.contains(WORDS), "{name}: {shown}");
    }
    for command in [&["keys", "add"][..], &["keys", "import"], &["keys", "export"], &["tx", "sign"], &["jwt", "mint"]] {
        let help = home.run(&[command, &["--help"]].concat()).ok().to_lowercase();
        for flag in ["--mnemonic", "--passphrase", "--secret", "--password"] {
            assert!(!help.contains(flag), "{command:?} has {flag}");
        }
    }
    // With everything logged, neither words nor keys are written anywhere but where they are kept.
    let hex = "1111111111111111111111111111111111111111111111111111111111111111";
    let logged = |args: &[&str], input: &str| home.run_logged(args, input);
    let mut shown = logged(&["keys", "add", "alice", "--recover"], WORDS);
    shown.push_str(&logged(&["keys", "import", "bob", "--hex"], hex));
    shown.push_str(&logged(
        &["keys", "add", "c", "--recover", "--keyring-backend", "file"],
        &format!("{WORDS}\nsecret-passphrase\n"),
    ));
    shown.push_str(&logged(&["jwt", "mint", "--from", "c", "--keyring-backend", "file"], "secret-passphrase\n"));
    shown.push_str(&logged(&["jwt", "mint", "--from", "c", "--keyring-backend", "file"], "secret-passphrase-wrong\n"));
    assert!(!shown.contains(words[0]) && !shown.contains(hex) && !shown.contains("secret-passphrase"), "{shown}");
}

/// A stand-in for `secret-tool` that keeps what it gets in files, and writes down its arguments.
const SECRET_TOOL: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/arguments"
action=$1
for last; do :; done
case $action in
  store) cat > "$here/kept-$last" ;;
  lookup) [ -f "$here/kept-$last" ] || exit 1; cat "$here/kept-$last" ;;
esac
"#;

#[test]
fn secret_service_keeps_one_passphrase_for_all_keys() {
    let home = Home::new();
    fs::create_dir(home.path("bin")).unwrap();
    home.program("bin/secret-tool", SECRET_TOOL);
    let path = format!("{}:/usr/bin:/bin", home.path("bin").display());
    let run = |words: &[&str], input: &str| {
        home.run_in(&[("PATH", &path)], &[words, &["--keyring-backend", "os"]].concat(), input)
    };
    assert!(run(&["keys", "add", "alice", "--recover"], WORDS).ok().contains(ADDRESS));
    run(&["keys", "add", "bob"], "").ok();
    let token = run(&["jwt", "mint", "--from", "alice"], "").ok();
    assert!(run(&["jwt", "verify"], &token).ok().contains(ADDRESS));

    let id = fs::read_to_string(home.path("keyring-os/service-id")).unwrap();
    let kept = fs::read_to_string(home.path(&format!("bin/kept-{id}"))).unwrap();
    let file = fs::read_to_string(home.path("keyring-os/alice.json")).unwrap();
    let arguments = fs::read_to_string(home.path("bin/arguments")).unwrap();
    assert!(kept.len() >= 43 && !arguments.contains(&kept), "{arguments}");
    assert!(!file.contains("abandon") && !file.contains(&kept), "{file}");

    // A service that lost the entry must not get a second one, for the keys would be sealed under two.
    fs::remove_file(home.path(&format!("bin/kept-{id}"))).unwrap();
    assert!(run(&["keys", "add", "carol"], "").failed(3).contains("does not know the passphrase"));
    assert!(run(&["jwt", "mint", "--from", "alice"], "").failed(3).contains("recover them"));
    assert_eq!(run(&["keys", "show", "alice", "-a"], "").ok(), ADDRESS);
}

#[test]
fn without_a_secret_service_the_next_step_is_named() {
    let home = Home::new();
    let add = ["keys", "add", "x", "--keyring-backend", "os"];
    fs::create_dir(home.path("bin")).unwrap();
    let path = home.path("bin").display().to_string();
    let absent = home.run_in(&[("PATH", &path)], &add, "").failed(3);
    assert!(absent.contains("not installed") && absent.contains("--keyring-backend file"), "{absent}");
    home.program("bin/secret-tool", "#!/bin/sh\necho 'Cannot autolaunch D-Bus without X11 $DISPLAY' >&2\nexit 1\n");
    let silent = home.run_in(&[("PATH", &path)], &add, "").failed(3);
    assert!(silent.contains("Cannot autolaunch") && silent.contains("--keyring-backend file"), "{silent}");
    assert!(!home.path("keyring-os/x.json").exists());
}

/// The real service on a bus of its own, where both are installed.
#[test]
fn gnome_keyring_keeps_keys() {
    let programs = ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"];
    let is_missing =
        |program: &&str| Command::new("which").arg(program).output().is_ok_and(|out| !out.status.success());
    if let Some(program) = programs.iter().find(|program| is_missing(program)) {
        return println!("left out: {program} is not installed");
    }
    let home = Home::new();
    let script = format!(
        "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && \
         printf '%s' '{WORDS}' | {akash} keys add alice --recover --keyring-backend os && \
         {akash} jwt mint --from alice --keyring-backend os | {akash} jwt verify --keyring-backend os",
        akash = env!("CARGO_BIN_EXE_akash")
    );
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", &script]).env("AKASH_HOME", home.path("")).env("HOME", home.path(""));
    session.env("XDG_RUNTIME_DIR", home.path("")).env_remove("DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS");
    let output = session.output().unwrap();
    let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && shown.contains(&format!("issuer:  {ADDRESS}")), "{shown}");
}
