"""The embedded embedder, built for real from the installed package (about two seconds), or refused."""

import shutil

import numpy as np
import pytest

from kotaemon_desktop.core.errors import ModelIncomplete, UnsupportedModel
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.models.encoder import Encoder
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.records import BuildProgress

needs_package = pytest.mark.skipif(not embedded.available(), reason="the group “embedded” is not installed")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    steps = list(embedded.BuilderService(str(folder)).build())
    return folder, steps


@needs_package
def test_the_model_is_built_and_installed(built):
    folder, steps = built
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1] == BuildProgress(1.0, "all-MiniLM-L6-v2")
    assert [each.name for each in folder.iterdir()] == ["all-MiniLM-L6-v2"]
    model = ModelStore(folder).embedder()
    assert (model.id, model.languages, model.licence) == ("all-MiniLM-L6-v2", ("en",), "apache-2.0")
    assert 20e6 < model.bytes < 30e6  # the int8 form


@needs_package
def test_its_vectors_are_those_of_the_original(built, tmp_path):
    exact = tmp_path / "exact"
    exact.mkdir()
    embedded._assemble(embedded._source(), exact, "float32")
    reference = Encoder(str(exact)).embed(embedded._PROBES, "passage")
    for first, second, cosine in embedded._COSINES:
        assert reference[first] @ reference[second] == pytest.approx(cosine, abs=1e-3)
    small = Encoder(ModelStore(built[0]).embedder().folder)
    vectors = small.embed(embedded._PROBES, "passage")
    assert small.dimension == 384
    assert (reference * vectors).sum(axis=1).min() >= 0.98
    for first, second, cosine in embedded._COSINES:
        assert vectors[first] @ vectors[second] == pytest.approx(cosine, abs=0.03)


@needs_package
def test_it_finds_the_passage_that_answers(built):
    encoder = Encoder(ModelStore(built[0]).embedder().folder)
    passages = [
        "Employees may carry five unused vacation days into the next year.",
        "The printer on the second floor needs a new toner cartridge.",
        "Invoices are paid within thirty days of receipt.",
    ]
    query = encoder.embed(["How many holidays can I keep for later?"], "query")[0]
    assert np.argmax(encoder.embed(passages, "passage") @ query) == 0


@needs_package
def test_other_weights_are_refused(tmp_path, monkeypatch):
    source = tmp_path / "source"
    shutil.copytree(embedded._source(), source)
    with (source / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        weights.write(b"\x55")
    monkeypatch.setattr(embedded, "_source", lambda: source)
    with pytest.raises(ModelIncomplete, match="SHA-256"):
        list(embedded.BuilderService(str(tmp_path / "models")).build())
    assert ModelStore(tmp_path / "models").models() == []


@needs_package
def test_the_model_that_an_installed_program_brings_needs_no_building(built, tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "resource", built[0].parent.joinpath)
    shutil.copytree(built[0], built[0].with_name("models"))
    monkeypatch.setattr(embedded, "_PACKAGE", "no_such_package_here")
    assert embedded.available()

    steps = list(embedded.BuilderService(str(tmp_path / "mine")).build())

    assert steps == [BuildProgress(1.0, "all-MiniLM-L6-v2")]
    theirs, mine = ModelStore(built[0]).embedder(), ModelStore(tmp_path / "mine").embedder()
    assert (mine.id, mine.languages, mine.bytes) == (theirs.id, theirs.languages, theirs.bytes)
    assert Encoder(mine.folder).embed(["the same"], "query") == pytest.approx(
        Encoder(theirs.folder).embed(["the same"], "query")
    )


def test_without_the_package_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "_PACKAGE", "no_such_package_here")
    assert not embedded.available()
    with pytest.raises(ModelIncomplete, match="no_such_package_here"):
        list(embedded.BuilderService(str(tmp_path)).build())


def test_a_graph_that_computes_something_else_is_refused():
    with pytest.raises(UnsupportedModel, match="cosine"):
        embedded._check(np.eye(3, 384, dtype=np.float32))
