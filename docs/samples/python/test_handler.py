"""Runs beside a Hookglass:

    GITHUB_SECRET=s WEBHOOK_SECRET=s hookglass run --workspace ../workspace.json -- python3 -m unittest
"""

import hashlib
import hmac
import json
import os
import threading
import unittest
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer

from handler import handler


def control(method, path, body=None):
    """Asks the control address."""
    request = urllib.request.Request(os.environ["HOOKGLASS_CONTROL"] + path, method=method, data=body and json.dumps(body).encode(),
                                     headers={"Authorization": "Bearer " + os.environ["HOOKGLASS_TOKEN"]})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def forward(name, to):
    """Has a source send its captures on to the handler, and answer as the handler does."""
    source = next(s for s in control("GET", "/_/sources") if s["name"] == name)
    control("PUT", f"/_/sources/{source['id']}", {"forward": {"url": to, "answer": True}})


def post(body, signed):
    """Sends a body to the source, with GitHub's signature of signed."""
    signature = hmac.new(os.environ["GITHUB_SECRET"].encode(), signed.encode(), hashlib.sha256).hexdigest()
    request = urllib.request.Request(os.environ["HOOKGLASS_URL"] + "/in/github", data=body.encode(), headers={
        "Content-Type": "application/json", "X-GitHub-Event": "ping", "X-Hub-Signature-256": "sha256=" + signature})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@unittest.skipUnless("HOOKGLASS_URL" in os.environ, "run me with: hookglass run --workspace ../workspace.json -- python3 -m unittest")
class HandlerTest(unittest.TestCase):
    def test_it_accepts_what_is_signed_and_nothing_else(self):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(os.environ["WEBHOOK_SECRET"]))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        forward("github", f"http://127.0.0.1:{server.server_port}/webhooks")
        body = '{"zen": "Keep it logically awesome."}'
        self.assertEqual(post(body, body), 200, "a webhook that is rightly signed")
        self.assertEqual(post(body + " ", body), 401, "a webhook that was changed")
        waited = control("GET", "/_/wait?since_s=600&timeout_s=30&query=source:github+sig:verified+status:200")
        self.assertFalse(waited["timed_out"], waited.get("reason"))


if __name__ == "__main__":
    unittest.main()
