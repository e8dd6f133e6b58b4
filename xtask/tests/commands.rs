//! `cargo xtask` from outside, on folders of its own: what is written, what is refused, what is printed.
//!
//! The last tests look at the repository itself: what is committed is what its spec gives.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

const DESK: &str = "\
service: com.vmware.shop.desk
doc: |
  Hands goods over.
operations:
  - name: weigh
    doc: |
      Weighs goods.
    parameters:
      - name: goods
        type: string
        required: true
        doc: |
          Which goods.
    result:
      type: long
      doc: |
        Grams.
";

/// A spec and an output folder that nobody else uses.
struct Shop {
    folder: PathBuf,
}

impl Shop {
    fn new(test: &str) -> Shop {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let shop = Shop { folder };
        shop.put("spec/shop/desk.yaml", DESK);
        shop
    }

    fn put(&self, path: &str, text: &str) {
        let file = self.folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut all = words.to_vec();
        let (spec, out) = (self.folder.join("spec"), self.folder.join("out"));
        all.extend(["--spec", spec.to_str().unwrap()]);
        if words[0] == "gen" {
            all.extend(["--out", out.to_str().unwrap()]);
        }
        xtask(&all)
    }

    /// Bytes and time of every written file.
    fn written(&self) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut written = BTreeMap::new();
        let mut open = vec![self.folder.join("out")];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let modified = path.metadata().unwrap().modified().unwrap();
                    written.insert(path.clone(), (fs::read(&path).unwrap(), modified));
                }
            }
        }
        written
    }
}

fn xtask(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).env("NO_COLOR", "1").output().unwrap()
}

#[track_caller]
fn check_output(output: &Output, code: i32, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn a_second_run_writes_nothing() {
    let shop = Shop::new("second_run");
    check_output(&shop.run(&["gen"]), 0, &["gen: ", " 0 deleted, 0 as they were"]);
    let first = shop.written();
    assert!(first.keys().any(|path| path.ends_with("generated/src/shop/desk.rs")), "{:?}", first.keys());
    check_output(&shop.run(&["gen"]), 0, &["nothing to do"]);
    assert_eq!(shop.written(), first);
    check_output(&shop.run(&["gen", "--check"]), 0, &["are as generated"]);
}

#[test]
fn what_looks_touched_is_compared_again() {
    let shop = Shop::new("touched");
    shop.run(&["gen"]);
    let file = shop.folder.join("out/generated/src/shop/desk.rs");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text).unwrap();
    check_output(&shop.run(&["gen"]), 0, &["0 written, 0 deleted"]);
    check_output(&shop.run(&["gen"]), 0, &["nothing to do"]);
    // The same size, other bytes.
    fs::write(&file, text.replace("Weighs", "Wieghs")).unwrap();
    check_output(&shop.run(&["gen"]), 0, &["1 written, 0 deleted"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    shop.put("spec/shop/desk.yaml", &DESK.replace("Weighs", "Counts"));
    check_output(&shop.run(&["gen"]), 0, &[" written, 0 deleted"]);
    assert_ne!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn what_is_not_generated_any_more_goes() {
    let shop = Shop::new("stale");
    shop.run(&["gen"]);
    let before = shop.written();
    shop.put("spec/yard/gate.yaml", &DESK.replace("shop.desk", "yard.gate"));
    check_output(&shop.run(&["gen"]), 0, &[]);
    let stale = shop.folder.join("out/generated/src/yard/gate.rs");
    assert!(stale.exists());
    fs::remove_dir_all(shop.folder.join("spec/yard")).unwrap();
    check_output(&shop.run(&["gen", "--check"]), 1, &["stale: generated/src/yard/gate.rs"]);
    check_output(&shop.run(&["gen"]), 0, &[]);
    assert!(!stale.parent().unwrap().exists());
    assert_eq!(Vec::from_iter(shop.written().keys()), Vec::from_iter(before.keys()));
}

#[test]
fn what_a_killed_run_left_goes() {
    let shop = Shop::new("killed");
    shop.put("out/generated/src/lib.rs.new", "//! half a");
    check_output(&shop.run(&["gen"]), 0, &["1 deleted"]);
    assert!(!shop.folder.join("out/generated/src/lib.rs.new").exists());
}

#[test]
fn a_hand_written_file_stops_everything() {
    let shop = Shop::new("foreign");
    shop.put("out/generated/src/mine.rs", "//! By hand.\n");
    for words in [&["gen"][..], &["gen", "--check"]] {
        check_output(&shop.run(words), 1, &["generated/src/mine.rs", "Move it out", "nothing was written"]);
    }
    assert_eq!(shop.written().len(), 1);
}

#[test]
fn a_check_shows_what_differs_and_writes_nothing() {
    let shop = Shop::new("drift");
    shop.run(&["gen"]);
    let out = shop.folder.join("out/generated/src");
    let desk = fs::read_to_string(out.join("shop/desk.rs")).unwrap();
    fs::write(out.join("shop/desk.rs"), format!("{desk}// by hand\n")).unwrap();
    fs::remove_file(out.join("lib.rs")).unwrap();
    let before = shop.written();
    let parts = [
        "--- generated/src/shop/desk.rs",
        "-// by hand",
        "missing: generated/src/lib.rs",
        "run `cargo xtask gen`",
    ];
    check_output(&shop.run(&["gen", "--check"]), 1, &parts);
    assert_eq!(shop.written(), before);
    check_output(&shop.run(&["gen"]), 0, &["2 written, 0 deleted"]);
    assert_eq!(fs::read_to_string(out.join("shop/desk.rs")).unwrap(), desk);
}

#[test]
fn a_mistake_in_the_spec_writes_nothing() {
    let shop = Shop::new("mistake");
    shop.put("spec/shop/desk.yaml", &DESK.replace("type: long", "type: lnog"));
    check_output(
        &shop.run(&["gen"]),
        1,
        &["error[", "spec/shop/desk.yaml:", "lnog", "1 mistake in the spec"],
    );
    assert!(shop.written().is_empty());
}

#[test]
fn files_that_nobody_would_read_are_refused() {
    let shop = Shop::new("yml");
    shop.put("spec/shop/gate.yml", DESK);
    check_output(&shop.run(&["gen"]), 1, &["spec/shop/gate.yml", ".yaml"]);
    fs::remove_dir_all(shop.folder.join("spec")).unwrap();
    check_output(&shop.run(&["gen"]), 1, &["spec folder"]);
}

#[test]
fn samples_stand_alone_on_stdout() {
    let shop = Shop::new("sample");
    let sample = |words: &[&str]| String::from_utf8(shop.run(words).stdout).unwrap();
    assert_eq!(sample(&["sample", "desk", "weigh", "--json"]), "{\n    \"goods\": \"string\"\n}\n");
    assert_eq!(sample(&["sample", "shop.desk", "weigh", "--response"]), "{\n    \"value\": 10\n}\n");
    let form = "POST /com/vmware/shop/desk?~action=weigh\n&goods=string\n";
    assert_eq!(sample(&["sample", "com.vmware.shop.desk", "weigh", "--form"]), form);
    let http = sample(&["sample", "desk", "weigh", "--http", "--xml"]);
    assert!(http.starts_with("POST /com/vmware/shop/desk?~action=weigh HTTP/1.1\r\n"), "{http}");
    assert!(http.contains("\r\n\r\n<?xml version"), "{http}");
    check_output(&shop.run(&["sample", "dsek", "weigh"]), 1, &["did you mean `desk`?"]);
    check_output(&shop.run(&["sample", "desk", "wiegh"]), 1, &["did you mean `weigh`?"]);
}

#[test]
fn every_stage_can_be_seen() {
    let shop = Shop::new("dump");
    for stage in ["syntax", "ir", "plan", "api"] {
        check_output(&shop.run(&["dump", stage]), 0, &["weigh"]);
    }
    check_output(&shop.run(&["dump", "paln"]), 1, &["did you mean `plan`?"]);
    check_output(&shop.run(&["dump", "ir", "--release", "6.0"]), 1, &["stage api"]);
}

#[test]
fn a_release_shows_what_it_had() {
    let shop = Shop::new("release");
    let gate = "service: com.vmware.shop.gate
operations:
  - name: enter
    parameters:
      - {name: coat, type: string, required: true}
      - {name: hat, type: string, required: false, since: \"6.5\"}
  - {name: leave, since: \"6.8\", parameters: [{name: coat, type: string, required: true}]}
";
    shop.put("spec/shop/gate.yaml", gate);
    let sample = |words: &[&str]| String::from_utf8(shop.run(words).stdout).unwrap();
    let first = "{\n    \"coat\": \"string\"\n}\n";
    assert_eq!(sample(&["sample", "gate", "enter"]), first, "the release that it came with");
    assert_eq!(sample(&["sample", "gate", "enter", "--release", "6.0"]), first);
    let later = "{\n    \"coat\": \"string\",\n    \"hat\": \"string\"\n}\n";
    assert_eq!(sample(&["sample", "gate", "enter", "--release", "6.5"]), later);
    check_output(
        &shop.run(&["sample", "gate", "leave", "--release", "6.7"]),
        1,
        &["6.7 does not have", "Since 6.8."],
    );
    check_output(&shop.run(&["sample", "gate", "leave", "--release", "7"]), 1, &["`7` is not a release"]);
    let dump = |release: &str| sample(&["dump", "api", "--release", release]);
    assert!(!dump("6.0").contains("hat") && dump("6.5").contains("hat"));
    assert!(!dump("6.7").contains("leave") && dump("6.8").contains("leave"));
}

#[test]
fn codes_are_explained() {
    check_output(&xtask(&["explain"]), 0, &["unknown-type", "duplicate-key"]);
    check_output(&xtask(&["explain", "unknown-type"]), 0, &["type"]);
    check_output(&xtask(&["explain", "unknwon-type"]), 1, &["did you mean `unknown-type`?", "duplicate-key"]);
}

#[test]
fn the_command_line_is_explained() {
    check_output(&xtask(&["--help"]), 0, &["gen ", "sample ", "demo "]);
    check_output(&xtask(&["gen", "--help"]), 0, &["--check", "--spec DIR", "--out DIR"]);
    check_output(&xtask(&["gne"]), 2, &["did you mean `gen`?"]);
    check_output(&xtask(&["gen", "--chekc"]), 2, &["did you mean `check`?"]);
    check_output(&xtask(&["sample", "desk"]), 2, &["OPERATION is missing"]);
}

#[test]
fn the_repository_is_as_its_spec_gives() {
    check_output(&xtask(&["gen", "--check"]), 0, &[]);
}

#[test]
fn the_repository_is_tidy() {
    check_output(&xtask(&["tidy"]), 0, &[]);
}
