//! Keys of the YAML that stand in no kind's and no vendor's table, for the schema and the reference page. That they are
//! those which the loader knows is tested from outside.

/// A key with what may stand behind it.
#[derive(Debug)]
pub(super) struct General {
    /// The key.
    pub(super) name: &'static str,
    /// What a value looks like, for people.
    pub(super) value: &'static str,
    /// What omitting it means, for people.
    pub(super) default: &'static str,
    /// One line about it.
    pub(super) doc: &'static str,
}

const fn row(name: &'static str, value: &'static str, default: &'static str, doc: &'static str) -> General {
    General { name, value, default, doc }
}

/// Sections that hold no kind.
pub(super) static SECTIONS: &[General] = &[
    row("version", "`1`", "required in one file", "the version of the file's form; in at least one of the files"),
    row("targets", "a mapping from names to targets", "none", "one PBX or account each, by the name that entries give"),
    row(
        "defaults",
        "a mapping by kind, or by target and kind",
        "none",
        "values for what entries leave out: by kind, or by target and kind, which wins",
    ),
    row("removed", "a list", "none", "what has left the files, and what becomes of it"),
    row("call_checks", "a list", "none", "test calls between extensions, placed by `sipform check` alone"),
];

/// Of every target.
pub(super) static TARGET: &[General] = &[
    row("provider", "a vendor's name", "required", "which vendor's dialect it speaks"),
    row("url", "an http or https address", "the vendor's, where it has one", "where it is"),
    row("limits", "a mapping", "the vendor's", "how much it may be asked at once"),
    row(
        "prune",
        "`none`, `claimed` or `exclusive`",
        "`claimed`",
        "what becomes of live objects that no entry names: they stay, those that sipform made or adopted go, or all go of each \
         kind for which an entry names the target",
    ),
    row(
        "ignore",
        "a list of patterns over `kind/key`",
        "none",
        "objects that are never touched, and counted in the output, as in `trunk/lab-*`",
    ),
    row("tls", "a mapping", "the system's trust store", "how its certificate is verified"),
];

/// Of `limits`.
pub(super) static LIMITS: &[General] = &[
    row("concurrency", "a whole number from 1 to 256", "the vendor's", "calls in flight"),
    row("requests_per_second", "a number from 0.001 to 10000", "the vendor's", "calls a second, after a burst of 10"),
    row("timeout", "a time like `30s`, `500ms` or `2m`, at most `60m`", "the vendor's", "how long one call may take"),
    row(
        "max_body",
        "a size from `1KiB` to `4GiB`, or a number of bytes",
        "`64MiB`",
        "the largest answer that is read; a larger one is a failure",
    ),
];

/// Of `tls`.
pub(super) static TLS: &[General] = &[
    row(
        "ca_file",
        "a path, relative to the YAML file",
        "none",
        "a PEM file: a certificate equal to one in it is accepted, else the chain is verified against it",
    ),
    row(
        "pin_sha256",
        "64 hex digits, with or without colons",
        "none",
        "SHA-256 of the server's certificate, as `openssl x509 -fingerprint -sha256` prints it",
    ),
    row(
        "insecure_skip_verify",
        "true or false",
        "`false`",
        "accept any certificate: whoever is in between can read and change",
    ),
];

/// Of every entry, whatever its kind.
pub(super) static ENTRY: &[General] = &[
    row("target", "a target's name", "that of `defaults`, else required", "the target that it belongs to"),
    row(
        "previously",
        "a text",
        "none",
        "what it was called before: a rename in place. Leave the line out once the rename is applied",
    ),
    row(
        "protect",
        "true or false",
        "`false`",
        "never deleted or replaced, also after the entry has left the file; write `protect: false` to end it",
    ),
    row("ignore_fields", "a list of the kind's fields", "none", "fields that are left alone, whatever they are"),
];

/// Of an entry of `removed`.
pub(super) static REMOVED: &[General] = &[
    row("address", "`target/kind/key`", "required", "what has left the file, as in `hq-pbx/trunk/old-carrier`"),
    row(
        "delete",
        "true or false",
        "required",
        "`true` deletes it, whoever made it; `false` leaves it to others as it is",
    ),
];

/// Of an entry of `call_checks`.
pub(super) static CALL_CHECK: &[General] = &[
    row("name", "a text", "required", "what the check is called in reports"),
    row("target", "a target's name", "required", "the PBX that places the call"),
    row("caller", "an extension", "required", "the extension that calls; its phone rings first"),
    row("callee", "an extension", "required", "the extension that is called"),
    row("auto_answer", "true or false", "`false`", "whether the caller's phone picks up by itself"),
];
