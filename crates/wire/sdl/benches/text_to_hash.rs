//! From the text of an SDL to its manifest hash: `cargo bench -p akash-sdl`.

use akash_sdl::read;

const SMALL: &str = include_str!("../../../../fixtures/sdl/own/hello.yaml");

const PROFILES: &str = "profiles:
  compute:
    c:
      resources:
        cpu: {units: 100m}
        memory: {size: 64Mi}
        storage: {size: 64Mi}
  placement:
    p:
      pricing:
        c: {denom: uakt, amount: 100}
deployment:
";

fn main() {
    divan::main();
}

#[divan::bench]
fn one_service() -> [u8; 32] {
    hash(divan::black_box(SMALL))
}

#[divan::bench(args = [10, 100])]
fn services(bencher: divan::Bencher<'_, '_>, count: usize) {
    let text = many_services(count);
    bencher.bench(|| hash(divan::black_box(&text)));
}

fn hash(text: &str) -> [u8; 32] {
    read(text).expect("the text is valid").manifest().hash()
}

fn many_services(count: usize) -> String {
    let names = || (0..count).map(|index| format!("svc-{index}"));
    let mut text = "version: \"2.1\"\nservices:\n".to_owned();
    for name in names() {
        text += &format!("  {name}:\n    image: nginx:1\n    env: [A=1, B=2]\n    expose:\n");
        text += "      - port: 80\n        to: [{global: true}]\n";
    }
    text += PROFILES;
    for name in names() {
        text += &format!("  {name}:\n    p: {{profile: c, count: 1}}\n");
    }
    text
}
