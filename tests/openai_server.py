"""A small server that speaks OpenAI's interface, for tests: run as a program, it prints its port.

What it does is chosen by the model that is asked for: see ``MODELS``. ``GET /seen`` tells the requests so far, and how
many clients left in mid-answer.
"""

import json
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import PIPE, Popen

KEY = "sesame"
ANSWER = "Annual leave is twenty days a year [1]. "
MODELS = ("good", "thinker", "slow", "endless", "cut", "late", "busy", "html", "broken", "no-mark", "vectors", "ragged")

# A model that is busy: how often it refuses, and after how many seconds it wants to be asked again.
BUSY = {"busy": (sys.maxsize, "90"), "busy-once": (1, "0.3"), "busy-a-while": (6, "0.7")}

SEEN = []
ASKED = {}  # how often each model was


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    left = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/seen":
            self.reply(200, {"requests": SEEN, "left": Handler.left})
        elif self.path == "/v1/models":
            self.reply(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
        else:
            self.reply(404, {"detail": "Not Found"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model = body["model"]
        SEEN.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
        times = ASKED[model] = ASKED.get(model, 0) + 1
        if model == "locked" and self.headers.get("Authorization") != f"Bearer {KEY}":
            self.reply(401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}})
        elif times <= BUSY.get(model, (0, ""))[0]:
            self.reply(429, {"error": {"message": "Rate limit reached"}}, {"Retry-After": BUSY[model][1]})
        elif model == "html":
            self.reply(200, "<html>Sign in</html>", kind="text/html")
        elif model == "broken":
            self.reply(500, {"error": {"message": "CUDA out of memory"}})
        elif self.path == "/v1/chat/completions" and model in {*MODELS, *BUSY, "locked"}:
            self.chat(body)
        elif self.path == "/v1/embeddings" and model in {"vectors", "ragged", *BUSY}:
            self.embed(body)
        elif self.path.startswith("/v1/"):
            self.reply(404, {"error": {"message": f"The model `{model}` does not exist.", "code": "model_not_found"}})
        else:
            self.reply(404, {"detail": "Not Found"})

    def chat(self, body):
        if body["model"] == "late":
            time.sleep(3)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        try:
            for delta in self.deltas(body["model"]):
                self.event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            if body["model"] == "cut":
                return
            self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            usage = {"prompt_tokens": 100, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 64}}
            self.event({"choices": [], "usage": usage})
            if body["model"] != "no-mark":
                self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            Handler.left += 1

    def deltas(self, model):
        yield {"role": "assistant", "content": ""}
        if model == "thinker":
            yield {"reasoning_content": "Which leave? "}
        if model == "slow":
            time.sleep(1)
        words = ANSWER.split(" ")
        for word in words[:3] if model == "cut" else words:
            yield {"content": f"{word} " if word else ""}
        while model == "endless":
            time.sleep(0.02)
            yield {"content": "and on "}

    def event(self, data):
        self.wfile.write(b"data: " + json.dumps(data).encode() + b"\r\n\r\n: keep alive\n\n")
        self.wfile.flush()

    def embed(self, body):
        texts = body["input"]
        rows = [{"object": "embedding", "index": n, "embedding": vector(text)} for n, text in enumerate(texts)]
        if body["model"] == "ragged":
            rows[-1]["embedding"].pop()
        self.reply(200, {"object": "list", "data": rows[::-1], "usage": {"prompt_tokens": 1, "total_tokens": 1}})

    def reply(self, status, body, headers=None, kind="application/json"):
        text = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(text)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


def vector(text):
    """Return what the letters of ``text`` are: texts that share words are near each other."""
    counts = [0.1] * 48
    for word in text.lower().split():
        counts[sum(map(ord, word)) % 48] += 1
    return counts


@contextmanager
def running():
    """Run the server in a process of its own and yield its port."""
    with Popen([sys.executable, __file__], stdout=PIPE, stdin=PIPE) as process:
        yield int(process.stdout.readline())
        process.stdin.close()


def seen(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/seen")
    told = json.loads(connection.getresponse().read())
    connection.close()
    return told


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()  # ends with whoever started it
