//! The users file: edited by line, read again when it has changed, asked by logins.

use std::fs;
use std::path::PathBuf;

use contentlibd::domain::ids::Secret;
use contentlibd::users::Users;
use contentlibd::users::authenticator::UsersFile;
use contentlibd::users::file::{Directory, Edit, User, UsersError, edit};
use contentlibd::users::password;
use contentlibd::users::role::Role;
use vapi::runtime::server::Denied;

use crate::scratch::Scratch;

const PASSWORD: &str = "correct horse";

fn user(name: &str, role: Role) -> User {
    User { name: name.to_owned(), role, hash: password::hash(&PASSWORD.into()).expect("a hash") }
}

fn file_with(scratch: &Scratch, names: &[&str]) -> PathBuf {
    let path = scratch.path().join("users");
    for name in names {
        edit(&path, &Edit::Add(&user(name, Role::Publisher))).expect("a user more");
    }
    path
}

fn names(path: &std::path::Path) -> Vec<String> {
    let directory = Directory::read(path).expect("a file that can be read");
    directory.users().iter().map(|user| user.name.clone()).collect()
}

#[test]
fn users_come_and_go() {
    let scratch = Scratch::new();
    let path = file_with(&scratch, &["anna", "ben"]);
    assert_eq!(names(&path), ["anna", "ben"]);
    edit(&path, &Edit::Remove("ANNA")).expect("a user less");
    assert_eq!(names(&path), ["ben"]);
}

#[test]
fn what_stands_beside_users_stays() {
    let scratch = Scratch::new();
    let path = file_with(&scratch, &["anna", "ben"]);
    let text = fs::read_to_string(&path).expect("a text");
    fs::write(&path, format!("# ours\n\n{text}# the end\n")).expect("a text");
    edit(&path, &Edit::Hash("anna", &password::hash(&"another one".into()).expect("a hash")))
        .expect("an edit");
    edit(&path, &Edit::Remove("ben")).expect("an edit");
    let text = fs::read_to_string(&path).expect("a text");
    assert!(text.starts_with("# ours\n\n# Users of contentlibd") && text.ends_with("# the end\n"), "{text}");
    let hash = Directory::read(&path).expect("users").find("anna").expect("anna").hash.clone();
    assert!(password::verify("another one", Some(&hash)));
}

#[test]
fn names_are_ones_without_regard_to_case() {
    let scratch = Scratch::new();
    let path = file_with(&scratch, &["anna"]);
    let error = edit(&path, &Edit::Add(&user("Anna", Role::Reader))).expect_err("she is there");
    assert!(matches!(error, UsersError::Taken(_)), "{error}");
    let line =
        fs::read_to_string(&path).expect("a text").lines().last().expect("a user").replace("anna", "ANNA");
    fs::write(&path, format!("{}{line}\n", fs::read_to_string(&path).expect("a text"))).expect("a text");
    let error = Directory::read(&path).expect_err("twice").to_string();
    assert!(error.ends_with("users:3: `ANNA` is there twice"), "{error}");
}

#[test]
fn what_cannot_be_a_name_is_refused() {
    let scratch = Scratch::new();
    let path = scratch.path().join("users");
    for name in ["", "a:b", "a b", "a\nb", "-a", "#a", "ä", &"a".repeat(65)] {
        let error = edit(&path, &Edit::Add(&user(name, Role::Reader))).expect_err(name);
        assert!(matches!(error, UsersError::Name(_)), "{name:?}: {error}");
    }
    edit(&path, &Edit::Add(&user("anna@vsphere.local", Role::Reader))).expect("a name");
}

#[test]
fn a_bad_line_is_named_and_its_hash_is_not_shown() {
    let scratch = Scratch::new();
    let path = scratch.path().join("users");
    for (line, expected) in [
        ("anna", "a line is `name:role:hash`"),
        ("anna:boss:secret", "`boss` is no role; there are reader, publisher and administrator"),
        ("anna:reader:secret", "what stands for the password of `anna` is no argon2id hash"),
    ] {
        fs::write(&path, format!("# users\n{line}\n")).expect("a file");
        let error = Directory::read(&path).expect_err("a bad line").to_string();
        assert!(error.ends_with(&format!("users:2: {expected}")), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let path = file_with(&scratch, &["anna"]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("another mode");
    edit(&path, &Edit::Add(&user("ben", Role::Reader))).expect("a user more");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(scratch.path()).expect("a folder").count(), 1, "nothing is left beside it");
}

#[test]
fn edits_at_once_lose_nothing() {
    let scratch = Scratch::new();
    let path = scratch.path().join("users");
    let all = ["a", "b", "c", "d"].map(|name| user(name, Role::Reader));
    std::thread::scope(|scope| {
        for user in &all {
            scope.spawn(|| edit(&path, &Edit::Add(user)).expect("a user more"));
        }
    });
    let mut names = names(&path);
    names.sort();
    assert_eq!(names, ["a", "b", "c", "d"]);
}

#[test]
fn a_change_shows_at_once_and_a_broken_file_changes_nothing() {
    let scratch = Scratch::new();
    let path = file_with(&scratch, &[]);
    let users = Users::open(&path).expect("no users yet");
    assert_eq!(users.role_of("anna"), None);
    edit(&path, &Edit::Add(&user("anna", Role::Publisher))).expect("a user more");
    assert_eq!(users.role_of("Anna"), Some(Role::Publisher));
    fs::write(&path, "anna").expect("a broken file");
    assert_eq!(users.role_of("anna"), Some(Role::Publisher));
    fs::remove_file(&path).expect("a file less");
    assert_eq!(users.role_of("anna"), None);
}

#[tokio::test]
async fn the_right_password_lets_in_until_it_is_another_one() {
    let scratch = Scratch::new();
    let path = file_with(&scratch, &["anna"]);
    let logins = UsersFile::new(Users::open(&path).expect("users")).expect("logins");
    for _fresh_and_remembered in 0..2 {
        assert_eq!(logins.check("ANNA", PASSWORD).await.expect("she is").user, "anna");
        assert!(matches!(logins.check("anna", "another one").await, Err(Denied::Wrong)));
        assert!(matches!(logins.check("ben", PASSWORD).await, Err(Denied::Wrong)));
    }
    let hash: Secret = password::hash(&"another one".into()).expect("a hash");
    edit(&path, &Edit::Hash("anna", &hash)).expect("an edit");
    assert!(
        matches!(logins.check("anna", PASSWORD).await, Err(Denied::Wrong)),
        "nothing is remembered of it"
    );
    logins.check("anna", "another one").await.expect("that is the one now");
    edit(&path, &Edit::Remove("anna")).expect("an edit");
    assert!(matches!(logins.check("anna", "another one").await, Err(Denied::Wrong)));
}

#[tokio::test]
async fn logins_beyond_those_that_may_wait_are_told_to_come_back() {
    let scratch = Scratch::new();
    let path = file_with(&scratch, &["anna"]);
    let users = Users::open(&path).expect("users");
    let logins = UsersFile::with_bounds(users, 1, 1).expect("logins");
    let (first, second) = tokio::join!(logins.check("anna", PASSWORD), logins.check("anna", PASSWORD));
    assert!(first.is_ok() && matches!(second, Err(Denied::Unavailable(_))), "{first:?} {second:?}");
    logins.check("anna", PASSWORD).await.expect("the place is free again");
}

/// A privilege of the spec that no list of the roles knows would be an administrator's alone, by accident.
#[test]
fn every_privilege_of_the_api_is_a_publishers_or_meant_not_to_be() {
    let tables = vapi::services();
    let privileges =
        tables.iter().flat_map(|table| table.operations).flat_map(|operation| operation.privileges);
    let mut of_administrators: Vec<&str> = privileges
        .flat_map(|needed| needed.names)
        .copied()
        .filter(|name| !Role::Publisher.has(name))
        .collect();
    of_administrators.sort_unstable();
    of_administrators.dedup();
    let meant = [
        "ContentLibrary.AddCertToTrustStore",
        "ContentLibrary.DeleteCertFromTrustStore",
        "ContentLibrary.LibraryMaintenance",
        "ContentLibrary.MigrateLibrary",
        "ContentLibrary.ReadStorage",
        "ContentLibrary.UpdateConfiguration",
    ];
    assert_eq!(of_administrators, meant);
}
