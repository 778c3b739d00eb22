//! Between the file that keeps a target's inputs and the folder that a fuzzer takes; `cargo xtask fuzz` calls it.
//!
//!     fuzz_corpus unpack FILE FOLDER    # a file in FOLDER for each input
//!     fuzz_corpus pack FILE FOLDER      # FILE has what is in FOLDER, and what has found something

use std::error::Error;
use std::fs;
use std::path::Path;

use arctos_testkit::fuzz::corpus::{Input, read, write};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, file, folder] = &*arguments else { return Err("fuzz_corpus unpack|pack FILE FOLDER".into()) };
    let (file, folder) = (Path::new(file), Path::new(folder));
    match &**what {
        "unpack" => unpack(file, folder),
        "pack" => pack(file, folder),
        other => Err(format!("`{other}` is neither `unpack` nor `pack`").into()),
    }
}

fn kept(file: &Path) -> Result<Vec<Input>, Box<dyn Error>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    read(&fs::read_to_string(file)?).map_err(|why| format!("{}: {why}", file.display()).into())
}

fn unpack(file: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for (index, input) in kept(file)?.into_iter().enumerate() {
        fs::write(folder.join(format!("{index:05}")), input.bytes)?;
    }
    Ok(())
}

fn pack(file: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut inputs = kept(file)?;
    inputs.retain(|input| input.found.is_some());
    for entry in fs::read_dir(folder)? {
        inputs.push(Input { found: None, bytes: fs::read(entry?.path())? });
    }
    fs::write(file, write(inputs))?;
    Ok(())
}
