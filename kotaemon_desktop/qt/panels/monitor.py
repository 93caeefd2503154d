"""The monitor: what the program takes of the machine now and took before, and which components are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import ProviderChoice
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import size
from kotaemon_desktop.qt.viewmodels.monitor import MonitorModel
from kotaemon_desktop.qt.widgets.chips import Chip, ChipRow
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import column, label, row, tool_button

if TYPE_CHECKING:
    from kotaemon_desktop.core.monitoring.notices import Notice
    from kotaemon_desktop.qt.widgets.monitor_body import MonitorBody

_CHIPS = {  # kind of notice: a word or two, and the icon
    "disk": (N_("Disk nearly full"), "disk"),
    "memory": (N_("Memory low"), "memory"),
    "processor": (N_("On the processor"), "processor"),
    "runtime": (N_("ONNX Runtime twice"), "warning"),
    "log": (N_("Errors"), "error"),
    "metrics": (N_("Metrics"), "warning"),
}
_TONES = {"INFO": "text_muted", "WARNING": "warning", "ERROR": "danger"}  # by severity
_PROVIDER = "provider"
_CPU = "CPUExecutionProvider"


class MonitorPanel(QWidget):
    """Shows a MonitorModel; folds to its heading, as it begins, which keeps memory and warnings in sight. GUI thread.

    What is below the heading is built when it is first unfolded.

    Signals: ``folded(bool)``.
    """

    folded = Signal(bool)

    def __init__(self, view_model: MonitorModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._title = ElidedLabel()
        self._title.setProperty("heading", True)
        self._now = label("muted")
        self._arrow = tool_button("chevron-down", "text_muted", 16)
        self._arrow.clicked.connect(lambda: self.fold(not self.is_folded))
        self._chips = ChipRow()
        self._body: MonitorBody | None = None
        self._rows = column(theme.TIGHT, (theme.GAP, theme.TIGHT, theme.GAP, theme.GAP))
        self.setLayout(self._rows)
        self._rows.addLayout(self._build_heading())
        self._rows.addWidget(self._chips.detail)
        self._rows.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._connect()
        self.retranslate()

    @property
    def is_folded(self) -> bool:
        return self._body is None or self._body.isHidden()

    def fold(self, folded: bool) -> None:
        """Show only the heading, or all."""
        if not folded and self._body is None:
            self._body = self._build_body()
        if self._body is not None:
            self._body.setHidden(folded)
        self._now.setVisible(folded)  # unfolded, the same number heads the plots
        self._name_arrow()
        self._show_sample()
        self.folded.emit(folded)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Monitor"))
        self._title.setText(_("Memory and components"))
        self._name_arrow()
        if self._body is not None:
            self._body.retranslate()
        self._show_sample()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Catch up with what was sampled while nobody looked."""
        super().showEvent(event)
        self._show_sample()

    # --- parts -----------------------------------------------------------------------------------------------------

    def _build_heading(self) -> QHBoxLayout:
        heading = row()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._chips)
        heading.addWidget(self._now)
        heading.addWidget(self._arrow)
        return heading

    def _build_body(self) -> MonitorBody:
        from kotaemon_desktop.qt.widgets.monitor_body import MonitorBody

        model = self._model
        body = MonitorBody(model.timeline, model.network)
        body.components.unload_asked.connect(model.unload)
        body.components.unload_all_asked.connect(model.unload_all)
        body.components.pin_asked.connect(model.pin)
        body.show_releases(model.releases)
        self._rows.insertWidget(2, body)
        return body

    def _connect(self) -> None:
        self._model.sampled.connect(self._show_sample)
        self._model.components_changed.connect(self._show_components)
        self._model.released.connect(self._show_released)
        self._chips.acted.connect(self._act)

    def _name_arrow(self) -> None:
        self._arrow.setIcon(theme.icon("chevron-up" if self.is_folded else "chevron-down", "text_muted"))
        self._arrow.setToolTip(_("Show the monitor") if self.is_folded else _("Fold the monitor"))
        self._arrow.setAccessibleName(self._arrow.toolTip())

    # --- what the view-model says ----------------------------------------------------------------------------------

    @property
    def _is_seen(self) -> bool:
        return self.isVisible() and not self.window().isMinimized()

    def _show_sample(self) -> None:
        latest = self._model.latest
        if latest is None or not self._is_seen:
            return
        self._now.setText(size(latest.program))
        self._now.setAccessibleName(_("Memory of this program: {size}").format(size=size(latest.program)))
        self._chips.show_chips([*map(_notice_chip, self._model.notices), *self._provider_chips()])
        if self._body is not None and not self.is_folded:
            self._body.show_latest(latest)
            self._show_components()

    def _show_components(self) -> None:
        latest = self._model.latest
        if latest is not None and self._body is not None and self._is_seen and not self.is_folded:
            self._body.components.show_components(self._model.components, latest.window)

    def _show_released(self, _released: object = None) -> None:
        if self._body is not None:
            self._body.show_releases(self._model.releases)

    def _provider_chips(self) -> Iterator[Chip]:
        """Yield what computes, unless a notice says it already, or an offer to find it out."""
        provider = self._model.provider
        if provider is not None and provider.name != _CPU:
            yield Chip(_PROVIDER, _("On the GPU"), "processor", "positive", _explained(provider))
        elif provider is None and not self._model.checking:
            text = _("There is a GPU driver. A small computation shows whether models can run on it.")
            yield Chip(_PROVIDER, _("GPU?"), "processor", "text_muted", text, _("Check"))

    def _act(self, kind: str) -> None:
        if kind == _PROVIDER:
            self._model.check_provider()
        else:
            self._model.dismiss(kind)


def _explained(provider: ProviderChoice) -> str:
    """Return why a provider was taken, and why each other one was not."""
    passed = (_("not {provider}: {why}").format(provider=name, why=_(why)) for name, why in provider.passed)
    return "\n".join([_(provider.why), *passed])


def _notice_chip(notice: Notice) -> Chip:
    words, icon = _CHIPS.get(notice.kind, (notice.text, "info"))
    text = " ".join(filter(None, (notice.text, notice.advice)))
    tone = _TONES[notice.severity.name]
    return Chip(notice.kind, _(words), icon, tone, text, _("Dismiss"), urgent=notice.severity.name != "INFO")
