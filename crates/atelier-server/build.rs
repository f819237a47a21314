//! Puts the built page and the pages of error codes into the binary.
//!
//! No npm and no network: `cargo xtask web` builds the page; where it was not built, the table is empty and the server
//! shows a plain page that says so.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let (dist, errors) = (house.join("web/dist"), house.join("docs/errors"));
    // Folders that exist: watching what does not exist makes cargo build again at every call.
    for watched in [&dist, &errors].into_iter().filter(|watched| watched.exists()) {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (n, path) in files.iter().enumerate() {
        let bytes = fs::read(dist.join(path))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        fs::write(out.join(format!("{n}.gz")), gzip.finish()?)?;
        let etag = format!("\"{:016x}\"", fingerprint(&bytes));
        let packed = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{n}.gz\"))");
        table.push_str(&format!("    Asset {{ path: {path:?}, etag: {etag:?}, gzip: {packed} }},\n"));
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)?;
    fs::write(out.join("errors.rs"), pages(&errors)?)
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders in the environment")]
fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default().to_owned();
        if name.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if !name.ends_with(".map") {
            files.push(name);
        }
    }
    Ok(())
}

fn pages(folder: &Path) -> io::Result<String> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let code = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        if code != "README" && path.extension().is_some_and(|kind| kind == "md") {
            pages.push((code, fs::read_to_string(&path)?));
        }
    }
    pages.sort();
    Ok(format!("&{pages:?}"))
}

/// FNV-1a: tells two builds of a file apart.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
