// A handler of GitHub's webhooks.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

// handler accepts a webhook that is signed with secret.
export function handler(secret) {
  return createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks); // the bytes as they came, not what a parser made of them
      const want = Buffer.from("sha256=" + createHmac("sha256", secret).update(body).digest("hex"));
      const got = Buffer.from(request.headers["x-hub-signature-256"] ?? "");
      const right = got.length === want.length && timingSafeEqual(got, want);
      response.writeHead(right ? 200 : 401, { "Content-Type": "text/plain" });
      response.end(right ? "thanks\n" : "the signature does not match\n");
    });
  });
}
