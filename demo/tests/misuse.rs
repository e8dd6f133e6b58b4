//! Misuse of generated code fails to compile, and the compiler's words say what is wrong.
//!
//! Each program in `fixtures/misuse` is wrong in one way; what the pinned toolchain says of it stands beside it.

#[test]
fn misuse_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/fixtures/misuse/*.rs");
}
