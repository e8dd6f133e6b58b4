//! Random sequences of commands, sent to a running server on each surface and decided by the plain model: the two answer
//! alike, and what clients see afterwards is the same.
//!
//! `CONTENTLIBD_MODEL_CASES` says how many sequences, as for the domain (200 are what every run has);
//! `CONTENTLIBD_MODEL_SEED` which. The seed of a run that fails is in its message, with the shortest sequence that fails.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vapi::runtime::{Representation, Surface};

use crate::player::Player;
use crate::random::{Step, n_cases, step};

const N_CASES: u32 = 5;
const N_STEPS: usize = 60;
/// After how many steps everything is compared.
const COMPARED_EVERY: usize = 12;

async fn play(surface: Surface, steps: &[Step]) {
    let mut player = Player::new(surface).await;
    for (step_idx, step) in steps.iter().enumerate() {
        player.take(step).await;
        if step_idx % COMPARED_EVERY == 0 {
            player.compare().await;
        } else {
            player.compare_last().await;
        }
    }
    player.compare().await;
}

fn check_surface(surface: Surface) {
    let asked = std::env::var("CONTENTLIBD_MODEL_SEED").ok();
    let seed = asked.map_or_else(
        || u64::from(std::process::id()),
        |text| text.parse().expect("CONTENTLIBD_MODEL_SEED is a number"),
    );
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases: n_cases(N_CASES), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sequences = proptest::collection::vec(step(), N_STEPS / 2..=N_STEPS);
    let played = runner.run(&sequences, |steps| {
        runtime.block_on(play(surface, &steps));
        Ok(())
    });
    if let Err(error) = played {
        panic!("CONTENTLIBD_MODEL_SEED={seed}, {surface:?}: {error}");
    }
}

#[test]
fn json_rpc_and_the_model_agree() {
    check_surface(Surface::JsonRpc);
}

#[test]
fn rest_and_the_model_agree() {
    check_surface(Surface::Rest);
}

#[test]
fn legacy_rest_and_the_model_agree() {
    check_surface(Surface::LegacyRest);
}

#[test]
fn json_of_2014_and_the_model_agree() {
    check_surface(Surface::Rest2014(Representation::Json));
}

#[test]
fn xml_of_2014_and_the_model_agree() {
    check_surface(Surface::Rest2014(Representation::Xml));
}

#[test]
fn forms_of_2014_and_the_model_agree() {
    check_surface(Surface::Rest2014(Representation::Form));
    check_surface(Surface::Rest2014(Representation::FormBody));
}
