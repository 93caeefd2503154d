"""Makes the maintainers' key pair, and signs what the update check reads (kotaemon_desktop/core/updates).

    python packaging/sign_update.py key PRIVATE             once: writes PRIVATE, and resources/updates/public-key.txt
    python packaging/sign_update.py sign PRIVATE PAGE FILE…  writes dist/update.json for this version

PRIVATE is kept by the maintainers, outside of the repository. PAGE is where people download the release. The notes are
this version's section of CHANGELOG.md; what it says in other languages is asked for in ``--notes zh_CN=FILE``.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kotaemon_desktop import __version__
from kotaemon_desktop.core.updates.manifest import MOST_BYTES, opened

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = ROOT / "resources/updates/public-key.txt"


def make_key(private: Path, public: Path = PUBLIC) -> None:
    """Write a new pair; an existing ``private`` is never overwritten."""
    if private.resolve().is_relative_to(ROOT):
        raise SystemExit("the private key must lie outside of the repository")
    key = Ed25519PrivateKey.generate()
    with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.private_bytes_raw().hex() + "\n")
    public.write_text(key.public_key().public_bytes_raw().hex() + "\n", "ascii")


def seal(manifest: dict[str, object], private: bytes) -> bytes:
    """Return the envelope of ``manifest``, signed with the 32 bytes ``private``."""
    text = json.dumps(manifest, ensure_ascii=False)
    signature = base64.b64encode(Ed25519PrivateKey.from_private_bytes(private).sign(text.encode())).decode("ascii")
    return json.dumps({"manifest": text, "signature": signature}, ensure_ascii=False).encode()


def notes(version: str = __version__) -> str:
    """Return what CHANGELOG.md says of ``version``."""
    section = (ROOT / "CHANGELOG.md").read_text("utf-8").partition(f"## {version}")[2]
    return section.partition("\n")[2].partition("\n## ")[0].strip()


def main() -> None:
    """Do what the command line says; what was sealed is opened with the public key before it is written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["key", "sign"])
    parser.add_argument("private", type=Path)
    parser.add_argument("page", nargs="?", default="")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--notes", metavar="LANGUAGE=FILE", action="append", default=[])
    chosen = parser.parse_args()
    if chosen.what == "key":
        make_key(chosen.private)
        print(f"{PUBLIC.relative_to(ROOT)} is written; commit it. Keep {chosen.private} to yourself.")
        return
    translated = (each.partition("=") for each in chosen.notes)
    manifest = {
        "version": __version__,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "page": chosen.page,
        "notes": {"en": notes()} | {language: Path(file).read_text("utf-8") for language, _is, file in translated},
        "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in chosen.files},
    }
    envelope = seal(manifest, bytes.fromhex(chosen.private.read_text("ascii").strip()))
    opened(envelope, bytes.fromhex(PUBLIC.read_text("ascii").strip()))
    target = ROOT / "dist/update.json"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(envelope)
    print(f"{target.relative_to(ROOT)}: {len(envelope)} of at most {MOST_BYTES} bytes")


if __name__ == "__main__":
    sys.exit(main())
