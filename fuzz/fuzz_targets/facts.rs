//! Target `facts`: see `arctos_testkit::fuzz::facts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arctos_testkit::fuzz::facts(bytes));
