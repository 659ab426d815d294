// What an editor shows: the YAML language server, given the schema, finds the same unknown fields on the same lines as
// `sipform validate`, explains a field, and offers the kinds. Usage: node editor.mjs SIPFORM_BINARY SCHEMA_FILE
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [binary, schema] = process.argv.slice(2).map((path) => resolve(path));
const server = join(dirname(fileURLToPath(import.meta.url)), "node_modules/yaml-language-server/bin/yaml-language-server");
const folder = mkdtempSync(join(tmpdir(), "editor-"));
const file = join(folder, "desired-state.yaml");
const uri = pathToFileURL(file).href;
const text = `# yaml-language-server: $schema=${relative(folder, schema)}
version: 1
targets:
  hq-pbx:
    provider: yeastar
    url: https://192.168.5.150:8088
    username: api
    password: \${env:HQ_PBX_PASSWORD}
    app_kei: "1"
    limits: { concurrency: 1, retries: 3 }
trunks:
  - name: carrier
    target: hq-pbx
    type: register
    host: sip.carrier.example
    domain: sip.carrier.example
    username: acme
    auth_name: acme
    password: \${env:CARRIER_PASSWORD}
    pasword: x
    dod: { extensions: [{ number: "1", name: a, extension: "1000", grup: a }] }
removed:
  - { address: hq-pbx/trunk/old, delete: true, reason: left }
trunk: []

`;
const line = (begins) => text.split("\n").findIndex((line) => line.trim().startsWith(begins));

const child = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const timer = setTimeout(() => fail("the language server says nothing within 60 s"), 60_000);
const waiting = new Map();
let next = 1;
let found;
const diagnostics = new Promise((resolve) => (found = resolve));

function end(code) {
  clearTimeout(timer);
  child.kill();
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

function fail(why) {
  console.error(`editor: ${why}`);
  end(1);
}

function send(message) {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function ask(method, params) {
  const id = next++;
  send({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
}

function settings({ section }) {
  return section === "yaml"
    ? { validate: true, hover: true, completion: true, schemas: {}, schemaStore: { enable: false, url: "" } }
    : null;
}

function receive(message) {
  if (message.method === "workspace/configuration") {
    send({ id: message.id, result: message.params.items.map(settings) });
  } else if (message.method === "textDocument/publishDiagnostics" && message.params.diagnostics.length > 0) {
    found(message.params.diagnostics);
  } else if (message.method && message.id !== undefined) {
    send({ id: message.id, result: null });
  } else if (waiting.has(message.id)) {
    if (message.error) fail(`the language server refuses: ${JSON.stringify(message.error)}`);
    waiting.get(message.id)(message.result);
    waiting.delete(message.id);
  }
}

let buffer = Buffer.alloc(0);
child.stdout.on("data", (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (;;) {
    const head = buffer.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, head).toString())[1]);
    if (buffer.length < head + 4 + length) return;
    const body = buffer.subarray(head + 4, head + 4 + length).toString();
    buffer = buffer.subarray(head + 4 + length);
    receive(JSON.parse(body));
  }
});
child.on("error", (error) => fail(`the language server can't be started: ${error.message}`));

/// What `sipform validate` says: line and column from 1, and the field.
function ours() {
  let json;
  try {
    json = execFileSync(binary, ["validate", "-f", file, "--format", "json"], { stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    json = error.stdout;
  }
  const unknown = JSON.parse(json).diagnostics.filter(({ code }) => code === "unknown_field");
  return unknown.map(({ message, source }) => `${source.line}:${source.column} ${/`([^`]+)`/.exec(message)[1]}`);
}

function theirs(all) {
  return all.map(({ range, message }) => {
    const field = /Property (\S+) is not allowed/.exec(message)?.[1] ?? message;
    return `${range.start.line + 1}:${range.start.character + 1} ${field}`;
  });
}

writeFileSync(file, text);
await ask("initialize", {
  processId: process.pid,
  rootUri: pathToFileURL(folder).href,
  capabilities: { workspace: { configuration: true }, textDocument: { hover: {}, completion: {} } },
});
send({ method: "initialized", params: {} });
send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });

const said = theirs(await diagnostics).sort();
const expected = ours().sort();
said.forEach((finding) => console.log(`editor:   ${finding}`));
expected.forEach((finding) => console.log(`validate: ${finding}`));
if (expected.length !== 6 || said.join("\n") !== expected.join("\n")) fail("the editor and `sipform validate` disagree");

const document = { uri };
const hover = await ask("textDocument/hover", { textDocument: document, position: { line: line("host:"), character: 6 } });
const help = JSON.stringify(hover?.contents ?? "");
console.log(`hover on host: ${help}`);
if (!help.includes("The carrier's host name or IP address")) fail("no help on `host`");

const end_of_file = { line: text.split("\n").length - 2, character: 0 };
const offers = await ask("textDocument/completion", { textDocument: document, position: end_of_file });
const labels = (offers.items ?? offers).map(({ label }) => label);
console.log(`offered at the top: ${labels.join(", ")}`);
for (const kind of ["sip_numbers", "phone_groups", "call_center_trunks", "numbers"]) {
  if (!labels.includes(kind)) fail(`${kind} isn't offered`);
}
const at_type = { line: line("type:"), character: "    type: ".length };
const choices = await ask("textDocument/completion", { textDocument: document, position: at_type });
const words = (choices.items ?? choices).map(({ label }) => label.replaceAll('"', ""));
console.log(`offered for type: ${words.join(", ")}`);
if (!["register", "peer", "account"].every((word) => words.includes(word))) fail("the variants aren't offered");
end(0);
