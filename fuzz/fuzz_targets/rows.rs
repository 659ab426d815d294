#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    sipform::fuzzing::run("rows", data);
});
