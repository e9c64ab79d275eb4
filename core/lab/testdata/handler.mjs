// A GitHub webhook handler without any package. Started with the name of a fault, it has that one; with "none" it is correct.
import { createServer } from "node:http";
import { createHmac, timingSafeEqual } from "node:crypto";

const fault = process.argv[2];
const secret = process.env.WEBHOOK_SECRET;
const seen = new Set();

function signatureOf(req) {
  if (fault !== "case-sensitive") return req.headers["x-hub-signature-256"];
  const at = req.rawHeaders.indexOf("X-Hub-Signature-256");
  return at < 0 ? undefined : req.rawHeaders[at + 1];
}

function verified(req, raw) {
  const bytes = fault === "reserialises" ? JSON.stringify(JSON.parse(raw.toString() || "null")) : raw;
  const want = "sha256=" + createHmac("sha256", secret).update(bytes).digest("hex");
  const got = signatureOf(req);
  if (fault !== "throws-on-missing" && (got === undefined || got.length !== want.length)) return false;
  return timingSafeEqual(Buffer.from(want), Buffer.from(got));
}

function handle(req, res, raw) {
  if (!verified(req, raw)) return answer(res, 401, { error: "bad signature" });
  let event;
  try {
    event = JSON.parse(raw.toString());
  } catch {
    return answer(res, 400, { error: "not JSON" });
  }
  if (fault === "crashes-on-unicode") btoa(raw.toString()); // throws beyond Latin-1, outside of any try: the process ends
  const duplicate = seen.has(event.id);
  seen.add(event.id);
  answer(res, 200, { received: true, duplicate, processed: seen.size });
}

function answer(res, status, body) {
  res.writeHead(status, { "Content-Type": "application/json" });
  res.end(JSON.stringify(body));
}

const server = createServer((req, res) => {
  if (req.method !== "POST") return answer(res, 405, { error: "POST only" });
  const chunks = [];
  req.on("data", (c) => chunks.push(c));
  req.on("end", () => {
    if (fault !== "throws-on-missing") return handle(req, res, Buffer.concat(chunks));
    try {
      handle(req, res, Buffer.concat(chunks));
    } catch (e) {
      answer(res, 500, { error: String(e) }); // as express does
    }
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/webhook`));
