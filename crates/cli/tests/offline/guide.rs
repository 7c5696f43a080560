//! The commands of the guide work as they stand there, in their order.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::home::Home;
use crate::support::{repository, sample};

#[test]
fn commands_of_the_guide_work_in_their_order() {
    let home = Home::new();
    fs::copy(sample(), home.path("app.yaml")).unwrap();
    let guide = fs::read_to_string(repository().join("docs/guide/signing.md")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_akash")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let blocks = guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut count = 0;
    for line in blocks.flat_map(str::lines) {
        let mut shell = Command::new("sh");
        shell
            .args(["-e", "-c", line])
            .current_dir(home.path(""))
            .env("PATH", &path)
            .env("AKASH_HOME", home.path("home"));
        let output = shell.env_remove("AKASH_KEYRING_BACKEND").output().unwrap();
        assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    }
    assert!(count >= 20, "{count} commands");
}
