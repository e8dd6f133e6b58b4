//! Settings: what counts where several places say something, and what is said of mistakes.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use contentlibd::config::layers::Wrong;
use contentlibd::config::shape::settings;
use contentlibd::config::{Config, EXAMPLE, Loaded};

use crate::scratch::Scratch;

fn load(text: &str, variables: &[(&str, &str)], options: &[(&str, &str, &str)]) -> Result<Loaded, Wrong> {
    let scratch = Scratch::new();
    let path = scratch.path().join("c.toml");
    fs::write(&path, text).expect("a file");
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let options: Vec<_> =
        options.iter().map(|(option, key, value)| (*option, *key, (*value).to_owned())).collect();
    Config::load(Some(&path), variables, &options)
}

/// What is wrong, without the folder of the file.
fn mistakes(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let Wrong(wrong) = load(text, variables, &[]).expect_err("a mistake");
    wrong
        .iter()
        .map(|line| line.rsplit_once("c.toml:").map_or(line.as_str(), |(_, rest)| rest).to_owned())
        .collect()
}

#[test]
fn the_example_has_every_setting_and_its_default() {
    let config: Config = toml::from_str(EXAMPLE).expect("the example");
    assert_eq!(config, Config::default());

    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in EXAMPLE.lines() {
        let key = line.trim_start_matches("# ").split_once(" = ").map(|(key, _)| key);
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some(key) = key.filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            keys.insert(format!("{section}{key}"));
        }
    }
    let known: BTreeSet<_> = settings::<Config>().into_iter().map(|setting| setting.key).collect();
    assert_eq!(keys, known);
}

#[test]
fn each_variable_is_one_setting() {
    let variables: BTreeSet<_> = settings::<Config>().iter().map(|setting| setting.variable()).collect();
    assert_eq!(variables.len(), settings::<Config>().len());
}

#[test]
fn the_command_line_counts_more_than_the_environment_and_that_more_than_the_file() {
    let text = "data_directory = \"a\"\npublic_url = \"http://a\"\n[log]\nlevel = \"warn\"\n";
    let variables =
        [("CONTENTLIBD_PUBLIC_URL", "http://b"), ("CONTENTLIBD_LOG_LEVEL", "debug"), ("PATH", "x")];
    let options = [("--log-level", "log.level", "trace")];
    let Loaded { config, values, warnings } = load(text, &variables, &options).expect("settings");
    assert_eq!(config.data_directory, PathBuf::from("a"));
    assert_eq!(config.public_url.as_deref(), Some("http://b"));
    assert_eq!(config.log.level, "trace");
    assert_eq!(config.listen, Config::default().listen);
    let shown = values.to_string();
    for line in [
        "public_url = \"http://b\"  # CONTENTLIBD_PUBLIC_URL\n",
        "log.level = \"trace\"  # --log-level\n",
        "listen.connections_max = 2000  # default\n",
        "# tls.key_file is not set\n",
        "c.toml:1\n",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn every_kind_of_value_can_come_from_the_environment() {
    let variables = [
        ("CONTENTLIBD_TLS_SELF_SIGNED", "true"),
        ("CONTENTLIBD_TLS_SELF_SIGNED_NAMES", "a.example, b.example"),
        ("CONTENTLIBD_LIMITS_SESSION_FILES_MAX", "7"),
        ("CONTENTLIBD_LISTEN_ADDRESS", "[::1]:1"),
    ];
    let config = load("", &variables, &[]).expect("settings").config;
    assert!(config.tls.self_signed && config.limits.session_files_max == 7);
    assert_eq!(config.tls.self_signed_names, ["a.example", "b.example"]);
    assert_eq!(config.listen.address.to_string(), "[::1]:1");
}

#[test]
fn unknown_keys_are_named_with_their_place_and_what_was_probably_meant() {
    assert_eq!(
        mistakes("[listen]\n  adress = \"127.0.0.1:1\"\n[lisen]\naddress = 1\nx.y = 1\n", &[]),
        [
            "2:3: there is no setting `listen.adress`; did you mean `listen.address`?",
            "3:2: there is no setting `lisen`; did you mean `listen`?",
        ]
    );
}

#[test]
fn wrong_values_are_named_with_their_place() {
    let of_file = mistakes("[listen]\nconnections_max = \"many\"\n", &[]);
    assert!(of_file[0].starts_with("2:19: invalid type: string \"many\""), "{of_file:?}");
    let of_file = mistakes("[listen\n", &[]);
    assert!(of_file[0].starts_with("1:8: "), "{of_file:?}");
    let of_file = mistakes("[outbound]\nallowed_networks = [\"10/8\"]\n", &[]);
    assert!(of_file[0].contains("`10/8` is no network"), "{of_file:?}");
    assert_eq!(
        mistakes(
            "",
            &[("CONTENTLIBD_LISTEN_ADDRESS", "here"), ("CONTENTLIBD_LISTEN_CONNECTIONS_MAX", "many")]
        ),
        [
            "CONTENTLIBD_LISTEN_ADDRESS: invalid socket address syntax",
            "CONTENTLIBD_LISTEN_CONNECTIONS_MAX: `many` is not a whole number",
        ]
    );
}

#[test]
fn values_that_do_not_go_together_are_told() {
    for (text, expected) in [
        ("[tls]\nkey_file = \"k\"\n", "are set both or not at all"),
        ("[tls]\nself_signed = true\nkey_file = \"k\"\ncertificate_file = \"c\"\n", "makes a certificate"),
        ("public_url = \"https://a/b\"\n", "not `https://a/b`"),
        ("[listen]\nconnections_max = 0\n", "1 at least"),
        ("[pull]\nconcurrent_max = 0\n", "1 at least"),
        ("[pull]\nfile_roots = [\"images\"]\n", "whole paths, not `images`"),
        ("data_directory = \"/srv/a\"\n[pull]\nfile_roots = [\"/\"]\n", "has to be elsewhere"),
        ("data_directory = \"/srv\"\n[pull]\nfile_roots = [\"/srv/a\"]\n", "has to be elsewhere"),
        (
            "[users]\nfile = \"/etc/users\"\n[pull]\nfile_roots = [\"/etc\"]\n",
            "/etc/users has to be elsewhere",
        ),
    ] {
        let mistakes = mistakes(text, &[]);
        assert!(mistakes[0].contains(expected), "{mistakes:?}");
    }
}

/// A cluster that has a service of this name sets such variables for every process in it.
#[test]
fn variables_that_set_nothing_are_told_and_do_no_harm() {
    let variables = [("CONTENTLIBD_PORT", "tcp://10.0.0.1:443"), ("CONTENTLIBD_LOG_LEVL", "debug")];
    let warnings = load("", &variables, &[]).expect("settings").warnings;
    assert_eq!(
        warnings,
        ["CONTENTLIBD_LOG_LEVL sets nothing; did you mean `log.level`?", "CONTENTLIBD_PORT sets nothing"]
    );
}
