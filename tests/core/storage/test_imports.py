import subprocess
import sys


def test_the_window_process_pays_for_no_heavy_library() -> None:
    program = (
        "import sys\n"
        "from kotaemon_desktop.core.storage import backup, database, export, history, library, usage, verify\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "sqlite3" in loaded
    assert {"chromadb", "numpy", "onnxruntime", "PySide6", "pypdf", "docx"}.isdisjoint(loaded)
