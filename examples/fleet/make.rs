//! Writes a fleet's YAML, entry by entry: the process that measures has to stay small.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::rows::Fleet;

/// The first number that the sandbox makes up.
const FIRST_NUMBER: usize = 10_000_000;

/// What the secrets in the YAML resolve to: the sandbox's own.
pub(crate) const ENVIRONMENT: [(&str, &str); 4] = [
    ("SIP_PASSWORD", "sandbox"),
    ("CENTRE_SECRET", "sandbox-secret"),
    ("PBX_PASSWORD", "sandbox"),
    // As a pipeline sets one; without it a key is derived from each target's password, slowly on purpose.
    ("SIPFORM_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
];

/// Writes the YAML of a fleet whose other side is at this address into a new folder; gives its files.
pub(crate) fn yaml(fleet: &Fleet, url: &str, folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    match *fleet {
        Fleet::None => Ok(vec![]),
        Fleet::Example => {
            let file = folder.join("example.yaml");
            fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("desired-state.example.yaml"), &file)?;
            Ok(vec![file])
        }
        Fleet::Numbers { live, from, to, changed, files } => {
            let centre = centre(url, live > to || from > 0);
            let each = (to - from).div_ceil(files);
            let spread = (0..files).map(|place| {
                let first = from + place * each;
                let head = if place == 0 { centre.as_str() } else { "version: 1\n" };
                numbers(
                    &folder.join(format!("numbers-{place:02}.yaml")),
                    head,
                    first..(first + each).min(to),
                    from + changed,
                )
            });
            spread.collect()
        }
        Fleet::Trunks { targets, trunks } => Ok(vec![pbxs(&folder.join("pbxs.yaml"), url, 1..=targets, trunks)?]),
    }
}

/// The YAML of the first PBX alone.
pub(crate) fn alone(trunks: usize, url: &str, folder: &Path) -> io::Result<PathBuf> {
    pbxs(&folder.join("alone.yaml"), url, 1..=1, trunks)
}

fn centre(url: &str, prunes: bool) -> String {
    let prune = if prunes { ", prune: exclusive" } else { "" };
    let limits = "{ concurrency: 8, max_body: 1GiB, timeout: 60s }";
    let secret = "${env:CENTRE_SECRET}";
    format!(
        "version: 1\ntargets:\n  centre: {{ provider: 7moor, url: \"{url}\", app_key: \"2000113\", secret: \"{secret}\", limits: {limits}{prune} }}\n"
    )
}

/// One flow mapping a line, as the README writes them. Numbers below `changed` differ from what the sandbox makes up.
fn numbers(path: &Path, head: &str, wanted: std::ops::Range<usize>, changed: usize) -> io::Result<PathBuf> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{head}sip_numbers:")?;
    for place in wanted {
        let (number, nat) = (FIRST_NUMBER + place, place < changed);
        writeln!(
            file,
            "  - {{ number: \"{number}\", target: centre, password: \"${{env:SIP_PASSWORD}}-{{number}}\", nat: {nat}, codecs: [G711A] }}"
        )?;
    }
    file.flush()?;
    Ok(path.to_owned())
}

fn pbxs(path: &Path, url: &str, targets: std::ops::RangeInclusive<usize>, trunks: usize) -> io::Result<PathBuf> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "version: 1\ntargets:")?;
    for target in targets.clone() {
        writeln!(
            file,
            "  pbx-{target}: {{ provider: yeastar, url: \"{url}/yeastar-{target}\", username: api, password: \"${{env:PBX_PASSWORD}}\" }}"
        )?;
    }
    writeln!(file, "trunks:")?;
    for target in targets {
        for trunk in 1..=trunks {
            let user = 100_000 + trunk;
            writeln!(
                file,
                "  - {{ name: trunk-{trunk}, target: pbx-{target}, type: register, host: sip.carrier.example, domain: sip.carrier.example, username: \"{user}\", auth_name: \"{user}\", password: \"${{env:SIP_PASSWORD}}-trunk-{trunk}\" }}"
            )?;
        }
    }
    file.flush()?;
    Ok(path.to_owned())
}
