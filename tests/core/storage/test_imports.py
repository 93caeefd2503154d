import subprocess
import sys
from pathlib import Path

from kotaemon_desktop.core.storage.database import Database


def test_the_window_process_pays_for_no_heavy_library() -> None:
    program = (
        "import sys\n"
        "from kotaemon_desktop.core.storage import backup, database, export, history, library, usage, verify\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "sqlite3" in loaded
    assert {"chromadb", "numpy", "onnxruntime", "PySide6", "pypdf", "docx"}.isdisjoint(loaded)


def test_the_index_brings_no_grpc(tmp_path: Path) -> None:
    with Database(tmp_path / "library.sqlite3"):
        pass
    program = (
        "import sys\n"
        "from kotaemon_desktop.core.storage.vector_index import VectorIndex\n"
        f"VectorIndex({str(tmp_path / 'library.sqlite3')!r}, {str(tmp_path / 'chroma')!r}, 'tiny', 4)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "chromadb" in loaded
    assert {"grpc", "kubernetes", "onnxruntime"}.isdisjoint(loaded)
