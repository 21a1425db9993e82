// Set-up and run with one command. No dependencies; must run on Node 20 and above, from any folder.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import net from "node:net";
import { constants, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache");
const win = process.platform === "win32";
const bin = (name) => join(root, "node_modules", ".bin", name);
const tasks = {
  start: { build: true, argv: (a) => ["node", join(root, "examples/orders/dist/main.js"), ...a] },
  test: { build: true, argv: (a) => [bin("vitest"), "run", ...a] },
  bench: { build: true, argv: (a) => ["node", join(root, "bench/dist/main.js"), ...a] },
  check: { build: true, argv: (a) => ["node", join(root, "scripts/check.mjs"), ...a] },
  format: { build: false, argv: (a) => [bin("biome"), "check", "--write", root, ...a] },
  exec: { build: false, argv: (a) => a },
  pnpm: { install: false, argv: (a) => ["pnpm", ...a] }, // must work when the lockfile is out of date
};

const say = (s) => process.stderr.write(`[setup] ${s}\n`);
const die = (s) => { process.stderr.write(`[setup] ${s}\n`); process.exit(1); };
const hash = (...parts) => createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
const read = (p) => (existsSync(p) ? readFileSync(p, "utf8") : "");

// What our tools accept: ^22.19 || ^24 || >=26 (undici 8, vitest 5, changesets 3)
const good = (v) => { const [M, m] = v.replace(/^v/, "").split(".").map(Number); return (M === 22 && m >= 19) || M === 24 || M >= 26; };

/** Environment for children: the outer npm's own settings must not leak into npm/pnpm we start. */
function cleanEnv(extraPath) {
  const env = {};
  for (const [k, v] of Object.entries(process.env)) {
    if (/^npm_(lifecycle|package|command|execpath|node_execpath)/i.test(k) || k === "INIT_CWD") continue;
    if (/^npm_config_(local_prefix|user_agent|npm_version)$/i.test(k)) continue;
    env[k] = v;
  }
  const key = Object.keys(env).find((k) => k.toUpperCase() === "PATH") ?? "PATH";
  env[key] = [...extraPath, env[key]].filter(Boolean).join(delimiter);
  return env;
}

function must(what, cmd, args, opts = {}) {
  const r = spawnSync(cmd, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", maxBuffer: 1 << 26, ...opts });
  if (r.error || r.status !== 0) die(`${what} failed (${r.error?.message ?? `exit ${r.status ?? r.signal}`})\n${r.stdout ?? ""}${r.stderr ?? ""}`);
  return r.stdout;
}

/** Fetch one file of a pinned registry package through npm (so the user's registry, proxy, CA and cache settings hold), check its sha512, unpack it. */
function pinned(name, file) {
  const pin = JSON.parse(read(join(root, "scripts", "toolchain.json")))[name];
  if (!pin) return null;
  const dir = join(cache, `${name.replace("/", "+")}-${pin.version}`);
  const out = join(dir, file);
  if (existsSync(out)) return out;
  const t0 = Date.now();
  mkdirSync(cache, { recursive: true });
  for (const d of readdirSync(cache)) if (d.startsWith("tmp-")) rmSync(join(cache, d), { recursive: true, force: true }); // left by a killed run
  const tmp = mkdtempSync(join(cache, "tmp-"));
  const cli = process.env.npm_execpath ?? "";
  const [npm, pre] = /npm-cli\.js$/.test(cli) ? [process.execPath, [cli]] : [win ? "npm.cmd" : "npm", []];
  must(`fetching ${name}@${pin.version}`, npm, [...pre, "pack", `${name}@${pin.version}`, "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"], { cwd: tmp, env: cleanEnv([]), shell: win && !pre.length });
  const tgz = readdirSync(tmp).find((f) => f.endsWith(".tgz"));
  const got = `sha512-${createHash("sha512").update(readFileSync(join(tmp, tgz))).digest("base64")}`;
  if (got !== pin.integrity) die(`${name}@${pin.version}: integrity mismatch\n  want ${pin.integrity}\n  got  ${got}`);
  must(`unpacking ${name}`, "tar", ["-xzf", tgz, "--strip-components=1", `package/${file}`, "package/LICENSE"], { cwd: tmp });
  rmSync(join(tmp, tgz));
  rmSync(dir, { recursive: true, force: true });
  renameSync(tmp, dir); // atomic: a half-fetched folder is never seen
  say(`${name} ${pin.version} ready in ${((Date.now() - t0) / 1000).toFixed(1)} s`);
  return out;
}

const target = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
function findNode() {
  if (good(process.version)) return dirname(process.execPath);
  const node = pinned(`node-${target}`, "bin/node");
  if (!node) die(`Node ${process.version} is too old (need 22.19+, 24 or 26+) and none is pinned for ${target}: install Node 24 and run again.`);
  return dirname(node);
}

function findPnpm(env) {
  const exe = pinned(`@pnpm/exe.${target}`, "pnpm");
  if (exe) return exe;
  const v = spawnSync("pnpm", ["--version"], { env, encoding: "utf8", shell: win }).stdout ?? "";
  if (!/^12\./.test(v)) die(`no pinned pnpm for ${target} and none of major 12 on PATH (found ${v.trim() || "none"}): npm install -g pnpm@12`);
  return "pnpm";
}

/** One set-up at a time per checkout. The lock is a listening socket, so it dies with its holder: no stale locks. */
const held = new Set();
async function lock() {
  const id = `setup-${hash(root, String(process.getuid?.() ?? ""))}`;
  const path = process.platform === "linux" ? `\0${id}` : win ? `\\\\.\\pipe\\${id}` : join(tmpdir(), `${id}.sock`);
  for (let told = false; ; ) {
    const server = net.createServer((s) => held.add(s.on("error", () => {})));
    const code = await new Promise((r) => server.once("error", (e) => r(e.code)).listen(path, () => r(null)));
    if (code === null) { server.unref(); return async () => { server.close(); for (const s of held) s.destroy(); }; }
    if (code !== "EADDRINUSE") return async () => {}; // cannot lock here: go on without
    if (!told) { told = true; say("another run is setting up; waiting"); }
    const e = await new Promise((r) => { const c = net.connect(path); c.on("error", (x) => r(x.code)); c.on("close", () => r(null)); c.resume(); }); // closes when the holder lets go or dies
    if (e === "ECONNREFUSED" && process.platform !== "linux" && !win) rmSync(path, { force: true });
    await new Promise((r) => setTimeout(r, 50));
  }
}

function setup(pnpm, env, build) {
  // Up to date: 0.04 s and no network, so no stamp of our own is needed.
  const t0 = Date.now();
  must("pnpm install", pnpm, ["install", "--frozen-lockfile", "--prefer-offline", "--config.minimumReleaseAge=0"], { cwd: root, env: { ...env, CI: "true" }, shell: win });
  if (Date.now() - t0 > 1000) say(`packages installed in ${((Date.now() - t0) / 1000).toFixed(1)} s`);
  if (!build) return;
  const r = spawnSync(bin("tsc"), ["-b"], { cwd: root, env, stdio: "inherit", shell: win });
  if (r.error || r.status !== 0) process.exit(r.status ?? 1);
}

const [task, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task ?? "")) die(`usage: node scripts/run.mjs ${Object.keys(tasks).join("|")} [args]`);
const unlock = await lock();
const nodeDir = findNode();
const pnpm = findPnpm(process.env);
// pnpm too: publint, changesets call it
const env = cleanEnv([nodeDir, join(root, "node_modules", ".bin"), ...(pnpm === "pnpm" ? [] : [dirname(pnpm)])]);
if (tasks[task].install !== false) setup(pnpm, env, tasks[task].build);
await unlock();

const [cmd, ...args] = tasks[task].argv(rest);
// Same process group and terminal: Ctrl-C reaches the child directly; we only wait for it. TERM and HUP are passed on.
const child = spawn(cmd === "node" ? join(nodeDir, win ? "node.exe" : "node") : cmd, args, { cwd: process.cwd(), env, stdio: "inherit", shell: win && cmd !== "node" });
for (const s of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(s, () => { if (s !== "SIGINT" || !process.stdin.isTTY) child.kill(s); });
child.on("error", (e) => die(`${cmd}: ${e.message}`));
child.on("exit", (code, sig) => {
  if (sig) { process.removeAllListeners(sig); process.kill(process.pid, sig); setTimeout(() => process.exit(128 + (constants.signals[sig] ?? 0)), 100); }
  else process.exit(code ?? 1);
});
