"""A small real hub on this machine, as Hugging Face's protocol has it: whole, slow, broken, wrong, or refusing."""

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

from kotaemon_desktop.core.models import download

COMMIT = "c0ffee" * 6 + "beef"
BLOCK = 2048


class Hub(ThreadingHTTPServer):
    """Serves one folder as the repository ``someone/tiny``, as the hub's protocol has it."""

    daemon_threads = True

    def __init__(self, folder, prefix=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {
            prefix + f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()
        }
        self.requests = []  # (path, range)
        self.cut_after = []  # for each download to come: bytes after which the connection breaks
        self.corrupt = ""  # a file that arrives changed
        self.ignore_range = False
        self.status = 200
        self.token = ""  # who has not got it is refused
        self.authorizations = []
        self.pause = 0.0  # seconds between two blocks of a graph

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def listing(self):
        siblings = []
        for name, content in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            entry = {"rfilename": name, "size": len(content), "blobId": blob}
            if name.endswith((".onnx", ".data")):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 130}
            siblings.append(entry)
        return {"id": "someone/tiny", "sha": COMMIT, "siblings": siblings}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append((path, self.headers.get("Range")))
        self.server.authorizations.append(self.headers.get("Authorization"))
        if self.server.token and self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.reply(401, b"{}")
        elif self.server.status != 200:
            self.reply(self.server.status, b"{}")
        elif path == "/api/models/someone/tiny":
            self.reply(200, json.dumps(self.server.listing()).encode())
        else:
            name = path.removeprefix(f"/someone/tiny/resolve/{COMMIT}/")
            if name in self.server.files:
                self.send_file(name)
            else:
                self.reply(404, b"{}")

    def send_file(self, name):
        content = self.server.files[name]
        if name == self.server.corrupt:
            content = bytes(len(content))
        start = 0 if self.server.ignore_range else int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        body = content[start:]
        if name.endswith(".onnx") and self.server.cut_after:
            self.reply(206, body[: self.server.cut_after.pop(0)], len(body))
            self.close_connection = True
        else:
            self.reply(200 if self.server.ignore_range else 206, body)

    def reply(self, status, body, length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        for block in range(0, len(body), BLOCK) if self.server.pause else ():
            self.wfile.write(body[block : block + BLOCK])
            time.sleep(self.server.pause)
        if not self.server.pause:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve(monkeypatch):
    """Start hubs; the program is pointed to the latest."""
    from huggingface_hub.utils import close_session

    close_session()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(download, "_PAUSE", 0)
    monkeypatch.setattr(download, "_INTERVAL", 0)
    running = []

    def start(folder, prefix=""):
        hub = Hub(folder, prefix)
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((hub, thread))
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        return hub

    yield start
    close_session()
    for hub, thread in running:
        hub.shutdown()
        hub.server_close()
        thread.join()


@pytest.fixture
def keyring_of_the_test():
    """A keyring that forgets everything with the test."""
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1

        def __init__(self):
            super().__init__()
            self.kept = {}

        def get_password(self, service, username):
            return self.kept.get((service, username))

        def set_password(self, service, username, password):
            self.kept[service, username] = password

        def delete_password(self, service, username):
            del self.kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield
    keyring.set_keyring(before)
