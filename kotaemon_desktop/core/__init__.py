"""The program without its window: nothing below this folder imports Qt."""
