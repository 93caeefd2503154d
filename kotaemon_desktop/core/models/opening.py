"""Opens a model where it is (in this host, in a plugin, with the program that serves it): imports what that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kotaemon_desktop.core.models import session
from kotaemon_desktop.core.plugins import contract, found
from kotaemon_desktop.core.records import RemoteModel

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.conversing import ConversationService
    from kotaemon_desktop.core.models.encoder import Encoder
    from kotaemon_desktop.core.models.plugged import PluggedConversation, PluggedEncoder
    from kotaemon_desktop.core.models.remote_encoder import RemoteEncoder
    from kotaemon_desktop.core.models.remote_trial import RemoteTrial
    from kotaemon_desktop.core.models.remote_writer import RemoteConversation
    from kotaemon_desktop.core.models.trial import TrialService


def conversation(
    remote: RemoteModel | None, **local: Any
) -> ConversationService | RemoteConversation | PluggedConversation:
    """Return the service of the generator host: ``remote``, or the model that ``local`` describes."""
    if remote is not None:
        from kotaemon_desktop.core.models.remote_writer import RemoteConversation

        return RemoteConversation(remote)
    if plugin := found.at(local["folder"]):
        from kotaemon_desktop.core.models.plugged import PluggedConversation

        return PluggedConversation(plugin)
    session.bring(local["hardware"].pack)  # before the service's own modules import ONNX Runtime
    from kotaemon_desktop.core.models.conversing import ConversationService

    return ConversationService(**local)


def trial(remote: RemoteModel | None, **local: Any) -> RemoteTrial | TrialService:
    """Return the test of ``remote``, or of the model that ``local`` describes."""
    if remote is not None:
        from kotaemon_desktop.core.models.remote_trial import RemoteTrial

        return RemoteTrial(remote)
    session.bring(local["hardware"].pack)
    from kotaemon_desktop.core.models.trial import TrialService

    return TrialService(**local)


def encoder(folder: str, remote: RemoteModel | None, patience: float) -> Encoder | RemoteEncoder | PluggedEncoder:
    """Return the embedder ``remote``, for which one waits ``patience`` seconds when busy, or the one in ``folder``."""
    if remote is not None:
        from kotaemon_desktop.core.models.remote_encoder import RemoteEncoder

        return RemoteEncoder(remote, patience)
    if plugin := found.at(folder):
        from kotaemon_desktop.core.models.plugged import PluggedEncoder

        return PluggedEncoder(plugin)
    from kotaemon_desktop.core.models.encoder import Encoder

    return Encoder(folder)


def reranker(folder: str) -> contract.Reranker:
    """Return the reranker in ``folder``, or that of a plugin. Raises ModelNotFound, UnsupportedModel, PluginBroken."""
    if plugin := found.at(folder):
        from kotaemon_desktop.core.models.plugged import PluggedReranker

        return PluggedReranker(plugin)
    from kotaemon_desktop.core.models.reranker import Reranker

    return Reranker(folder)
