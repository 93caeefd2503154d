"""Which embedder makes vectors and which one searches, before, during and after a change."""

import shutil
from pathlib import Path

import pytest

from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.models.remote import RemoteModels
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.plugins.registry import Plugins
from kotaemon_desktop.core.settings import Settings


@pytest.fixture
def store(tmp_path, encoder_folder):
    made = ModelStore(tmp_path / "models")
    for name in ("first", "second"):
        made.add(shutil.copytree(encoder_folder, tmp_path / name))
    return made


def ids(store, wish, *complete):
    embedders = Embedders(
        store, RemoteModels(Settings, Keychain()), lambda: Plugins(Path(), tuple), lambda: wish, lambda: complete
    )
    return tuple(each and each.id for each in (embedders.chosen(), embedders.searching()))


def test_without_a_model_there_is_none(tmp_path):
    assert ids(ModelStore(tmp_path), "", "gone") == (None, None)


def test_the_first_one_searches_from_its_first_vector_on(store):
    assert ids(store, "first") == ("first", "first")


def test_without_a_wish_the_one_that_is_complete_stays(store):
    assert ids(store, "", "first") == ("first", "first")
    assert ids(store, "", "second", "first") == ("second", "second")


def test_a_new_one_embeds_while_the_old_one_searches(store):
    assert ids(store, "second", "first") == ("second", "first")
    assert ids(store, "second", "second", "first") == ("second", "second")


def test_who_goes_back_searches_at_once(store):
    assert ids(store, "first", "second", "first") == ("first", "first")


def test_what_was_removed_is_not_waited_for(store):
    store.remove("first")
    assert ids(store, "first", "first") == ("second", "second")
