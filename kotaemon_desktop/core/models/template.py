"""Writes a conversation as the prompt that a model was trained on: the model's own chat template, in a sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, cast

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kotaemon_desktop.core.errors import UnsupportedModel
from kotaemon_desktop.core.i18n import N_, Phrase

_NAMES_TOOLS = re.compile(r"{%-?\s*if[^%]*\btools\b")

Message = Mapping[str, str]  # role: system, user or assistant; content


class ChatTemplate:
    """Owns one compiled template. ``tokens`` are the special tokens it may write, such as ``bos_token``."""

    def __init__(
        self,
        source: str,
        tokens: Mapping[str, str] | None = None,
        *,
        model: str = "",
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        def strftime_now(form: str) -> str:
            return now().strftime(form)

        # As the Hugging Face library compiles them: templates rely on how the white space around blocks is trimmed.
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        filters = cast("dict[str, Any]", environment.filters)  # pyright: ignore[reportUnknownMemberType]
        filters["tojson"] = _tojson
        names = cast("dict[str, Any]", environment.globals)  # pyright: ignore[reportUnknownMemberType]
        names["raise_exception"] = _raise
        names["strftime_now"] = strftime_now
        self._model = model
        self.takes_tools = _NAMES_TOOLS.search(source) is not None
        """Whether it knows how to offer tools."""
        self._tokens = dict(tokens or {})
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise _refused(model, error) from error

    @classmethod
    def load(cls, folder: Path) -> ChatTemplate | None:
        """Return the template of the model in ``folder``, or None when it has none. Raises UnsupportedModel."""
        config = _object(folder / "tokenizer_config.json")
        source = _source(folder, config)
        if source is None:
            return None
        tokens: dict[str, str] = {}
        for name in ("bos_token", "eos_token", "unk_token", "pad_token"):
            token: Any = config.get(name)
            if token:
                tokens[name] = token if isinstance(token, str) else token["content"]
        return cls(source, tokens, model=folder.name)

    def render(
        self, messages: Sequence[Message], *, thinking: bool = False, tools: Sequence[Mapping[str, Any]] | None = None
    ) -> str:
        """Return the prompt for ``messages``, up to where the assistant's answer begins. Raises UnsupportedModel.

        Models that can be told whether to think aloud first (Qwen 3) do so if ``thinking``. ``tools`` are JSON Schemas.
        """
        try:
            try:
                return self._render(messages, thinking, tools)
            except TemplateError:
                # Some models (Gemma) know no system role: say it as part of the first question.
                merged = _without_system(messages)
                if merged is None:
                    raise
                return self._render(merged, thinking, tools)
        except (TemplateError, TypeError, ValueError) as error:  # what a template's own code can raise
            raise _refused(self._model, error) from error

    def _render(self, messages: Sequence[Message], thinking: bool, tools: Sequence[Mapping[str, Any]] | None) -> str:
        return self._template.render(
            messages=messages, add_generation_prompt=True, enable_thinking=thinking, tools=tools, **self._tokens
        )


def plain(messages: Sequence[Message]) -> str:
    """Return ``messages`` for a model without a template: their texts, one below the other."""
    return "\n\n".join(message["content"] for message in messages)


def _refused(model: str, error: Exception) -> UnsupportedModel:
    return UnsupportedModel(model=model, detail=Phrase(N_("chat template: {error}"), error=str(error)))


def _source(folder: Path, config: Mapping[str, Any]) -> str | None:
    own = folder / "chat_template.jinja"
    if own.is_file():
        return own.read_text("utf-8")
    found = config.get("chat_template") or _object(folder / "chat_template.json").get("chat_template")
    if isinstance(found, list):  # several by name
        several = cast("list[dict[str, str]]", found)
        found = {each["name"]: each["template"] for each in several}.get("default")
    return cast("str | None", found)


def _without_system(messages: Sequence[Message]) -> list[Message] | None:
    """Return ``messages`` with a leading system message put before the first question, or None if there is none."""
    if len(messages) < 2 or messages[0]["role"] != "system":
        return None
    first, second, *rest = messages
    return [{**second, "content": f"{first['content']}\n\n{second['content']}"}, *rest]


def _tojson(value: Any, indent: int | None = None, **_options: Any) -> str:
    # Jinja's own filter escapes HTML, which prompts are not.
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _object(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}
