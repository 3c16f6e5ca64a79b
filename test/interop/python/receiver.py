"""An https endpoint for notifications: answers the handshake, keeps what it is sent."""

import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from urllib.parse import parse_qs, urlsplit


class Receiver:
    def __init__(self):
        self.handshakes = []
        # Answers handshakes with an empty text.
        self.mute = False
        self.posts = Queue()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._create_handler())
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(os.environ["TLS_CERT_FILE"], os.environ["TLS_KEY_FILE"])
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.origin = f"https://localhost:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def _create_handler(receiver):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                address = urlsplit(self.path)
                token = parse_qs(address.query, strict_parsing=True)["validationToken"][0] if address.query else None
                if token is None:
                    receiver.posts.put((address.path, body))
                else:
                    receiver.handshakes.append(address.path)
                self.send_response(202 if token is None else 200)
                text = b"" if receiver.mute else (token or "").encode()
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                """The test says what went wrong."""

        return Handler

    def wait_for(self, what, seconds=10):
        """The first post that holds this text, as bytes."""
        try:
            while True:
                path, body = self.posts.get(timeout=seconds)
                if what.encode() in body:
                    return path, body
        except Empty:
            raise AssertionError(f"no notification about {what} within {seconds} s") from None

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
