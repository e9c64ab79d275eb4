// An agent's task with the kit of another language: find why the last Stripe delivery failed, and print the fix.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [command, ...args] = process.argv.slice(2);
const client = new Client({ name: "node", version: "1" });
await client.connect(new StdioClientTransport({ command, args, env: process.env }));

const call = async (name, args) => {
  const answer = await client.callTool({ name, arguments: args });
  if (answer.isError) throw new Error(answer.content[0].text);
  return JSON.parse(answer.content[0].text);
};

const { tools } = await client.listTools();
console.log(`${tools.length} tools, ${tools.every((t) => t.annotations.readOnlyHint) ? "none of them writes" : "some write"}`);

const list = await call("list_captures", { query: "source:stripe sig:bad", limit: 1 });
console.log(`mode ${list.mode}`);
const why = await call("explain_signature", { id: list.result.captures[0].id });
console.log(`the cause: ${why.result.findings[0].cause}`);
console.log(`the fix: ${why.result.findings[0].fix}`);

try {
  await call("replay", { captures: [1], to: "http://127.0.0.1:1/" });
  console.log("replay is done");
} catch (e) {
  console.log(`replay is refused: ${e.message}`);
}
await client.close();
