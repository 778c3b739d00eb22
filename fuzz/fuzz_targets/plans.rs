//! Target `plans`: see `arctos_testkit::fuzz::plans`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arctos_testkit::fuzz::plans(bytes));
