"""The decode loop's heart: however the tokens arrive, the logits are the same."""

import shutil

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import QuantType, quantize_dynamic

from kotaemon_desktop.core.errors import UnsupportedModel
from kotaemon_desktop.core.models import layout
from kotaemon_desktop.core.models.cache import GrowingCache, SharedCache
from kotaemon_desktop.core.models.decoder import Decoder, common_prefix

IDS = [int(i) for i in np.random.default_rng(3).integers(4, 290, 40)]


def load(folder, limit=200):
    return Decoder(folder, layout.inspect(folder, folder.name), limit)


def last(decoder, ids, chunk=128):
    *early, logits = decoder.read(ids, chunk)
    assert all(each is None for each in early)
    return logits


def prove(decoder):
    """Have ``decoder`` find out that it may read several tokens at once."""
    read = len(decoder.ids)
    assert decoder.extend([5, 6, 7]).shape[0] == 1
    decoder.cut(read)


@pytest.fixture(params=["genai", "onnx", "half", "last"])
def folder(request, decoder_folders):
    return getattr(decoder_folders, request.param)


@pytest.fixture
def tolerance(folder):
    return 3e-2 if folder.name == "tiny-half" else 1e-4


def test_uses_the_cache_that_the_graph_allows(decoder_folders):
    assert isinstance(load(decoder_folders.genai)._cache, SharedCache)
    assert isinstance(load(decoder_folders.onnx)._cache, GrowingCache)


def test_both_layouts_compute_the_same(decoder_folders):
    # One attends with ONNX Runtime's fused operator and shared buffers, the other in plain operators with a mask.
    np.testing.assert_allclose(last(load(decoder_folders.genai), IDS), last(load(decoder_folders.onnx), IDS), atol=1e-4)


@pytest.mark.parametrize("chunk", [1, 7, 39, 40])
def test_chunks_change_nothing(folder, tolerance, chunk):
    whole = last(load(folder), IDS, chunk=1000)
    np.testing.assert_allclose(last(load(folder), IDS, chunk=chunk), whole, atol=tolerance)


def test_one_token_more_is_as_reading_all_again(folder, tolerance):
    decoder = load(folder)
    last(decoder, IDS[:30])
    for end in range(31, 40):
        grown = decoder.append(IDS[end - 1])
        np.testing.assert_allclose(grown, last(load(folder), IDS[:end]), atol=tolerance)


def test_a_reused_prefix_gives_the_same_logits_with_less_work(folder, tolerance):
    decoder = load(folder)
    last(decoder, IDS)
    other = IDS[:25] + IDS[:10]
    assert len(list(decoder.read(other, 5))) == 2  # only the 10 tokens that differ
    last(decoder, IDS)
    np.testing.assert_allclose(last(decoder, other), last(load(folder), other), atol=tolerance)
    assert decoder.ids == other


def test_the_same_prompt_again_reads_only_its_last_token(folder, tolerance):
    decoder = load(folder)
    first = last(decoder, IDS)
    assert len(list(decoder.read(IDS, 1))) == 1
    np.testing.assert_allclose(last(decoder, IDS), first, atol=tolerance)


def test_buffers_grow_with_the_text(decoder_folders, monkeypatch):
    monkeypatch.setattr("kotaemon_desktop.core.models.cache._STEP", 8)
    decoder = load(decoder_folders.genai)
    np.testing.assert_allclose(last(decoder, IDS, chunk=3), last(load(decoder_folders.onnx), IDS), atol=1e-4)


def test_a_step_left_half_way_leaves_a_usable_cache(folder, tolerance):
    decoder = load(folder)
    steps = decoder.read(IDS, 8)
    next(steps)
    steps.close()
    assert decoder.ids == IDS[:8]
    np.testing.assert_allclose(last(decoder, IDS), last(load(folder), IDS), atol=tolerance)


def test_after_a_failed_run_it_reads_anew(folder, tolerance):
    decoder = load(folder)
    expected = last(decoder, IDS)
    with pytest.raises(Exception, match="indices"):
        decoder.append(10**6)  # no such token
    assert decoder.ids == []
    np.testing.assert_allclose(last(decoder, IDS), expected, atol=tolerance)


def test_only_the_wanted_logits_are_computed(decoder_folders):
    assert load(decoder_folders.last)._run(IDS).shape()[1] == 1  # by the graph's own choice
    assert load(decoder_folders.onnx)._run(IDS).shape()[1] == 1  # by the choice that it got when it was loaded
    assert load(decoder_folders.genai)._run(IDS, 3).shape()[1] == 3


def test_a_graph_too_large_to_edit_serves_as_it_is(decoder_folders, monkeypatch):
    monkeypatch.setattr("kotaemon_desktop.core.models.decoder._EDITABLE", 10)
    decoder = load(decoder_folders.onnx)
    assert decoder._run(IDS).shape()[1] == len(IDS)
    decoder.cut(0)
    np.testing.assert_allclose(last(decoder, IDS), last(load(decoder_folders.genai), IDS), atol=1e-4)
    decoder.cut(30)
    prove(decoder)
    assert decoder.extend(IDS[30:35]).shape[0] == 5


def test_several_tokens_at_once_give_the_logits_after_each(folder, tolerance):
    decoder, other = load(folder), load(folder)
    last(decoder, IDS[:30])
    last(other, IDS[:30])
    prove(decoder)
    rows = decoder.extend(IDS[30:36])
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [other.append(token) for token in IDS[30:36]], atol=tolerance)
    decoder.cut(33)
    np.testing.assert_allclose(decoder.append(IDS[33]), rows[3], atol=tolerance)
    assert decoder.ids == IDS[:34]


def test_a_graph_that_gives_the_last_logits_only_takes_one_token_at_a_time(decoder_folders, monkeypatch):
    decoder = load(decoder_folders.last)
    last(decoder, IDS[:30])
    feed = decoder._feed
    monkeypatch.setattr(decoder, "_feed", lambda name, length, step, wanted: feed(name, length, step, 1))
    assert decoder.drafts
    rows = decoder.extend(IDS[30:36])
    assert (len(rows), decoder.ids, decoder.drafts) == (1, IDS[:31], False)
    np.testing.assert_allclose(rows[0], last(load(decoder_folders.last), IDS[:31]), atol=1e-4)


def test_several_tokens_at_once_are_proven_before_they_are_trusted(folder, tolerance, monkeypatch):
    decoder = load(folder)
    last(decoder, IDS[:30])
    expected = load(folder)
    last(expected, IDS[:30])
    np.testing.assert_allclose(decoder.extend(IDS[30:36])[0], expected.append(IDS[30]), atol=tolerance)
    assert decoder.ids == IDS[:31]
    assert decoder.drafts


def test_tokens_that_change_each_other_are_not_read_together(decoder_folders, tmp_path):
    shutil.copytree(decoder_folders.onnx, tmp_path / "int8")
    graph = tmp_path / "int8/onnx/model.onnx"
    options = {"DefaultTensorType": onnx.TensorProto.FLOAT}
    quantize_dynamic(graph, graph, weight_type=QuantType.QInt8, extra_options=options)  # one scale for a whole run
    decoder = load(tmp_path / "int8")
    last(decoder, IDS[:30])
    alone = decoder.extend(IDS[30:36])
    assert (len(alone), decoder.ids, decoder.drafts) == (1, IDS[:31], False)


def test_attention_rounds_the_same_for_one_token_and_for_several(decoder_folders):
    decoder, other = load(decoder_folders.genai), load(decoder_folders.genai)
    assert decoder._spare == 1
    last(decoder, IDS[:30])
    last(other, IDS[:30])
    prove(decoder)
    names = {name: block.copy() for name, block in enumerate(decoder.blocks())}
    rows = decoder.extend(IDS[30:36])
    np.testing.assert_array_equal(decoder.ids, IDS[:36])
    singles = [other.append(token) for token in IDS[30:36]]
    np.testing.assert_allclose(rows, singles, atol=1e-5)
    for number, block in enumerate(other.blocks()):  # what was read before is as it was
        np.testing.assert_allclose(block[:, :, :30], names[number], atol=1e-6)


def test_stop_ids_of_all_files_count(decoder_folders):
    assert load(decoder_folders.genai).stop_ids == {1, 3}
    assert load(decoder_folders.onnx).stop_ids == {1, 3}


def test_a_graph_without_a_cache_is_refused(encoder_folder):
    with pytest.raises(UnsupportedModel, match="past_key_values"):
        load(encoder_folder)


def test_common_prefix():
    assert common_prefix([1, 2, 3], [1, 2, 4]) == 2
    assert common_prefix([1, 2], [1, 2, 3]) == 2
    assert common_prefix([], [1]) == 0
