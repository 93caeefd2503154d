"""Keeps out of the retrieval host what chromadb imports and this program never lets it use."""

from __future__ import annotations

import sys
from types import ModuleType

# Chroma would send its traces to a server of one's own, which is never configured here. Importing the exporter brings
# gRPC and protobuf: 12 MB of the host's memory, 20 MB of an installed program.
_EXPORTER = "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"


class OTLPSpanExporter:
    """Stands where the exporter of traces would be; nobody may make one."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        raise NotImplementedError("this program exports no traces")


def without_exporter() -> None:
    """Let ``import chromadb`` find an empty exporter; call it before that."""
    if _EXPORTER not in sys.modules:
        module = ModuleType(_EXPORTER)
        vars(module)["OTLPSpanExporter"] = OTLPSpanExporter
        sys.modules[_EXPORTER] = module
