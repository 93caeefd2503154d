"""Writes ``resources/models/gpu-pack.json``: the wheels that let an installed program compute on an NVIDIA card.

Asks the package index that pip is set to for what the installed onnxruntime-gpu wants of NVIDIA, and reads of each
wheel its checksum, its size, what it unpacks to and its licence; nothing is downloaded whole. Run after an update of
onnxruntime-gpu: uv run --with pip python packaging/make_gpu_pack.py
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

TARGET = Path(__file__).resolve().parents[1] / "resources/models/gpu-pack.json"
RUNTIME = "onnxruntime-gpu"
PYTHON = "3.11"  # of the installed program
DRIVER = "580.65"  # the oldest for CUDA 13: https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/


class Remote(io.RawIOBase):
    """A file on a web server, read in the pieces that are asked for."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client, self._url, self._place = client, url, 0
        self.size = int(client.head(url).raise_for_status().headers["Content-Length"])

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        return self._place

    def readinto(self, buffer: Any) -> int:
        last = min(self.size, self._place + len(buffer)) - 1
        if last < self._place:
            return 0
        headers = {"Range": f"bytes={self._place}-{last}"}
        reply = self._client.get(self._url, headers=headers).raise_for_status()
        assert reply.status_code == httpx.codes.PARTIAL_CONTENT, "the index gives no parts of files"
        buffer[: len(reply.content)] = reply.content
        self._place += len(reply.content)
        return len(reply.content)


def wanted() -> list[dict[str, Any]]:
    """Return what pip would install, of NVIDIA's and the runtime itself."""
    command = [
        sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-",
        "--python-version", PYTHON, "--only-binary", ":all:", "--target", "unused",
        f"{RUNTIME}[cuda,cudnn]=={version(RUNTIME)}",
    ]  # fmt: skip
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return [each for each in report["install"] if re.match(r"(nvidia|onnxruntime)\b", each["metadata"]["name"])]


def part(client: httpx.Client, found: dict[str, Any]) -> dict[str, object]:
    """Return what the program has to know of one wheel."""
    url = found["download_info"]["url"]
    remote = Remote(client, url)
    with zipfile.ZipFile(io.BufferedReader(remote, 256 << 10)) as wheel:
        files = wheel.infolist()
        metadata = next(each for each in files if each.filename.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(wheel.read(metadata).decode("utf-8"))
    classified = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier", []) if each.startswith("License")]
    return {
        "name": found["metadata"]["name"],
        "version": found["metadata"]["version"],
        "file": url.rpartition("/")[2],
        "sha256": found["download_info"]["archive_info"]["hashes"]["sha256"],
        "bytes": remote.size,
        "unpacked": sum(each.file_size for each in files),
        "licence": about.get("License-Expression") or about.get("License") or ", ".join(classified),
    }


def main() -> None:
    """Write the list and print its sums."""
    with httpx.Client(follow_redirects=True, timeout=60) as client:
        parts = [part(client, each) for each in wanted()]
    parts.sort(key=lambda each: str(each["name"]))
    pack = {"driver": DRIVER, "python": PYTHON, "parts": parts}
    TARGET.write_text(json.dumps(pack, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name in ("bytes", "unpacked"):
        print(name, sum(int(str(each[name])) for each in parts))


if __name__ == "__main__":
    main()
