"""Opens a model where it is, in this host or with the program that serves it, and imports only what that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kotaemon_desktop.core.records import RemoteModel

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.conversing import ConversationService
    from kotaemon_desktop.core.models.encoder import Encoder
    from kotaemon_desktop.core.models.remote_encoder import RemoteEncoder
    from kotaemon_desktop.core.models.remote_writer import RemoteConversation


def conversation(remote: RemoteModel | None, **local: Any) -> ConversationService | RemoteConversation:
    """Return the service of the generator host: ``remote``, or the model that ``local`` describes."""
    if remote is not None:
        from kotaemon_desktop.core.models.remote_writer import RemoteConversation

        return RemoteConversation(remote)
    from kotaemon_desktop.core.models.conversing import ConversationService

    return ConversationService(**local)


def encoder(folder: str, remote: RemoteModel | None) -> Encoder | RemoteEncoder:
    """Return the embedder ``remote``, or the one in ``folder``."""
    if remote is not None:
        from kotaemon_desktop.core.models.remote_encoder import RemoteEncoder

        return RemoteEncoder(remote)
    from kotaemon_desktop.core.models.encoder import Encoder

    return Encoder(folder)
