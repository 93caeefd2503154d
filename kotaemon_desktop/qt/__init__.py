"""The window: with app.py the only home of PySide6."""
