"""What lies on the window once its engine is open: the chat, the library and the right side, and what they tell each
other. The window shows itself before this module is imported: a question can be typed that much sooner.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.qt.panels.chat import ChatPanel
from kotaemon_desktop.qt.panels.library import LibraryPanel
from kotaemon_desktop.qt.side import Side
from kotaemon_desktop.qt.viewmodels.answerer import Answerer
from kotaemon_desktop.qt.viewmodels.chat import ChatModel
from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.viewmodels.settings import SettingsModel
from kotaemon_desktop.qt.viewmodels.sleep import SleepModel
from kotaemon_desktop.qt.widgets.question_box import QuestionBox
from kotaemon_desktop.qt.workers import Lanes


class Desk(QObject):
    """Owns the panels and their view-models; lives in the GUI thread.

    Signals: ``failed(Exception)``: something that a person has begun did not come about.
    """

    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, box: QuestionBox, parent: QObject) -> None:
        super().__init__(parent)
        self.settings_model = SettingsModel(engine, lanes, self)
        self.chat_model = ChatModel(engine, lanes, self)
        self.chat = ChatPanel(self.chat_model, self._conversations(engine, lanes), box)
        self.answerer = Answerer(engine, lanes, self)
        self.library_model = LibraryModel(engine, lanes, self)
        self.library = LibraryPanel(self.library_model)
        self.side = Side(engine, lanes)
        self._sleep = SleepModel(engine, lanes, lambda: self.chat_model.conversation, self)
        self._connect_chat()
        self._connect_library(box)
        self._connect_side(box)

    def start(self) -> None:
        """Load what is stored, sample, and go on with an interrupted import."""
        self.side.monitor_model.start()
        self.answerer.look()
        self.library_model.start()

    def close(self) -> None:
        """Begin nothing more."""
        self.side.monitor_model.close()
        self.library_model.close()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        for panel in (self.library, self.chat, self.side):
            panel.retranslate()

    def _conversations(self, engine: Engine, lanes: Lanes) -> ConversationsModel:
        conversations = ConversationsModel(engine, lanes, self)
        conversations.failed.connect(self.failed)
        return conversations

    def _connect_chat(self) -> None:
        self.answerer.changed.connect(self.chat.show_answerer)
        self.settings_model.changed.connect(self.answerer.look)
        sources = self.side.sources_model
        self.chat_model.found.connect(sources.show_hits)
        self.chat_model.cited.connect(sources.show_citations)
        self.chat_model.citation_activated.connect(sources.show_citation)
        self.chat_model.answered.connect(self.side.monitor_model.note_answer)

    def _connect_library(self, box: QuestionBox) -> None:
        places = self.library_model.places
        places.changed.connect(lambda: self.chat.offer_collections([each.name for each in places.collections]))
        self.library.scope_asked.connect(self.chat_model.scope.choose)
        self.library.scope_asked.connect(lambda _scope: box.setFocus())
        self.library.document_activated.connect(self.side.sources_model.show_document)
        self.settings_model.embedder_changed.connect(self.library_model.resume)
        self.chat_model.answered.connect(lambda _done: self.library_model.mend_index())
        self.library_model.failed.connect(self.failed)

    def _connect_side(self, box: QuestionBox) -> None:
        monitor = self.side.monitor_model
        monitor.sampled.connect(self.settings_model.follow)
        for model in (self.side.sources_model, monitor):
            model.failed.connect(self.failed)
        self.side.sources.quoted.connect(box.add_text)
        # Whether the conversation sleeps is looked at as often as the monitor samples.
        self._sleep.changed.connect(self.chat.show_sleep)
        for moment in (monitor.sampled, monitor.components_changed):
            moment.connect(lambda: self._sleep.look(monitor.components))
