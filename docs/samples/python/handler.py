"""A handler of GitHub's webhooks."""

import hashlib
import hmac
from http.server import BaseHTTPRequestHandler


def handler(secret):
    """Accepts a webhook that is signed with secret."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            # The bytes as they came, not what a parser made of them.
            want = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            right = hmac.compare_digest(want.encode(), self.headers.get("X-Hub-Signature-256", "").encode())
            answer = b"thanks\n" if right else b"the signature does not match\n"
            self.send_response(200 if right else 401)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler
