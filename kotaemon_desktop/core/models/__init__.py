"""Models on disk and how they run on ONNX Runtime."""
