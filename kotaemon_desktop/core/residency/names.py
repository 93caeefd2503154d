"""What the components are called: in leases, events, settings and on the screen (there translated)."""

from __future__ import annotations

READER = "reader"
OCR = "ocr"  # reads pages that are pictures
EMBEDDER = "embedder"  # vectors for imports
RETRIEVAL = "retrieval"  # the query's vector, and the index
GENERATOR = "generator"
BUILDER = "builder"  # makes the embedded embedder, once
TRIAL = "trial"  # tests a model
TOOLS = "tools"  # calls tools: HTTP, databases, MCP servers
PROBE = "probe"  # tries the execution providers
UPDATES = "updates"  # asks for the newest version
PLUGINS = "plugins"  # routes, steps, memories and tools that packages bring
