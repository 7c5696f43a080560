//! Real containers on this machine: needs root, and says so where it cannot run.
//!
//! The main function is our own, because the executable runs itself again as a shim, and as a daemon that is killed.
//! Arguments that are no flags choose tests by a part of their names.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod adoption;
mod images;
mod ingress;
mod isolation;
mod lifecycle;
mod limits;
mod world;

use futures::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::process::ExitCode;
use world::World;

type Test = (&'static str, for<'a> fn(&'a World) -> Pin<Box<dyn Future<Output = ()> + 'a>>);

macro_rules! tests {
    ($($module:ident :: $name:ident),* $(,)?) => {
        &[$((concat!(stringify!($module), "::", stringify!($name)), |world| Box::pin($module::$name(world)))),*]
    };
}

const TESTS: &[Test] = tests![
    lifecycle::hello_answers_and_leaves_nothing,
    lifecycle::the_backend_keeps_the_conformance_suite,
    lifecycle::services_find_each_other_by_name,
    lifecycle::a_container_that_ends_is_restarted_with_a_reason,
    lifecycle::an_update_whose_image_is_missing_leaves_what_runs,
    lifecycle::a_killed_shim_is_replaced,
    lifecycle::shims_killed_while_they_start_are_replaced,
    lifecycle::logs_can_be_tailed_and_followed,
    lifecycle::create_and_start_again_and_again,
    images::an_image_that_does_not_exist_is_named,
    images::a_tampered_layer_is_refused,
    images::layers_cannot_escape,
    images::layers_hide_what_they_delete_and_an_index_names_the_platform,
    images::an_image_can_be_named_by_digest,
    images::a_registry_of_this_machine_can_have_a_name,
    images::a_silent_registry_holds_up_neither_updates_nor_others,
    images::other_registries_of_this_machine_are_refused,
    isolation::a_tenant_is_confined,
    isolation::nothing_private_can_be_reached,
    isolation::the_internet_is_reached_through_the_host,
    limits::cpu_is_limited,
    limits::memory_is_limited_and_the_reason_is_told,
    limits::processes_are_limited,
    limits::ephemeral_storage_is_limited,
    ingress::errors_have_pages,
    ingress::headers_are_rewritten,
    ingress::bodies_and_time_are_bounded,
    ingress::protocols_can_be_switched,
    adoption::a_killed_daemon_is_replaced_without_a_restart,
    adoption::daemons_killed_while_they_deploy_lose_nothing,
    adoption::a_teardown_that_was_cut_short_is_finished,
    adoption::stopped_containers_run_again_after_the_next_start,
    adoption::missing_rights_are_named_with_a_remedy,
    adoption::one_process_manages_a_root,
];

fn main() -> ExitCode {
    akash_cluster::embedded::maybe_run_internal();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|a| a == adoption::DAEMON) {
        return adoption::daemon(&arguments[1..]);
    }
    if arguments.first().is_some_and(|a| a == adoption::NOBODY) {
        return adoption::nobody();
    }
    if arguments.iter().any(|a| a == "--list") {
        TESTS.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    if let Some(reason) = world::cannot_run() {
        println!("embedded backend: all {} tests left out: {reason}", TESTS.len());
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let chosen = TESTS.iter().filter(|(name, _)| filters.is_empty() || filters.iter().any(|f| name.contains(*f)));
    let failed: Vec<&str> = chosen.filter(|test| !run(test)).map(|(name, _)| *name).collect();
    if failed.is_empty() {
        println!("test result: ok");
        return ExitCode::SUCCESS;
    }
    println!("test result: FAILED: {}", failed.join(", "));
    ExitCode::FAILURE
}

/// Each test has a world of its own, which is cleaned up and looked through for leftovers, also after a failure.
fn run((name, test): &Test) -> bool {
    let start = std::time::Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let passed = runtime.block_on(async {
        let world = World::new().await;
        let passed = AssertUnwindSafe(test(&world)).catch_unwind().await.is_ok();
        AssertUnwindSafe(world.finish()).catch_unwind().await.is_ok() && passed
    });
    let word = if passed { "ok" } else { "FAILED" };
    println!("test {name} ... {word} ({:.1} s)", start.elapsed().as_secs_f64());
    passed
}
