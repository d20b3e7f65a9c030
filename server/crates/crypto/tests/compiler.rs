//! What must not compile: each file in `refused` does a forbidden thing, and what the compiler says of it
//! stands next to it.

#[test]
fn what_is_forbidden_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compiler/refused/*.rs");
    cases.pass("tests/compiler/allowed/*.rs");
}
