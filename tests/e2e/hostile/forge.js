// Forges entries for Node's compile cache, as anybody can who has the same Node and can read a
// module: V8 checks nothing of the source but its length, Node only a CRC-32 that stands in the
// entry itself. The code of the entry is that of the module with one comment replaced, so that the
// module goes on working: what was compiled lazily is compiled from the true source, at the same
// places.
// In: how the module is loaded (cjs or esm), the code to add, the folder for the entries, and files.
// Out: one line an entry that was made: its file and its module.
const { crc32 } = require("zlib");
const fs = require("fs"), path = require("path"), os = require("os");
const { spawnSync } = require("child_process");
const [kind, code, folder, ...files] = process.argv.slice(2);

// Where a comment of its own line is long enough; at the left, so within no function.
function changed(source) {
  for (const at of source.matchAll(/^\/\/.*$/gm))
    if (at[0].length >= code.length) {
      const filled = code.padEnd(at[0].length);
      return source.slice(0, at.index) + filled + source.slice(at.index + at[0].length);
    }
}

for (const file of files) {
  const source = fs.readFileSync(file, "utf8");
  const other = changed(source);
  if (other === undefined || /[^\x00-\x7f]/.test(source)) continue;
  // Beside links to the module's neighbours, which it may import.
  const work = fs.mkdtempSync(path.join(process.env.HOME, "forge-"));
  for (const name of fs.readdirSync(path.dirname(file)))
    fs.symlinkSync(path.join(path.dirname(file), name), path.join(work, name));
  const copy = path.join(work, path.basename(file)), cache = path.join(work, "entries-of-the-copy");
  fs.unlinkSync(copy);
  fs.writeFileSync(copy, other);
  const load = kind === "esm" ? ["--version"] : [];
  const main = kind === "esm" ? [copy] : ["-e", `require(${JSON.stringify(copy)})`];
  spawnSync(process.execPath, [...main, ...load], {
    env: { HOME: work, PATH: process.env.PATH, NODE_COMPILE_CACHE: cache, FORGING: "1" }, timeout: 30000,
  });
  const key = (p) => {
    const type = kind === "esm" ? 1 : 0, name = kind === "esm" ? `file://${p}` : p;
    return crc32(name, crc32(Buffer.from([type]))).toString(16).padStart(8, "0");
  };
  const [made] = fs.existsSync(cache) ? fs.readdirSync(cache) : [];
  const from = made && path.join(cache, made, key(copy));
  if (from && fs.existsSync(from)) {
    const entry = fs.readFileSync(from);
    // magic, the code's size, the cache's size, the code's CRC-32, the cache's CRC-32
    if (entry.readUInt32LE(4) !== Buffer.byteLength(source)) throw new Error(`an unknown form of entry: ${from}`);
    entry.writeUInt32LE(crc32(source), 12);
    // The last word of the folder's name is the user's number.
    const tag = made.replace(/-\d+$/, "");
    fs.mkdirSync(path.join(folder, tag), { recursive: true });
    fs.writeFileSync(path.join(folder, tag, key(file)), entry);
    console.log(`${path.join(folder, tag, key(file))} ${file}`);
  }
  fs.rmSync(work, { recursive: true });
}
