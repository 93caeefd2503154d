"""A cache in a file: the same logits after it, and nothing at all from a file that is not whole or not ours."""

import numpy as np
import pytest

from kotaemon_desktop.core.models import layout, snapshot
from kotaemon_desktop.core.models.decoder import Decoder

IDS = [int(i) for i in np.random.default_rng(4).integers(4, 290, 60)]


def load(folder):
    return Decoder(folder, layout.inspect(folder, folder.name), 200)


def last(decoder, ids):
    *_, logits = decoder.read(ids)
    return logits


@pytest.fixture(params=["genai", "onnx", "half"])
def folder(request, decoder_folders):
    return getattr(decoder_folders, request.param)


def test_the_logits_after_a_restored_cache_are_those_of_the_whole_prompt(folder, tmp_path):
    decoder = load(folder)
    last(decoder, IDS[:50])
    assert snapshot.save(tmp_path / "cache", decoder, "m") == 50
    woken = load(folder)
    assert snapshot.load(tmp_path / "cache", woken, "m", 200) == 50
    assert woken.ids == IDS[:50]
    tolerance = 3e-2 if folder.name == "tiny-half" else 1e-4
    logits = last(woken, IDS)
    np.testing.assert_array_equal(logits, last(decoder, IDS))
    np.testing.assert_allclose(logits, last(load(folder), IDS), atol=tolerance, rtol=1e-3)


def test_nothing_of_a_restored_prefix_is_read_again(folder, tmp_path):
    decoder = load(folder)
    last(decoder, IDS[:50])
    snapshot.save(tmp_path / "cache", decoder, "m")
    woken = load(folder)
    snapshot.load(tmp_path / "cache", woken, "m", 200)
    assert len(list(woken.read(IDS[:52], 1))) == 2


def test_a_restored_cache_replaces_a_longer_one(folder, tmp_path):
    decoder = load(folder)
    last(decoder, IDS[:20])
    snapshot.save(tmp_path / "cache", decoder, "m")
    expected = last(decoder, IDS[:30])
    last(decoder, IDS[::-1])
    assert snapshot.load(tmp_path / "cache", decoder, "m", 200) == 20
    np.testing.assert_array_equal(last(decoder, IDS[:30]), expected)


def test_files_that_do_not_fit_change_nothing(decoder_folders, tmp_path):
    decoder = load(decoder_folders.genai)
    last(decoder, IDS)
    file = tmp_path / "cache"
    snapshot.save(file, decoder, "m")
    whole = file.read_bytes()
    assert snapshot.load(tmp_path / "none", decoder, "m", 200) == 0
    assert snapshot.load(file, decoder, "another model", 200) == 0
    assert snapshot.load(file, decoder, "m", 59) == 0
    assert snapshot.load(file, load(decoder_folders.half), "m", 200) == 0  # keys and values of another type
    flipped = bytearray(whole)
    flipped[-20] ^= 1
    header = whole.index(b"\n", 17) + 1
    for damaged in (b"", whole[:10], whole[: header - 9], whole[:header], whole[:-1], whole + b"x", bytes(flipped)):
        file.write_bytes(damaged)
        before = last(decoder, IDS)
        assert snapshot.load(file, decoder, "m", 200) == 0
        assert decoder.ids == IDS
        np.testing.assert_array_equal(last(decoder, IDS), before)


def test_an_empty_cache_is_saved_as_nothing(decoder_folders, tmp_path):
    decoder = load(decoder_folders.genai)
    assert snapshot.save(tmp_path / "cache", decoder, "m") == 0
    assert snapshot.load(tmp_path / "cache", decoder, "m", 200) == 0


def test_a_failed_save_keeps_the_file_before_and_leaves_none_half_written(decoder_folders, tmp_path):
    decoder = load(decoder_folders.genai)
    last(decoder, IDS)
    (tmp_path / "cache" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="cache"):
        snapshot.save(tmp_path / "cache", decoder, "m")
    assert [each.name for each in tmp_path.iterdir()] == ["cache"]


def test_a_fingerprint_knows_a_model_by_its_weights(tmp_path):
    file = tmp_path / "model.onnx"
    weights = np.random.default_rng(5).bytes(1_000_000)
    file.write_bytes(weights)
    first = snapshot.fingerprint([file])
    assert snapshot.fingerprint([file]) == first
    for changed in (b"x" + weights[1:], weights[:-1] + b"x", weights[:-1]):
        file.write_bytes(changed)
        assert snapshot.fingerprint([file]) != first
