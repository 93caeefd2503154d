"""The tokenizers library reads real models' files exactly: llama.cpp's test vectors."""

import pytest
from tokenizers import Tokenizer


@pytest.mark.parametrize(("folder", "vectors"), [("phi3", "phi-3"), ("qwen2.5", "qwen2")])
def test_vectors(shared, folder, vectors):
    root = shared / "models/tokenizers"
    tokenizer = Tokenizer.from_file(str(root / folder / "tokenizer.json"))
    texts = (root / "vectors" / f"{vectors}.inp").read_text("utf-8").split("\n__ggml_vocab_test__\n")
    lines = (root / "vectors" / f"{vectors}.out").read_text("utf-8").splitlines()
    assert len(texts) >= 40
    for text, line in zip(texts, lines, strict=False):
        assert tokenizer.encode(text, add_special_tokens=False).ids == [int(i) for i in line.split()], repr(text)
