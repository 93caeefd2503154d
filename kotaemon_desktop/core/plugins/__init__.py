"""Plugins: packages that bring readers, models, steps and the like. None is ever imported in the window's process."""
