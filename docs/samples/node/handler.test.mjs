// Runs beside a Hookglass:
//
//   GITHUB_SECRET=s WEBHOOK_SECRET=s hookglass run --workspace ../workspace.json -- node --test
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { handler } from "./handler.mjs";

const { HOOKGLASS_URL, HOOKGLASS_CONTROL, HOOKGLASS_TOKEN, GITHUB_SECRET, WEBHOOK_SECRET } = process.env;
const skip = HOOKGLASS_URL ? false : "run me with: hookglass run --workspace ../workspace.json -- node --test";

// control asks the control address.
async function control(method, path, body) {
  const headers = { Authorization: `Bearer ${HOOKGLASS_TOKEN}` };
  const answer = await fetch(HOOKGLASS_CONTROL + path, { method, headers, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, `${method} ${path}`);
  return answer.json();
}

// forward has a source send its captures on to the handler, and answer as the handler does.
async function forward(name, url) {
  const source = (await control("GET", "/_/sources")).find((s) => s.name === name);
  await control("PUT", `/_/sources/${source.id}`, { forward: { url, answer: true } });
}

// post sends a body to the source, with GitHub's signature of signed.
async function post(body, signed) {
  const signature = "sha256=" + createHmac("sha256", GITHUB_SECRET).update(signed).digest("hex");
  const headers = { "Content-Type": "application/json", "X-GitHub-Event": "ping", "X-Hub-Signature-256": signature };
  return (await fetch(HOOKGLASS_URL + "/in/github", { method: "POST", headers, body })).status;
}

test("the handler accepts what is signed, and nothing else", { skip }, async () => {
  const server = handler(WEBHOOK_SECRET).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await forward("github", `http://127.0.0.1:${server.address().port}/webhooks`);
    const body = '{"zen": "Keep it logically awesome."}';
    assert.equal(await post(body, body), 200, "a webhook that is rightly signed");
    assert.equal(await post(body + " ", body), 401, "a webhook that was changed");
    const waited = await control("GET", "/_/wait?since_s=600&timeout_s=30&query=source:github+sig:verified+status:200");
    assert.ok(!waited.timed_out, waited.reason);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
