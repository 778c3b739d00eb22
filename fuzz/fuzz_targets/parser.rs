//! Target `parser`: see `arctos_testkit::fuzz::parser`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arctos_testkit::fuzz::parser(bytes));
