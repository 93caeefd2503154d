"""The self-test: every kind of model shows what it can, and one that computes nonsense is found out."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from kotaemon_desktop.core.errors import ModelNotFound, UnsupportedModel
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.models.trial import TrialService


@pytest.mark.parametrize("layout", ["genai", "onnx", "half", "last"])
def test_a_language_model_reads_and_writes(tmp_path, decoder_folders, layout):
    model = ModelStore(tmp_path).add(getattr(decoder_folders, layout))
    speed = TrialService(model.folder).measure([])
    assert (speed.model, speed.task) == (model.id, "generation")
    assert speed.reads > speed.writes > 0
    assert speed.load_seconds > 0
    assert speed.bytes > 10 << 20


def test_an_embedder_embeds_what_it_is_given(tmp_path, encoder_folder):
    model = ModelStore(tmp_path).add(encoder_folder)
    speed = TrialService(model.folder).measure(["a short passage", "another one"])
    assert speed.passages > 0
    assert speed.writes == speed.reads == 0
    assert TrialService(model.folder).measure([]).passages > 0


def test_a_model_that_computes_no_numbers_fails(tmp_path, encoder_folder):
    file = encoder_folder / "onnx/model.onnx"
    graph = onnx.load(file)
    for each in graph.graph.initializer:
        if each.data_type == onnx.TensorProto.FLOAT and len(each.dims) == 2:
            each.CopyFrom(numpy_helper.from_array(np.full(tuple(each.dims), np.nan, np.float32), each.name))
    onnx.save(graph, file)
    model = ModelStore(tmp_path).add(encoder_folder)
    with pytest.raises(UnsupportedModel, match="no numbers"):
        TrialService(model.folder).measure([])


def test_a_missing_model_is_told(tmp_path):
    with pytest.raises(ModelNotFound):
        TrialService(str(tmp_path / "gone"))
