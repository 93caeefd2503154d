"""The headless commands, over the same core as the window; they run without Qt."""
